// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "Components/SceneComponent.h"

class ULightComponentBase : public USceneComponent
{
public:
  void SetCastShadows(bool);
};

class ULightComponent : public ULightComponentBase
{
public:
  void SetIntensity(float);
  void SetLightColor(FLinearColor, bool bSRGB = true);
};
