"""Sun, sky, clouds, fog and lamps."""

from __future__ import annotations

from typing import cast

import unreal

from ..sky import Lamp, Sky
from .spawning import spawned
from .values import color, tags, transform

_ORIGIN, _STILL = (0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0)


def make_sky(sky: Sky) -> None:
    """The directional light, the atmosphere it lights, the sky's own light, clouds and fog."""
    where, still = transform(_ORIGIN, sky.sun.quat_xyzw), transform(_ORIGIN, _STILL)
    actor = spawned(unreal.DirectionalLight, "sun", where, filed="Sky", tags=tags(()))
    sun = cast(unreal.DirectionalLightComponent, actor.get_editor_property("directional_light_component"))
    sun.set_mobility(unreal.ComponentMobility.MOVABLE)
    sun.set_intensity(sky.sun.lux)
    sun.set_light_color(color(sky.sun.color_linear))
    sun.set_light_source_angle(sky.sun.source_angle_deg)
    sun.set_editor_property("atmosphere_sun_light", True)
    spawned(unreal.SkyAtmosphere, "atmosphere", still, filed="Sky", tags=tags(()))
    light = spawned(unreal.SkyLight, "sky", still, filed="Sky", tags=tags(())).light_component
    light.set_mobility(unreal.ComponentMobility.MOVABLE)
    light.set_editor_property("real_time_capture", True)
    if sky.has_clouds:
        spawned(unreal.VolumetricCloud, "clouds", still, filed="Sky", tags=tags(()))
    fog = spawned(unreal.ExponentialHeightFog, "fog", still, filed="Sky", tags=tags(())).component
    fog.set_editor_property("fog_density", sky.fog.density)
    fog.set_editor_property("fog_height_falloff", sky.fog.height_falloff)


def make_lamp(lamp: Lamp) -> None:
    """A point light, dark where the town's lamps are out. It casts no shadow: a town has too many of them."""
    where = transform(lamp.position_cm, _STILL)
    label = f"{lamp.owner}-light"
    light = spawned(unreal.PointLight, label, where, filed="Lamps", tags=tags((("Owner", lamp.owner),)))
    component = light.point_light_component
    component.set_mobility(unreal.ComponentMobility.MOVABLE)
    component.set_intensity_units(unreal.LightUnits.LUMENS)
    component.set_intensity(lamp.lumens)
    component.set_attenuation_radius(lamp.reach_cm)
    component.set_light_color(color(lamp.color_linear))
    component.set_editor_property("cast_shadows", False)
    component.set_visibility(lamp.is_lit)
