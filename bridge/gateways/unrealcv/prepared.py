"""What a scene needs besides its own assets before clients written for Unreal come: the shapes that Unreal always has.

The scene is extended before anybody loads it, so that engine, server and whoever else reads it agree on its digest.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from bridge.meshes import mesh
from bridge.scene import Asset, Collider, Material, Scene

CUBE = "unreal-cube"
"""The asset of `vset /objects/spawn_cube`: 1 m a side, as Unreal's own is 100 cm."""
_GREY = Material("unreal-grey", (0.5, 0.5, 0.5), roughness=0.8)


def prepared(scene: Scene, assets: Iterable[Asset] = (), materials: Iterable[Material] = ()) -> Scene:
    """The scene with Unreal's cube, and with other assets and their materials; what it has already stays as it is."""
    more = {asset.name: asset for asset in (cube(), *assets) if asset.name not in scene.assets}
    stuffs = {stuff.name: stuff for stuff in (_GREY, *materials) if stuff.name not in scene.materials}
    if not more and not stuffs:
        return scene
    return replace(scene, assets={**scene.assets, **more}, materials={**scene.materials, **stuffs})


def cube() -> Asset:
    """A grey cube of 1 m that stands where it is put."""
    corners = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (0.0, 1.0)])
    sides = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    triangles = [half for a, b, c, d in sides for half in ((a, b, c), (a, c, d))]
    solid = Collider("box", (1.0, 1.0, 1.0), (0.0, 0.0, 0.5, 1.0, 0.0, 0.0, 0.0))
    return Asset(CUBE, "cube", "other", (mesh(corners, triangles, (_GREY.name,)),), (solid,), (1.0, 1.0, 1.0), 1000.0)
