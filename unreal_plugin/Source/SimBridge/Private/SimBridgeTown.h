// The actor that a town's components and made objects belong to: destroying it takes all of them away.
#pragma once

#include "CoreMinimal.h"
#include "GameFramework/Actor.h"

#include "SimBridgeTown.generated.h"

class UPrimitiveComponent;
class USceneComponent;

UCLASS(NotBlueprintable, NotPlaceable, Transient)
class ASimBridgeTown : public AActor
{
  GENERATED_BODY()

public:
  ASimBridgeTown();

  /// Attaches a component to an actor's root, registers it, and makes it the actor's.
  static void Adopt(AActor& Holder, USceneComponent& Component);

  /// Makes a component one that only label images see: no shadow, no bounce of light, nothing to bump into.
  static void MakeTwin(UPrimitiveComponent& Component);

  /// What label images show, and what every other picture leaves out. Changes count, so that captures notice.
  UPROPERTY(Transient)
  TArray<TObjectPtr<UPrimitiveComponent>> Twins;

  UPROPERTY(Transient)
  TArray<TObjectPtr<AActor>> Bodies;

  /// Materials and meshes made at run time, which nothing else may hold on to.
  UPROPERTY(Transient)
  TArray<TObjectPtr<UObject>> Kept;

  void AddTwin(UPrimitiveComponent& Twin);
  uint32 TwinChanges() const { return Changes; }
  void ForgetTwin(UPrimitiveComponent& Twin);

  /// Shows the town and lets it be bumped into, or neither; bodies as well.
  void SetPresent(bool bIsPresent);

  /// Takes it away with all its bodies.
  void Leave();

private:
  uint32 Changes = 0;
};
