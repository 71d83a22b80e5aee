"""A model's bodies, read by MuJoCo in batches: for a document of n elements it takes time that grows with n squared."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain

import mujoco

_MOST_ELEMENTS = 800
"""Of one batch, more or less; a batch has a price of its own, too."""


@dataclass(frozen=True)
class Body:
    """A body of the world as MuJoCo's XML, how many elements that has, and which meshes they show, by number.

    `name` is the one that its text gives it, "" for none.
    """

    text: str
    elements: int
    meshes: Sequence[int] = ()
    name: str = ""


def join(spec: mujoco.MjSpec, head: str, bodies: Sequence[Body], meshes: Sequence[str]) -> None:
    """Adds bodies to a world, in this order; `head` opens documents that are compiled as `spec` is.

    `meshes` are elements; each batch brings those that it shows. While one is added, the next is read.
    """
    batches = list(_batches(bodies))
    documents = (_document(head, batch, meshes) for batch in batches)
    with ThreadPoolExecutor(1) as reader:
        for number, part in enumerate(reader.map(mujoco.MjSpec.from_string, documents)):
            prefix = f"batch-{number}/"
            spec.attach(part, prefix=prefix, frame=spec.worldbody.add_frame())
            for body in batches[number]:
                if body.name:
                    spec.body(prefix + body.name).name = body.name


def _document(head: str, batch: Sequence[Body], meshes: Sequence[str]) -> str:
    shown = dict.fromkeys(chain.from_iterable(body.meshes for body in batch))
    assets = "".join(meshes[index] for index in shown)
    text = "".join(body.text for body in batch)
    return f"{head}<asset>{assets}</asset><worldbody>{text}</worldbody></mujoco>"


def _batches(bodies: Sequence[Body]) -> Iterator[list[Body]]:
    batch, elements = [], 0
    for body in bodies:
        batch.append(body)
        elements += body.elements
        if elements >= _MOST_ELEMENTS:
            yield batch
            batch, elements = [], 0
    if batch:
        yield batch
