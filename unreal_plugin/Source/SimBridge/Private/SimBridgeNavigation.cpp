// NavigationSystem and AIModule, asked for ways.
#include "SimBridgeNavigation.h"

#include "Blueprint/AIBlueprintHelperLibrary.h"
#include "Components/SceneComponent.h"
#include "Engine/Engine.h"
#include "Engine/World.h"
#include "EngineUtils.h"
#include "GameFramework/Controller.h"
#include "GameFramework/Pawn.h"
#include "NavMesh/NavMeshBoundsVolume.h"
#include "NavigationPath.h"
#include "NavigationSystem.h"

#include "SimBridgeLog.h"

bool USimBridgeNavigation::CoverWithNavigation(const UObject* WorldContext, const FVector& Least, const FVector& Most)
{
  UWorld* World = GEngine->GetWorldFromContextObject(WorldContext, EGetWorldErrorMode::ReturnNull);
  if (World == nullptr)
  {
    return false;
  }
  for (TActorIterator<ANavMeshBoundsVolume> Volume(World); Volume; ++Volume)
  {
    const FVector Has = Volume->GetBounds().BoxExtent;
    const FVector Wants = (Most - Least) * 0.5;
    if (Has.X <= 0.0 || Has.Y <= 0.0 || Has.Z <= 0.0)
    {
      continue;
    }
    const FVector Scale = Volume->GetActorScale3D();
    Volume->GetRootComponent()->SetMobility(EComponentMobility::Movable);
    Volume->SetActorLocation((Most + Least) * 0.5);
    Volume->SetActorScale3D(FVector(Scale.X * Wants.X / Has.X, Scale.Y * Wants.Y / Has.Y, Scale.Z * Wants.Z / Has.Z));
    if (UNavigationSystemV1* Navigation = FNavigationSystem::GetCurrent<UNavigationSystemV1>(World))
    {
      Navigation->OnNavigationBoundsUpdated(*Volume);
      return true;
    }
  }
  return false;
}

bool USimBridgeNavigation::FindWay(UObject* WorldContext, const FVector& From, const FVector& To, TArray<FVector>& Corners)
{
  const UNavigationPath* Way = UNavigationSystemV1::FindPathToLocationSynchronously(WorldContext, From, To);
  if (Way == nullptr || !Way->IsValid() || Way->IsPartial())
  {
    return false;
  }
  Corners = Way->PathPoints;
  return true;
}

bool USimBridgeNavigation::WalkTo(AController* Controller, const FVector& To)
{
  APawn* Pawn = Controller == nullptr ? nullptr : Controller->GetPawn();
  TArray<FVector> Corners;
  if (Pawn == nullptr || !FindWay(Pawn, Pawn->GetActorLocation(), To, Corners))
  {
    return false;
  }
  UAIBlueprintHelperLibrary::SimpleMoveToLocation(Controller, To);
  return true;
}
