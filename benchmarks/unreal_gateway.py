"""The gateway's speed: text commands, pictures, and a town built object by object; a section of benchmarks/unreal.py.

The rival for text is a server that does nothing: it reads on one thread and answers every request with the same line on
another, as fast as Python can. Both are asked by the same two clients, one of a few lines and the `unrealcv` package's,
in turns. The rival for pictures is the engine itself, asked in its own process for the same frames of the same camera,
which turns a little before each. Processor time is that of the engine's process, by the kernel's account of 10 ms.
"""

import contextlib
import os
import queue
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.unreal import Found
from bridge.engines import open_engine
from bridge.formats.scene_folder import read_scene
from bridge.formats.simworld_assets import BUILDINGS_CM, ROAD, blueprint_path
from bridge.formats.unrealcv_wire import Unframer, framed
from bridge.gateways.unrealcv.listening import Settings
from bridge.scene import Scene
from bridge.worker import WorkerEngine

BATCH, CALLS, PACKAGE_SHARE, PICTURES = 20_000, 4_000, 0.1, 60
LISTED = "vget /unrealcv/commands"
ASKED, ANSWERED = "vget /object/{name}/location", b"-11278.092 4669.371 385.578"
WIDTH, HEIGHT, TURN = 640, 480, "vset /camera/0/rotation 0 {} 0"
BLUEPRINTS = tuple(BUILDINGS_CM)
OBJECTS = 638
"""As many as SimWorld's first demo city has."""


class Lean:
    """A client of a few lines."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(60)
        self._socket.connect(path)
        self._unframer, self._found = Unframer(), []
        self._take(1)

    def ask(self, command: str) -> bytes:
        """One answer."""
        self._socket.sendall(framed(b"1:" + command.encode()))
        return self._take(1)[0]

    def ask_all(self, commands: list[str]) -> list[bytes]:
        """All written before an answer is read."""
        self._socket.sendall(b"".join(framed(b"1:" + command.encode()) for command in commands))
        return self._take(len(commands))

    def close(self) -> None:
        """Ends the connection."""
        self._socket.close()

    def _take(self, count: int) -> list[bytes]:
        while len(self._found) < count:
            piece = self._socket.recv(1 << 20)
            if not piece:
                raise EOFError("the server has ended the connection")
            self._found += self._unframer.take(piece)
        found, self._found = self._found[:count], self._found[count:]
        return found


class Package:
    """The `unrealcv` package's client."""

    def __init__(self, path: str) -> None:
        import unrealcv

        warnings.simplefilter("ignore")
        self._client = unrealcv.Client(path, "unix")
        with contextlib.redirect_stdout(sys.stderr):  # its greetings
            if not self._client.connect():
                raise EOFError("the unrealcv client does not connect")

    def ask(self, command: str) -> Any:
        """One answer."""
        return self._client.request(command)

    def ask_all(self, commands: list[str]) -> Any:
        """All written before an answer is read."""
        return self._client.request(commands, timeout=60)

    def close(self) -> None:
        """Ends the connection."""
        self._client.disconnect()


def measured(town: Path, rounds: int) -> list[Found]:
    """The rows of the table."""
    scene = read_scene(town)
    rows: list[Found] = []
    with WorkerEngine("embedded", gateway=Settings(port=0)) as worker:
        worker.load(scene)
        worker.reset(seed=0)
        with nothing(templates(worker.gateway_socket)) as rival:
            rows += of_text(worker, rival, rounds, scene.agents[0].name if scene.agents else "terrain")
        rows += of_building(worker, rounds)
    rows += of_pictures(scene, rounds)
    return rows


# ---- text


def of_text(worker: WorkerEngine, rival: str, rounds: int, name: str) -> list[Found]:
    """Commands a second, in batches and one after the other."""
    command, rates = ASKED.format(name=name), {}
    for _ in range(rounds):
        for client in (Lean, Package):
            for server, path in (("gateway", worker.gateway_socket), ("nothing", rival)):
                talk = client(path)
                for how, full, ask in (("batched", BATCH, talk.ask_all), ("sequential", CALLS, talk.ask)):
                    count = full if client is Lean else int(PACKAGE_SHARE * full)
                    commands = [command] * count
                    before = cpu_s(worker.pid)
                    start = time.perf_counter()
                    _ = ask(commands) if how == "batched" else [ask(one) for one in commands]
                    rate = count / (time.perf_counter() - start)
                    key = client.__name__, server, how
                    rates[key] = max(rate, rates.get(key, (0.0, 0.0))[0]), 1e6 * (cpu_s(worker.pid) - before) / count
                talk.close()
    rows = []
    for how, least in (("batched", 20_000), ("sequential", 8_000)):
        for client, told in ((Lean, "a lean client"), (Package, "the unrealcv package")):
            rate, cost = rates[client.__name__, "gateway", how]
            rows.append(Found(f"{how} commands/s, {told}", rate, least if client is Lean else None))
            rows.append(
                Found("    beside a server that does nothing", rate / rates[client.__name__, "nothing", how][0])
            )
            if client is Lean:
                rows.append(Found("    the engine's process, us a command", cost))
    return rows


def templates(path: str) -> bytes:
    """The commands that a server says it has: the package holds each of its own against them, first to last."""
    talk = Lean(path)
    found = talk.ask(LISTED)
    talk.close()
    return found.partition(b":")[2]


