"""The program of a world model's own process: `python -m bridge.imagining.program NAME [--flags]`, which ModelHost starts.

It reads its token from the first line of its standard input, says on standard output where it listens, and lives as long
as that input: when the server is gone, so is the model. A model that crashes, or fills the memory, so takes nobody along.
"""

import json
import logging
import os
import signal
import sys
from concurrent import futures

import grpc

from bridge.address import SERVER_OPTIONS
from bridge.commands.plugin_flags import config
from bridge.errors import SimbridgeError
from bridge.imagining.answering import ModelAnswers
from bridge.plugins import load
from bridge.quotas import Quotas
from bridge.v1 import model_service_pb2_grpc


def main() -> int:
    """Makes the model of the first argument with the flags after it, and answers until standard input ends."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    for name in ("SIGINT", "SIGBREAK"):  # sent to whole groups of processes: the server decides
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    token = sys.stdin.buffer.readline().decode().strip()
    name, flags = sys.argv[1], sys.argv[2:]
    try:
        module = load("world_models", name, what="world model")
        model = module.make(config("world_models", name, what="world model", flags={name: flags}))
    except SimbridgeError as error:
        print(json.dumps({"error": type(error).__name__, "why": str(error)}), flush=True)
        return error.exit_code
    options = [
        *(option for option in SERVER_OPTIONS if option[0] != "grpc.max_receive_message_length"),
        ("grpc.max_receive_message_length", Quotas().request_bytes),
    ]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4), options=options)
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(ModelAnswers(model, token), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(json.dumps({"port": port}), flush=True)
    while os.read(0, 1024):
        pass
    server.stop(grace=None)
    model.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
