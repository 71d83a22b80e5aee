"""What the wire costs: round trips of steps and of 640x480 frames, beside bare gRPC and bare sockets in the same run.

python benchmarks/wire.py [--seconds 1] [--rounds 5] [--rivals PYTHON] [--json FILE]

Every server runs in a process of its own and does nothing else; frames are prepared, not rendered, but for the agent loop:
there the embedded engine steps and draws one 320x240 picture with depth. The rows of one round are measured one after
another, and medians over rounds are shown, so that a busy machine slows all of them. `--rivals` is a Python that has
dm-env-rpc and unrealcv: see benchmarks/rivals.py.
"""

import argparse
import asyncio
import json
import os
import platform
import queue
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.prepared import CAMERA, HEIGHT, PICTURE, WIDTH, Prepared, prepared_picture  # noqa: E402

WANTED = {"shared frames / raw TCP": 0.7, "agent loop, bridge / here": 0.85}
WANTED_OF_RIVALS = {"shared frames / dm_env_rpc": 10.0, "JPEG frames over TCP / unrealcv npy": 2.0}
STEP_P50_MS = 0.5


def serve_bridge(address: str, *, is_near: bool = True, is_in_process: bool = False, lend_port: int | None = 0) -> None:
    from bridge.server import Config, serve
    from bridge.worker import WorkerEngine
    from tests.scenes import tiny_scene

    serve(
        Prepared if is_in_process else lambda: WorkerEngine("benchmarks.prepared"),
        Config(address=address, is_step_socket_offered=is_near, lend_port=lend_port),
        scene=tiny_scene(),
        on_start=lambda told: print(told, flush=True),
    )


def serve_echo(address: str) -> None:
    """grpc.aio that answers and does nothing else."""
    import grpc

    from bridge.address import SERVER_OPTIONS
    from bridge.v1 import engine_service_pb2 as pb
    from bridge.v1 import engine_service_pb2_grpc

    class Echo(engine_service_pb2_grpc.EngineServiceServicer):
        async def Step(self, requests: Any, context: Any) -> None:
            async for request in requests:
                await context.write(pb.StepResponse(sequence=request.sequence))

    async def run() -> None:
        server = grpc.aio.server(options=SERVER_OPTIONS)
        engine_service_pb2_grpc.add_EngineServiceServicer_to_server(Echo(), server)
        server.add_insecure_port(address)
        await server.start()
        print(address, flush=True)
        await server.wait_for_termination()

    asyncio.run(run())


def serve_raw(_: str) -> None:
    """A socket that sends the picture for each byte it gets."""
    picture = prepared_picture().tobytes()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(f"127.0.0.1:{listening.getsockname()[1]}", flush=True)
        peer, _ = listening.accept()
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while peer.recv(1):
            peer.sendall(picture)


def serve_far(address: str) -> None:
    """As if clients were on other computers."""
    serve_bridge(address, is_near=False)


def serve_shut(address: str) -> None:
    """The same where nothing but gRPC's port can be reached."""
    serve_bridge(address, is_near=False, lend_port=None)


def serve_together(address: str) -> None:
    """The engine in the server's own process."""
    serve_bridge(address, is_in_process=True)


def serve_embedded(address: str) -> None:
    """A small town on the embedded engine, in a process of its own."""
    from bridge.server import Config, serve
    from bridge.worker import WorkerEngine
    from tests.bridge.embedded_town import embedded_town

    serve(
        lambda: WorkerEngine("embedded"),
        Config(address=address),
        scene=embedded_town(),
        on_start=lambda told: print(told, flush=True),
    )


SERVERS: dict[str, Callable[[str], None]] = {
    "bridge": serve_bridge,
    "together": serve_together,
    "far": serve_far,
    "shut": serve_shut,
    "embedded": serve_embedded,
    "echo": serve_echo,
    "raw": serve_raw,
}


def started(kind: str, address: str, kept: list[subprocess.Popen]) -> str:
    """Starts a server in a process of its own; its address."""
    command = [sys.executable, __file__, "--serve", kind, "--address", address]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    kept.append(process)
    assert process.stdout is not None
    return process.stdout.readline().strip()


