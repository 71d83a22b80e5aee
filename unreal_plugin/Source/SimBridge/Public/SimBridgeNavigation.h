// Unreal's own way-finding on a town: for what the project itself steers. Agents of simbridge go by the town's graph instead.
#pragma once

#include "CoreMinimal.h"
#include "Kismet/BlueprintFunctionLibrary.h"

#include "SimBridgeNavigation.generated.h"

class AController;

UCLASS()
class SIMBRIDGE_API USimBridgeNavigation : public UBlueprintFunctionLibrary
{
  GENERATED_BODY()

public:
  /// Stretches the level's first NavMeshBoundsVolume over a box [cm], and has the mesh made anew. False without a volume: none
  /// can be made in a running game. Project Settings > Navigation Mesh > Runtime Generation must be Dynamic.
  UFUNCTION(BlueprintCallable, Category = "simbridge", meta = (WorldContext = "WorldContext"))
  static bool CoverWithNavigation(const UObject* WorldContext, const FVector& Least, const FVector& Most);

  /// Corners of the way between two places [cm]; false if there is none, or only a part of one.
  UFUNCTION(BlueprintCallable, Category = "simbridge", meta = (WorldContext = "WorldContext"))
  static bool FindWay(UObject* WorldContext, const FVector& From, const FVector& To, TArray<FVector>& Corners);

  /// Sends a controlled pawn somewhere [cm] along such a way. False without a controller, or where no way leads.
  UFUNCTION(BlueprintCallable, Category = "simbridge")
  static bool WalkTo(AController* Controller, const FVector& To);
};
