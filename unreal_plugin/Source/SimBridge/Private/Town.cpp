// The steps in which a town is made, and what batches of changes come to.
#include "Town.h"

#include "Components/StaticMeshComponent.h"
#include "Engine/StaticMesh.h"
#include "Engine/World.h"
#include "HAL/PlatformTime.h"
#include "Materials/MaterialInterface.h"

#include "Frames.h"
#include "GltfMeshes.h"
#include "SimBridgeLog.h"
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
    });
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
  Made.Seen->SetCollisionProfileName(FName(Part.Colliders.empty() ? TEXT("NoCollision") : TEXT("BlockAll")));
  ASimBridgeTown::Adopt(*Holder, *Made.Seen);
  Moving->Name(*Made.Seen, Part.Name);
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

void FTown::ShowPart(FPart& Part, bool bIsThere)
{
  Part.bIsThere = bIsThere;
  Part.Seen->SetVisibility(bIsThere);
  Part.Seen->SetCollisionEnabled(bIsThere ? ECollisionEnabled::QueryAndPhysics : ECollisionEnabled::NoCollision);
  if (Part.Twin != nullptr)
  {
    Part.Twin->SetVisibility(bIsThere);
  }
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

bool FTown::MayEdit(const simbridge::EditPlan& Edit, simbridge::Failure& Failure) const
{
  const auto IsOnMap = [this, &Failure](const simbridge::Text& Name, const simbridge::Pose& Pose)
  {
    const double X = Pose.position.x, Y = Pose.position.y;
    if (X >= Plan.MinX && X <= Plan.MaxX && Y >= Plan.MinY && Y <= Plan.MaxY)
    {
      return true;
    }
    const FString Why = FString::Printf(TEXT("'%s' would stand at (%g, %g), off the map, which spans (%g, %g) to (%g, %g). "
                                             "Move it in."),
      *ToFString(Name), X, Y, Plan.MinX, Plan.MinY, Plan.MaxX, Plan.MaxY);
    return Failure.Set("InvalidChange", ToUtf8(Why));
  };
  for (const simbridge::Text& Name : Edit.removes)
  {
    const simbridge::Text By = Moving->InUseBy(Name);
    if (!By.empty())
    {
      return Failure.Set("InvalidChange",
        "'" + std::string(Name) + "' is in use by '" + std::string(By) + "'. Let it be put down or left first.");
    }
  }
  for (const simbridge::SpawnPlan& Spawn : Edit.spawns)
  {
    const auto Found = Plan.AssetOf.find(std::string(Spawn.asset));
    const bool bIsBoat = Found != Plan.AssetOf.end() && Plan.Assets[static_cast<size_t>(Found->second)].Role == Role::boat;
    if (!IsOnMap(Spawn.name, Spawn.pose) || (bIsBoat && !MayFloat(Spawn.name, Spawn.pose, Failure)))
    {
      return false;
    }
  }
  for (const simbridge::MovePlan& Move : Edit.moves)
  {
    if (!IsOnMap(Move.name, Move.pose))
    {
      return false;
    }
    simbridge::ThingFacts Facts;
    if (Moving->Facts(Move.name, Facts) && Facts.role == Role::boat && !MayFloat(Move.name, Move.pose, Failure))
    {
      return false;
    }
    const simbridge::Text By = Moving->CarriedBy(Move.name);
    if (!By.empty())
    {
      return Failure.Set("InvalidChange",
        "'" + std::string(Move.name) + "' is on or held by '" + std::string(By) + "'. Move that, or let it be put down or get "
        "off first.");
    }
  }
  return true;
}

bool FTown::MayFloat(const simbridge::Text& Name, const simbridge::Pose& Pose, simbridge::Failure& Failure) const
{
  if (Plan.ReachAt(Pose.position.x, Pose.position.y) > 0.0)
  {
    return true;
  }
  const FString Why = FString::Printf(TEXT("Boat '%s' would stand on land at (%g, %g). Put it on water."), *ToFString(Name),
    Pose.position.x, Pose.position.y);
  return Failure.Set("InvalidChange", ToUtf8(Why));
}

void FTown::Edit(const simbridge::EditPlan& Edit)
{
  for (const simbridge::Text& Text : Edit.removes)
  {
    const std::string Name(Text);
    Moving->Remove(Name);
    Standing->Remove(Name);
    const auto Part = Parts.find(Name);
    if (Part != Parts.end())
    {
      ShowPart(Part->second, false);
    }
  }
  // Thousands of one asset come in one call to Unreal.
  std::map<int32, TArray<FTownInstances::FOne>> Batches;
  for (const simbridge::SpawnPlan& Spawn : Edit.spawns)
  {
    const auto Found = Plan.AssetOf.find(std::string(Spawn.asset));
    if (Found == Plan.AssetOf.end())
    {
      continue;
    }
    FPlannedThing Thing;
    Thing.Name.assign(Spawn.name);
    Thing.Asset = Found->second;
    Thing.Pose = Spawn.pose;
    Thing.Scale = Spawn.scale;
    Thing.Id = Spawn.id;
    Thing.bIsAgent = Spawn.is_agent;
    if (IsFixed(Thing))
    {
      Batches[Thing.Asset].Add({Thing.Name, ToUnreal(Thing.Pose, Thing.Scale), Thing.Id});
    }
    else
    {
      Moving->Add(Thing, MeshOf(Thing.Asset), false);
    }
  }
  for (auto& [Asset, Batch] : Batches)
  {
    if (UStaticMesh* Mesh = MeshOf(Asset))
    {
      Standing->Add(Asset, *Mesh, Batch, false);
    }
  }
  for (const simbridge::MovePlan& Move : Edit.moves)
  {
    const std::string Name(Move.name);
    Moving->Move(Name, Move.pose);
    Standing->Move(Name, ToUnreal(Move.pose));
  }
  for (const simbridge::PaintPlan& Paint : Edit.paints)
  {
    const std::string Name(Paint.name);
    Moving->Paint(Name, Paint.color);
    Standing->Paint(Name, Paint.color);
    const auto Part = Parts.find(Name);
    if (Part != Parts.end())
    {
      UStaticMeshComponent& Seen = *Part->second.Seen;
      for (int32 Slot = 0; Slot < Seen.GetNumMaterials(); ++Slot)
      {
        Seen.SetMaterial(Slot, Materials->Painted(Seen.GetMaterial(Slot), Paint.color));
      }
    }
  }
  if (Edit.changes_environment)
  {
    FPlannedEnvironment Now;
    Now.Take(Edit.environment);
    Above->Change(Now);
    Moving->Weather(Now.Numbers);
  }
  Standing->Show();
}

bool FTown::SetPoses(
  simbridge::View<simbridge::Text> Names, simbridge::View<double> Poses, simbridge::Failure& Failure)
{
  for (const simbridge::Text& Name : Names)
  {
    const std::string Called(Name);
    if (!Moving->IsThere(Called) && !Standing->IsThere(Called) && Parts.find(Called) == Parts.end())
    {
      return Failure.Set("UnknownBody", "There is no '" + Called + "' here to be posed. Build the scene again.");
    }
  }
  for (size_t At = 0; At < Names.size; ++At)
  {
    const std::string Called(Names[At]);
    const simbridge::Pose Pose = PoseOf(Poses.data + 7 * At);
    const auto Part = Parts.find(Called);
    if (Part != Parts.end())
    {
      Part->second.Seen->SetWorldTransform(ToUnreal(Pose));
      if (Part->second.Twin != nullptr)
      {
        Part->second.Twin->SetWorldTransform(ToUnreal(Pose));
      }
    }
    else if (!Moving->SetPose(Called, Pose))
    {
      Standing->Move(Called, ToUnreal(Pose));
    }
  }
  Standing->Show();
  return true;
}
}  // namespace UE::SimBridge
