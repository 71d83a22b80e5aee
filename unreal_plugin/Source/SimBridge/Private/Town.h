// One town in Unreal: made of its plan step by step, within a budget of time, then changed and put back for every episode.
#pragma once

#include "CoreMinimal.h"
#include "UObject/StrongObjectPtr.h"

#include "SimBridgeTown.h"
#include "TownBodies.h"
#include "TownGround.h"
#include "TownInstances.h"
#include "TownMaterials.h"
#include "TownPlan.h"
#include "TownSky.h"

#include <deque>

class UStaticMesh;
class UStaticMeshComponent;
class UWorld;

namespace UE::SimBridge
{
class FTown
{
public:
  FTown(UWorld& InWorld, const USimBridgeSettings& InSettings, const FMaterialParents& InParents, FTownPlan&& InPlan);
  ~FTown();

  FTown(const FTown&) = delete;
  FTown& operator=(const FTown&) = delete;

  /// Goes on making it until the budget is used up.
  simbridge::Progress Make(double BudgetSeconds, simbridge::Failure& Failure);

  void SetPresent(bool bIsPresent);

  /// Everything where the plan says, with its weather.
  void Restore();

  /// Whether a batch can be made; then it is made, all of it.
  bool MayEdit(const simbridge::EditPlan& Batch, simbridge::Failure& Failure) const;
  void Edit(const simbridge::EditPlan& Batch);

  bool SetPoses(simbridge::View<simbridge::Text> Names, simbridge::View<double> Poses, simbridge::Failure& Failure);

  FTownPlan Plan;

  FTownBodies& Bodies() { return *Moving; }
  const FTownBodies& Bodies() const { return *Moving; }
  FTownSky& Sky() { return *Above; }
  const ASimBridgeTown& Actor() const { return *Holder; }

private:
  struct FPart
  {
    UStaticMeshComponent* Seen = nullptr;
    UStaticMeshComponent* Twin = nullptr;
    bool bIsSolid = true;
  };

  void Queue();
  void MakePart(const FPlannedPart& Part);
  /// Stretches the level's navigation over the town, where it has any.
  void FitNavigation() const;
  void ShowPart(FPart& Part, bool bIsThere);
  void SetPartVisible(FPart& Part, bool bIsVisible);
  UStaticMesh* MeshOf(int32 Asset);
  /// The project's own mesh for an asset, from its content or a .glb file.
  UStaticMesh* OwnMesh(const FPlannedAsset& Asset) const;
  bool IsFixed(const FPlannedThing& Thing) const;
  bool MayFloat(const simbridge::Text& Name, const simbridge::Pose& Pose, simbridge::Failure& Failure) const;

  UWorld& World;
  const USimBridgeSettings& Settings;
  FMaterialParents Parents;
  TStrongObjectPtr<ASimBridgeTown> Holder;
  TUniquePtr<FTownMaterials> Materials;
  TUniquePtr<FTownGround> Ground;
  TUniquePtr<FTownInstances> Standing;
  TUniquePtr<FTownBodies> Moving;
  TUniquePtr<FTownSky> Above;
  std::unordered_map<int32, UStaticMesh*> Meshes;
  std::unordered_map<std::string, FPart> Parts;
  std::deque<TFunction<void()>> Steps;
};
}  // namespace UE::SimBridge
