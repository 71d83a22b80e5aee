"""A stand-in for a language-model server: speaks the OpenAI wire on a free port, and behaves as badly as it is told."""

import json
import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["_Call"], None]


class _Call(BaseHTTPRequestHandler):
    """One request; behaviours write the response."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Listening"

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.asked = json.loads(self.rfile.read(length))
        stand_in = self.server.stand_in
        with stand_in.lock:
            number = len(stand_in.asked)
            stand_in.asked.append(self.asked)
            stand_in.headers.append(dict(self.headers))
        stand_in.behaviours[min(number, len(stand_in.behaviours) - 1)](self)

    def do_GET(self) -> None:
        self.respond(json.dumps({"object": "list", "data": [{"id": name} for name in self.server.stand_in.models]}))

    def respond(self, body: str | bytes, *, status: int = 200, content_type: str = "application/json", **headers: str):
        """A whole response."""
        packed = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(packed)))
        self.end_headers()
        self.wfile.write(packed)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


class _Listening(ThreadingHTTPServer):
    daemon_threads = True
    stand_in: "StandIn"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error here."""


class StandIn:
    """A server that answers its first call by the first behaviour, and so on; the last one goes on for ever."""

    def __init__(self, *behaviours: Behaviour, models: tuple[str, ...] = ("toy",)) -> None:
        self.behaviours, self.models = behaviours, models
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.lock, self.is_over = threading.Lock(), threading.Event()

    def __enter__(self) -> "StandIn":
        self._http = _Listening(("127.0.0.1", 0), _Call)
        self._http.stand_in = self
        self.base_url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


def completion(text: str | None, *, ending: str = "stop", usage: bool = True, **message: Any) -> dict[str, Any]:
    """A chat completion as the wire has it."""
    said = {"role": "assistant", "content": text, **message}
    whole: dict[str, Any] = {"id": "1", "object": "chat.completion", "created": 1, "model": "toy"}
    whole["choices"] = [{"index": 0, "message": said, "finish_reason": ending}]
    return whole | ({"usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}} if usage else {})


def decision(verb: str, target: str = "", *, say: str = "", **args: Any) -> str:
    """The text of a proper answer."""
    return json.dumps({"thought": "so", "verb": verb, "target": target, "args": args, "say": say, "note": ""})


def says(text: str | None, **more: Any) -> Behaviour:
    """Answers with a text."""
    return lambda call: call.respond(json.dumps(completion(text, **more)))


def thinks(brain: Callable[[dict[str, Any]], str]) -> Behaviour:
    """Answers with what a function makes of the data in the question."""

    def answer(call: _Call) -> None:
        content = call.asked["messages"][-1]["content"]
        words = content if isinstance(content, str) else content[0]["text"]
        call.respond(json.dumps(completion(brain(json.loads(words)))))

    return answer


def fails(status: int, said: str = "no", **headers: str) -> Behaviour:
    """Answers with an HTTP status."""
    return lambda call: call.respond(json.dumps({"error": {"message": said}}), status=status, **headers)


def sends(body: str | bytes, content_type: str = "application/json", **headers: str) -> Behaviour:
    """Answers with anything at all."""
    return lambda call: call.respond(body, content_type=content_type, **headers)


def streams(text: str) -> Behaviour:
    """Answers in pieces of three letters, with comments between them."""

    def answer(call: _Call) -> None:
        pieces = [text[i : i + 3] for i in range(0, len(text), 3)]
        lines = [": still here", *(json.dumps({"choices": [{"delta": {"content": piece}}]}) for piece in pieces)]
        lines.append(json.dumps({"choices": [{"delta": {}, "finish_reason": "stop"}]}))
        lines.append(json.dumps({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}))
        events = "".join(f"{line}\n\n" if line[0] == ":" else f"data: {line}\n\n" for line in [*lines, "[DONE]"])
        call.respond(events, content_type="text/event-stream; charset=utf-8")

    return answer


def stalls(call: _Call) -> None:
    """Never answers."""
    call.server.stand_in.is_over.wait(60.0)
    call.close_connection = True


def drips(call: _Call) -> None:
    """Answers a byte at a time, for ever: no read ever takes long."""
    call.send_response(200)
    call.send_header("Content-Type", "application/json")
    call.send_header("Content-Length", "100000")
    call.end_headers()
    while not call.server.stand_in.is_over.wait(0.01):
        call.wfile.write(b" ")


def drops(call: _Call) -> None:
    """Cuts the connection in the middle of its answer."""
    call.send_response(200)
    call.send_header("Content-Length", "1000")
    call.end_headers()
    call.wfile.write(b'{"choices": [')
    call.wfile.flush()
    call.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    call.close_connection = True


def floods(call: _Call) -> None:
    """Answers with more than anybody can hold."""
    call.send_response(200)
    call.send_header("Content-Type", "application/json")
    call.send_header("Content-Length", str(1 << 40))
    call.end_headers()
    while not call.server.stand_in.is_over.is_set():
        call.wfile.write(b" " * 65536)
