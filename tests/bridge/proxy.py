"""A proxy between client and server that cuts, delays, holds up and repeats what it carries."""

import asyncio

from tests.bridge.serving import loop, wait


class Proxy:
    """Carries bytes between clients and a server on this computer.

    `delay_s` is waited before each piece; while `is_holding`, nothing is carried and nothing is closed; while
    `is_repeating`, whatever a new client says is said to the server over a second connection as well, whose answers
    nobody hears.
    """

    def __init__(self, server_address: str):
        self.server_port = int(server_address.rpartition(":")[2])
        self.delay_s, self.is_holding, self.is_repeating = 0.0, False, False
        self.repeated = 0
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task] = set()
        self._server = wait(self._listen())
        self.address = f"localhost:{self._server.sockets[0].getsockname()[1]}"

    async def _listen(self):
        return await asyncio.start_server(self._carry, "127.0.0.1", 0)

    async def _carry(self, reader, writer):
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.server_port)
        except OSError:  # the server is gone: so is this connection
            writer.close()
            return
        copies = [back]
        ways = [(there, [writer])]
        if self.is_repeating:
            echo, copy = await asyncio.open_connection("127.0.0.1", self.server_port)
            copies.append(copy)
            ways.append((echo, []))
            self.repeated += 1
        self._writers += [writer, *copies]
        self._tasks.add(task := asyncio.current_task())
        task.add_done_callback(self._tasks.discard)
        await asyncio.gather(self._copy(reader, copies), *(self._copy(*way) for way in ways))

    async def _copy(self, reader, writers):
        try:
            while piece := await reader.read(1 << 16):
                while self.is_holding:
                    await asyncio.sleep(0.01)
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                for writer in writers:
                    writer.write(piece)
                    await writer.drain()
        except OSError:  # cut
            pass
        for writer in writers:
            writer.close()

    def cut(self):
        """Drops every connection; new ones are carried again."""

        def drop():
            for writer in self._writers:
                writer.transport.abort()
            self._writers.clear()

        loop().call_soon_threadsafe(drop)

    def close(self):
        """Drops every connection, and takes no more."""
        self.is_holding = False
        self.cut()
        loop().call_soon_threadsafe(self._server.close)

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
