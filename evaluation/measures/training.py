"""Trains the small recogniser on clips of an engine: `python -m evaluation.measures.training TASK --data DIR --out FILE`.

Pictures are made a little softer, darker and noisier at random, since it is dreams that will be read. Needs the extra [world-models].
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.control.seeds import stream
from bridge.errors import InvalidInput, Unavailable
from evaluation.measures.geometry import projected
from evaluation.measures.reading import BODY, FEWEST_PX, TOOL, told
from evaluation.measures.recogniser import LAYERS, WIDTHS, Recogniser, save
from world_models.clips import Clip, read_shard, shards

CLASSES = {
    "manipulate": ("", "red-cube", "green-cube", "blue-cube", "can", "bowl", BODY),
    "drive": ("", "vehicle", "person"),
}
"""What is told apart, by task."""
POINTS = {"manipulate": ("red-cube", "green-cube", "blue-cube", "can", "bowl", TOOL), "drive": ()}
"""What is located, by task: where the pose of a thing of that name is, or the tool."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Pictures to learn from: rgb (k,H,W,3), classes (k,H,W), pixels of points (k,points,2), nan where they do not show."""

    rgb: NDArray[np.uint8]
    what: NDArray[np.uint8]
    pixels: NDArray[np.float32]


def sample(clips: Sequence[Clip], task: str) -> Sample:
    """All pictures of clips with what they show. Raises InvalidInput for clips without labels."""
    rgb, what, pixels = [], [], []
    for clip in clips:
        seen = clip.seen
        if seen.labels is None:
            raise InvalidInput("These clips have no labels, from which alone a recogniser learns. Collect some from an engine.")  # fmt: skip
        codes = told(seen.labels, seen.things, CLASSES[task])
        for view, camera in enumerate(seen.cameras):
            rgb.append(seen.rgb[:, view])
            what.append(codes[:, view])
            found = np.full((len(clip), len(POINTS[task]), 2), np.nan, np.float32)
            if camera.mount == "world":
                places = {one.name: one.poses[:, :3] for one in seen.things} | {TOOL: seen.body[:, :3]}
                for row, name in enumerate(POINTS[task]):
                    own = CLASSES[task].index(BODY if name == TOOL else name)
                    shows = (codes[:, view] == own).sum(axis=(1, 2)) >= FEWEST_PX
                    spots = projected(places[name], camera, seen.body[0])
                    inside = ((spots > 0) & (spots < [camera.width, camera.height])).all(axis=1)
                    found[:, row] = np.where((shows & inside)[:, None], spots, np.nan)
            pixels.append(found)
    return Sample(np.concatenate(rgb), np.concatenate(what), np.concatenate(pixels))


def train(
    data: Sample, task: str, *, steps: int, batch: int = 24, rate: float = 3e-3, seed: int = 0, most_s: float = 1e9
) -> Recogniser:
    """A recogniser after so many steps of Adam, or as many as go into `most_s` seconds. Raises Unavailable without torch."""
    try:
        import torch
    except ImportError as error:
        raise Unavailable('Training needs torch. Run `pip install "simbridge[world-models]"`.') from error
    torch.manual_seed(seed)
    rng, begun = stream(seed, "recogniser", task), time.monotonic()
    classes, points = CLASSES[task], POINTS[task]
    net = network(len(classes) + len(points))
    optimizer = torch.optim.Adam(net.parameters(), lr=rate)
    share = np.bincount(data.what.ravel(), minlength=len(classes)) / data.what.size
    weight = torch.tensor(np.clip(np.sqrt(0.02 / np.maximum(share, 1e-6)), 0.2, 4.0), dtype=torch.float32)
    height, width = data.rgb.shape[1:3]
    across, down = torch.arange(width) + 0.5, torch.arange(height) + 0.5
    for step in range(steps):
        done = max(step / steps, (time.monotonic() - begun) / most_s)
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = rate * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * done))) * min(1.0, (step + 1) / 30)
        rows = rng.integers(0, len(data.rgb), batch)
        x = torch.from_numpy(_roughened(data.rgb[rows], rng))
        scores = net(x)
        loss = torch.nn.functional.cross_entropy(scores[:, : len(classes)], torch.from_numpy(data.what[rows]).long(), weight=weight)  # fmt: skip
        if points:
            heat = scores[:, len(classes) :].flatten(2).softmax(-1).view(batch, len(points), height, width)
            found = torch.stack([(heat.sum(2) * across).sum(-1), (heat.sum(3) * down).sum(-1)], dim=-1)
            wanted = torch.from_numpy(data.pixels[rows])
            known = ~torch.isnan(wanted)
            loss = loss + 0.1 * torch.abs(found - torch.nan_to_num(wanted))[known].mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        if step % 50 == 0:
            print(f"step {step} of {steps}: loss {loss.item():.4f}, {time.monotonic() - begun:.0f} s", file=sys.stderr)
    return recogniser_of(net, task)


