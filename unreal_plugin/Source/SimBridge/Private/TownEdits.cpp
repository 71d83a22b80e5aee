// What batches of changes come to in a town, and poses that another engine's bodies have.
#include "Town.h"

#include "Components/StaticMeshComponent.h"
#include "Engine/StaticMesh.h"
#include "Materials/MaterialInterface.h"

#include "Frames.h"

#include <map>

namespace UE::SimBridge
{
using simbridge::Role;

bool FTown::MayEdit(const simbridge::EditPlan& Batch, simbridge::Failure& Failure) const
{
  // The core has seen to names, to the map, and to who holds what; where water is, it does not know.
  for (const simbridge::SpawnPlan& Spawn : Batch.spawns)
  {
    const auto Found = Plan.AssetOf.find(std::string(Spawn.asset));
    const bool bIsBoat = Found != Plan.AssetOf.end() && Plan.Assets[static_cast<size_t>(Found->second)].Role == Role::boat;
    if (bIsBoat && !MayFloat(Spawn.name, Spawn.pose, Failure))
    {
      return false;
    }
  }
  for (const simbridge::MovePlan& Move : Batch.moves)
  {
    simbridge::ThingFacts Facts;
    if (Moving->Facts(Move.name, Facts) && Facts.role == Role::boat && !MayFloat(Move.name, Move.pose, Failure))
    {
      return false;
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

void FTown::Edit(const simbridge::EditPlan& Batch)
{
  for (const simbridge::Text& Text : Batch.removes)
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
  std::map<int32, TArray<FTownInstances::FOne>> Copies;
  for (const simbridge::SpawnPlan& Spawn : Batch.spawns)
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
      Copies[Thing.Asset].Add({Thing.Name, ToUnreal(Thing.Pose, Thing.Scale), Thing.Id});
    }
    else
    {
      Moving->Add(Thing, MeshOf(Thing.Asset), false);
    }
  }
  for (auto& [Asset, All] : Copies)
  {
    if (UStaticMesh* Mesh = MeshOf(Asset))
    {
      Standing->Add(Asset, *Mesh, All, false);
    }
  }
  for (const simbridge::MovePlan& Move : Batch.moves)
  {
    const std::string Name(Move.name);
    Moving->Move(Name, Move.pose);
    Standing->Move(Name, ToUnreal(Move.pose));
  }
  for (const simbridge::ResizePlan& Resize : Batch.resizes)
  {
    const std::string Name(Resize.name);
    Moving->Resize(Name, Resize.scale);
    Standing->Resize(Name, FVector(Resize.scale.x, Resize.scale.y, Resize.scale.z));
  }
  for (const simbridge::PaintPlan& Paint : Batch.paints)
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
  for (const simbridge::HidePlan& Hide : Batch.hides)
  {
    const std::string Name(Hide.name);
    Moving->Hide(Name, Hide.is_hidden);
    Standing->Hide(Name, Hide.is_hidden);
    const auto Part = Parts.find(Name);
    if (Part != Parts.end())
    {
      SetPartVisible(Part->second, !Hide.is_hidden);
    }
  }
  if (Batch.changes_environment)
  {
    FPlannedEnvironment Now;
    Now.Take(Batch.environment);
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
