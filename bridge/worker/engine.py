"""An engine in a supervised process of its own, behind the words of every engine.

When the process dies or hangs, the call under way ends with an error that has the crash's id and log; `restart` then
brings up another with the same scene. See bridge/worker/keeper.py for that, bridge/worker/looking.py for pictures.
"""

import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from bridge import codec
from bridge.codec import fields
from bridge.edits import ByOthers
from bridge.engine import Actions, Change, EngineInfo, Loaded
from bridge.errors import InvalidInput
from bridge.formats.scene_folder import FILES, write_scene
from bridge.gateways.unrealcv.listening import Settings as GatewaySettings
from bridge.lending import Returned
from bridge.link import Door, error_named
from bridge.scene import Scene
from bridge.sights import Sights
from bridge.types import MODALITIES, Camera, Frame, Modality, WorldState
from bridge.v1 import link_pb2 as pb
from bridge.v1.engine_service_pb2 import ObserveRequest
from bridge.worker.keeper import USUAL, Keeper, Supervision
from bridge.worker.looking import Looking, in_order, waves
from bridge.workfolder import WorkFolder


class WorkerEngine:
    """bridge.engine.Engine over a link; used by one thread at a time, but for `kill`. Also a context manager."""

    info: EngineInfo

    def __init__(
        self,
        engine: str = "embedded",
        options: Mapping[str, Any] | None = None,
        supervision: Supervision = USUAL,
        *,
        shared_memory: Path | None = None,
        gateway: GatewaySettings | None = None,
        is_paced: bool = False,
    ):
        """`gateway`: UnrealCV's clients are served there, too; `is_paced` if steps are the clock's, which they may hold."""
        self.name, self.supervision = engine, supervision
        try:
            self._options = json.dumps(dict(options or {}))
        except TypeError as error:
            raise InvalidInput(f"Options of an engine in a process of its own are plain values: {error}.") from error
        fields.text(self._options, "options")
        self._gateway, self._is_paced = gateway, is_paced
        self.gateway_port, self.gateway_socket = 0, ""
        """Where UnrealCV's clients come in, if they are let in."""
        self._tell_of_others: Callable[[ByOthers], None] = lambda made: None
        self._keeper = Keeper(engine, self._options, supervision, self._circumstances)
        self._looking, self._folder = Looking(shared_memory), WorkFolder()
        self._scene: Path | None = None
        self._ahead: tuple[Path, str] | None = None
        self._scenes = self._starts = self._version = self._tick = 0
        self._names: dict[int, tuple[str, ...]] = {}
        self._hash: int | None = None
        self._foreseen: tuple[list[Sights], bool] = ([], False)
        self._seen: dict[int, Any] = {}
        self._licence: pb.Licence | None = None
        self._lent_ticks, self._lent_since = 1, 0
        self.is_lent = self._is_closed = False
        self.door = Door()
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """The number of the engine's process; 0 while there is none."""
        process = self._keeper.process
        return process.pid if process is not None else 0

    # ---- bridge.engine.Engine

    def load(self, scene: Scene) -> Loaded:
        """Takes a scene; replaces the one before. If the engine dies of it, it is started anew with the one before."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead[1] == scene.digest():
            folder = ahead[0]
        else:
            _remove(ahead[0] if ahead is not None else None)
            folder = self._new_folder()
            write_scene(scene, folder, is_packed=False)
        try:
            loaded = self._load(folder)
        except BaseException:
            _remove(folder)
            raise
        before, self._scene = self._scene, folder
        _remove(before)
        return loaded

    def read_ahead(self, folder: Path, *, most_instances: int = 0) -> None:
        """Has the engine's process read the scene of a folder, which is copied: the next `load`, if it is of that scene,
        finds it there, and its world made if there are not too many instances. The world stays as it is until then.
        """
        ahead, self._ahead = self._ahead, None
        _remove(ahead[0] if ahead is not None else None)
        copy = self._new_folder()
        try:
            copy.mkdir()
            for name in FILES:
                shutil.copyfile(folder / name, copy / name)
            order = pb.Order(read=pb.LoadFolder(path=str(copy), most_instances=most_instances))
            report = self._ask(order, "read", limit_s=self.supervision.load_timeout_s)
        except BaseException:
            _remove(copy)
            raise
        self._ahead = copy, report.scene.scene_digest

    def reset(self, *, seed: int) -> WorldState:
        """The first tick of an episode. The same seed gives the same world."""
        seed = fields.whole(seed, "seed", low=0, high=(1 << 64) - 1)
        return self._moved(pb.Order(reset=pb.ResetWorld(seed=seed)), "reset")[0]

    def step(self, actions: Actions, ticks: int = 1) -> WorldState:
        """Advances the world; what was foreseen to be looked at is drawn at once."""
        ticks = fields.whole(ticks, "ticks", low=1, high=(1 << 32) - 1)
        order = pb.Order(advance=pb.Advance(actions=codec.map_of_actions(actions), ticks=ticks))
        sights, wants_hash = self._foreseen
        self._foreseen = ([], False)
        order.wants_hash = wants_hash
        order.looks.extend(self._looking.order_of(one) for one in sights)
        licence, self._licence = self._licence, None
        if licence is not None:
            order.licence.CopyFrom(licence)
        state, report = self._moved(order, "step", sights=sights, limit_s=self._patience_s(ticks))
        self.door = Door(order.licence.socket, report.engine_port.port, report.engine_port.secret)
        return state

    def edit(self, changes: Sequence[Change]) -> WorldState:
        """A batch of changes between two ticks, all of it or nothing."""
        made = [codec.message_of_change(change) for change in changes]
        return self._moved(pb.Order(edit=pb.EditWorld(changes=made)), "edit")[0]

    def observe(
        self, cameras: Sequence[str | Camera], modalities: Sequence[Modality] = MODALITIES
    ) -> tuple[Frame, ...]:
        """One frame a camera, in the order given, all of the present tick; arrays are read-only."""
        return in_order(cameras, [self._observed(wave, modalities) for wave in waves(cameras)])

    def state_hash(self) -> int:
        """64 bits that two runs share as long as they are the same to the last bit."""
        if self._hash is None:
            self._hash = self._ask(pb.Order(stand_still={}, wants_hash=True), "state_hash").state_hash
        return self._hash

    def close(self) -> None:
        """Ends the process and gives everything back; the engine cannot be used afterwards."""
        if not self._is_closed:
            self._is_closed = True
            self._keeper.close()
            self._looking.close()
            self._folder.close()

    def __enter__(self) -> "WorkerEngine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- frames that this process need not touch: see bridge.sights.Foreseeing

    def foresee(self, sights: Sequence[Sights], *, wants_hash: bool, epoch: int) -> None:
        """What will be asked for after the next step: it comes with the step's own answer."""
        self._foreseen, self._keeper.epoch = ([one for one in sights if one.cameras], wants_hash), epoch

    def parts(self, sights: Sights, moment: Any) -> list[Any]:
        """The frames of a call as they travel; those of a client on this computer are in its ring already."""
        self._keeper.epoch = moment.epoch
        seen = self._seen.pop(id(sights), None)
        if seen is None:
            seen = self._ask(pb.Order(stand_still={}, looks=[self._looking.order_of(sights)]), "observe").seen[0]
        return self._looking.parts(seen, sights, moment)

    # ---- others who act on the same world

    def listen(self, tell: Callable[[ByOthers], None]) -> None:
        """Has it told what the gateway's clients have done, on the thread of a call and before that returns."""
        self._tell_of_others = tell

    def catch_up(self) -> WorldState | None:
        """The world as the gateway's clients have left it; None without a gateway, where nobody else acts."""
        return None if self._gateway is None else self._moved(pb.Order(stand_still={}), "look")[0]

    # ---- steps that this process need not touch: see bridge.lending.Lendable

    def lend(self, licence: pb.Licence) -> None:
        """With the next step, gives its client leave to ask for further ones by itself.

        Whether it has come to that, `is_lent` says after the step, and `door` where. From then on only `take_back` is called.
        """
        looks = [licence.step, ObserveRequest.FromString(licence.look)]
        if self._gateway is not None:  # others act between any two of its steps
            return
        if not self._looking.can_pack and any(look.packing not in (0, codec.PACKINGS["shared"]) for look in looks):
            return
        self._licence = pb.Licence()
        self._licence.CopyFrom(licence)
        if not licence.host:
            self._licence.socket = str(self._folder.path / f"engine-{self._starts}.sock")
        self._lent_ticks, self._lent_since = licence.max_ticks, licence.step.sequence

    def take_back(self, asked: str = "") -> Returned:
        """Ends the leave; what happened under it. `asked` is the client's last request, as a crash's log shall show it."""
        self.is_lent = False
        order = pb.Order(take_back=pb.TakeBack())
        doing = f"lent since step {self._lent_since}; its client's request:\n{asked or 'not told to the server'}"
        state, report = self._moved(order, "step", limit_s=self._patience_s(self._lent_ticks), doing=doing)
        answers = [
            (one.sequence, error_named(one.failure.kind, one.failure.message, "engine"))
            if one.HasField("failure")
            else (one.sequence, one.response)
            for one in report.returned.answers
        ]
        return Returned(report.returned.last_sequence, answers, state)

    # ---- when it goes wrong: see bridge.simulation.Supervised

    @property
    def is_up(self) -> bool:
        """Whether the engine runs."""
        return self._keeper.is_up

    @property
    def needs_restart(self) -> bool:
        """Whether it crashed, and has not been brought up since."""
        return self._keeper.needs_restart

    @property
    def crash(self) -> str:
        """The id of its last crash."""
        return self._keeper.crash

    def restart(self) -> None:
        """Brings up another process with the scene of the one before, which waits for a reset.

        Raises EngineFailed when it was brought up too often in a row; so does every call from then on.
        """

        def bring_up() -> None:
            self._start()
            if self._scene is not None:
                self._load(self._scene)

        self._keeper.restart(bring_up)

    def kill(self) -> None:
        """Ends the process at once, whatever it does; from any thread."""
        self._keeper.kill()

    # ---- the link

    def _start(self) -> None:
        self._names, self._version, self.is_lent = {}, 0, False
        self._starts += 1
        if self._gateway is not None:  # clients come back to the port that they know
            told = replace(self._gateway, port=self.gateway_port or self._gateway.port)
            self._keeper.gateway = pb.Gateway(settings_json=json.dumps(asdict(told)), is_paced=self._is_paced)
        report = self._keeper.start()
        self.gateway_port, self.gateway_socket = report.gateway_doors.port, report.gateway_doors.socket
        self.info, self._looking.can_pack = codec.info_of_message(report.engine), report.can_pack

    def _new_folder(self) -> Path:
        self._scenes += 1
        return self._folder.path / f"scene-{self._scenes}"

    def _load(self, folder: Path) -> Loaded:
        order = pb.Order(load=pb.LoadFolder(path=str(folder)))
        report = self._ask(order, "load", limit_s=self.supervision.load_timeout_s)
        return replace(codec.loaded_of_message(report.scene), added=codec.instances_of_message(report.scene))

    def _moved(
        self,
        order: pb.Order,
        what: str,
        *,
        sights: Sequence[Sights] = (),
        limit_s: float | None = None,
        doing: str = "",
    ) -> tuple[WorldState, pb.Report]:
        """The state after an order that may have moved the world, and its report."""
        order.wants_state, order.known_names = True, self._version
        self._hash, self._seen = None, {}
        report = self._ask(order, what, limit_s=limit_s, doing=doing)
        if report.state.names:
            self._names, self._version = (
                {report.state.names_version: tuple(report.state.names)},
                report.state.names_version,
            )
        if order.wants_hash:
            self._hash = report.state_hash
        self._seen = {id(one): seen for one, seen in zip(sights, report.seen, strict=True)}
        self.is_lent = report.is_licensed
        state = codec.state_of_message(report.state, known=self._names)
        self._tick = state.tick
        return state, report

    def _ask(self, order: pb.Order, what: str, *, limit_s: float | None = None, doing: str = "") -> pb.Report:
        report = self._keeper.ask(order, what, limit_s=limit_s, doing=doing)
        others = report.others
        if others.have_reset or others.changes:
            changes = codec.changes_of_messages(others.changes, "others.changes")
            self._tell_of_others(ByOthers(others.have_reset, changes))
        return report

    def _observed(self, cameras: Sequence[str | Camera], modalities: Sequence[Modality]) -> tuple[Frame, ...]:
        order = pb.Order(stand_still={}, looks=[self._looking.order(cameras, modalities)])
        return self._looking.frames(self._ask(order, "observe").seen[0], cameras, modalities)

    def _patience_s(self, ticks: int) -> float:
        """How long so many ticks may take."""
        return self.supervision.watchdog_s + 10 * ticks * self.info.tick_s

    def _circumstances(self) -> Iterable[str]:
        return f"scene: {self._scene}; options: {self._options}", f"last tick: {self._tick}"


def _remove(folder: Path | None) -> None:
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
