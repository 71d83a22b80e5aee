"""UsdPhysics: colliders as guides beside what is seen, bodies for what moves, and the physics scene."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from bridge.formats.solids import convex_points, hull_mesh
from bridge.scene import Asset, Collider
from scene_gen.export.usd_text import Prim

_ROUND = ("cylinder", "sphere", "capsule")


def add_physics_scene(world: Prim) -> None:
    """Gravity, downwards."""
    prim = world.child("PhysicsScene", "PhysicsScene")
    prim.set("vector3f physics:gravityDirection", "(0, 0, -1)")
    prim.set("float physics:gravityMagnitude", "9.81")


def collide_as_drawn(mesh: Prim) -> None:
    """Lets a mesh that never moves collide with its own triangles."""
    mesh.apply("PhysicsCollisionAPI", "PhysicsMeshCollisionAPI")
    mesh.set("uniform token physics:approximation", '"none"')


def add_colliders(owner: Prim, solids: Sequence[Collider], arrays: Any, *, round_ones_as_hulls: bool = False) -> None:
    """Convex colliders under a scope `colliders` of a prim, not rendered; hulls have their points in `arrays`."""
    convex = [solid for solid in solids if solid.shape != "mesh"]
    if not convex:
        return
    scope = owner.child("colliders", "Scope")
    for index, solid in enumerate(convex):
        if solid.shape == "hull" or (round_ones_as_hulls and solid.shape in _ROUND):
            _add_hull(scope, f"hull_{index}", solid, arrays)
        else:
            _add_primitive(scope, f"{solid.shape}_{index}", solid)


def make_movable(body: Prim, asset: Asset, scale: Any) -> None:
    """A rigid body with the asset's mass, which grows with its volume."""
    body.apply("PhysicsRigidBodyAPI", "PhysicsMassAPI")
    body.set("float physics:mass", repr(float(asset.mass_kg * np.prod(scale))))


def needs_hulls(asset: Asset, scales: Any) -> bool:
    """Whether a round collider would be stretched: UsdPhysics has no ellipsoids."""
    is_stretched = bool((np.ptp(scales, axis=1) > 1e-6).any()) if len(scales) else False
    return is_stretched and any(solid.shape in _ROUND for solid in asset.colliders)


def _add_hull(scope: Prim, name: str, solid: Collider, arrays: Any) -> None:
    prim = scope.child(name, "Mesh")
    arrays.add_shape(prim, *hull_mesh(convex_points(solid)))
    prim.apply("PhysicsCollisionAPI", "PhysicsMeshCollisionAPI")
    prim.set("uniform token physics:approximation", '"convexHull"')
    prim.set("uniform token purpose", '"guide"')


def _add_primitive(scope: Prim, name: str, solid: Collider) -> None:
    x, _, z = solid.size
    if solid.shape == "box":
        prim = scope.child(name, "Cube")
        prim.set("double size", "1")
        prim.set_extent([-0.5] * 3, [0.5] * 3)
        prim.place(solid.pose, solid.size)
    else:
        prim = scope.child(name, solid.shape.capitalize())
        prim.set("double radius", repr(x / 2))
        half = np.array([x, x, x if solid.shape == "sphere" else max(z, x if solid.shape == "capsule" else 0.0)]) / 2
        if solid.shape != "sphere":
            prim.set("uniform token axis", '"Z"')
            prim.set("double height", repr(float(z if solid.shape == "cylinder" else max(z - x, 0.0))))
        prim.set_extent(-half, half)
        prim.place(solid.pose)
    prim.apply("PhysicsCollisionAPI")
    prim.set("uniform token purpose", '"guide"')
