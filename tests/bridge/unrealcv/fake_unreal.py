"""A test server that behaves as UnrealCV's does, quirks included: threads and real sockets, a game that goes frame by frame.

One client; at most 32 requests a frame; after its first TCP client it serves a Unix socket alone; names in any case; numbers
without exponents; bitmaps with four stray bytes; pictures of the frame before; ticks at the end of their frame.
"""

import contextlib
import json
import os
import queue
import re
import socket
import struct
import threading
import time
from dataclasses import dataclass

from tests.bridge.unrealcv.fake_world import Camera, FakeWorld, bmp, npy, numbers

MAGIC = 0x9E2B83C1
PLAIN = (
    "vget /unrealcv/status", "vget /unrealcv/commands", "vget /unrealcv/version", "vget /unrealcv/help", "vget /objects",
    "vset /objects/spawn [str] [str]", "vget /object/[str]/location", "vset /object/[str]/location [float] [float] [float]",
    "vset /action/game/pause", "vset /action/game/resume", "vset /action/game/level [str]", "vget /cameras",
)  # fmt: skip
SIMWORLD = (
    "vset /objects/spawn_bp_asset [str] [str]", "vset /action/tick", "vset /action/tick_intervel [float]",
    "vset /action/set_fixed_frame_rate [float]", "vset /action/clean_garbage",
)  # fmt: skip


@dataclass
class Quirks:
    """What goes wrong, and in which words. `after` requests something happens: "close", "garbage", "huge", "half", "hang"."""

    is_old: bool = False
    stray_bytes: bool = True
    latency_frames: int = 1
    frame_s: float = 0.002
    wanders: bool = False
    after: int | None = None
    then: str = ""
    is_editor: bool = False
    greeting: bytes = b"connected to FakeCity"
    refuses: tuple[str, ...] = ()