def times_of(call: Callable[[], Any], seconds: float) -> list[float]:
    """How long each call takes [s], over that many seconds after a warm-up."""
    warm = time.perf_counter() + 0.1
    while time.perf_counter() < warm:
        call()
    times, end = [], time.perf_counter() + seconds
    while (start := time.perf_counter()) < end:
        call()
        times.append(time.perf_counter() - start)
    return times


def echo_call(address: str) -> Callable[[], Any]:
    import grpc

    from bridge.address import CLIENT_OPTIONS
    from bridge.v1 import engine_service_pb2 as pb
    from bridge.v1 import engine_service_pb2_grpc

    requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
    answers = engine_service_pb2_grpc.EngineServiceStub(grpc.insecure_channel(address, CLIENT_OPTIONS)).Step(
        iter(requests.get, None)
    )
    request = pb.StepRequest(session="x" * 190, sequence=1)

    def call() -> None:
        requests.put(request)
        next(answers)

    return call


def raw_call(address: str) -> Callable[[], Any]:
    host, _, port = address.rpartition(":")
    peer = socket.create_connection((host, int(port)))
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call() -> np.ndarray:
        array = np.empty((HEIGHT, WIDTH, 3), np.uint8)
        view = memoryview(array).cast("B")
        peer.sendall(b"x")
        got = 0
        while got < array.nbytes:
            got += peer.recv_into(view[got:])
        return array

    return call


def agent_loop(engine: Any) -> Callable[[], Any]:
    """One turn of an agent: a step, and what it then sees."""
    from bridge.engine import Action, Velocity
    from bridge.types import Camera, Pose

    eye = Camera("eye", 320, 240, 1.2, Pose(np.array([0.2, 0.0, 1.6]), np.array([0.5, -0.5, 0.5, -0.5])), "courier-1")
    walk = {"courier-1": Action(Velocity(1.0, 0.0, 0.3))}

    def turn() -> Any:
        engine.step(walk)
        return engine.observe([eye], ["rgb", "depth"])

    return turn


def engine_here() -> Any:
    """The same town on the embedded engine in this process."""
    from bridge.engines import open_engine
    from tests.bridge.embedded_town import embedded_town

    engine = open_engine("embedded")
    engine.load(embedded_town())
    engine.reset(seed=0)
    return engine


def keep_picture(engine: Any, path: Path) -> None:
    """What all servers of frames serve: a street, drawn by the embedded engine."""
    from bridge.engine import Weather
    from bridge.frames import look_at
    from bridge.types import Camera, Pose

    engine.edit([Weather("overcast", 11.0, 20_000.0, 0.0, 0.0, False)])
    eye = Camera("street", WIDTH, HEIGHT, 1.2, Pose(*look_at([-45.0, -14.0, 6.0], [10.0, 0.0, 3.0])))
    np.save(path, engine.observe([eye], ["rgb"])[0].rgb)
    engine.reset(seed=0)
    os.environ[PICTURE] = str(path)


