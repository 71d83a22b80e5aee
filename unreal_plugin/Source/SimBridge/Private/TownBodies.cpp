// Bodies as actors: made, put somewhere, painted, and put back. TownCourses.cpp leads them, TownDeeds.cpp carries them.
#include "TownBodies.h"

#include "Components/CapsuleComponent.h"
#include "Components/StaticMeshComponent.h"
#include "Engine/StaticMesh.h"
#include "Engine/World.h"
#include "GameFramework/Character.h"
#include "GameFramework/CharacterMovementComponent.h"
#include "Materials/MaterialInterface.h"

#include "SimBridge/Geometry.h"

#include "Frames.h"
#include "SimBridgeLog.h"
#include "SimBridgeSettings.h"
#include "SimBridgeTown.h"
#include "SimBridgeWalker.h"

#include <algorithm>

namespace UE::SimBridge
{
using simbridge::Role;
using simbridge::Text;

FTownBodies::FTownBodies(const FTownPlan& InPlan, const FTownMaterials& InMaterials, FTownInstances& InInstances,
  ASimBridgeTown& InTown, const USimBridgeSettings& InSettings)
  : Plan(InPlan), Materials(InMaterials), Instances(InInstances), Town(InTown), Settings(InSettings), Doings(*this)
{
}

FTownBodies::FBody* FTownBodies::Find(Text Name)
{
  const auto Found = ByName.find(std::string(Name));
  return Found == ByName.end() || !Found->second->bIsThere ? nullptr : Found->second;
}

const FTownBodies::FBody* FTownBodies::Find(Text Name) const
{
  const auto Found = ByName.find(std::string(Name));
  return Found == ByName.end() || !Found->second->bIsThere ? nullptr : Found->second;
}

bool FTownBodies::IsThere(const std::string& Name) const
{
  return Find(Name) != nullptr;
}

const FPlannedAsset* FTownBodies::AssetOf(const FBody& Body) const
{
  return Body.Asset < 0 ? nullptr : &Plan.Assets[static_cast<size_t>(Body.Asset)];
}

simbridge::Vec3 FTownBodies::SizeOf(const FBody& Body) const
{
  const FPlannedAsset* Asset = AssetOf(Body);
  return Asset == nullptr ? simbridge::Vec3{0.5, 0.56, 1.75} : simbridge::Scaled(Asset->Size, Body.Scale);
}

double FTownBodies::MassOf(const FBody& Body) const
{
  const FPlannedAsset* Asset = AssetOf(Body);
  const double Volume = FMath::Abs(Body.Scale.x * Body.Scale.y * Body.Scale.z);
  return FMath::Max(0.01, (Asset == nullptr ? 75.0 : Asset->Mass) * Volume);
}

void FTownBodies::Add(const FPlannedThing& Thing, UStaticMesh* Mesh, bool bIsOfTown)
{
  const auto Before = ByName.find(Thing.Name);
  if (Before != ByName.end())
  {
    FBody& Body = *Before->second;
    Body.bIsThere = true;
    Body.bIsAgent = Thing.bIsAgent;
    SetScale(Body, Thing.Scale);
    SetSolid(Body, true);
    Body.Actor->SetActorHiddenInGame(false);
    Body.Closed = Thing.Pose;
    Body.DoorAngle = Body.DoorTarget = 0.0;
    Put(Body, Thing.Pose);
    if (Thing.bIsAgent)
    {
      Doings.Enrol(Body.Name);
    }
    bNamesAreOld = true;
    return;
  }
  std::unique_ptr<FBody> Made = std::make_unique<FBody>();
  FBody& Body = *Made;
  Body.Name = Thing.Name;
  Body.Asset = Thing.Asset;
  Body.Id = Thing.Id;
  Body.bIsAgent = Thing.bIsAgent;
  Body.bIsOfTown = bIsOfTown;
  Body.First = Body.Closed = Thing.Pose;
  Body.FirstScale = Thing.Scale;
  const FPlannedAsset* Asset = AssetOf(Body);
  Body.Role = Asset == nullptr ? Role::walker : Asset->Role;
  MakeActor(Body, Mesh);
  if (Body.Actor == nullptr)
  {
    UE_LOG(LogSimBridge, Error, TEXT("'%s' could not be spawned: Unreal refused its actor."), *ToFString(Body.Name));
    return;
  }
  Town.Bodies.Add(Body.Actor);
  ByActor.emplace(Body.Actor, &Body);
  ByName.emplace(Body.Name, &Body);
  Bodies.push_back(std::move(Made));
  SetScale(Body, Thing.Scale);
  SetSolid(Body, true);
  Put(Body, Thing.Pose);
  if (Body.bIsAgent)
  {
    Doings.Enrol(Body.Name);
  }
  bNamesAreOld = true;
}

void FTownBodies::SetScale(FBody& Body, const simbridge::Vec3& Scale)
{
  Body.Scale = Scale;
  const FVector InUnreal(Scale.x, Scale.y, Scale.z);
  const FPlannedAsset* Asset = AssetOf(Body);
  double Top = 0.0;
  if (Asset != nullptr)
  {
    for (const FPlannedCollider& Solid : Asset->Colliders)
    {
      Top = FMath::Max(Top, (Solid.Pose.position.z + 0.5 * Solid.Size.z) * Scale.z);
    }
  }
  ACharacter* Character = Cast<ACharacter>(Body.Actor);
  if (Character == nullptr)
  {
    Body.Actor->SetActorScale3D(InUnreal);
    return;
  }
  // A character keeps its own scale: its capsule is given its size, and what it shows is scaled and stands on its feet.
  Body.Walker = simbridge::WalkerSizeOf(SizeOf(Body), Top);
  ASimBridgeWalker::Prepare(*Character, static_cast<float>(Body.Walker.radius_m * CentimetresPerMetre),
    static_cast<float>(Body.Walker.height_m * CentimetresPerMetre), static_cast<float>(0.35 * CentimetresPerMetre));
  const FVector Feet(0.0, 0.0, -Character->GetCapsuleComponent()->GetUnscaledCapsuleHalfHeight());
  for (UStaticMeshComponent* Shown : {Body.Seen, Body.Twin})
  {
    if (Shown != nullptr)
    {
      Shown->SetRelativeLocation(Feet);
      Shown->SetRelativeScale3D(InUnreal);
    }
  }
}

void FTownBodies::SetSolid(FBody& Body, bool bIsSolid)
{
  Body.Actor->SetActorEnableCollision(bIsSolid);
  if (ACharacter* Character = Cast<ACharacter>(Body.Actor))
  {
    if (bIsSolid)
    {
      Character->GetCharacterMovement()->SetMovementMode(MOVE_Walking);
    }
    else
    {
      Character->GetCharacterMovement()->DisableMovement();
    }
    return;
  }
  if (Body.Seen == nullptr)
  {
    return;
  }
  const bool bTumbles = Body.Role == Role::free && bIsSolid && !Body.bIsPuppet;
  Body.Seen->SetCollisionProfileName(FName(Body.Role == Role::free ? TEXT("PhysicsActor") : TEXT("BlockAllDynamic")));
  Body.Seen->SetSimulatePhysics(bTumbles);
  if (bTumbles)
  {
    Body.Seen->SetMassOverrideInKg(NAME_None, static_cast<float>(MassOf(Body)), true);
  }
}

void FTownBodies::Put(FBody& Body, const simbridge::Pose& Pose)
{
  FVector Location = ToUnreal(Pose.position);
  FQuat Rotation = ToUnreal(Pose.rotation);
  if (ACharacter* Character = Cast<ACharacter>(Body.Actor))
  {
    Location.Z += Character->GetCapsuleComponent()->GetScaledCapsuleHalfHeight();
    Rotation = ToUnreal(simbridge::FromYaw(simbridge::YawOf(Pose.rotation)));
  }
  Body.Actor->SetActorLocationAndRotation(Location, Rotation, false, nullptr, ETeleportType::ResetPhysics);
  Stop(Body);
  Body.Now = Body.Before = Read(Body);
  Body.Speed = Body.Spin = {};
}

void FTownBodies::Stop(FBody& Body) const
{
  Body.Course = {};
  Body.Order = {};
  if (ACharacter* Character = Cast<ACharacter>(Body.Actor))
  {
    Character->GetCharacterMovement()->StopMovementImmediately();
  }
  else if (Body.Seen != nullptr && Body.Seen->IsSimulatingPhysics())
  {
    Body.Seen->SetPhysicsLinearVelocity(FVector::ZeroVector);
    Body.Seen->SetPhysicsAngularVelocityInRadians(FVector::ZeroVector);
  }
}

simbridge::Pose FTownBodies::Read(const FBody& Body) const
{
  simbridge::Pose Pose = FromUnreal(Body.Actor->GetActorTransform());
  if (const ACharacter* Character = Cast<ACharacter>(Body.Actor))
  {
    Pose.position.z -= Character->GetCapsuleComponent()->GetScaledCapsuleHalfHeight() / CentimetresPerMetre;
  }
  return Pose;
}

void FTownBodies::Move(const std::string& Name, const simbridge::Pose& To)
{
  FBody* Body = Find(Name);
  if (Body == nullptr)
  {
    return;
  }
  if (Body->Role != Role::door)
  {
    Put(*Body, To);
    return;
  }
  Body->Closed = To;
  Put(*Body, simbridge::Hung(To, SizeOf(*Body).y, Body->DoorAngle));
}

void FTownBodies::Remove(const std::string& Name)
{
  FBody* Body = Find(Name);
  if (Body == nullptr)
  {
    return;
  }
  Doings.Leave(Name);
  SetSolid(*Body, false);
  Body->Actor->SetActorHiddenInGame(true);
  Body->bIsThere = false;
  bNamesAreOld = true;
}

void FTownBodies::Paint(const std::string& Name, const simbridge::Vec3& Color)
{
  FBody* Body = Find(Name);
  if (Body == nullptr || Body->Seen == nullptr)
  {
    return;
  }
  for (int32 Slot = 0; Slot < Body->Seen->GetNumMaterials(); ++Slot)
  {
    Body->Seen->SetMaterial(Slot, Materials.Painted(Body->Seen->GetMaterial(Slot), Color));
  }
}

void FTownBodies::Resize(const std::string& Name, const simbridge::Vec3& Scale)
{
  if (FBody* Body = Find(Name))
  {
    const simbridge::Pose Here = Read(*Body);
    SetScale(*Body, Scale);
    SetSolid(*Body, !Body->bIsCarried);
    Put(*Body, Here);
  }
}

void FTownBodies::Hide(const std::string& Name, bool bIsHidden)
{
  if (FBody* Body = Find(Name))
  {
    Body->bIsHidden = bIsHidden;
    Body->Actor->SetActorHiddenInGame(bIsHidden);
  }
}

void FTownBodies::Restore()
{
  Doings.Clear();
  Touched.clear();
  Contacts.clear();
  for (const std::unique_ptr<FBody>& Body : Bodies)
  {
    Body->Actor->DetachFromActor(FDetachmentTransformRules::KeepWorldTransform);
    Body->bIsCarried = Body->bIsPuppet = Body->bIsHidden = false;
    Body->DoorAngle = Body->DoorTarget = Body->Pitch = Body->Roll = 0.0;
    Body->Closed = Body->First;
    Body->bIsThere = Body->bIsOfTown;
    SetScale(*Body, Body->FirstScale);
    SetSolid(*Body, Body->bIsThere);
    Body->Actor->SetActorHiddenInGame(!Body->bIsThere);
    if (Body->Seen != nullptr)
    {
      Body->Seen->EmptyOverrideMaterials();
    }
    if (Body->bIsThere)
    {
      Put(*Body, Body->First);
      if (Body->bIsAgent)
      {
        Doings.Enrol(Body->Name);
      }
    }
  }
  bNamesAreOld = true;
}

bool FTownBodies::SetPose(const std::string& Name, const simbridge::Pose& Pose)
{
  FBody* Body = Find(Name);
  if (Body == nullptr)
  {
    return false;
  }
  if (!Body->bIsPuppet)
  {
    Body->bIsPuppet = true;
    SetSolid(*Body, false);
  }
  FVector Location = ToUnreal(Pose.position);
  if (const ACharacter* Character = Cast<ACharacter>(Body->Actor))
  {
    Location.Z += Character->GetCapsuleComponent()->GetScaledCapsuleHalfHeight();
  }
  Body->Actor->SetActorLocationAndRotation(Location, ToUnreal(Pose.rotation), false, nullptr, ETeleportType::TeleportPhysics);
  Body->Now = Body->Before = Pose;
  Body->Speed = Body->Spin = {};
  return true;
}

bool FTownBodies::Transform(const std::string& Name, FTransform& Found) const
{
  const FBody* Body = Find(Name);
  if (Body != nullptr)
  {
    Found = ToUnreal(Read(*Body));
    return true;
  }
  if (Instances.IsThere(Name))
  {
    Found = Instances.Place(Name);
    Found.SetScale3D(FVector::OneVector);
    return true;
  }
  return false;
}
}  // namespace UE::SimBridge
