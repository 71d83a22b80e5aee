"""Pieces of HTML: tables, figures, and pictures and films that travel inside the page."""

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path

KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".mp4": "video/mp4"}


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    name: str = "",
    is_sortable: bool = False,
    numbers: Sequence[int] = (),
) -> str:
    """A table of cells that are HTML already; columns `numbers` are set flush right. One that `is_sortable` gets buttons."""

    def cell(kind: str, index: int, content: str) -> str:
        return f"<{kind}{' class=number' if index in numbers else ''}>{content}</{kind}>"

    top = [f"<button type=button>{escape(head)}</button>" if is_sortable else escape(head) for head in heads]
    marks = f"{f' id={name}' if name else ''}{' class=sortable' if is_sortable else ''}"
    head = "".join(cell("th", index, content) for index, content in enumerate(top))
    body = "".join(f"<tr>{''.join(cell('td', i, content) for i, content in enumerate(row))}</tr>" for row in rows)
    return f"<div class=scroll><table{marks}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def figure(content: str, caption: str, *, look: str = "") -> str:
    """A figure with what it shows said below it."""
    return f"<figure{f' class={look}' if look else ''}>{content}<figcaption>{caption}</figcaption></figure>"


def inlined(path: Path) -> str:
    """A file as a data address."""
    return f"data:{KINDS[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode()}"


def film(path: Path, root: Path, *, most_bytes: int) -> str:
    """A film inside the page, or a link to it where it is larger than that. A picture beside it is shown until it plays."""
    size = path.stat().st_size
    if size > most_bytes:
        where = escape(path.relative_to(root).as_posix())
        return f'<p class=film-link>▶ <a href="{where}">{where}</a> ({size / 1e6:.1f} MB, beside this page)</p>'
    poster = path.with_suffix(".jpg")
    shown = f' poster="{inlined(poster)}"' if poster.exists() else ""
    return f'<video controls muted loop playsinline preload=metadata{shown} src="{inlined(path)}"></video>'


def document(value: object, *, level: int = 0) -> str:
    """A JSON document as nested lists of its names and values."""
    if isinstance(value, dict):
        if not value:
            return "<span class=faint>none</span>"
        rows = "".join(f"<dt>{escape(str(k))}</dt><dd>{document(v, level=level + 1)}</dd>" for k, v in value.items())
        return f"<dl>{rows}</dl>"
    if isinstance(value, (list, tuple)):
        return ", ".join(document(item, level=level + 1) for item in value) or "<span class=faint>none</span>"
    return escape("as set by the program" if value is None else str(value))
