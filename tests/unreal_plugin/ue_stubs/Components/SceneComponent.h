// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "Components/ActorComponent.h"

class USceneComponent : public UActorComponent
{
public:
  static UClass* StaticClass();
  void SetupAttachment(USceneComponent* Parent, FName Socket = NAME_None);
  virtual void SetMobility(EComponentMobility::Type);
  void SetVisibility(bool bIsVisible, bool bPropagate = false);
  void SetWorldLocation(FVector, bool bSweep = false, FHitResult* Hit = nullptr, ETeleportType = ETeleportType::None);
  void SetWorldRotation(const FQuat&, bool bSweep = false, FHitResult* Hit = nullptr, ETeleportType = ETeleportType::None);
  void SetWorldLocationAndRotation(
    FVector, const FQuat&, bool bSweep = false, FHitResult* Hit = nullptr, ETeleportType = ETeleportType::None);
  void SetWorldTransform(
    const FTransform&, bool bSweep = false, FHitResult* Hit = nullptr, ETeleportType = ETeleportType::None);
  void SetRelativeLocation(FVector, bool bSweep = false, FHitResult* Hit = nullptr, ETeleportType = ETeleportType::None);
  void SetRelativeScale3D(FVector);
};
