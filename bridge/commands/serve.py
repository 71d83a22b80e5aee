"""Serves a town to other programs over gRPC, until it is told to stop (Ctrl-C or SIGTERM)."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal

from tyro.conf import Positional, arg

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.commands.plugin_flags import Flags
    from bridge.scene import Scene


PLUGINS = ("world_model",)
"""What else has flags here."""


@dataclass(frozen=True)
class Config:
    """Flags of `simbridge serve`, in order of use."""

    town: Annotated[Positional[Path], arg(metavar="TOWN")]
    """A town's folder, as scenegen writes it."""
    port: int = 50051
    """Port on localhost; 0 takes any free one."""
    address: str = ""
    """host:port or unix:/path instead of a port on localhost."""
    engine: str = "embedded"
    """Who runs the town: a name from `simbridge engines`, or a dotted module of your own."""
    engine_address: str = ""
    """Where an engine, or a renderer, is that is another program (unreal, unrealcv): host:port or unix:/path."""
    engine_token_file: Path | None = None
    """A file with the token that it asks for."""
    renderer: str = "auto"
    """Who draws for an engine without pictures of its own: auto, gl, rays; unreal or unrealcv at an --engine-address."""
    robot: str = ""
    """A robot of your own to bring along: an MJCF (.xml) or URDF file, or the name of one that comes along ("panda")."""
    robot_at: tuple[float, float, float, float] | None = None
    """Where it stands: x, y, z in metres and its yaw in radians; without it, at a free spawn."""
    mode: Literal["lockstep", "real-time"] | None = None
    """lockstep: a tick when its clients ask for one; real-time: 50 ticks a second. Without it lockstep, and real-time with
    --unrealcv."""
    missing: Literal["wait", "hold"] = "wait"
    """In lockstep, when one owner is late: the others wait, or go on after 10 s."""
    lend_port: int | Literal["none"] = 0
    """Where a client on another computer that drives alone reaches the engine itself, which is faster: 0 takes any free
    port; none: it never does. Encrypted servers (--tls-cert) never open it."""
    unrealcv: int | None = None
    """Port for clients written for Unreal (UnrealCV's protocol; 9000 is what they look for, 0 takes any free one); they also
    find a Unix socket /tmp/unrealcv_PORT.socket."""
    unrealcv_host: str = "localhost"
    """Where that port listens. Beyond localhost it wants --unrealcv-token-file, or --insecure."""
    unrealcv_size: tuple[int, int] = (640, 480)
    """Width and height of their cameras' pictures [px] until they say otherwise."""
    unrealcv_token_file: Path | None = None
    """A file with a token, readable to its owner alone: clients then begin with `vset /unrealcv/auth TOKEN`."""
    unrealcv_alone: bool = False
    """Let one such client in at a time, as Unreal does."""
    unrealcv_folder: Path | None = None
    """Where the pictures go that such clients want as files, nowhere else; without it, to a temporary folder."""
    scenes_root: Path | None = None
    """A folder whose towns clients may load by path; without it they upload."""
    recordings: Path | None = None
    """A folder that clients may record into, which is made; without it they record at their end."""
    world_model: str = ""
    """A world model that imagines beside the engine what an agent will see (a name from `simbridge world-models`): the viewer
    shows both, and clients ask it by ModelService. Its flags have its name before a dot."""
    world_model_agent: str = ""
    """Whose view it imagines; without it an arm's or a car's, as the model is for, or the first agent's."""
    world_model_frames: int = 5
    """How many frames it imagines before it looks at the engine again."""
    recording: Path | None = None
    """What `--engine replay` plays back."""
    episode: int = 0
    """Which episode of it."""
    tls_cert: Path | None = None
    """The server's certificate (PEM), for encrypted connections."""
    tls_key: Path | None = None
    """The key of that certificate (PEM)."""
    tls_client_ca: Path | None = None
    """An authority (PEM): clients then show a certificate of it."""
    token_file: Path | None = None
    """A file with a token, readable to its owner alone: clients then show it."""
    insecure: bool = False
    """Listen beyond localhost without encryption and token. Anybody who reaches the port then drives the town."""
    production: bool = False
    """Do not describe the calls to tools (gRPC reflection)."""
    in_process: bool = False
    """Run the engine in the server's own process: a crash of the engine then ends the server."""
    crash_logs: Path | None = None
    """A folder for what an engine said before it crashed; without it, among temporary files."""
    json: bool = False
    """Say where it answers as JSON on stdout."""


