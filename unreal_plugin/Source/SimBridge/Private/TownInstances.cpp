// Instanced static meshes: added, moved, painted and hidden in batches, with a twin each for label images.
#include "TownInstances.h"

#include "Components/InstancedStaticMeshComponent.h"
#include "Engine/StaticMesh.h"

#include "Frames.h"
#include "SimBridgeTown.h"

namespace UE::SimBridge
{
namespace
{
constexpr int32 PaintFloats = 4, IdFloats = 3;
/// Where instances are that are not there: a kilometre below.
const FTransform Away(FQuat::Identity, FVector(0.0, 0.0, -100000.0));
}  // namespace

int32 FTownInstances::KindOf(int32 Asset, UStaticMesh& Mesh)
{
  const auto Found = KindByAsset.find(Asset);
  if (Found != KindByAsset.end())
  {
    return Found->second;
  }
  FKind Kind;
  Kind.Seen = NewObject<UInstancedStaticMeshComponent>(&Town);
  Kind.Seen->SetStaticMesh(&Mesh);
  Kind.Seen->SetNumCustomDataFloats(PaintFloats);
  Kind.Seen->SetCollisionProfileName(FName(TEXT("BlockAll")));
  ASimBridgeTown::Adopt(Town, *Kind.Seen);
  if (UMaterialInterface* Id = Materials.InstanceId())
  {
    Kind.Twin = NewObject<UInstancedStaticMeshComponent>(&Town);
    Kind.Twin->SetStaticMesh(&Mesh);
    Kind.Twin->SetNumCustomDataFloats(IdFloats);
    for (int32 Slot = 0; Slot < Mesh.GetStaticMaterials().Num(); ++Slot)
    {
      Kind.Twin->SetMaterial(Slot, Id);
    }
    ASimBridgeTown::MakeTwin(*Kind.Twin);
    ASimBridgeTown::Adopt(Town, *Kind.Twin);
    Town.AddTwin(*Kind.Twin);
  }
  const int32 Number = static_cast<int32>(Kinds.size());
  Kinds.push_back(std::move(Kind));
  KindByAsset.emplace(Asset, Number);
  return Number;
}

void FTownInstances::Add(int32 Asset, UStaticMesh& Mesh, const TArray<FOne>& All, bool bIsOfTown)
{
  const int32 Number = KindOf(Asset, Mesh);
  FKind& Kind = Kinds[static_cast<size_t>(Number)];
  TArray<FTransform> Places;
  TArray<const FOne*> Fresh;
  for (const FOne& One : All)
  {
    const auto Before = ByName.find(One.Name);
    if (Before != ByName.end())
    {
      // It was there earlier in this episode: its instance waits below.
      Put(Before->second, One.Place);
      Before->second.bIsThere = true;
      Unpaint(Before->second);
      continue;
    }
    Places.Add(One.Place);
    Fresh.Add(&One);
  }
  const int32 First = Kind.Seen->GetInstanceCount();
  Kind.Seen->AddInstances(Places, false, true);
  if (Kind.Twin != nullptr)
  {
    Kind.Twin->AddInstances(Places, false, true);
  }
  for (int32 At = 0; At < Fresh.Num(); ++At)
  {
    FThing Thing;
    Thing.Kind = Number;
    Thing.Index = First + At;
    Thing.First = Thing.Now = Fresh[At]->Place;
    Thing.bIsOfTown = bIsOfTown;
    if (Kind.Twin != nullptr)
    {
      const FLinearColor Color = ColorOfId(Fresh[At]->Id);
      const float Id[IdFloats] = {Color.R, Color.G, Color.B};
      Kind.Twin->SetCustomData(Thing.Index, MakeArrayView(Id, IdFloats), false);
    }
    Kind.Names.push_back(Fresh[At]->Name);
    ByName.emplace(Fresh[At]->Name, Thing);
  }
  Kind.bIsDirty = true;
}

bool FTownInstances::IsThere(const std::string& Name) const
{
  const auto Found = ByName.find(Name);
  return Found != ByName.end() && Found->second.bIsThere;
}

FTransform FTownInstances::Place(const std::string& Name) const
{
  const auto Found = ByName.find(Name);
  return Found == ByName.end() ? FTransform::Identity : Found->second.Now;
}

void FTownInstances::Put(FThing& Thing, const FTransform& To)
{
  FKind& Kind = Kinds[static_cast<size_t>(Thing.Kind)];
  Thing.Now = To;
  if (Thing.Ghost != nullptr)
  {
    Thing.Ghost->SetWorldTransform(To);
  }
  const FTransform& Where = Thing.Ghost == nullptr ? To : Away;
  Kind.Seen->UpdateInstanceTransform(Thing.Index, Where, true, false, true);
  if (Kind.Twin != nullptr)
  {
    Kind.Twin->UpdateInstanceTransform(Thing.Index, Where, true, false, true);
  }
  Kind.bIsDirty = true;
}

void FTownInstances::Resize(const std::string& Name, const FVector& Scale)
{
  const auto Found = ByName.find(Name);
  if (Found != ByName.end())
  {
    FTransform Scaled = Found->second.Now;
    Scaled.SetScale3D(Scale);
    Put(Found->second, Scaled);
  }
}

void FTownInstances::Hide(const std::string& Name, bool bIsHidden)
{
  const auto Found = ByName.find(Name);
  if (Found != ByName.end())
  {
    SetHidden(Found->second, bIsHidden);
  }
}

void FTownInstances::SetHidden(FThing& Thing, bool bIsHidden)
{
  if (bIsHidden == (Thing.Ghost != nullptr))
  {
    return;
  }
  if (bIsHidden)
  {
    Thing.Ghost = NewObject<UStaticMeshComponent>(&Town);
    Thing.Ghost->SetStaticMesh(Kinds[static_cast<size_t>(Thing.Kind)].Seen->GetStaticMesh());
    Thing.Ghost->SetCollisionProfileName(FName(TEXT("BlockAll")));
    Thing.Ghost->SetVisibility(false);
    ASimBridgeTown::Adopt(Town, *Thing.Ghost);
  }
  else
  {
    Thing.Ghost->DestroyComponent();
    Thing.Ghost = nullptr;
  }
  Put(Thing, Thing.Now);
}

void FTownInstances::Move(const std::string& Name, const FTransform& To)
{
  const auto Found = ByName.find(Name);
  if (Found != ByName.end())
  {
    FTransform Scaled = To;
    Scaled.SetScale3D(Found->second.Now.GetScale3D());
    Put(Found->second, Scaled);
  }
}

void FTownInstances::Remove(const std::string& Name)
{
  const auto Found = ByName.find(Name);
  if (Found != ByName.end())
  {
    SetHidden(Found->second, false);
    Put(Found->second, Away);
    Found->second.bIsThere = false;
  }
}

void FTownInstances::Paint(const std::string& Name, const simbridge::Vec3& Color)
{
  const auto Found = ByName.find(Name);
  if (Found == ByName.end())
  {
    return;
  }
  FKind& Kind = Kinds[static_cast<size_t>(Found->second.Kind)];
  const float Floats[PaintFloats] = {
    static_cast<float>(Color.x), static_cast<float>(Color.y), static_cast<float>(Color.z), 1.0f};
  Kind.Seen->SetCustomData(Found->second.Index, MakeArrayView(Floats, PaintFloats), false);
  Found->second.bIsPainted = true;
  Kind.bIsDirty = true;
}

void FTownInstances::Unpaint(FThing& Thing)
{
  if (!Thing.bIsPainted)
  {
    return;
  }
  const float Unpainted[PaintFloats] = {0.0f, 0.0f, 0.0f, 0.0f};
  FKind& Kind = Kinds[static_cast<size_t>(Thing.Kind)];
  Kind.Seen->SetCustomData(Thing.Index, MakeArrayView(Unpainted, PaintFloats), false);
  Kind.bIsDirty = true;
  Thing.bIsPainted = false;
}

void FTownInstances::Restore()
{
  for (auto& [Name, Thing] : ByName)
  {
    Unpaint(Thing);
    SetHidden(Thing, false);
    if (Thing.bIsOfTown && !(Thing.bIsThere && Thing.Now.Equals(Thing.First, 0.0)))
    {
      Put(Thing, Thing.First);
      Thing.bIsThere = true;
    }
    else if (!Thing.bIsOfTown && Thing.bIsThere)
    {
      Put(Thing, Away);
      Thing.bIsThere = false;
    }
  }
  Show();
}

void FTownInstances::Show()
{
  for (FKind& Kind : Kinds)
  {
    if (Kind.bIsDirty)
    {
      Kind.Seen->MarkRenderStateDirty();
      if (Kind.Twin != nullptr)
      {
        Kind.Twin->MarkRenderStateDirty();
      }
      Kind.bIsDirty = false;
    }
  }
}

std::string FTownInstances::NameAt(const UPrimitiveComponent* Component, int32 Item) const
{
  for (const auto& [Name, Thing] : ByName)
  {
    if (Thing.Ghost != nullptr && Thing.Ghost == Component)
    {
      return Name;
    }
  }
  for (const FKind& Kind : Kinds)
  {
    if (Kind.Seen == Component && Item >= 0 && static_cast<size_t>(Item) < Kind.Names.size())
    {
      return Kind.Names[static_cast<size_t>(Item)];
    }
  }
  return std::string();
}
}  // namespace UE::SimBridge
