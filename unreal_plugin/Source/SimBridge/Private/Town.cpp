// The steps in which a town is made, and how it is put back for an episode.
#include "Town.h"

#include "Components/StaticMeshComponent.h"
#include "Engine/StaticMesh.h"
#include "Engine/World.h"
#include "HAL/PlatformTime.h"
#include "Materials/MaterialInterface.h"

#include "Frames.h"
#include "GltfMeshes.h"
#include "SimBridgeLog.h"
#include "SimBridgeNavigation.h"
#include "SimBridgeSettings.h"
#include "SimBridgeTown.h"
#include "TownMeshes.h"

namespace UE::SimBridge
{
using simbridge::Progress;
using simbridge::Role;

FTown::FTown(UWorld& InWorld, const USimBridgeSettings& InSettings, const FMaterialParents& InParents, FTownPlan&& InPlan)
  : Plan(MoveTemp(InPlan)), World(InWorld), Settings(InSettings), Parents(InParents)
{
  FActorSpawnParameters Spawning;
  Spawning.SpawnCollisionHandlingOverride = ESpawnActorCollisionHandlingMethod::AlwaysSpawn;
  Spawning.ObjectFlags |= RF_Transient;
  Holder.Reset(World.SpawnActor<ASimBridgeTown>(ASimBridgeTown::StaticClass(), FTransform::Identity, Spawning));
  if (!Holder.IsValid())
  {
    return;
  }
  Materials = MakeUnique<FTownMaterials>(Parents, *Holder);
  Ground = MakeUnique<FTownGround>(Plan, *Materials, *Holder);
  Standing = MakeUnique<FTownInstances>(*Materials, *Holder);
  Moving = MakeUnique<FTownBodies>(Plan, *Materials, *Standing, *Holder, Settings);
  Above = MakeUnique<FTownSky>(*Holder, Parents, Settings);
  Queue();
}

FTown::~FTown()
{
  Moving.Reset();
  if (Holder.IsValid())
  {
    Holder->Leave();
  }
}

bool FTown::IsFixed(const FPlannedThing& Thing) const
{
  return Thing.Asset >= 0 && Plan.Assets[static_cast<size_t>(Thing.Asset)].Role == Role::fixed;
}

void FTown::Queue()
{
  Steps.push_back([this] { Materials->Make(Plan, Holder->Kept); });
  for (int32 Tile = 0; Tile < Ground->Tiles(); ++Tile)
  {
    Steps.push_back([this, Tile] { Ground->MakeTile(Tile); });
  }
  for (const simbridge::Water& Water : Plan.Waters)
  {
    Steps.push_back(
      [this, &Water]
      {
        UMaterialInterface* Surface = Materials->MakeWater(Plan);
        Holder->Kept.Add(Surface);
        Ground->MakeWater(Water, Surface);
      });
  }
  for (const FPlannedPart& Part : Plan.Parts)
  {
    Steps.push_back([this, &Part] { MakePart(Part); });
  }
  std::unordered_map<int32, std::vector<const FPlannedThing*>> Groups;
  for (const FPlannedThing& Thing : Plan.Things)
  {
    if (IsFixed(Thing))
    {
      Groups[Thing.Asset].push_back(&Thing);
    }
    else
    {
      Steps.push_back([this, &Thing] { Moving->Add(Thing, MeshOf(Thing.Asset), true); });
    }
  }
  for (auto& [Asset, Group] : Groups)
  {
    Steps.push_back(
      [this, Asset = Asset, Group = std::move(Group)]
      {
        UStaticMesh* Mesh = MeshOf(Asset);
        TArray<FTownInstances::FOne> All;
        for (const FPlannedThing* Thing : Group)
        {
          All.Add({Thing->Name, ToUnreal(Thing->Pose, Thing->Scale), Thing->Id});
        }
        if (Mesh != nullptr)
        {
          Standing->Add(Asset, *Mesh, All, true);
        }
      });
  }
  Steps.push_back(
    [this]
    {
      Standing->Show();
      Above->Make(Plan);
      Moving->Weather(Plan.Environment.Numbers);
      // What was only needed to make meshes.
      Plan.Meshes.clear();
      Plan.MeshOf.clear();
      FitNavigation();
    });
}

void FTown::FitNavigation() const
{
  const FBox Town = Holder->GetComponentsBoundingBox(true);
  FVector Least = ToUnreal(simbridge::Vec3{Plan.MinX, Plan.MaxY, 0.0}), Most = ToUnreal(simbridge::Vec3{Plan.MaxX, Plan.MinY, 0.0});
  Least.Z = Town.Min.Z;
  Most.Z = Town.Max.Z;
  if (!USimBridgeNavigation::CoverWithNavigation(Holder.Get(), Least, Most))
  {
    UE_LOG(LogSimBridge, Log, TEXT("The level has no NavMeshBoundsVolume, so Unreal finds no ways here; simbridge's agents do."));
  }
}

Progress FTown::Make(double BudgetSeconds, simbridge::Failure& Failure)
{
  if (!Holder.IsValid())
  {
    Failure.Set("EngineFailed", "Unreal refused the town's actor. Is a level being left? Build again when the game runs.");
    return Progress::failed;
  }
  const double Until = FPlatformTime::Seconds() + BudgetSeconds;
  while (!Steps.empty())
  {
    Steps.front()();
    Steps.pop_front();
    if (FPlatformTime::Seconds() >= Until)
    {
      return Steps.empty() ? Progress::done : Progress::pending;
    }
  }
  return Progress::done;
}

void FTown::MakePart(const FPlannedPart& Part)
{
  UStaticMesh* Mesh = MakeStaticMesh(*Holder, Plan, {Part.Mesh}, Part.Colliders, *Materials);
  if (Mesh == nullptr)
  {
    return;
  }
  FPart Made;
  Made.Seen = NewObject<UStaticMeshComponent>(Holder.Get());
  Made.Seen->SetStaticMesh(Mesh);
  Made.bIsSolid = !Part.Colliders.empty();
  Made.Seen->SetCollisionProfileName(FName(Part.Colliders.empty() ? TEXT("NoCollision") : TEXT("BlockAll")));
  ASimBridgeTown::Adopt(*Holder, *Made.Seen);
  Moving->NameComponent(*Made.Seen, Part.Name);
  if (UMaterialInterface* Id = Materials->MakeSingleId(Part.Id))
  {
    Holder->Kept.Add(Id);
    Made.Twin = NewObject<UStaticMeshComponent>(Holder.Get());
    Made.Twin->SetStaticMesh(Mesh);
    for (int32 Slot = 0; Slot < Mesh->GetStaticMaterials().Num(); ++Slot)
    {
      Made.Twin->SetMaterial(Slot, Id);
    }
    ASimBridgeTown::MakeTwin(*Made.Twin);
    ASimBridgeTown::Adopt(*Holder, *Made.Twin);
    Holder->AddTwin(*Made.Twin);
  }
  Parts.emplace(Part.Name, Made);
}

void FTown::SetPartVisible(FPart& Part, bool bIsVisible)
{
  Part.Seen->SetVisibility(bIsVisible);
  if (Part.Twin != nullptr)
  {
    Part.Twin->SetVisibility(bIsVisible);
  }
}

void FTown::ShowPart(FPart& Part, bool bIsThere)
{
  SetPartVisible(Part, bIsThere);
  const bool bIsSolid = bIsThere && Part.bIsSolid;
  Part.Seen->SetCollisionEnabled(bIsSolid ? ECollisionEnabled::QueryAndPhysics : ECollisionEnabled::NoCollision);
}

UStaticMesh* FTown::OwnMesh(const FPlannedAsset& Asset) const
{
  for (const std::string& Key : {Asset.Name, Asset.Kind})
  {
    if (const FSoftObjectPath* Path = Settings.Meshes.Find(ToFString(Key)))
    {
      if (UStaticMesh* Found = Cast<UStaticMesh>(Path->TryLoad()))
      {
        return Found;
      }
      UE_LOG(LogSimBridge, Warning, TEXT("Meshes['%s'] is %s, which is not there. simbridge's own mesh is used."),
        *ToFString(Key), *Path->ToString());
    }
    if (const FString* File = Settings.GltfFiles.Find(ToFString(Key)))
    {
      if (UStaticMesh* Found = LoadGltfMesh(*File))
      {
        return Found;
      }
    }
  }
  return nullptr;
}

UStaticMesh* FTown::MeshOf(int32 Number)
{
  if (Number < 0)
  {
    return nullptr;
  }
  const auto Found = Meshes.find(Number);
  if (Found != Meshes.end())
  {
    return Found->second;
  }
  const FPlannedAsset& Asset = Plan.Assets[static_cast<size_t>(Number)];
  UStaticMesh* Made = OwnMesh(Asset);
  if (Made == nullptr)
  {
    Made = MakeStaticMesh(*Holder, Plan, Asset.Meshes, Asset.Colliders, *Materials);
  }
  if (Made != nullptr)
  {
    Holder->Kept.Add(Made);
  }
  Meshes.emplace(Number, Made);
  return Made;
}

void FTown::SetPresent(bool bIsPresent)
{
  Holder->SetPresent(bIsPresent);
}

void FTown::Restore()
{
  Moving->Restore();
  Standing->Restore();
  for (auto& [Name, Part] : Parts)
  {
    Part.Seen->EmptyOverrideMaterials();
    Part.Seen->SetWorldTransform(FTransform::Identity);
    if (Part.Twin != nullptr)
    {
      Part.Twin->SetWorldTransform(FTransform::Identity);
    }
    ShowPart(Part, true);
  }
  Above->Change(Plan.Environment);
  Moving->Weather(Plan.Environment.Numbers);
}
}  // namespace UE::SimBridge
