"""UsdPhysics: colliders as guides beside what is seen, bodies for what moves, and the physics scene."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from pxr import Gf

from bridge.formats.solids import convex_points, hull_mesh
from bridge.scene import Asset, Collider
from scene_gen.export.usd_specs import Types, apply, new_prim, place, prim, set_attribute, set_extent, set_shape

_ROUND = ("cylinder", "sphere", "capsule")


def add_physics_scene(parent: Any) -> None:
    """Gravity, downwards."""
    spec = prim(parent, "PhysicsScene", "PhysicsScene")
    set_attribute(spec, "physics:gravityDirection", Types.Vector3f, Gf.Vec3f(0, 0, -1))
    set_attribute(spec, "physics:gravityMagnitude", Types.Float, 9.81)


def collide_as_drawn(spec: Any) -> None:
    """Lets a mesh that never moves collide with its own triangles."""
    apply(spec, "PhysicsCollisionAPI", "PhysicsMeshCollisionAPI")
    set_attribute(spec, "physics:approximation", Types.Token, "none", uniform=True)


def add_colliders(parent: Any, solids: Sequence[Collider], *, round_ones_as_hulls: bool = False) -> None:
    """Convex colliders under a scope `colliders` of a prim, not rendered."""
    convex = [solid for solid in solids if solid.shape != "mesh"]
    if not convex:
        return
    scope = new_prim(parent, "colliders", "Scope")
    for index, solid in enumerate(convex):
        if solid.shape == "hull" or (round_ones_as_hulls and solid.shape in _ROUND):
            spec = new_prim(scope, f"hull_{index}", "Mesh")
            set_shape(spec, *hull_mesh(convex_points(solid)))
            apply(spec, "PhysicsCollisionAPI", "PhysicsMeshCollisionAPI")
            set_attribute(spec, "physics:approximation", Types.Token, "convexHull", uniform=True)
        else:
            spec = new_prim(
                scope, f"{solid.shape}_{index}", solid.shape.capitalize() if solid.shape != "box" else "Cube"
            )
            _set_primitive(spec, solid)
            apply(spec, "PhysicsCollisionAPI")
        set_attribute(spec, "purpose", Types.Token, "guide", uniform=True)


def make_movable(spec: Any, asset: Asset, scale: Any) -> None:
    """A rigid body with the asset's mass, which grows with its volume."""
    apply(spec, "PhysicsRigidBodyAPI", "PhysicsMassAPI")
    set_attribute(spec, "physics:mass", Types.Float, float(asset.mass_kg * np.prod(scale)))


def needs_hulls(asset: Asset, scales: Any) -> bool:
    """Whether a round collider would be stretched: UsdPhysics has no ellipsoids."""
    is_stretched = bool((np.ptp(scales, axis=1) > 1e-6).any()) if len(scales) else False
    return is_stretched and any(solid.shape in _ROUND for solid in asset.colliders)


def _set_primitive(spec: Any, solid: Collider) -> None:
    x, _, z = solid.size
    half = np.array([x, x, z]) / 2
    if solid.shape == "box":
        set_attribute(spec, "size", Types.Double, 1.0)
        set_extent(spec, [-0.5] * 3, [0.5] * 3)
        place(spec, solid.pose, solid.size)
        return
    set_attribute(spec, "radius", Types.Double, x / 2)
    if solid.shape != "sphere":
        set_attribute(spec, "axis", Types.Token, "Z", uniform=True)
        set_attribute(spec, "height", Types.Double, z if solid.shape == "cylinder" else max(z - x, 0.0))
    half[2] = x / 2 if solid.shape == "sphere" else max(z, x if solid.shape == "capsule" else 0.0) / 2
    set_extent(spec, -half, half)
    place(spec, solid.pose)
