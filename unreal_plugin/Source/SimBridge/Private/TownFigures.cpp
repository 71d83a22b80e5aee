// What a body is in Unreal: a character, a led or tumbling mesh, or the project's own actor; and its twin for label images.
#include "TownBodies.h"

#include "Components/CapsuleComponent.h"
#include "Components/StaticMeshComponent.h"
#include "Engine/StaticMesh.h"
#include "Engine/World.h"
#include "Materials/MaterialInterface.h"
#include "UObject/SoftObjectPath.h"

#include "Frames.h"
#include "SimBridgeLog.h"
#include "SimBridgeSettings.h"
#include "SimBridgeTown.h"
#include "SimBridgeWalker.h"

namespace UE::SimBridge
{
using simbridge::Role;

namespace
{
const FName ChaosVehicle(TEXT("ChaosWheeledVehicleMovementComponent"));

/// Whether a component is of a class of that name, or of one that descends from it: its module need not be linked.
bool IsOfClass(const UActorComponent& Component, const FName& Name)
{
  for (const UClass* Class = Component.GetClass(); Class != nullptr; Class = Class->GetSuperClass())
  {
    if (Class->GetFName() == Name)
    {
      return true;
    }
  }
  return false;
}

/// The project's own actor class for an asset, by its name or kind.
UClass* OwnClass(const USimBridgeSettings& Settings, const FPlannedAsset& Asset)
{
  for (const std::string& Key : {Asset.Name, Asset.Kind})
  {
    if (const FSoftClassPath* Path = Settings.Actors.Find(ToFString(Key)))
    {
      if (UClass* Loaded = Path->TryLoadClass<AActor>())
      {
        return Loaded;
      }
      UE_LOG(LogSimBridge, Warning, TEXT("Actors['%s'] is %s, which is not there. simbridge's own is used."), *ToFString(Key),
        *Path->ToString());
    }
  }
  return nullptr;
}
}  // namespace

void FTownBodies::MakeActor(FBody& Body, UStaticMesh* Mesh)
{
  UWorld& World = *Town.GetWorld();
  FActorSpawnParameters Spawning;
  Spawning.SpawnCollisionHandlingOverride = ESpawnActorCollisionHandlingMethod::AlwaysSpawn;
  Spawning.ObjectFlags |= RF_Transient;
  const FTransform Place = ToUnreal(Body.First);
  const FPlannedAsset* Asset = AssetOf(Body);
  UClass* Own = Asset == nullptr ? nullptr : OwnClass(Settings, *Asset);
  if (Own != nullptr && Body.Role == Role::walker && !Own->IsChildOf(ACharacter::StaticClass()))
  {
    UE_LOG(LogSimBridge, Warning, TEXT("%s cannot walk for '%s': it is no Character. simbridge's own is used."),
      *Own->GetPathName(), *ToFString(Asset->Name));
    Own = nullptr;
  }
  if (Own != nullptr)
  {
    Body.Actor = World.SpawnActor<AActor>(Own, Place, Spawning);
    if (Body.Actor == nullptr)
    {
      return;
    }
    // Label images show simbridge's shape in its place.
    MakeFigure(Body, Mesh, *Body.Actor, nullptr);
    TInlineComponentArray<UActorComponent*> Parts(Body.Actor);
    for (UActorComponent* Part : Parts)
    {
      if (IsOfClass(*Part, ChaosVehicle))
      {
        Body.Engine = Part;
      }
    }
    return;
  }
  if (Body.Role == Role::walker)
  {
    ASimBridgeWalker* Walker = World.SpawnActor<ASimBridgeWalker>(ASimBridgeWalker::StaticClass(), Place, Spawning);
    Body.Actor = Walker;
    if (Walker != nullptr)
    {
      Walker->Bumps = this;
      MakeFigure(Body, Mesh, *Walker, Walker->Figure);
    }
    return;
  }
  ASimBridgeThing* Thing = World.SpawnActor<ASimBridgeThing>(ASimBridgeThing::StaticClass(), Place, Spawning);
  Body.Actor = Thing;
  if (Thing != nullptr)
  {
    Thing->Bumps = this;
    Thing->Seen->SetNotifyRigidBodyCollision(true);
    MakeFigure(Body, Mesh, *Thing, Thing->Seen);
  }
}

void FTownBodies::MakeFigure(FBody& Body, UStaticMesh* Mesh, AActor& Owner, UStaticMeshComponent* Figure)
{
  Body.Seen = Figure;
  if (Mesh == nullptr)
  {
    return;
  }
  if (Figure != nullptr)
  {
    Figure->SetStaticMesh(Mesh);
  }
  UMaterialInterface* Id = Materials.MakeSingleId(Body.Id);
  if (Id == nullptr)
  {
    return;
  }
  Town.Kept.Add(Id);
  Body.Twin = NewObject<UStaticMeshComponent>(&Owner);
  Body.Twin->SetStaticMesh(Mesh);
  for (int32 Slot = 0; Slot < Mesh->GetStaticMaterials().Num(); ++Slot)
  {
    Body.Twin->SetMaterial(Slot, Id);
  }
  ASimBridgeTown::MakeTwin(*Body.Twin);
  ASimBridgeTown::Adopt(Owner, *Body.Twin);
  Town.AddTwin(*Body.Twin);
}
}  // namespace UE::SimBridge