@contextlib.contextmanager
def nothing(listed: bytes) -> Iterator[str]:
    """A server that does nothing but say that it has these commands, in a process of its own; its path."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/nothing.socket"
        Path(f"{path}.listed").write_bytes(listed)
        program = subprocess.Popen([sys.executable, __file__, path], stdout=subprocess.PIPE)
        assert program.stdout is not None
        program.stdout.readline()
        try:
            yield path
        finally:
            program.kill()
            program.wait()
            program.stdout.close()


def do_nothing(path: str) -> None:
    """Answers all requests of one client after the other by the same line."""
    listed = Path(f"{path}.listed").read_bytes()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.bind(path)
        door.listen(1)
        print("ready", flush=True)
        while True:
            client, _ = door.accept()
            client.sendall(framed(b"connected to nothing"))
            asked: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
            answering = threading.Thread(target=answer_all, args=(client, asked, listed), daemon=True)
            answering.start()
            unframer = Unframer()
            with contextlib.suppress(ConnectionError):
                while piece := client.recv(1 << 18):
                    for message in unframer.take(piece):
                        asked.put(message)
            asked.put(None)
            answering.join()
            client.close()


def answer_all(client: socket.socket, asked: "queue.SimpleQueue[bytes | None]", listed: bytes) -> None:
    """Until there are no more requests."""
    with contextlib.suppress(ConnectionError):
        while (message := asked.get()) is not None:
            number, _, command = message.partition(b":")
            body = listed if command == LISTED.encode() else ANSWERED
            client.sendall(framed(number + b":" + body))


# ---- a town


def of_building(worker: WorkerEngine, rounds: int) -> list[Found]:
    """SimWorld's way to build a town, seven commands an object, each waited for; then all are destroyed."""
    talk, times = Lean(worker.gateway_socket), []
    for number in range(rounds):
        before, start = cpu_s(worker.pid), time.perf_counter()
        for index in range(OBJECTS):
            for command in building(f"GEN_Road_{number}_{index}", index):
                answer = talk.ask(command)
                if answer.startswith(b"1:error"):
                    raise RuntimeError(f"{command}: {answer.decode()}")
        worker.catch_up()  # what is still to be told to the engine belongs to it
        times.append((cpu_s(worker.pid) - before, time.perf_counter() - start))
        talk.ask_all([f"vset /object/GEN_Road_{number}_{index}/destroy" for index in range(OBJECTS)])
        worker.catch_up()
    talk.close()
    cost, wall = min(times)
    told = f"generate_world, {OBJECTS} objects of 7 commands"
    return [Found(f"{told}: the engine's process, s of processor", cost, most=1.0), Found("    by the clock, s", wall)]


def building(name: str, index: int) -> list[str]:
    """What SimWorld's client says of one object."""
    x, y = 1000.0 * (index % 26) - 12_000, 1000.0 * (index // 26) - 12_000
    path = blueprint_path(ROAD if index % 3 == 0 else BLUEPRINTS[index % len(BLUEPRINTS)])
    where = f"vset /object/{name}"
    return [
        f"vset /objects/spawn_bp_asset {path} {name}",
        f"{where}/location {x} {y} 500.0",
        f"{where}/rotation 0.0 {index % 360}.0 0.0",
        f"{where}/scale 1.0 1.0 1.0",
        f"{where}/collision True",
        f"{where}/object_mobility False",
        f"{where}/color {index % 256} 100 50",
    ]


# ---- pictures


def of_pictures(scene: Scene, rounds: int) -> list[Found]:
    """Depth, 640x480 npy, beside the engine's own frames in turns."""
    from bridge.gateways.unrealcv.all_commands import all_commands
    from bridge.gateways.unrealcv.stage import Stage

    rates: dict[str, float] = {}
    with WorkerEngine("embedded", gateway=Settings(port=0)) as worker, open_engine("embedded") as engine:
        worker.load(scene)
        worker.reset(seed=0)
        stage = Stage(engine)
        stage.begin(scene, engine.load(scene), engine.reset(seed=0))
        commands, talk = all_commands(), Lean(worker.gateway_socket)

        def turn_there(index: int) -> None:
            talk.ask(TURN.format(index * 6))
            assert len(talk.ask("vget /camera/0/depth npy")) > 4 * WIDTH * HEIGHT

        def turn_here(index: int) -> None:
            commands.answer(stage, TURN.format(index * 6))
            (frame,) = engine.observe([stage.sights[0].camera()], ["depth"])
            assert frame.depth is not None

        for _ in range(rounds + 1):  # the first is for warming up
            for what, turn in (("gateway", turn_there), ("engine", turn_here)):
                rates[what] = max(rate_of(turn), rates.get(what, 0.0))
        talk.close()
    share = rates["gateway"] / rates["engine"]
    return [
        Found("depth 640x480 npy a second, a lean client", rates["gateway"]),
        Found("    beside the engine's own frames", share, 0.8),
    ]


def rate_of(look: Callable[[int], None]) -> float:
    """How many looks a second."""
    start = time.perf_counter()
    for index in range(PICTURES):
        look(index)
    return PICTURES / (time.perf_counter() - start)


def cpu_s(pid: int) -> float:
    """The processor time that a process has taken; as far as the kernel tells."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    do_nothing(sys.argv[1])