def recogniser_of(net: Any, task: str) -> Recogniser:
    """What a trained net comes to without torch."""
    weights = {name: value.detach().numpy().copy() for name, value in net.state_dict().items()}
    weights["head.weight"] = weights["head.weight"][:, :, 0, 0]
    return Recogniser(CLASSES[task], POINTS[task], weights)


def network(outputs: int) -> Any:
    """The net of evaluation.measures.recogniser in torch: pictures (b,3,H,W) in -1 to 1, scores (b,outputs,H,W)."""
    import torch

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            for name, fan_in, out, stride in LAYERS:
                setattr(self, name, torch.nn.Conv2d(fan_in, out, 3, stride, 1))
                torch.nn.init.kaiming_normal_(getattr(self, name).weight)
            self.head = torch.nn.Conv2d(WIDTHS[0], outputs, 1)

        def forward(self, x):
            passed = {}
            for name, *_ in LAYERS:
                if name.startswith("up"):
                    x = torch.cat(
                        [torch.nn.functional.interpolate(x, scale_factor=2.0), passed[f"down{name[2:]}"]], dim=1
                    )
                x = torch.relu(getattr(self, name)(x))
                passed[name] = x
            return self.head(x)

    return Net()


def _roughened(rgb: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.float32]:
    """Pictures as (b,3,H,W) in -1 to 1, half of them softer, all a little darker or lighter and noisier."""
    x = np.moveaxis(rgb, -1, 1).astype(np.float32) / 127.5 - 1.0
    soft = rng.random(len(x)) < 0.5
    padded = np.pad(x[soft], ((0, 0), (0, 0), (1, 1), (1, 1)), mode="edge")
    h, w = x.shape[2:]
    x[soft] = sum(padded[:, :, i : i + h, j : j + w] for i in range(3) for j in range(3)) / 9.0
    gain = rng.uniform(0.85, 1.15, (len(x), 3, 1, 1)).astype(np.float32)
    level = rng.uniform(0.0, 0.06, (len(x), 1, 1, 1)).astype(np.float32)
    return ((x + 1.0) * gain - 1.0 + level * rng.standard_normal(x.shape, dtype=np.float32)).astype(np.float32)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.measures.training", description=__doc__)
    parser.add_argument("task", choices=sorted(CLASSES))
    parser.add_argument("--data", type=Path, required=True, help="a folder of shards, from an engine")
    parser.add_argument("--out", type=Path, required=True, help="the .npz to write")
    parser.add_argument("--clips", type=int, default=150, help="how many clips to learn from at most")
    parser.add_argument("--steps", type=int, default=900)
    parser.add_argument("--most-s", type=float, default=1e9, help="stop after so many seconds")
    parser.add_argument("--seed", type=int, default=0)
    told_of = parser.parse_args(arguments)
    clips: list[Clip] = []
    for path in shards(told_of.data):
        clips += read_shard(path)
        if len(clips) >= told_of.clips:
            break
    data = sample(clips[: told_of.clips], told_of.task)
    made = train(data, told_of.task, steps=told_of.steps, seed=told_of.seed, most_s=told_of.most_s)
    save(made, told_of.out)
    print(told_of.out)


if __name__ == "__main__":
    main()
