"""Trains the net that reads actions in video, on clips of an engine: `python -m evaluation.judges.training manipulate --data DIR --out FILE`.

Half of what it sees is softened, and all of it a little noisy, darker or lighter: it reads dreams, which are softer than engines. With `--test DIR` it
says how often it is right on clips that it never saw. A GPU is not needed. Needs torch.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.control.seeds import stream
from bridge.errors import InvalidInput, Unavailable
from evaluation.judges.action_net import HIDDEN, SIZES, WIDTHS, ActionNet, inputs, save
from evaluation.judges.deeds import QUESTIONS, REACH, deeds
from evaluation.judges.recognition import Score, score
from world_models.clips import Clip, read_clips

Floats = NDArray[np.float32]


def sample(clips: Sequence[Clip]) -> tuple[Floats, dict[str, NDArray[np.int64]]]:
    """What goes in (k,C,H,W), and the right answers (k,) by question, of all moments of clips. Raises InvalidInput of none."""
    given, right = [], []
    for clip in clips:
        reach = REACH[clip.task]
        given.append(inputs(clip.task, clip.seen.rgb).astype(np.float16))
        right.append({name: codes[reach : len(clip) - reach] for name, codes in deeds(clip.task, clip.seen).items()})
    if not given:
        raise InvalidInput("No clip was given to learn from. Collect some with `simbridge collect`.")
    return np.concatenate(given), {name: np.concatenate([one[name] for one in right]) for name in right[0]}


def train(
    given: Floats, right: Mapping[str, NDArray[np.int64]], task: str, *, steps: int, batch: int = 48, rate: float = 2e-3,
    seed: int = 0, most_cpu_s: float = 1e9,
) -> ActionNet:  # fmt: skip
    """A net after so many steps of Adam, or as many as go into `most_cpu_s` seconds of processor time. Raises Unavailable without torch."""
    try:
        import torch
    except ImportError as error:
        raise Unavailable('Training needs torch. Run `pip install "simbridge[world-models]"`.') from error
    torch.manual_seed(seed)
    rng, begun_s = stream(seed, "actions", task), time.process_time()
    net = network(task)
    optimizer = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=0.02)
    weights = {
        name: torch.tensor(np.sqrt(len(codes) / np.maximum(np.bincount(codes, minlength=len(answers)), 1) / len(answers)).clip(0.3, 3.0), dtype=torch.float32)
        for (name, answers), codes in zip(QUESTIONS[task].items(), right.values(), strict=True)
    }  # fmt: skip
    for step in range(steps):
        done = max(step / steps, (time.process_time() - begun_s) / most_cpu_s)
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = rate * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * done))) * min(1.0, (step + 1) / 50)
        rows = rng.integers(0, len(given), batch)
        found = net(torch.from_numpy(_roughened(given[rows], task, rng)))
        loss = sum(
            torch.nn.functional.cross_entropy(found[name], torch.from_numpy(right[name][rows]), weight=weights[name])
            for name in QUESTIONS[task]
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 100 == 0:
            print(f"step {step} of {steps}: loss {loss.item():.4f}, {time.process_time() - begun_s:.0f} s", file=sys.stderr, flush=True)  # fmt: skip
    return net_of(net, task)


def net_of(net: Any, task: str) -> ActionNet:
    """What a trained net comes to without torch."""
    return ActionNet(task, {name: value.detach().numpy().copy() for name, value in net.state_dict().items()})


def network(task: str) -> Any:
    """The net of evaluation.judges.action_net in torch: (b,C,H,W) to scores (b,answers) by question."""
    import torch

    widths, (height, width) = WIDTHS[task], SIZES[task]
    shrunk = 2 ** (len(widths) - 1)

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            for layer, (fan_in, out) in enumerate(pairwise(widths), start=1):
                setattr(self, f"conv{layer}", torch.nn.Conv2d(fan_in, out, 3, 2, 1))
            self.hidden = torch.nn.Linear(widths[-1] * (height // shrunk) * (width // shrunk), HIDDEN)
            for name, answers in QUESTIONS[task].items():
                setattr(self, name, torch.nn.Linear(HIDDEN, len(answers)))
            self.dropout = torch.nn.Dropout(0.3)

        def forward(self, x):
            for layer in range(1, len(widths)):
                x = torch.relu(getattr(self, f"conv{layer}")(x))
            x = torch.relu(self.hidden(self.dropout(x.flatten(1))))
            return {name: getattr(self, name)(x) for name in QUESTIONS[task]}

    return Net()


def _roughened(x: Floats, task: str, rng: np.random.Generator) -> Floats:
    """Pictures (b,C,H,W): half of them softer, all a little darker or lighter and noisier, the same at every moment; flow: a little noisier."""
    x = x.astype(np.float32)
    if task == "drive":
        return x + (0.05 * rng.standard_normal(x.shape)).astype(np.float32)
    soft = rng.random(len(x)) < 0.5
    padded = np.pad(x[soft], ((0, 0), (0, 0), (1, 1), (1, 1)), mode="edge")
    height, width = x.shape[2:]
    x[soft] = sum(padded[:, :, i : i + height, j : j + width] for i in range(3) for j in range(3)) / 9.0
    colours = 9  # three views of three colours, once for every moment
    gain = np.tile(rng.uniform(0.88, 1.12, (len(x), colours)), (1, x.shape[1] // colours))[..., None, None]
    level = rng.uniform(0.0, 0.06, (len(x), 1, 1, 1))
    return ((x + 1.0) * gain - 1.0 + level * rng.standard_normal(x.shape, dtype=np.float32)).astype(np.float32)


def tested(net: ActionNet, clips: Sequence[Clip]) -> Mapping[str, Score]:
    """How often a net is right on clips, by question."""
    given, right = sample(clips)
    said = [net.answers(one.astype(np.float32)) for one in given]
    return {name: score(np.array([int(one[name].argmax()) for one in said]), codes, len(QUESTIONS[net.task][name])) for name, codes in right.items()}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.judges.training", description=__doc__)
    parser.add_argument("task", choices=sorted(QUESTIONS))
    parser.add_argument("--data", type=Path, required=True, help="a folder of shards, from an engine")
    parser.add_argument("--test", type=Path, default=None, help="another, of seeds that are not in the first")
    parser.add_argument("--out", type=Path, required=True, help="the .npz to write")
    parser.add_argument("--clips", type=int, default=400, help="how many clips to learn from at most")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--most-cpu-s", type=float, default=1e9, help="stop after so many seconds of processor time")
    parser.add_argument("--seed", type=int, default=0)
    told = parser.parse_args(arguments)
    clips = [clip for _, clip in zip(range(told.clips), read_clips(told.data), strict=False)]
    given, right = sample(clips)
    print(f"{len(clips)} clips, {len(given)} moments; {({n: np.bincount(c).tolist() for n, c in right.items()})}", file=sys.stderr, flush=True)  # fmt: skip
    net = train(given, right, told.task, steps=told.steps, seed=told.seed, most_cpu_s=told.most_cpu_s)
    save(net, told.out)
    if told.test is not None:
        found = tested(net, list(read_clips(told.test)))
        print(json.dumps({name: {"n": one.n, "accuracy": one.accuracy, "balanced": one.balanced, "confusion": one.confusion.tolist()} for name, one in found.items()}))  # fmt: skip
    print(told.out)


if __name__ == "__main__":
    main()