def run(config: Config, flags: "Flags" = MappingProxyType({})) -> int:
    """Loads the town, says where it answers, and serves."""
    from bridge.address import parse
    from bridge.commands import engine_flags
    from bridge.credentials import read_token
    from bridge.engine import Engine
    from bridge.engines import open_engine
    from bridge.formats.scene_folder import read_scene
    from bridge.gateways.unrealcv.kit import furnished
    from bridge.server import Config as ServerConfig
    from bridge.server import serve
    from bridge.worker import Supervision, WorkerEngine

    mode = config.mode or ("lockstep" if config.unrealcv is None else "real-time")
    address = parse(config.address or f"localhost:{config.port}").target
    _check(config)
    for folder, flag in (
        (config.recordings, "--recordings"),
        (config.crash_logs, "--crash-logs"),
        (config.unrealcv_folder, "--unrealcv-folder"),
    ):
        if folder is not None:
            _make(folder, flag)
    scene = read_scene(config.town)
    dream = _dream(config, flags, lambda: scene)
    options: dict[str, Any] = {"renderer": config.renderer} if config.engine in ("embedded", "kinematic") else {}
    options |= engine_flags.options(
        config.engine, config.engine_address, config.engine_token_file, renderer=options.get("renderer", "auto")
    )
    if config.robot:
        scene, options = _with_robot(scene, config, options)
    if config.recording is not None:
        options |= {"recording": str(config.recording), "episode": config.episode}
    gateway = _gateway(config)
    settings = ServerConfig(
        address=address,
        mode=mode,
        has_others=gateway is not None,
        prepare=_as_it_is if gateway is None else furnished,
        begins_anew=gateway is not None and mode == "real-time",
        missing=config.missing,
        scenes_root=config.scenes_root,
        tls=_tls(config),
        token=read_token(config.token_file) if config.token_file else "",
        recordings=config.recordings,
        is_insecure_bind_forced=config.insecure,
        is_reflected=not config.production,
        lend_port=None if config.lend_port == "none" else config.lend_port,
        dream=dream,
    )

    made: list[WorkerEngine] = []

    def say(where: str) -> None:
        if config.json:
            told = {"address": where, "scene": scene.name, "digest": scene.digest()}
            if made:
                told |= {"unrealcv_port": made[-1].gateway_port, "unrealcv_socket": made[-1].gateway_socket}
            print(json.dumps(told), flush=True)
        else:
            print(where, flush=True)
        shown = (", tls=bridge.Tls(...)" if settings.tls else "") + (", token=..." if settings.token else "")
        print(f"{scene.name} on engine '{config.engine}'. Connect: bridge.connect(\"{where}\"{shown})", file=sys.stderr)
        if made:
            beside = f" and {made[-1].gateway_socket}" if made[-1].gateway_socket else ""
            print(
                f"Clients written for Unreal: port {made[-1].gateway_port}{beside}. Time "
                + ("passes by the clock." if mode == "real-time" else "passes as gRPC clients step."),
                file=sys.stderr,
            )
        if dream is not None:
            print(
                f"World model '{config.world_model}' dreams beside it. Look: simbridge view {config.town} --address {where}",
                file=sys.stderr,
            )
        agents = [agent.name for agent in scene.agents]
        print(
            f"Agents: {', '.join(agents[:8])}{' ...' if len(agents) > 8 else ''}" if agents else "No agents.",
            file=sys.stderr,
        )

    def make() -> Engine:
        if config.in_process:
            return open_engine(config.engine, **options)
        supervision = Supervision(crash_folder=config.crash_logs)
        worker = WorkerEngine(config.engine, options, supervision, gateway=gateway, is_paced=mode == "real-time")
        if gateway is not None:
            made.append(worker)
        return worker

    serve(make, settings, scene=scene, on_start=say)
    return 0