class FakeUnreal:
    """The server. `heard` are all commands, `peak` the most in one frame. A context manager."""

    def __init__(
        self, world: FakeWorld | None = None, *, dialect: str = "simworld", quirks: Quirks | None = None
    ) -> None:
        self.world, self.dialect, self.quirks = world or FakeWorld(), dialect, quirks or Quirks()
        self.heard: list[str] = []
        self.peak = self.clients = 0
        self.first_spawns = 0
        self._shown = [self.world.snapshot()]
        self._queue: queue.Queue[tuple[socket.socket, bytes]] = queue.Queue()
        self._stop = threading.Event()
        self._tick, self._hung = False, None
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1)
        self.port = self._listener.getsockname()[1]
        self.path = f"/tmp/unrealcv_{self.port}.socket"
        self._threads = [threading.Thread(target=one, daemon=True) for one in (self._listen, self._play)]
        self._open: list[socket.socket] = [self._listener]
        self.uds_ready = threading.Event()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> "FakeUnreal":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            while thread.is_alive():
                for one in tuple(self._open):  # whoever waits at one of them wakes up
                    with contextlib.suppress(OSError):
                        one.shutdown(socket.SHUT_RDWR)
                thread.join(0.05)
        for one in self._open:
            one.close()
        if os.path.exists(self.path):
            os.unlink(self.path)

    # ---- who connects

    def _listen(self) -> None:
        """The first client by TCP, all later ones by the Unix socket, one at a time."""
        try:
            self._serve(self._listener.accept()[0])
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._open.append(listener)
            if self._stop.is_set():
                return
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path)  # what a server at this port has left behind
            listener.bind(self.path)
            listener.listen(1)
            self.uds_ready.set()
            while not self._stop.is_set():
                self._serve(listener.accept()[0])
        except OSError:
            if not self._stop.is_set():
                raise

    def _serve(self, sock: socket.socket) -> None:
        self._open.append(sock)
        self.clients += 1
        sock.sendall(_framed(self.quirks.greeting))
        held = b""
        while True:
            try:
                piece = sock.recv(1 << 16)
            except OSError:
                piece = b""
            if not piece:
                break
            held += piece
            while len(held) >= 8:
                magic, size = struct.unpack_from("<II", held)
                assert magic == MAGIC, "the client broke the frame"
                assert 0 < size < 1 << 28, "the client sent an impossible length"
                if len(held) < 8 + size:
                    break
                self._queue.put((sock, held[8 : 8 + size]))
                held = held[8 + size :]
        sock.close()

    # ---- the game

    def _play(self) -> None:
        """Frame by frame: at most 32 requests, then time, unless the game is paused."""
        while not self._stop.is_set():
            began = time.monotonic()
            count = 0
            while count < 32:
                try:
                    sock, payload = self._queue.get_nowait()
                except queue.Empty:
                    break
                count += 1
                self._carry_out(sock, payload)
            self.peak = max(self.peak, count)
            if self._tick:
                self.world.pass_time(self.world.interval_s)
                self._tick = False
            elif not self.world.is_paused:
                self.world.pass_time(self.quirks.frame_s)
            self._shown = [*self._shown, self.world.snapshot()][-(self.quirks.latency_frames + 1) :]
            self._stop.wait(max(0.0, self.quirks.frame_s - (time.monotonic() - began)))

    def _carry_out(self, sock: socket.socket, payload: bytes) -> None:
        found = re.search(r"(\d{1,}):(.*)", payload.decode())
        if not found:
            return
        line = found.group(2).rstrip(" ")
        self.heard.append(line)
        number = len(self.heard)
        if sock is self._hung:
            return
        try:
            if self.quirks.after is not None and number > self.quirks.after and self._fails(sock):
                return
            answer = self._answer(line)
            body = answer if isinstance(answer, bytes) else answer.encode()
            sock.sendall(_framed(found.group(1).encode() + b":" + (body or b"ok")))
        except OSError:
            pass

    def _fails(self, sock: socket.socket) -> bool:
        kind = self.quirks.then
        self.quirks.after = None
        if kind == "hang":
            self._hung = sock
            return True
        if kind == "garbage":
            sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        elif kind == "huge":
            sock.sendall(struct.pack("<II", MAGIC, 0xFFFFFFFF) + b"0:")
        elif kind == "half":
            sock.sendall(struct.pack("<II", MAGIC, 1000) + b"0:12.5")
        elif kind == "other id":
            sock.sendall(_framed(b"77777:ok"))
            return True
        sock.shutdown(socket.SHUT_RDWR)
        return True

    def _answer(self, line: str) -> str | bytes:
        if any(line.startswith(one) for one in self.quirks.refuses):
            return "error it will not"
        for pattern, method in _ROUTES:
            found = re.fullmatch(pattern, line)
            if found and (said := method(self, *found.groups())) is not None:
                return said
        if self.quirks.is_old:
            return "error Can not find a handler for URI"
        return f"error No handler found for URI '{line}'"

    def _actor(self, name: str):
        return self.world.actors.get(name.casefold())

    # ---- commands: what each answers

    def _listed(self) -> str | None:
        if self.quirks.is_old:
            return None
        labels = ("vget /object/[str]/label",) if self.quirks.is_editor else ()
        return "\n".join(PLAIN + labels + (SIMWORLD if self.dialect == "simworld" else ()))

    def _help(self) -> str:
        return "\n".join(f"{one}\nWhat it does" for one in PLAIN + (SIMWORLD if self.dialect == "simworld" else ()))

    def _version(self) -> str:
        return "2.0.0" if self.dialect == "unrealzoo" else "1.0.1"

    def _objects(self) -> str:
        return "".join(f"{one.name} " for one in self.world.actors.values())

    def _get(self, name: str, what: str) -> str:
        actor = self._actor(name)
        if actor is None:
            return "error Cannot find object"
        if what == "bounds":
            x, y, z = actor.location
            return f"{x - 25:.2f} {y - 25:.2f} {z - self.world.capsule_cm:.2f} {x + 25:.2f} {y + 25:.2f} {z + 90:.2f}"
        if what == "label":
            return actor.label
        if what == "color":
            return "(R={},G={},B={},A=255)".format(*actor.color)
        return " ".join(f"{one:.3f}" for one in getattr(actor, what))

    def _set(self, name: str, what: str, said: str) -> str | None:
        actor, found = self._actor(name), numbers(said, 3)
        if found is None:
            return None
        if actor is None:
            return "error Cannot find object"
        if what == "color":
            actor.color = tuple(map(int, found))
        else:
            setattr(actor, what, found)
        return "ok"

    def _flag(self, name: str, what: str) -> str:
        actor = self._actor(name)
        if actor is None:
            return "error Cannot find object"
        if what == "destroy":
            del self.world.actors[name.casefold()]
        elif what in ("hide", "show"):
            actor.is_hidden = what == "hide"
        return "ok"

    def _rename(self, name: str, new: str) -> str:
        actor = self._actor(name)
        if actor is None:
            return "error Cannot find object"
        if self._actor(new) is not None:
            return f"error Renaming an object to overwrite an existing object is not allowed: {new}"
        del self.world.actors[name.casefold()]
        actor.name = new
        self.world.actors[new.casefold()] = actor
        return "ok"

    def _spawn(self, path: str, name: str) -> str:
        if self.dialect != "simworld":
            return f"error No handler found for URI 'vset /objects/spawn_bp_asset {path} {name}'"
        class_name = path.rpartition(".")[2]
        if self.world.blueprints is not None and class_name not in self.world.blueprints:
            return f"error Can not find the blueprint '{path}'"
        if self._actor(name) is not None:
            return f"error Failed to spawn {name}, object exsit."
        self.world.add(name, class_name=class_name)
        return name

    def _cameras(self) -> str:
        return "".join(f"{one.name} " for one in self.world.cameras)

    def _spawn_camera(self) -> str:
        name = f"FusionCameraActor_{len(self.world.cameras)}"
        self.world.cameras.insert(1, Camera(name))  # Unreal lists actors in an order of its own
        return name

    def _camera(self, number: str, what: str) -> str:
        if int(number) >= len(self.world.cameras):
            return "error Invalid sensor id"
        camera = self.world.cameras[int(number)]
        if what == "fov":
            return f"{camera.fov:f}"
        return " ".join(f"{one:.3f}" for one in getattr(camera, what))

    def _set_camera(self, number: str, what: str, said: str) -> str | None:
        found = numbers(said, {"fov": 1, "size": 2}.get(what, 3))
        if found is None:
            return None
        camera = self.world.cameras[int(number)]
        value = {"fov": lambda: found[0], "size": lambda: tuple(map(int, found))}.get(what, lambda: found)()
        setattr(camera, what, value)
        return "ok"

    def _picture(self, number: str, kind: str, form: str) -> str | bytes:
        if int(number) >= len(self.world.cameras):
            return "error Invalid sensor id"
        if (form == "npy") != (kind == "depth"):
            return f"error Invalid filename type, filename {form}"
        if self.quirks.wanders:
            self.world.pass_time(0.02)
        colors, depth = self.world.picture(self.world.cameras[int(number)], self._shown[0])
        if kind == "depth":
            return npy(depth)
        if kind == "normal":
            colors[...] = (255, 127, 127)
        return bmp(colors, stray=self.quirks.stray_bytes)

    def _pause(self, word: str) -> str:
        self.world.is_paused = word == "pause"
        return "ok"

    def _interval(self, seconds: str) -> str | None:
        if self.dialect != "simworld":
            return None
        self.world.interval_s = float(seconds)
        return "ok"

    def _ticks(self) -> str | None:
        if self.dialect != "simworld":
            return None
        self._tick = True
        return "ok"

    def _fine(self, *_: str) -> str | None:
        return "ok" if self.dialect == "simworld" else None

    def _vbp(self, name: str, function: str, said: str) -> str:
        actor = self._actor(name)
        if actor is None:
            return f"error Can not find actor with id '{name}'"
        method = getattr(self, f"_{self.dialect}_{function.lower()}", None)
        return "error Argument Invalid" if method is None else method(actor, *said.split())

    def _simworld_setmaxspeed(self, actor, speed: str) -> str:
        actor.speed = float(speed)
        return "{}"

    def _simworld_stepforward(self, actor, lasts: str, direction: str) -> str:
        sign = {"0": 1.0, "1": -1.0}[direction]
        actor.velocity, actor.lasts_s = (sign * actor.speed, actor.velocity[1]), float(lasts)
        return "{}"

    def _simworld_turnaround(self, actor, lasts: str, angle: str, clockwise: str) -> str:
        assert (float(angle) > 0) == (clockwise == "1")
        actor.rotation[1] += float(angle)
        return "{}"

    def _simworld_stopagent(self, actor) -> str:
        actor.velocity = (0.0, 0.0)
        return "{}"

    def _simworld_setstate(self, actor, throttle: str, brake: str, steer: str) -> str:
        actor.velocity = (0.0 if float(brake) else 1000.0 * float(throttle), 45.0 * float(steer))
        return "{}"

    def _simworld_getonscooter(self, actor) -> str:
        near = [one for one in self.world.actors.values() if one.class_name == "BP_Scooter_Pawn_C"]
        close = [one for one in near if abs(one.location[0] - actor.location[0]) < 300]
        if close:  # the rider is no actor of its own any more
            del self.world.actors[actor.name.casefold()]
            close[0].rides = actor.name
        return json.dumps({"Success": "true" if close else "false"}, indent="\t")

    def _simworld_getoffscooter(self, actor) -> str:
        self.world.add("Base_User_Agent_C_7", actor.location, class_name="Base_User_Agent_C")
        actor.velocity = (0.0, 0.0)
        return json.dumps({"Success": "true"})

    def _simworld_pickup(self, actor, name: str) -> str:
        thing = self._actor(name)
        actor.holds = name if thing is not None and abs(thing.location[0] - actor.location[0]) < 200 else ""
        return json.dumps({"Success": "true" if actor.holds else "false"}, indent="\t")

    def _simworld_dropoff(self, actor) -> str:
        return json.dumps({"Success": "true" if actor.holds else "false"})

    def _simworld_getcollisionnum(self, actor) -> str:
        counts = {
            "HumanCollision": 0,
            "ObjectCollision": actor.collisions,
            "BuildingCollision": 0,
            "VehicleCollision": 0,
        }
        return json.dumps({kind: str(count) for kind, count in counts.items()}, indent="\t")

    def _simworld_setfog(self, actor, *said: str) -> str:
        self.world.weather["fog"] = list(map(float, said))
        return "{}"

    def _simworld_setsundirection(self, actor, *said: str) -> str:
        self.world.weather["sun"] = list(map(float, said))
        return "{}"

    def _simworld_setsunintensity(self, actor, *said: str) -> str:
        self.world.weather["intensity"] = list(map(float, said))
        return "{}"

    def _unrealzoo_set_move(self, actor, angle: str, speed: str) -> str:
        actor.velocity = (float(speed), float(angle))
        return "{}"


