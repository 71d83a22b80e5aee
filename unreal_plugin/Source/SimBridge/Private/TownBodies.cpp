// Bodies as actors: making, placing, carrying, and telling where they are. How they go is in TownCourses.cpp.
#include "TownBodies.h"

#include "CollisionQueryParams.h"
#include "Components/CapsuleComponent.h"
#include "Components/StaticMeshComponent.h"
#include "Engine/StaticMesh.h"
#include "Engine/World.h"
#include "GameFramework/Character.h"
#include "GameFramework/CharacterMovementComponent.h"
#include "Materials/MaterialInterface.h"
#include "UObject/SoftObjectPath.h"

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
  Body.First = Thing.Pose;
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

void FTownBodies::MakeActor(FBody& Body, UStaticMesh* Mesh)
{
  UWorld& World = *Town.GetWorld();
  FActorSpawnParameters Spawning;
  Spawning.SpawnCollisionHandlingOverride = ESpawnActorCollisionHandlingMethod::AlwaysSpawn;
  Spawning.ObjectFlags |= RF_Transient;
  const FTransform Place = ToUnreal(Body.First);
  const FPlannedAsset* Asset = AssetOf(Body);
  UClass* Own = Asset == nullptr ? nullptr : OwnClass(Settings, *Asset);
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
  if (FBody* Body = Find(Name))
  {
    Put(*Body, To);
  }
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

Text FTownBodies::InUseBy(Text Name) const
{
  const Text Rider = Doings.RiderOf(Name);
  return Rider.empty() ? Doings.HolderOf(Name) : Rider;
}

Text FTownBodies::CarriedBy(Text Name) const
{
  const FBody* Body = Find(Name);
  if (Body == nullptr || !Body->bIsCarried)
  {
    return Text();
  }
  return Body->Carrier.empty() ? Text("a seat") : Text(Body->Carrier);
}

// --- doings ----------------------------------------------------------------------------------------------------------

bool FTownBodies::Facts(Text Name, simbridge::ThingFacts& Facts) const
{
  const std::string Called(Name);
  const FPlannedAsset* Asset = nullptr;
  if (const FBody* Body = Find(Name))
  {
    Asset = AssetOf(*Body);
    Facts.role = Body->Role;
    Facts.size_m = SizeOf(*Body);
    Facts.walker = Body->Walker;
    Facts.mass_kg = MassOf(*Body);
    Facts.speed_m_s = FMath::Sqrt(Body->Speed.x * Body->Speed.x + Body->Speed.y * Body->Speed.y);
    // A door is where it hangs: its leaf may be anywhere.
    Facts.pose = Body->Role == Role::door ? Body->First : Body->Now;
    Facts.is_open = Body->DoorTarget != 0.0;
    Facts.kind = Asset == nullptr ? Text("person") : Text(Asset->Kind);
    Facts.semantic = Asset == nullptr ? Text("person") : Text(Asset->Semantic);
    return true;
  }
  if (Instances.IsThere(Called))
  {
    const auto Found = Plan.ThingOf.find(Called);
    const FTransform Place = Instances.Place(Called);
    Facts.pose = FromUnreal(Place);
    const int32 Number = Found == Plan.ThingOf.end() ? -1 : Plan.Things[static_cast<size_t>(Found->second)].Asset;
    if (Number >= 0)
    {
      Asset = &Plan.Assets[static_cast<size_t>(Number)];
      const FVector Scale = Place.GetScale3D();
      Facts.size_m = simbridge::Scaled(Asset->Size, {Scale.X, Scale.Y, Scale.Z});
      Facts.mass_kg = Asset->Mass;
      Facts.kind = Asset->Kind;
      Facts.semantic = Asset->Semantic;
    }
    return true;
  }
  for (const FPlannedPart& Part : Plan.Parts)
  {
    if (Part.Name == Called)
    {
      Facts.is_part = true;
      Facts.kind = Part.Kind;
      Facts.semantic = Part.Semantic;
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
  Body->Carrier.assign(Carrier);
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

// --- what is told ----------------------------------------------------------------------------------------------------

std::string FTownBodies::NameOf(const AActor* Actor, const UPrimitiveComponent* Part, int32 Item) const
{
  const auto Body = ByActor.find(Actor);
  if (Body != ByActor.end())
  {
    return Body->second->Name;
  }
  const auto Named = ByComponent.find(Part);
  return Named != ByComponent.end() ? Named->second : Instances.NameAt(Part, Item);
}

void FTownBodies::Bumped(AActor& One, AActor* Other, UPrimitiveComponent* OtherPart, int32 OtherItem, const FVector& Where,
  const FVector& Impulse)
{
  const auto Mine = ByActor.find(&One);
  const std::string Theirs = NameOf(Other, OtherPart, OtherItem);
  if (Mine == ByActor.end() || Theirs.empty() || Theirs == Mine->second->Name)
  {
    return;
  }
  const FBody& Body = *Mine->second;
  // Chaos tells an impulse [kg cm/s]; of a led body that was stopped it is what it would have taken to stop it.
  const double Speed = FMath::Sqrt(FMath::Square(Body.Course.forward_m_s) + FMath::Square(Body.Course.left_m_s));
  const double Told = Impulse.Size() / CentimetresPerMetre;
  const double Force = (Told > 0.0 ? Told : MassOf(Body) * Speed) / LastTick;
  std::pair<std::string, std::string> Pair(Body.Name, Theirs);
  if (Pair.second < Pair.first)
  {
    std::swap(Pair.first, Pair.second);
  }
  simbridge::ContactView& Contact = Touched[Pair];
  if (Contact.one.empty() || Force > Contact.force_n)
  {
    Contact.one = Pair.first;
    Contact.other = Pair.second;
    Contact.position_m = FromUnreal(Where);
    Contact.force_n = Force;
  }
}

void FTownBodies::ListNames()
{
  if (!bNamesAreOld)
  {
    return;
  }
  bNamesAreOld = false;
  ++NamesRevision;
  Rows.clear();
  Names.clear();
  for (const std::unique_ptr<FBody>& Body : Bodies)
  {
    if (Body->bIsThere)
    {
      Rows.push_back(Body.get());
      Names.push_back(Body->Name);
    }
  }
}

void FTownBodies::TickEnds(double Tick)
{
  LastTick = Tick;
  for (const std::unique_ptr<FBody>& Body : Bodies)
  {
    if (!Body->bIsThere)
    {
      continue;
    }
    Body->Before = Body->Now;
    Body->Now = Read(*Body);
    Body->Speed = (Body->Now.position - Body->Before.position) * (1.0 / Tick);
    // The rotation of a tick, as an axis and an angle.
    simbridge::Quat Turn = simbridge::Product(Body->Now.rotation, simbridge::Inverse(Body->Before.rotation));
    if (Turn.w < 0.0)
    {
      Turn = {-Turn.w, -Turn.x, -Turn.y, -Turn.z};
    }
    const double Sine = FMath::Sqrt(Turn.x * Turn.x + Turn.y * Turn.y + Turn.z * Turn.z);
    const double Rate = Sine > 1e-12 ? 2.0 * FMath::Atan2(Sine, Turn.w) / Sine / Tick : 0.0;
    Body->Spin = {Turn.x * Rate, Turn.y * Rate, Turn.z * Rate};
    if (Body->Role == Role::free && Body->Seen != nullptr && Body->Seen->IsSimulatingPhysics())
    {
      Body->Speed = FromUnreal(Body->Seen->GetPhysicsLinearVelocity());
      Body->Spin = SpinFromUnreal(Body->Seen->GetPhysicsAngularVelocityInRadians());
    }
  }
  Contacts.clear();
  for (auto& [Pair, Contact] : Touched)
  {
    Contacts.push_back(Contact);
  }
  std::stable_sort(Contacts.begin(), Contacts.end(),
    [](const simbridge::ContactView& A, const simbridge::ContactView& B) { return A.force_n > B.force_n; });
  Touched.clear();
}

void FTownBodies::Tell(simbridge::WorldView& View)
{
  ListNames();
  Poses.resize(7 * Rows.size());
  Velocities.resize(6 * Rows.size());
  for (size_t Row = 0; Row < Rows.size(); ++Row)
  {
    const FBody& Body = *Rows[Row];
    const simbridge::Pose& P = Body.Now;
    const double Seven[7] = {
      P.position.x, P.position.y, P.position.z, P.rotation.w, P.rotation.x, P.rotation.y, P.rotation.z};
    const double Six[6] = {Body.Speed.x, Body.Speed.y, Body.Speed.z, Body.Spin.x, Body.Spin.y, Body.Spin.z};
    std::copy(Seven, Seven + 7, Poses.begin() + static_cast<std::ptrdiff_t>(7 * Row));
    std::copy(Six, Six + 6, Velocities.begin() + static_cast<std::ptrdiff_t>(6 * Row));
  }
  View.names = Names;
  View.names_revision = NamesRevision;
  View.poses = Poses;
  View.velocities = Velocities;
  View.contacts = Contacts;
  View.agents = Doings.Agents();
}

void FTownBodies::Digest(std::string& Bytes) const
{
  const auto Put = [&Bytes](double Value) { Bytes.append(reinterpret_cast<const char*>(&Value), sizeof(Value)); };
  for (const std::unique_ptr<FBody>& Body : Bodies)
  {
    if (!Body->bIsThere)
    {
      continue;
    }
    Bytes += Body->Name;
    const simbridge::Pose& P = Body->Now;
    for (const double Value : {P.position.x, P.position.y, P.position.z, P.rotation.w, P.rotation.x, P.rotation.y,
           P.rotation.z, Body->Speed.x, Body->Speed.y, Body->Speed.z, Body->Spin.x, Body->Spin.y, Body->Spin.z,
           Body->Course.forward_m_s, Body->Course.left_m_s, Body->Course.yaw_rate_rad_s, Body->DoorAngle, Body->DoorTarget,
           Body->Order.numbers[0], Body->Order.numbers[1], Body->Order.numbers[2]})
    {
      Put(Value);
    }
  }
  Doings.Digest(Bytes);
}
}  // namespace UE::SimBridge