def _check(config: Config) -> None:
    """Raises InvalidInput for flags that mean nothing without others, or by themselves."""
    from bridge.address import MAX_PORT
    from bridge.errors import InvalidInput

    if config.lend_port != "none" and not 0 <= config.lend_port <= MAX_PORT:
        raise InvalidInput(f"--lend-port is {config.lend_port}; expected 0 (any free one) to {MAX_PORT}, or none.")

    if config.unrealcv is None and (
        config.unrealcv_host != "localhost"
        or config.unrealcv_token_file
        or config.unrealcv_alone
        or config.unrealcv_folder
    ):
        raise InvalidInput(
            "--unrealcv-host, -token-file, -alone and -folder say how the port is served. Add --unrealcv 9000."
        )
    if config.unrealcv is not None and config.in_process:
        raise InvalidInput("--unrealcv serves its clients in the engine's own process. Leave out --in-process.")
    is_named = "." not in config.engine
    if config.recording is not None and is_named and config.engine != "replay":
        raise InvalidInput("--recording is what the engine 'replay' plays back. Add --engine replay, or leave it out.")
    if config.recording is None and config.episode:
        raise InvalidInput("--episode says which one of a recording. Add --engine replay --recording FILE.")
    if config.robot_at is not None and not config.robot:
        raise InvalidInput("--robot-at says where a robot stands. Add --robot FILE, or leave it out.")
    if config.scenes_root is not None and not config.scenes_root.is_dir():
        raise InvalidInput(
            f"--scenes-root: there is no folder {config.scenes_root}. Make it, or name the folder of towns."
        )


def _gateway(config: Config) -> Any:
    """How UnrealCV's clients are served; None if they are not."""
    from bridge.credentials import read_token
    from bridge.gateways.unrealcv.listening import Settings

    if config.unrealcv is None:
        return None
    return Settings(
        port=config.unrealcv,
        host=config.unrealcv_host,
        width=config.unrealcv_size[0],
        height=config.unrealcv_size[1],
        is_shared=not config.unrealcv_alone,
        token=read_token(config.unrealcv_token_file) if config.unrealcv_token_file else "",
        is_insecure_bind_forced=config.insecure,
        folder=str(config.unrealcv_folder.resolve()) if config.unrealcv_folder is not None else "",
    )


def _dream(config: Config, flags: "Flags", scene: "Callable[[], Scene]") -> Any:
    """The world model beside the engine; None if none is asked for. Raises UnknownName, InvalidInput."""
    from bridge.commands import plugin_flags
    from bridge.errors import InvalidInput
    from bridge.imagination import ModelInfo
    from bridge.imagining.alongside import Beside, Settings
    from bridge.plugins import check_name
    from world_models.beside import acting, frame_s, make_take

    plugin_flags.check(flags, [config.world_model] if config.world_model else [])
    if not config.world_model:
        if config.world_model_agent:
            raise InvalidInput("--world-model-agent says whose view a world model imagines. Add --world-model NAME.")
        return None
    check_name("world_models", config.world_model, what="world model")
    if not 1 <= config.world_model_frames <= 100:
        raise InvalidInput(f"--world-model-frames is {config.world_model_frames}; expected 1 to 100.")

    def beside(info: ModelInfo) -> Beside:
        agent = acting(scene(), info, config.world_model_agent)
        return Beside(agent, frame_s(info), make_take(agent, info))

    return Settings(config.world_model, beside, flags.get(config.world_model, ()), config.world_model_frames)


def _as_it_is(scene: "Scene") -> "Scene":
    return scene


def _make(folder: Path, flag: str) -> None:
    """A folder to write to. Raises InvalidInput where it cannot be made."""
    from bridge.errors import InvalidInput

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = "a file is in its place" if isinstance(error, FileExistsError) else error.strerror or str(error)
        raise InvalidInput(f"{flag}: the folder {folder} cannot be made ({why}). Name another one.") from error


def _tls(config: Config) -> Any:
    """The server's certificates. Raises InvalidInput when only some of the flags are given."""
    from bridge.credentials import ServerTls
    from bridge.errors import InvalidInput

    if config.tls_cert is not None and config.tls_key is not None:
        return ServerTls(config.tls_cert, config.tls_key, config.tls_client_ca)
    if config.tls_cert or config.tls_key or config.tls_client_ca:
        raise InvalidInput("TLS needs both --tls-cert and --tls-key; --tls-client-ca comes on top of them.")
    return None


def _with_robot(scene: "Scene", config: Config, options: dict[str, str]) -> "tuple[Scene, dict[str, str]]":
    """The scene with the user's robot in it, and what the engine is told of it."""
    from bridge.errors import NotSupported
    from bridge.robots.description import read_robot
    from bridge.robots.placing import bring

    if config.engine != "embedded":
        raise NotSupported(f"Engine '{config.engine}' takes no --robot. Leave out --engine to run the embedded one.")
    return bring(scene, read_robot(config.robot), config.robot_at), {**options, "robot": config.robot}
