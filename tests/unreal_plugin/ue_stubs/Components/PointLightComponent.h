// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "Components/LightComponent.h"

enum class ELightUnits : uint8
{
  Unitless,
  Candelas,
  Lumens
};

class ULocalLightComponent : public ULightComponent
{
public:
  void SetAttenuationRadius(float Centimetres);
  void SetIntensityUnits(ELightUnits);
};

class UPointLightComponent : public ULocalLightComponent
{
};
