// Somebody on foot: Unreal's character, which steps over kerbs, slides along walls and stays on its feet.
#pragma once

#include "CoreMinimal.h"
#include "GameFramework/Character.h"

#include "SimBridgeThing.h"

#include "SimBridgeWalker.generated.h"

class UStaticMeshComponent;

UCLASS(NotBlueprintable, NotPlaceable, Transient)
class ASimBridgeWalker : public ACharacter
{
  GENERATED_BODY()

public:
  ASimBridgeWalker();

  /// The figure, its feet at the capsule's lower end; an unseen walker has none.
  UPROPERTY(Transient)
  TObjectPtr<UStaticMeshComponent> Figure;

  UE::SimBridge::IBumps* Bumps = nullptr;

  virtual void NotifyHit(UPrimitiveComponent* MyComp, AActor* Other, UPrimitiveComponent* OtherComp, bool bSelfMoved,
    FVector HitLocation, FVector HitNormal, FVector NormalImpulse, const FHitResult& Hit) override;

  /// Makes any character one that goes where it is told, without a controller. Sizes in centimetres.
  static void Prepare(ACharacter& Character, float Radius, float Height, float StepHeight);
};
