// The actors of everything that moves: walkers as characters, all else as a mesh that is led or tumbles.
#pragma once

#include "CoreMinimal.h"
#include "GameFramework/Actor.h"

#include "SimBridgeThing.generated.h"

class UStaticMeshComponent;

namespace UE::SimBridge
{
/// Who is told when something bumps into something.
class IBumps
{
public:
  virtual ~IBumps() = default;
  virtual void Bumped(AActor& One, AActor* Other, UPrimitiveComponent* OtherPart, int32 OtherItem, const FVector& Where,
    const FVector& Impulse) = 0;
};
}  // namespace UE::SimBridge

/// Vehicles, boats, doors and loose things: the mesh is the root, so that the actor is where the contract's body is.
UCLASS(NotBlueprintable, NotPlaceable, Transient)
class ASimBridgeThing : public AActor
{
  GENERATED_BODY()

public:
  ASimBridgeThing();

  UPROPERTY(Transient)
  TObjectPtr<UStaticMeshComponent> Seen;

  UE::SimBridge::IBumps* Bumps = nullptr;

  virtual void NotifyHit(UPrimitiveComponent* MyComp, AActor* Other, UPrimitiveComponent* OtherComp, bool bSelfMoved,
    FVector HitLocation, FVector HitNormal, FVector NormalImpulse, const FHitResult& Hit) override;
};
