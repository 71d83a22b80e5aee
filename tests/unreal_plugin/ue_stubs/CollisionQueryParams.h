// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "Engine/EngineTypes.h"

struct FCollisionQueryParams
{
  explicit FCollisionQueryParams(FName TraceTag, bool bTraceComplex = false, const AActor* Ignore = nullptr);
  void AddIgnoredActor(const AActor*);
};
struct FCollisionObjectQueryParams
{
  enum InitType
  {
    AllObjects,
    AllStaticObjects,
    AllDynamicObjects
  };
  FCollisionObjectQueryParams(InitType);
};
