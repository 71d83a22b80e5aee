// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "Components/SceneComponent.h"

enum class ESkyAtmosphereTransformMode : uint8
{
  PlanetTopAtAbsoluteWorldOrigin,
  PlanetTopAtComponentTransform,
  PlanetCenterAtComponentTransform
};

class USkyAtmosphereComponent : public USceneComponent
{
public:
  ESkyAtmosphereTransformMode TransformMode = ESkyAtmosphereTransformMode::PlanetTopAtAbsoluteWorldOrigin;
};
