// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "Components/ActorComponent.h"

class USceneComponent;
class UPrimitiveComponent;

struct FActorTickFunction
{
  uint8 bCanEverTick : 1;
  FActorTickFunction();
};

class AActor : public UObject
{
public:
  static UClass* StaticClass();
  FActorTickFunction PrimaryActorTick;
  template <typename T>
  T* CreateDefaultSubobject(FName)
  {
    return new T;
  }
  USceneComponent* GetRootComponent() const;
  bool SetRootComponent(USceneComponent*);
  void AddInstanceComponent(UActorComponent*);
  virtual void SetActorHiddenInGame(bool);
  void SetActorEnableCollision(bool);
  bool Destroy(bool bNetForce = false, bool bShouldModifyLevel = true);
  FTransform GetActorTransform() const;
  FVector GetActorLocation() const;
  bool SetActorLocation(const FVector&, bool bSweep = false, FHitResult* Hit = nullptr, ETeleportType = ETeleportType::None);
  bool SetActorRotation(const FQuat&, ETeleportType = ETeleportType::None);
  bool SetActorLocationAndRotation(
    FVector, const FQuat&, bool bSweep = false, FHitResult* Hit = nullptr, ETeleportType = ETeleportType::None);
  bool SetActorTransform(
    const FTransform&, bool bSweep = false, FHitResult* Hit = nullptr, ETeleportType = ETeleportType::None);
  void SetActorScale3D(FVector);
  FVector GetActorScale3D() const;
  virtual FBox GetComponentsBoundingBox(bool bNonColliding = false, bool bIncludeFromChildActors = false) const;
  bool AttachToActor(AActor*, const FAttachmentTransformRules&, FName Socket = NAME_None);
  void DetachFromActor(const FDetachmentTransformRules&);
  virtual void NotifyHit(UPrimitiveComponent* MyComp, AActor* Other, UPrimitiveComponent* OtherComp, bool bSelfMoved,
    FVector HitLocation, FVector HitNormal, FVector NormalImpulse, const FHitResult& Hit);
};
