"""What others' protocols make of the same frame: dm_env_rpc, and the unrealcv client, each in a Python that has it.

python -m venv rivals && rivals/bin/pip install dm-env-rpc unrealcv numpy
python benchmarks/wire.py --rivals rivals/bin/python

Servers answer from memory and do nothing else. A client process is told "SECONDS" on its standard input, as often as one
likes, and answers with how long each call took.
"""

import io
import json
import socket
import struct
import sys
import time
import warnings
from collections.abc import Callable
from concurrent import futures
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.prepared import HEIGHT, WIDTH, prepared_picture

MAGIC = 0x9E2B83C1
LARGE = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


def serve_dm_env_rpc() -> None:
    """One observation, the frame, for each step."""
    import grpc
    from dm_env_rpc.v1 import dm_env_rpc_pb2, dm_env_rpc_pb2_grpc, tensor_utils

    picture = prepared_picture()

    class Environment(dm_env_rpc_pb2_grpc.EnvironmentServicer):
        def Process(self, requests: Any, context: Any) -> Any:
            for request in requests:
                assert request.WhichOneof("payload") == "step"
                answer = dm_env_rpc_pb2.EnvironmentResponse()
                answer.step.state = dm_env_rpc_pb2.EnvironmentStateType.RUNNING
                answer.step.observations[1].CopyFrom(tensor_utils.pack_tensor(picture))
                yield answer

    server = grpc.server(futures.ThreadPoolExecutor(4), options=LARGE)
    dm_env_rpc_pb2_grpc.add_EnvironmentServicer_to_server(Environment(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"127.0.0.1:{port}", flush=True)
    server.wait_for_termination()


def call_dm_env_rpc(address: str) -> Callable[[], np.ndarray]:
    import grpc
    from dm_env_rpc.v1 import connection, dm_env_rpc_pb2, tensor_utils

    channel = grpc.insecure_channel(address, options=LARGE)
    grpc.channel_ready_future(channel).result(10)
    talk = connection.Connection(channel)
    request = dm_env_rpc_pb2.StepRequest(requested_observations=[1])
    return lambda: tensor_utils.unpack_tensor(talk.send(request).observations[1])


def serve_unrealcv() -> None:
    """The frame as Unreal gives it, uint8 (480,640,4) in an npy, for each request."""
    stored = io.BytesIO()
    np.save(stored, np.dstack([prepared_picture()[..., ::-1], np.full((HEIGHT, WIDTH), 255, np.uint8)]))
    body = stored.getvalue()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(f"127.0.0.1:{listening.getsockname()[1]}", flush=True)
        peer, _ = listening.accept()
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        file = peer.makefile("rb")

        def send(*pieces: bytes) -> None:
            peer.sendall(struct.pack("<II", MAGIC, sum(map(len, pieces))) + b"".join(pieces))

        send(b"connected to Prepared")
        while head := file.read(8):
            number, _, text = file.read(struct.unpack("<II", head)[1]).partition(b":")
            send(number, b":", body if b"/camera/" in text else b"vget /unrealcv/commands\nvget /camera/[id]/lit npy")


def call_unrealcv(address: str) -> Callable[[], np.ndarray]:
    import unrealcv

    host, _, port = address.rpartition(":")
    client = unrealcv.Client((host, int(port)), "inet")
    warnings.simplefilter("ignore")
    # Its greetings go to standard output, which is for the answers here.
    told, sys.stdout = sys.stdout, sys.stderr
    try:
        if not client.connect():
            sys.exit("the unrealcv client does not connect")
    finally:
        sys.stdout = told
    return lambda: np.load(io.BytesIO(client.request("vget /camera/0/lit npy")))


RIVALS: dict[str, tuple[Callable[[], None], Callable[[str], Callable[[], np.ndarray]]]] = {
    "dm_env_rpc": (serve_dm_env_rpc, call_dm_env_rpc),
    "unrealcv": (serve_unrealcv, call_unrealcv),
}


def main() -> None:
    role, name = sys.argv[1:3]
    serve, caller = RIVALS[name]
    if role == "serve":
        serve()
        return
    call = caller(sys.argv[3])
    assert call().shape[:2] == (HEIGHT, WIDTH)
    print("ready", flush=True)
    for line in sys.stdin:
        times, end = [], time.perf_counter() + float(line)
        while (start := time.perf_counter()) < end:
            call()
            times.append(time.perf_counter() - start)
        print(json.dumps(times), flush=True)


if __name__ == "__main__":
    main()
