// What doings ask of the world, answered by rays and the plan; and what they do: who goes along with whom.
#include "TownBodies.h"

#include "CollisionQueryParams.h"
#include "Components/CapsuleComponent.h"
#include "Engine/World.h"
#include "GameFramework/Character.h"

#include "SimBridge/Geometry.h"

#include "Frames.h"
#include "SimBridgeTown.h"

#include <limits>

namespace UE::SimBridge
{
using simbridge::Role;
using simbridge::Text;

bool FTownBodies::Facts(Text Name, simbridge::ThingFacts& Found) const
{
  const std::string Called(Name);
  const FPlannedAsset* Asset = nullptr;
  if (const FBody* Body = Find(Name))
  {
    Asset = AssetOf(*Body);
    Found.role = Body->Role;
    Found.size_m = SizeOf(*Body);
    Found.walker = Body->Walker;
    Found.mass_kg = MassOf(*Body);
    Found.speed_m_s = FMath::Sqrt(Body->Speed.x * Body->Speed.x + Body->Speed.y * Body->Speed.y);
    // A door is where it hangs: its leaf may be anywhere.
    Found.pose = Body->Role == Role::door ? Body->Closed : Body->Now;
    Found.is_open = Body->DoorTarget != 0.0;
    Found.kind = Asset == nullptr ? Text("person") : Text(Asset->Kind);
    Found.semantic = Asset == nullptr ? Text("person") : Text(Asset->Semantic);
    return true;
  }
  if (Instances.IsThere(Called))
  {
    const auto Planned = Plan.ThingOf.find(Called);
    const FTransform Place = Instances.Place(Called);
    Found.pose = FromUnreal(Place);
    const int32 Number = Planned == Plan.ThingOf.end() ? -1 : Plan.Things[static_cast<size_t>(Planned->second)].Asset;
    if (Number >= 0)
    {
      Asset = &Plan.Assets[static_cast<size_t>(Number)];
      const FVector Scale = Place.GetScale3D();
      Found.size_m = simbridge::Scaled(Asset->Size, {Scale.X, Scale.Y, Scale.Z});
      Found.mass_kg = Asset->Mass;
      Found.kind = Asset->Kind;
      Found.semantic = Asset->Semantic;
    }
    return true;
  }
  for (const FPlannedPart& Part : Plan.Parts)
  {
    if (Part.Name == Called)
    {
      Found.is_part = true;
      Found.kind = Part.Kind;
      Found.semantic = Part.Semantic;
      return true;
    }
  }
  return false;
}

std::vector<Text> FTownBodies::NamesOf(Role Wanted, Text Kind) const
{
  std::vector<Text> Found;
  for (const std::unique_ptr<FBody>& Body : Bodies)
  {
    const FPlannedAsset* Asset = AssetOf(*Body);
    const bool bFits = Kind.empty() ? Body->Role == Wanted : Asset != nullptr && Asset->Kind == Kind;
    if (Body->bIsThere && bFits)
    {
      Found.push_back(Body->Name);
    }
  }
  if (Wanted == Role::fixed || !Kind.empty())
  {
    for (const FPlannedThing& Thing : Plan.Things)
    {
      const bool bIsKind = Thing.Asset >= 0 && Plan.Assets[static_cast<size_t>(Thing.Asset)].Kind == Kind;
      if (Instances.IsThere(Thing.Name) && (Kind.empty() || bIsKind))
      {
        Found.push_back(Thing.Name);
      }
    }
  }
  return Found;
}

bool FTownBodies::Trace(const FVector& From, const FVector& To, Text Without, FHitResult& Hit) const
{
  FCollisionQueryParams Params(FName(TEXT("SimBridge")), false);
  for (const std::unique_ptr<FBody>& Body : Bodies)
  {
    if (Body->bIsCarried)
    {
      Params.AddIgnoredActor(Body->Actor);
    }
  }
  if (const FBody* Body = Find(Without))
  {
    Params.AddIgnoredActor(Body->Actor);
  }
  return Town.GetWorld()->LineTraceSingleByObjectType(
    Hit, From, To, FCollisionObjectQueryParams(FCollisionObjectQueryParams::AllObjects), Params);
}

double FTownBodies::SurfaceBelow_m(const simbridge::Vec3& Point, Text Without) const
{
  FHitResult Hit;
  const FVector From = ToUnreal(Point);
  const bool bIsSomething = Trace(From, From - FVector(0.0, 0.0, 100000.0), Without, Hit);
  return bIsSomething ? Hit.ImpactPoint.Z / CentimetresPerMetre : -std::numeric_limits<double>::infinity();
}

bool FTownBodies::IsClear(const simbridge::Vec3& From, const simbridge::Vec3& To, Text Without) const
{
  FHitResult Hit;
  return !Trace(ToUnreal(From), ToUnreal(To), Without, Hit);
}

void FTownBodies::Attach(Text Name, Text Carrier, const simbridge::Pose& Offset)
{
  FBody* Body = Find(Name);
  if (Body == nullptr)
  {
    return;
  }
  Body->bIsCarried = true;
  SetSolid(*Body, false);
  Stop(*Body);
  const FBody* By = Find(Carrier);
  if (By == nullptr)
  {
    Put(*Body, Offset);
    return;
  }
  // Characters are attached by their middle, whatever it stands on by its foot.
  simbridge::Pose At = simbridge::Compose(Read(*By), Offset);
  FVector Location = ToUnreal(At.position);
  if (const ACharacter* Character = Cast<ACharacter>(Body->Actor))
  {
    Location.Z += Character->GetCapsuleComponent()->GetScaledCapsuleHalfHeight();
  }
  Body->Actor->SetActorLocationAndRotation(Location, ToUnreal(At.rotation), false, nullptr, ETeleportType::TeleportPhysics);
  Body->Actor->AttachToActor(By->Actor, FAttachmentTransformRules::KeepWorldTransform);
  Body->Now = Body->Before = Read(*Body);
}

void FTownBodies::Detach(Text Name, const simbridge::Pose& Pose)
{
  if (FBody* Body = Find(Name))
  {
    Body->bIsCarried = false;
    Body->Actor->DetachFromActor(FDetachmentTransformRules::KeepWorldTransform);
    SetSolid(*Body, true);
    Put(*Body, Pose);
  }
}

void FTownBodies::Tell(Text Name, const simbridge::Order& Order)
{
  if (FBody* Body = Find(Name))
  {
    Body->Order = Order;
  }
}

void FTownBodies::SwingDoor(Text Door, double Target)
{
  if (FBody* Body = Find(Door))
  {
    Body->DoorTarget = Target;
  }
}
}  // namespace UE::SimBridge
