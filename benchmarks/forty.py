"""Makes the forty towns, has them judged, and writes the table and the contact sheet of docs/forty.md.

python benchmarks/forty.py OUT_FOLDER [--docs docs]
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from forty_judge import judge
from forty_prompts import FORTY
from PIL import Image, ImageDraw, ImageFont

TILE = (480, 270)
COLUMNS = 4


def make_towns(folder: Path, renderer: str) -> list[dict]:
    """Runs `scenegen` for each prompt; returns exit code and what it printed."""
    runs = []
    for index, (prompt, _) in enumerate(FORTY):
        command = [sys.executable, "-m", "scene_gen.cli", prompt, "--out", str(folder / f"{index:02d}")]
        command += ["--export", "none", "--renderer", renderer, "--force"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        runs.append({"exit": done.returncode, "said": done.stderr})
        print(f"{index:02d} exit {done.returncode}  {prompt[:70]}", flush=True)
    return runs


def contact_sheet(folder: Path, path: Path) -> None:
    """All previews on one sheet, numbered."""
    rows = -(-len(FORTY) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * TILE[0], rows * TILE[1]), "white")
    font = ImageFont.load_default(size=22)
    for index in range(len(FORTY)):
        picture = folder / f"{index:02d}" / "preview.png"
        at = (index % COLUMNS * TILE[0], index // COLUMNS * TILE[1])
        if picture.is_file():
            sheet.paste(Image.open(picture).convert("RGB").resize(TILE, Image.Resampling.LANCZOS), at)
        ImageDraw.Draw(sheet).text(
            (at[0] + 8, at[1] + 6), f"{index:02d}", font=font, fill="white", stroke_width=2, stroke_fill="black"
        )
    sheet.save(path, quality=82, optimize=True)


def table(folder: Path) -> str:
    """The Markdown of docs/forty.md."""
    rows = judge(folder)
    asked = [good for row in rows for _, _, good in row["clauses"]]
    lines = [
        "# Forty prompts",
        "",
        "Made by `python benchmarks/forty.py out/forty --docs docs`, seed 0. The clauses were written by hand before any town",
        "was made (`benchmarks/forty_prompts.py`); `benchmarks/forty_judge.py` reads only scene.json.",
        "",
        f"**{sum(asked)} of {len(asked)} clauses hold ({sum(asked) / len(asked):.1%}).**",
        "",
        "![The forty previews](forty.jpg)",
        "",
        "| # | Prompt | Checks | Clauses | Those that do not hold |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        manifest = folder / f"{row['index']:02d}" / "manifest.json"
        checks = json.loads(manifest.read_text("utf-8"))["report"]["summary"] if manifest.is_file() else "no town"
        good = sum(holds for _, _, holds in row["clauses"])
        bad = ", ".join(f"{words} ({test})" for words, test, holds in row["clauses"] if not holds)
        words = row["prompt"].replace("|", "\\|").replace("<", "&lt;")
        lines.append(f"| {row['index']:02d} | {words} | {checks} | {good} of {len(row['clauses'])} | {bad} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--docs", type=Path)
    parser.add_argument("--judge-only", action="store_true")
    parser.add_argument("--renderer", default="auto", help="none makes no previews")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    runs = [] if options.judge_only else make_towns(options.folder, options.renderer)
    if options.docs:
        contact_sheet(options.folder, options.docs / "forty.jpg")
        (options.docs / "forty.md").write_text(table(options.folder), "utf-8")
    print(table(options.folder))
    for index, run in enumerate(runs):
        if run["exit"]:
            print(f"--- {index:02d} exit {run['exit']}\n{run['said']}")
