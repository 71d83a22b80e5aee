"""The smallest honest engine: agents are points that go where they are told; pictures show the tick in their pixels."""

import ctypes
import errno
import hashlib
import os
import signal
import time
from dataclasses import dataclass, replace

import numpy as np

from bridge.engine import (
    TICK_S,
    Action,
    Change,
    EngineInfo,
    Joints,
    Loaded,
    Move,
    Remove,
    Skill,
    Spawn,
    Velocity,
)
from bridge.errors import NotSupported, UnknownName
from bridge.frames import pose_array
from bridge.types import MODALITIES, AgentState, Camera, Contacts, Frame, Pose, WorldState
from bridge.worker import answering, visitors

HEIGHT, WIDTH = 24, 32


def eye(name: str, *, width: int = WIDTH, height: int = HEIGHT) -> Camera:
    """A camera somewhere."""
    return Camera(name, width, height, 1.0, Pose(np.zeros(3), np.array([1.0, 0.0, 0.0, 0.0])))


DEATHS = {
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "segfault": lambda: ctypes.string_at(0),
    "exit": lambda: os._exit(7),
    "hang": lambda: time.sleep(600),
    "hang in a library": lambda: ctypes.PyDLL(None).sleep(600),  # with the GIL held
}
"""What an agent says to end its engine."""


@dataclass(frozen=True)
class Config:
    """The engine as a plug-in."""

    agents: int = 2
    delay_s: float = 0.0
    size: tuple[int, int] = (HEIGHT, WIDTH)
    is_memory_full: bool = False
    """Whether shared memory has no more room when this process asks for some."""
    idle_cores: int | None = None
    """How many cores have nothing to do, as far as this process can see; None for as many as there are."""


def make(config: Config) -> "PointMass":
    """A plug-in's way in."""
    if config.is_memory_full:
        os.posix_fallocate = _no_room
    if config.idle_cores is not None:
        answering.idle_cores = visitors.idle_cores = lambda: config.idle_cores
    return PointMass(agents=config.agents, delay_s=config.delay_s, size=tuple(config.size))


def _no_room(file: int, start: int, count: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


class PointMass:
    """Points on a plane. `delay_s` makes every step slow; saying "crash" makes it fail, and a word of DEATHS die or hang.

    A scene called "deadly" kills it when it is loaded, one called "deadly to prepare" sooner.
    """

    def __init__(
        self, *, agents: int = 2, delay_s: float = 0.0, size: tuple[int, int] = (HEIGHT, WIDTH), tick_s=TICK_S
    ):
        self.info = EngineInfo(
            "point-mass", "1.0", tick_s, ("rgb", "depth", "segmentation", "normals", "edit", "contacts")
        )
        self.agents, self.delay_s, self.size = agents, delay_s, size
        self.is_closed = False
        self.cameras: dict[str, Camera] = {}

    def prepare(self, scene):
        if scene.name == "deadly to prepare":
            DEATHS["kill"]()

    def load(self, scene):
        if scene.name == "deadly":
            DEATHS["kill"]()
        if scene.name == "slow":
            time.sleep(0.5)
        self.start = {
            f"courier-{i + 1}": Pose(np.array([3.0 * i, 0.0, 0.0])) for i in range(max(self.agents, len(scene.agents)))
        }
        self.cameras = {
            f"{name}/front": eye(f"{name}/front", width=self.size[1], height=self.size[0]) for name in self.start
        }
        return Loaded(tuple(self.start), self.cameras)

    def reset(self, *, seed):
        self.tick = self.revision = 0
        rng = np.random.default_rng(seed)
        self.poses = {
            name: pose_array(pose.position + np.append(rng.normal(0, 0.1, 2), 0.0), 0.0)
            for name, pose in self.start.items()
        }
        self.actions: dict[str, Action] = dict.fromkeys(self.start, Action())
        self.said: dict[str, str] = {}
        return self._state()

    def step(self, actions, ticks=1):
        for name, action in actions.items():
            if action.say == "crash":
                raise ValueError("a secret of /root/engine.py")
            if action.say in DEATHS:
                DEATHS[action.say]()
            if isinstance(action.motion, Skill) and action.motion.target not in self.poses:
                raise UnknownName(f"{name}: nothing is called '{action.motion.target}'.")
        if self.delay_s:
            time.sleep(self.delay_s)
        self.actions |= actions
        for name, action in self.actions.items():
            if isinstance(action.motion, Velocity):
                step = [action.motion.forward_m_s, action.motion.left_m_s]
                self.poses[name][:2] += np.array(step) * self.info.tick_s * ticks
        self.tick += ticks
        return self._state()

    def edit(self, changes: list[Change]):
        poses, actions = dict(self.poses), dict(self.actions)
        for change in changes:
            if isinstance(change, Spawn):
                poses[change.name] = np.concatenate([change.pose.position, change.pose.quat_wxyz])
                actions |= {change.name: Action()} if change.is_agent else {}
            elif isinstance(change, Move | Remove) and change.name not in poses:
                raise UnknownName(f"Nothing is called '{change.name}'.")
            elif isinstance(change, Move):
                poses[change.name] = np.concatenate([change.pose.position, change.pose.quat_wxyz])
            elif isinstance(change, Remove):
                del poses[change.name]
                actions.pop(change.name, None)
            else:
                raise NotSupported("Points have no colour and no weather.")
        self.poses, self.actions = poses, actions
        self.revision += bool(changes)
        return self._state()

    def observe(self, cameras, modalities=MODALITIES):
        return tuple(self._frame(self.cameras[c] if isinstance(c, str) else c, modalities) for c in cameras)

    def state_hash(self):
        state = self._state()
        words = f"{self.tick}{state.names}".encode() + state.poses.tobytes()
        return int.from_bytes(hashlib.sha256(words).digest()[:8], "big")

    def close(self):
        self.is_closed = True

    def _frame(self, camera: Camera, modalities) -> Frame:
        shape = (camera.height, camera.width)
        frame = Frame(camera.name, self.tick)
        if "rgb" in modalities:
            frame = replace(frame, rgb=np.full((*shape, 3), self.tick % 251, np.uint8))
        if "depth" in modalities:
            depth = np.full(shape, 1.0 + self.tick, np.float32)
            depth[0] = np.inf
            frame = replace(frame, depth=depth)
        if "segmentation" in modalities:
            frame = replace(frame, segmentation=np.full(shape, self.tick, np.int32))
        if "normals" in modalities:
            frame = replace(frame, normals=np.tile(np.array([0, 0, 1], np.float32), (*shape, 1)))
        return frame

    def _state(self) -> WorldState:
        names = tuple(self.poses)
        poses = np.array([self.poses[name] for name in names])
        agents = tuple(
            AgentState(
                name,
                joints=action.motion.targets if isinstance(action.motion, Joints) else None,
                doing=action.motion.verb if isinstance(action.motion, Skill) else "",
            )
            for name, action in self.actions.items()
        )
        contacts = Contacts((names[:2],), np.zeros((1, 3)), np.ones(1)) if len(names) > 1 else None
        return WorldState(
            self.tick,
            self.tick * self.info.tick_s,
            names,
            poses,
            np.zeros((len(names), 6)),
            contacts,
            agents,
            revision=self.revision,
        )
