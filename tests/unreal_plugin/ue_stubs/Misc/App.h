// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"

class FApp
{
public:
  static bool CanEverRender();
  static bool UseFixedTimeStep();
  static void SetUseFixedTimeStep(bool);
  static double GetFixedDeltaTime();
  static void SetFixedDeltaTime(double Seconds);
};
