"""Dreams to look at: frames of engine, dream and their difference, as strips for the page and as films on disk."""

import base64
import io
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Pictures = NDArray[np.uint8]
GAIN = 3.0
"""Differences are shown so many times as strong; more than a third of the range is shown as the strongest."""
_STOPS = ((0.0, (13, 14, 20)), (0.06, (13, 14, 20)), (0.25, (78, 28, 120)), (0.5, (190, 55, 82)), (0.75, (246, 140, 40)), (1.0, (252, 250, 190)))  # fmt: skip
_INK, _PAPER = (233, 230, 224), (22, 24, 27)


def palette() -> Pictures:
    """Colours (256,3) for how far two pictures differ: dark where they agree, over violet and red to light yellow."""
    at = np.linspace(0.0, 1.0, 256)
    stops = [stop for stop, _ in _STOPS]
    return (
        np.stack([np.interp(at, stops, [c[i] for _, c in _STOPS]) for i in range(3)], axis=1).round().astype(np.uint8)
    )


def difference(truth: Pictures, dream: Pictures) -> Pictures:
    """How far two pictures (...,3) are apart, in the colours of `palette`: the largest of the three channels, GAIN times."""
    gap = np.abs(truth.astype(np.int16) - dream.astype(np.int16)).max(axis=-1)
    return palette()[np.minimum(gap * GAIN, 255).astype(np.uint8)]


def strip(frames: Pictures) -> str:
    """Frames (t,v,H,W,3) as one picture inside a page, a row a view and a column a moment: a data address (JPEG)."""
    moments, views, height, width = frames.shape[:4]
    sheet = frames.transpose(1, 2, 0, 3, 4).reshape(views * height, moments * width, 3)
    packed = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(sheet)).save(packed, "JPEG", quality=92, subsampling=0)
    return "data:image/jpeg;base64," + base64.b64encode(packed.getvalue()).decode()


def rows_at(truth: Pictures, dream: Pictures, moments: Sequence[int], *, height: int = 96) -> Image.Image:
    """Engine, dream and difference below each other, a column for each of the moments; of one view: (t,H,W,3) each."""
    scale = max(1, round(height / truth.shape[1]))
    rows = [truth[list(moments)], dream[list(moments)]]
    rows.append(difference(*rows))
    gap = 4
    tall, wide = truth.shape[1] * scale, truth.shape[2] * scale
    sheet = Image.new("RGB", (len(moments) * (wide + gap) - gap, 3 * (tall + gap) - gap), (128, 128, 128))
    for row, pictures in enumerate(rows):
        for column, picture in enumerate(pictures):
            shown = Image.fromarray(picture).resize((wide, tall), Image.Resampling.NEAREST)
            sheet.paste(shown, (column * (wide + gap), row * (tall + gap)))
    return sheet


def packed(picture: Image.Image) -> str:
    """A picture as a data address (JPEG)."""
    held = io.BytesIO()
    picture.save(held, "JPEG", quality=90, subsampling=0)
    return "data:image/jpeg;base64," + base64.b64encode(held.getvalue()).decode()


def film_pictures(truth: Pictures, dream: Pictures, names: tuple[str, str], views: Sequence[str], times_s: Sequence[float]) -> Iterator[Pictures]:  # fmt: skip
    """Pictures of a film: engine, dream and difference side by side, a row a view; frames (t,v,H,W,3) each."""
    _, many, height, width = truth.shape[:4]
    scale = max(1, round(192 / width)) if many > 1 else max(1, round(320 / width))
    tall, wide, gap, top, foot = height * scale, width * scale, 8, 30, 26
    side = 3 * wide + 4 * gap
    size = (side + side % 2, top + many * (tall + gap) + foot)
    size = (size[0], size[1] + size[1] % 2)
    font = ImageFont.load_default(size=15)
    for index, time_s in enumerate(times_s):
        sheet = Image.new("RGB", size, _PAPER)
        pen = ImageDraw.Draw(sheet)
        shown = (truth[index], dream[index], difference(truth[index], dream[index]))
        for column, (name, pictures) in enumerate(zip((*names, f"difference ×{GAIN:g}"), shown, strict=True)):
            left = gap + column * (wide + gap)
            pen.text((left, 7), name, fill=_INK, font=font)
            for row in range(many):
                picture = Image.fromarray(pictures[row]).resize((wide, tall), Image.Resampling.NEAREST)
                sheet.paste(picture, (left, top + row * (tall + gap)))
        pen.text((gap, size[1] - foot + 4), f"{time_s:4.1f} s   {', '.join(views)}", fill=_INK, font=font)
        yield np.asarray(sheet)


def write_film(pictures: Iterator[Pictures], path: Path, *, frame_s: float) -> None:
    """Writes a film that goes as fast as what it shows, H.264. Raises Unavailable without PyAV."""
    from bridge.recording.video import VideoWriter

    video = VideoWriter(path, Fraction(1.0 / frame_s).limit_denominator(1000), crf=20, threads=1)
    try:
        for picture in pictures:
            video.add(picture)
    finally:
        video.close()
