// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "Components/PrimitiveComponent.h"

class UCapsuleComponent : public UPrimitiveComponent
{
public:
  void SetCapsuleSize(float Radius, float HalfHeight, bool bUpdateOverlaps = true);
  float GetScaledCapsuleHalfHeight() const;
  float GetUnscaledCapsuleHalfHeight() const;
};
