"""One picture of the kit, docs/kit.png: an asset of every kind with its name and measured size."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bridge.frames import look_at, pose_array, read_only
from bridge.render import open_renderer
from bridge.scene import Asset, Environment, Lights, NavigationGraph, Placements, RoadNetwork, Scene, Terrain
from bridge.types import Camera, Pose
from scene_gen.kinds import KINDS
from scene_gen.kit.catalog import asset, names_of_kind
from scene_gen.kit.materials import MATERIALS

FOV_Y_RAD = 0.35


@dataclass(frozen=True)
class Config:
    """`columns` cells of `cell_px` a row; `azimuth_rad` and `elevation_rad` of the view (0: from straight ahead)."""

    out: Path = Path("docs/kit.png")
    columns: int = 12
    cell_px: int = 170
    azimuth_rad: float = -0.62
    elevation_rad: float = 0.36
    renderer: str = "auto"


def contact_sheet(names: tuple[str, ...], config: Config) -> Image.Image:
    """A labelled grid of pictures, one an asset."""
    rows = -(-len(names) // config.columns)
    label = 30
    sheet = Image.new("RGB", (config.columns * config.cell_px, rows * (config.cell_px + label)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(11)
    renderer = open_renderer(config.renderer, quality="high")
    try:
        for index, name in enumerate(names):
            thing = asset(name)
            renderer.load(_stage(thing))
            (frame,) = renderer.observe([_camera(thing, config)], ("rgb",))
            x, y = index % config.columns * config.cell_px, index // config.columns * (config.cell_px + label)
            assert frame.rgb is not None
            sheet.paste(Image.fromarray(frame.rgb), (x, y))
            draw.text((x + 4, y + config.cell_px + 2), name, fill="black", font=font)
            size = " x ".join(f"{side:.2f}" if side < 10 else f"{side:.1f}" for side in thing.size)
            draw.text((x + 4, y + config.cell_px + 15), f"{size} m", fill="dimgray", font=font)
    finally:
        renderer.close()
    return sheet


def one_of_each_kind() -> tuple[str, ...]:
    """The first variant of every kind that is an asset."""
    return tuple(
        names_of_kind(kind.name)[0] for kind in KINDS.values() if kind.realised == "asset" and not kind.members
    )


def _stage(thing: Asset) -> Scene:
    """The asset alone on pale ground on a clear morning; what floats lies on the dry."""
    lowest = min(float(thing.lods[0].vertices[:, 2].min()), 0.0)
    reach = 1.6 * max(thing.size)
    side = 9
    terrain = Terrain(
        (-reach, -reach),
        2 * reach / (side - 1),
        read_only(np.zeros((side, side)), np.float32),
        read_only(np.zeros((side, side)), np.uint8),
        ("concrete-grey",),
    )
    used = {name for mesh in thing.lods for name in mesh.materials} | {"concrete-grey"}
    none, no_names = np.zeros((0, 3)), ()
    return Scene(
        name=thing.name,
        bounds=(-reach, -reach, reach, reach),
        terrain=terrain,
        waters=(),
        roads=RoadNetwork(none, ()),
        buildings=(),
        parts=(),
        assets={thing.name: thing},
        placements=(Placements(thing.name, ("it",), pose_array([[0.0, 0.0, -lowest]]), np.ones((1, 3))),),
        materials={name: MATERIALS[name] for name in sorted(used)},
        lights=Lights(no_names, none, none, np.zeros(0), np.zeros(0)),
        environment=Environment(time_of_day_h=10.0, cloud_cover=0.1),
        navigation=NavigationGraph(none, np.zeros(0, np.uint8), np.zeros((0, 2), np.int32), np.zeros(0, np.uint8)),
    )


def _camera(thing: Asset, config: Config) -> Camera:
    """A camera that just holds the asset."""
    vertices = thing.lods[0].vertices.astype(np.float64)
    vertices = vertices - [0, 0, min(vertices[:, 2].min(), 0.0)]
    middle = (vertices.min(axis=0) + vertices.max(axis=0)) / 2
    azimuth, elevation = config.azimuth_rad, config.elevation_rad
    back = np.array([np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)])
    right = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
    up = np.cross(back, right)
    spread = vertices - middle
    reach = np.maximum(np.abs(spread @ right), np.abs(spread @ up)) / np.tan(FOV_Y_RAD / 2) * 1.08
    distance = float((reach + spread @ back).max())
    position, quat = look_at(middle + back * distance, middle)
    return Camera("view", config.cell_px, config.cell_px, FOV_Y_RAD, Pose(position, quat))


def main() -> None:
    """Writes the sheet."""
    import tyro

    config = tyro.cli(Config, description=__doc__)
    sheet = contact_sheet(one_of_each_kind(), config)
    config.out.parent.mkdir(parents=True, exist_ok=True)
    sheet.quantize(256, dither=Image.Dither.NONE).save(config.out, optimize=True)
    print(config.out)


if __name__ == "__main__":
    main()
