"""A live view from beginning to end: a stage, a site, and what ends them."""

import asyncio
import contextlib
import signal
from collections.abc import Callable

from bridge.address import Address, check_bind
from bridge.errors import NotAllowed
from bridge.scene import Scene
from bridge.viewer.dreams import Dreams
from bridge.viewer.show import Opening
from bridge.viewer.site import Site
from bridge.viewer.stage import Stage

_GONE_FOR_S = 4.0
"""A reload is not the end: a page may be away so long."""


async def live(
    opening: Opening,
    scene: Scene,
    address: Address,
    *,
    is_exposed: bool = False,
    seed: int = 0,
    has_traffic: bool = False,
    is_over_with_browser: bool = False,
    on_start: Callable[[str], None],
    over: asyncio.Event | None = None,
) -> None:
    """Shows a town until Ctrl-C, SIGTERM or `over`; or, if wanted, until the last browser has gone."""
    _check_reach(address, is_exposed=is_exposed)
    over = over or asyncio.Event()
    loop = asyncio.get_running_loop()
    site = Site(address, is_exposed=is_exposed)
    stage = Stage(opening, scene, site.listener(loop), seed=seed, has_traffic=has_traffic)
    dreams: Dreams | None = None
    try:
        show = await asyncio.to_thread(stage.start)
        await site.start(stage, show)
        dreams = Dreams(show.dreams, site.listener(loop))
        dreams.start()
        try:
            on_start(site.url)
            with _signals(loop, over):
                await _until_over(site, over, is_over_with_browser=is_over_with_browser)
        finally:
            await site.stop()
    finally:
        if dreams is not None:
            await asyncio.to_thread(dreams.close)
        await asyncio.to_thread(stage.close)


def _check_reach(address: Address, *, is_exposed: bool) -> None:
    """Raises NotAllowed where others could drive the town, Refused where somebody listens already."""
    if not (address.is_local() or is_exposed):
        raise NotAllowed(
            f"'{address.target}' can be reached from other computers, and the page has neither encryption nor a password. "
            "Leave --host out and forward the port (ssh -L), or, on a network you trust, force it with --insecure."
        )
    check_bind(address, is_guarded=False, is_forced=True)


async def _until_over(site: Site, over: asyncio.Event, *, is_over_with_browser: bool) -> None:
    if not is_over_with_browser:
        await over.wait()
        return

    async def all_gone() -> None:
        await site.was_seen.wait()
        while True:
            await site.is_alone.wait()
            await asyncio.sleep(_GONE_FOR_S)
            if site.is_alone.is_set():
                return

    waits = [asyncio.ensure_future(over.wait()), asyncio.ensure_future(all_gone())]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()


@contextlib.contextmanager
def _signals(loop: asyncio.AbstractEventLoop, over: asyncio.Event):
    """Ctrl-C and SIGTERM end the view; where loops know no signals, Ctrl-C interrupts it."""
    taken = []
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(
            NotImplementedError, ValueError, RuntimeError
        ):  # Windows; another thread than the main
            loop.add_signal_handler(number, over.set)
            taken.append(number)
    try:
        yield
    finally:
        for number in taken:
            loop.remove_signal_handler(number)
