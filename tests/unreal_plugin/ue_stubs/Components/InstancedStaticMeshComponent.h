// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "Components/StaticMeshComponent.h"

class UInstancedStaticMeshComponent : public UStaticMeshComponent
{
public:
  virtual TArray<int32> AddInstances(
    const TArray<FTransform>&, bool bShouldReturnIndices, bool bWorldSpace = false, bool bUpdateNavigation = true);
  virtual bool UpdateInstanceTransform(int32 Index, const FTransform&, bool bWorldSpace = false,
    bool bMarkRenderStateDirty = false, bool bTeleport = false);
  virtual bool SetCustomData(int32 Index, TArrayView<const float>, bool bMarkRenderStateDirty = false);
  virtual void SetNumCustomDataFloats(int32);
  int32 GetInstanceCount() const;
};
