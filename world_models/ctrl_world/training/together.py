"""Several processes that train one model: each takes steps of its own, and their gradients are averaged.

On two cores that others use too it is faster than one process with two threads, which waits for the slower one at every operation.
"""

import multiprocessing
from dataclasses import replace
from pathlib import Path

from torch import distributed

from world_models.ctrl_world.config import Training
from world_models.ctrl_world.training.stages import trained
from world_models.training_loop import Say


def trained_together(settings: Training, data: Path, out: Path, say: Say) -> Path:
    """Trains with `settings.processes` processes, of which this is the first; the weights' file."""
    if settings.processes == 1:
        return trained(settings, data, out, say)
    out.mkdir(parents=True, exist_ok=True)
    meeting = out / "meeting"
    meeting.unlink(missing_ok=True)
    share = replace(settings, batch=-(-settings.batch // settings.processes), threads=settings.threads or 1)
    others = [
        multiprocessing.get_context("spawn").Process(target=_joined, args=(share, data, out, rank), daemon=True)
        for rank in range(1, settings.processes)
    ]
    for other in others:
        other.start()
    try:
        _meet(meeting, 0, settings.processes)
        return trained(share, data, out, say)
    finally:
        if distributed.is_initialized():
            distributed.destroy_process_group()
        for other in others:
            other.join(10)
            if other.is_alive():
                other.terminate()
        meeting.unlink(missing_ok=True)


def _joined(settings: Training, data: Path, out: Path, rank: int) -> None:
    """What the other processes do: the same, silently."""
    _meet(out / "meeting", rank, settings.processes)
    try:
        trained(settings, data, out, lambda line: None)
    finally:
        distributed.destroy_process_group()


def _meet(meeting: Path, rank: int, count: int) -> None:
    distributed.init_process_group("gloo", init_method=meeting.resolve().as_uri(), rank=rank, world_size=count)