_ROUTES = [
    (r"vget /unrealcv/commands", FakeUnreal._listed),
    (r"vget /unrealcv/help", FakeUnreal._help),
    (r"vget /unrealcv/version", FakeUnreal._version),
    (r"vget /objects", FakeUnreal._objects),
    (r"vset /objects/spawn_bp_asset ([^ ]+) ([^ ]+)", FakeUnreal._spawn),
    (r"vget /object/([^ ]*)/(location|rotation|scale|bounds|color|label)", FakeUnreal._get),
    (r"vset /object/([^ ]*)/(location|rotation|scale|color) (.*)", FakeUnreal._set),
    (r"vset /object/([^ ]*)/(destroy|hide|show)", FakeUnreal._flag),
    (r"vset /object/([^ ]*)/name ([^ ]+)", FakeUnreal._rename),
    (r"vset /object/[^ ]*/(collision|object_mobility|physics) (?:True|False)", FakeUnreal._fine),
    (r"vget /cameras", FakeUnreal._cameras),
    (r"vset /cameras/spawn", FakeUnreal._spawn_camera),
    (r"vget /camera/(\d+)/(location|rotation|fov|size)", FakeUnreal._camera),
    (r"vset /camera/(\d+)/(location|rotation|fov|size) (.*)", FakeUnreal._set_camera),
    (r"vget /camera/(\d+)/(lit|depth|object_mask|normal) (bmp|png|npy)", FakeUnreal._picture),
    (r"vset /action/game/(pause|resume)", FakeUnreal._pause),
    (r"vset /action/tick_intervel ([\d.]+)", FakeUnreal._interval),
    (r"vset /action/set_fixed_frame_rate ([\d.]+)", FakeUnreal._fine),
    (r"vset /action/clean_garbage", FakeUnreal._fine),
    (r"vset /action/tick", FakeUnreal._ticks),
    (r"vbp ([^ ]+) ([^ ]+) ?(.*)", FakeUnreal._vbp),
]  # fmt: skip


def _framed(payload: bytes) -> bytes:
    return struct.pack("<II", MAGIC, len(payload)) + payload
