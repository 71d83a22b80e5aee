"""UsdPreviewSurface materials, lights and cameras."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from bridge.formats.sky import daylight
from bridge.formats.views import views
from bridge.frames import look_at, quat_product
from bridge.scene import Material, Scene
from scene_gen.export.usd_text import Prim, identifiers, numbers, quoted

EXPOSURE = -5.0
"""Lights carry physical intensities; renderers without automatic exposure would show them white."""
_LAMP_RADIUS_M = 0.1


def add_materials(scope: Prim, materials: Sequence[Material], *, lamps_lit: bool) -> dict[str, str]:
    """Materials under a scope; their paths by name."""
    names = [material.name for material in materials]
    return {
        material.name: _add_material(scope.child(name, "Material"), material, lamps_lit)
        for material, name in zip(materials, identifiers(names), strict=True)
    }


def _add_material(prim: Prim, material: Material, lamps_lit: bool) -> str:
    shader = prim.child("Surface", "Shader")
    shader.set("uniform token info:id", '"UsdPreviewSurface"')
    shader.set("color3f inputs:diffuseColor", numbers(material.base_color))
    shader.set("float inputs:roughness", repr(float(material.roughness)))
    shader.set("float inputs:metallic", repr(float(material.metallic)))
    if max(material.emission) > 0:
        shines = float(lamps_lit or not material.glows_at_night)
        shader.set("color3f inputs:emissiveColor", numbers([shines * c for c in material.emission]))
    shader.lines.append("token outputs:surface")
    prim.set("token outputs:surface.connect", f"<{shader.path}.outputs:surface>")
    prim.set("custom uniform token simbridge:pattern", quoted(material.pattern))
    return prim.path


def add_lights(scope: Prim, scene: Scene) -> None:
    """Sky, sun (or moon) and every lamp; lamps that are not lit are invisible."""
    sky = daylight(scene.environment)
    _light(scope, "sky", "DomeLight", sky.sky_lux / np.pi, sky.sky_color)
    sun = _light(scope, "sun", "DistantLight", sky.sun_lux, sky.sun_color)
    sun.set("bool inputs:normalize", "1")
    sun.set("float inputs:angle", "0.53")
    sun.place([0, 0, 0, *_looking(look_at(sky.sun_from, np.zeros(3))[1])])
    lamps = scene.lights
    for index, name in enumerate(identifiers([f"{owner}_light" for owner in lamps.owners])):
        radiance = lamps.lumens[index] / (4 * np.pi**2 * _LAMP_RADIUS_M**2)
        prim = _light(scope, name, "SphereLight", radiance, lamps.colors[index].tolist())
        prim.set("float inputs:radius", repr(_LAMP_RADIUS_M))
        prim.set_extent([-_LAMP_RADIUS_M] * 3, [_LAMP_RADIUS_M] * 3)
        prim.place([*lamps.positions[index], 1, 0, 0, 0])
        prim.set("custom uniform string simbridge:owner", quoted(lamps.owners[index]))
        if not scene.environment.lamps_lit:
            prim.set("token visibility", '"invisible"')


def _light(scope: Prim, name: str, type_name: str, intensity: float, color: Any) -> Prim:
    prim = scope.child(name, type_name)
    prim.set("float inputs:intensity", repr(float(intensity)))
    prim.set("float inputs:exposure", repr(EXPOSURE))
    prim.set("color3f inputs:color", numbers([float(c) for c in color]))
    return prim


def add_cameras(scope: Prim, scene: Scene) -> None:
    """The views every exported town comes with."""
    cameras = views(scene)
    for camera, name in zip(cameras, identifiers([camera.name for camera in cameras]), strict=True):
        prim, width = scope.child(name, "Camera"), 20.955
        height = width * camera.height / camera.width
        prim.set("float horizontalAperture", repr(width))
        prim.set("float verticalAperture", repr(height))
        prim.set("float focalLength", repr(float(height / (2 * np.tan(camera.fov_y_rad / 2)))))
        prim.set("float2 clippingRange", "(0.1, 10000)")
        mount = camera.mount_from_camera
        prim.place([*mount.position, *_looking(mount.quat_wxyz)])


def _looking(quat_opencv: Any) -> Any:
    """USD's cameras and lights look along -Z with Y up."""
    return quat_product(quat_opencv, [0.0, 1.0, 0.0, 0.0])