def times_of_rival(python: str, name: str, kept: list[subprocess.Popen]) -> Callable[[float], list[float]]:
    """How long each call of a rival takes [s], over so many seconds."""
    script = str(ROOT / "benchmarks/rivals.py")
    server = subprocess.Popen([python, script, "serve", name], stdout=subprocess.PIPE, text=True)
    kept.append(server)
    assert server.stdout is not None
    address = server.stdout.readline().strip()
    client = subprocess.Popen(
        [python, script, "call", name, address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    kept.append(client)
    assert client.stdin is not None
    assert client.stdout is not None
    if client.stdout.readline().strip() != "ready":
        raise SystemExit(f"{name} did not answer; is it installed in {python}?")

    def ask(seconds: float) -> list[float]:
        print(seconds, file=client.stdin, flush=True)
        return json.loads(client.stdout.readline())

    return ask


def cases(folder: Path, kept: list[subprocess.Popen]) -> dict[str, Callable[[], Any]]:
    """What is measured, by name."""
    import bridge

    here = engine_here()
    keep_picture(here, folder / "picture.npy")
    near = started("bridge", f"unix:{folder}/bridge.sock", kept)
    together = started("together", f"unix:{folder}/together.sock", kept)
    far, shut = started("far", "localhost:0", kept), started("shut", "localhost:0", kept)
    made: dict[str, Callable[[], Any]] = {
        "bare gRPC, UDS": echo_call(started("echo", f"unix:{folder}/echo.sock", kept)),
        "raw TCP frame": raw_call(started("raw", "", kept)),
    }
    engines = {
        "step": (near, "auto"),
        "step, engine in server": (together, "auto"),
        "step, TCP": (far, "auto"),
        "step, TCP, gRPC alone": (shut, "auto"),
        "frame, shared": (near, "shared"),
        "frame, shared, engine in server": (together, "shared"),
        "frame, shared, gRPC alone": (shut, "shared"),
        "frame, raw bytes": (near, "raw"),
        "frame, JPEG q90, TCP": (far, "jpeg"),
        "frame, JPEG q90, gRPC alone": (shut, "jpeg"),
    }
    connected: dict[tuple[str, str], Any] = {}
    for name, (address, way) in engines.items():
        engine = connected.setdefault((address, way), bridge.connect(address, frames=way))  # type: ignore[arg-type]
        if name.startswith("step"):
            made[name] = lambda engine=engine: engine.step({})
        else:
            made[name] = lambda engine=engine: engine.step_and_observe({}, [CAMERA], ["rgb"])
    made["agent loop, bridge"] = agent_loop(
        bridge.connect(started("embedded", f"unix:{folder}/embedded.sock", kept), timeout_s=60)
    )
    made["agent loop, here"] = agent_loop(here)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1.0, help="each row in each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rivals", help="a Python that has dm-env-rpc and unrealcv")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--serve", choices=SERVERS, help=argparse.SUPPRESS)
    parser.add_argument("--address", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        SERVERS[options.serve](options.address)
        return
    kept: list[subprocess.Popen] = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            timed = {
                name: lambda seconds, call=call: times_of(call, seconds)
                for name, call in cases(Path(folder), kept).items()
            }
            if options.rivals:
                timed["dm_env_rpc frame"] = times_of_rival(options.rivals, "dm_env_rpc", kept)
                timed["unrealcv npy frame"] = times_of_rival(options.rivals, "unrealcv", kept)
            rows = measured(timed, options.rounds, options.seconds)
        finally:
            for process in kept:
                process.terminate()
                process.wait(15)
    show(rows, options.rounds)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1), "utf-8")


def measured(
    made: dict[str, Callable[[float], list[float]]], rounds: int, seconds: float
) -> dict[str, dict[str, float]]:
    """Medians over rounds of p50, p99 [ms] and rate [1/s]."""
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in made}
    for _ in range(rounds):
        for name, timed in made.items():
            times = sorted(timed(seconds))
            found[name].append(
                (times[len(times) // 2] * 1e3, times[int(len(times) * 0.99)] * 1e3, len(times) / sum(times))
            )
    return {
        name: dict(zip(("p50_ms", "p99_ms", "per_s"), map(statistics.median, zip(*rows)), strict=True))
        for name, rows in found.items()
    }


def show(rows: dict[str, dict[str, float]], rounds: int) -> None:
    """The table and what was wanted."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, medians of {rounds} rounds")
    for name, row in rows.items():
        print(f"{name:32} p50 {row['p50_ms']:7.3f} ms  p99 {row['p99_ms']:7.3f} ms  {row['per_s']:8.0f}/s")
    rate = {name: row["per_s"] for name, row in rows.items()}
    print(f"step p50 {rows['step']['p50_ms']:.3f} ms, wanted <= {STEP_P50_MS}")
    ratios = {
        "shared frames / raw TCP": rate["frame, shared"] / rate["raw TCP frame"],
        "agent loop, bridge / here": rate["agent loop, bridge"] / rate["agent loop, here"],
    }
    wanted = WANTED
    if "dm_env_rpc frame" in rate:
        ratios["shared frames / dm_env_rpc"] = rate["frame, shared"] / rate["dm_env_rpc frame"]
        ratios["JPEG frames over TCP / unrealcv npy"] = rate["frame, JPEG q90, TCP"] / rate["unrealcv npy frame"]
        wanted = WANTED | WANTED_OF_RIVALS
    for name, ratio in ratios.items():
        print(f"{name} {ratio:.2f}, wanted >= {wanted[name]:g}")


if __name__ == "__main__":
    main()
