// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"

class UPhysicsSettings : public UObject
{
public:
  uint8 bSubstepping : 1;
  uint8 bTickPhysicsAsync : 1;
  float MaxSubstepDeltaTime = 0;
  int32 MaxSubsteps = 0;
  UPhysicsSettings();
};
