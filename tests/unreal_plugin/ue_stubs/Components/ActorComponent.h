// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "Engine/EngineTypes.h"

class UActorComponent : public UObject
{
public:
  void RegisterComponent();
  virtual void DestroyComponent(bool bPromoteChildren = false);
  AActor* GetOwner() const;
  void MarkRenderStateDirty();
};

/// A small array that fills itself with an actor's components of a class.
template <typename T>
class TInlineComponentArray : public TArray<T>
{
public:
  explicit TInlineComponentArray(const AActor*);
};
