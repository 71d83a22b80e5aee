// How bodies go: the core says what course each takes, Unreal what is in the way and how high the ground is.
#include "TownBodies.h"

#include "Components/CapsuleComponent.h"
#include "Components/StaticMeshComponent.h"
#include "GameFramework/Character.h"
#include "GameFramework/CharacterMovementComponent.h"
#include "UObject/UObjectGlobals.h"

#include "SimBridge/Geometry.h"

#include "Frames.h"
#include "SimBridgeTown.h"

namespace UE::SimBridge
{
using simbridge::Course;
using simbridge::Pose;
using simbridge::Role;
using simbridge::Vec3;

namespace
{
/// How far boats keep from the shore, and how far ahead they look [m], [s].
constexpr double ShoreMargin = 0.3, BoatAhead = 0.4;

/// Where a course leads from a pose within a tick, on the level.
Pose Along(const Pose& From, const Course& Course, double Tick)
{
  const double Yaw = simbridge::YawOf(From.rotation);
  const double Middle = Yaw + 0.5 * Course.yaw_rate_rad_s * Tick;
  const double C = FMath::Cos(Middle), S = FMath::Sin(Middle);
  Pose To;
  To.position = {From.position.x + (C * Course.forward_m_s - S * Course.left_m_s) * Tick,
    From.position.y + (S * Course.forward_m_s + C * Course.left_m_s) * Tick, From.position.z};
  To.rotation = simbridge::FromYaw(Yaw + Course.yaw_rate_rad_s * Tick);
  return To;
}

/// Calls a function of one number that a component has under a name, as a Blueprint would.
void CallWithNumber(UObject& Object, const TCHAR* Name, double Value)
{
  UFunction* Function = Object.FindFunction(FName(Name));
  if (Function == nullptr || Function->ParmsSize != sizeof(float))
  {
    return;
  }
  float Number = static_cast<float>(Value);
  Object.ProcessEvent(Function, &Number);
}
}  // namespace

void FTownBodies::TickBegins(double Tick)
{
  Doings.Advance();
  for (const std::unique_ptr<FBody>& Body : Bodies)
  {
    if (!Body->bIsThere || Body->bIsCarried || Body->bIsPuppet)
    {
      continue;
    }
    switch (Body->Role)
    {
      case Role::walker:
        LeadWalker(*Body, Tick);
        break;
      case Role::wheels:
        LeadWheels(*Body, Tick);
        break;
      case Role::boat:
        LeadBoat(*Body, Tick);
        break;
      case Role::door:
        LeadDoor(*Body, Tick);
        break;
      default:
        break;
    }
  }
}

void FTownBodies::LeadWalker(FBody& Body, double Tick)
{
  ACharacter* Character = Cast<ACharacter>(Body.Actor);
  if (Character == nullptr)
  {
    return;
  }
  // What the last tick really came to is what this one starts from: walls take speed away.
  const double Yaw = simbridge::YawOf(Body.Now.rotation);
  const double C = FMath::Cos(Yaw), S = FMath::Sin(Yaw);
  Body.Course.forward_m_s = C * Body.Speed.x + S * Body.Speed.y;
  Body.Course.left_m_s = C * Body.Speed.y - S * Body.Speed.x;
  Body.Course = simbridge::Walk(Body.Course, Body.Order, Footing, Tick);

  const Pose To = Along(Body.Now, Body.Course, Tick);
  const double Deep = Plan.WaterAt(To.position.x, To.position.y) - Plan.Ground.Height(To.position.x, To.position.y);
  const double Deeper = Plan.WaterAt(Body.Now.position.x, Body.Now.position.y) -
    Plan.Ground.Height(Body.Now.position.x, Body.Now.position.y);
  const bool bStandsOnGround = Body.Now.position.z < Plan.WaterAt(To.position.x, To.position.y) + 0.1;
  if (bStandsOnGround && Deep > simbridge::kWade_m && Deep > Deeper + 1e-6)
  {
    Body.Course.forward_m_s = Body.Course.left_m_s = 0.0;
    Doings.Fail(Body.Name, Body.Name + " stands before deep water and wades no further. Turn back, or take a boat.");
  }

  Character->SetActorRotation(ToUnreal(simbridge::FromYaw(Yaw + Body.Course.yaw_rate_rad_s * Tick)));
  UCharacterMovementComponent& Movement = *Character->GetCharacterMovement();
  const double Turned = Yaw + 0.5 * Body.Course.yaw_rate_rad_s * Tick;
  const Vec3 Wanted{FMath::Cos(Turned) * Body.Course.forward_m_s - FMath::Sin(Turned) * Body.Course.left_m_s,
    FMath::Sin(Turned) * Body.Course.forward_m_s + FMath::Cos(Turned) * Body.Course.left_m_s, 0.0};
  const FVector Velocity = ToUnreal(Wanted);
  Movement.MaxWalkSpeed = static_cast<float>(Velocity.Size());
  if (!Velocity.IsNearlyZero())
  {
    Movement.AddInputVector(Velocity.GetSafeNormal(), true);
  }
}

void FTownBodies::LeadWheels(FBody& Body, double Tick)
{
  if (Body.Engine != nullptr)
  {
    DriveEngine(Body);
    return;
  }
  const FPlannedAsset* Asset = AssetOf(Body);
  if (Asset == nullptr || (Body.Course.is_still() && Body.Order.motion == simbridge::Motion::hold))
  {
    return;
  }
  const Vec3 Size = SizeOf(Body);
  const simbridge::Drivetrain Train = simbridge::DrivetrainOf(Asset->Kind, Asset->Semantic);
  const double Base = FMath::Max(0.3, Train.base * Size.x);
  const double Yaw = simbridge::YawOf(Body.Now.rotation);
  Body.Course.forward_m_s = FMath::Cos(Yaw) * Body.Speed.x + FMath::Sin(Yaw) * Body.Speed.y;
  Body.Course = simbridge::Roll(Body.Course, Body.Order, Train, Base, Body.Pitch, Footing, Tick);
  Pose To = Along(Body.Now, Body.Course, Tick);

  // Where the four wheels would be: the body lies on the ground below them.
  const double Half = 0.5 * Base, Side = 0.5 * FMath::Max(0.3, Train.track) * Size.y;
  double Height[4];
  bool bHasGround = true;
  for (int32 Wheel = 0; Wheel < 4; ++Wheel)
  {
    const Vec3 At{Wheel < 2 ? Half : -Half, Wheel % 2 == 0 ? Side : -Side, 0.0};
    bHasGround = GroundBelow(To.position + simbridge::Rotate(To.rotation, At), Body, Height[Wheel]) && bHasGround;
  }
  if (bHasGround)
  {
    const double Front = 0.5 * (Height[0] + Height[1]), Back = 0.5 * (Height[2] + Height[3]);
    const double Left = 0.5 * (Height[0] + Height[2]), Right = 0.5 * (Height[1] + Height[3]);
    Body.Pitch = -FMath::Atan2(Front - Back, 2.0 * Half);
    Body.Roll = Train.track > 0.0 ? FMath::Atan2(Left - Right, 2.0 * Side) : 0.0;
    To.position.z = 0.5 * (Front + Back);
    To.rotation = simbridge::FromTilt(simbridge::YawOf(To.rotation), Body.Pitch, Body.Roll);
  }
  // A wall of ground, and water that is too deep for an engine, stop it.
  const double Deep = Plan.WaterAt(To.position.x, To.position.y) - To.position.z;
  if (!bHasGround || FMath::Abs(To.position.z - Body.Now.position.z) > simbridge::kStep_m || Deep > simbridge::kWade_m)
  {
    Body.Course = Course();
    return;
  }
  Sweep(Body, To);
}

void FTownBodies::LeadBoat(FBody& Body, double Tick)
{
  const FPlannedAsset* Asset = AssetOf(Body);
  if (Asset == nullptr || (Body.Course.is_still() && Body.Order.motion == simbridge::Motion::hold))
  {
    return;
  }
  Body.Course = simbridge::Sail(Body.Course, Body.Order, simbridge::BoatTopSpeed_m_s(Asset->Kind), Tick);
  Pose To = Along(Body.Now, Body.Course, Tick);
  // Bow and stern, a little ahead, must be on the water; who lies at a shore may still get away from it.
  const Pose Soon = Along(To, Body.Course, BoatAhead);
  const double Half = 0.5 * SizeOf(Body).x;
  for (const double End : {Half, -Half})
  {
    const Vec3 Now = Body.Now.position + simbridge::Rotate(Body.Now.rotation, Vec3{End, 0.0, 0.0});
    const Vec3 Then = Soon.position + simbridge::Rotate(Soon.rotation, Vec3{End, 0.0, 0.0});
    const double Reach = Plan.ReachAt(Then.x, Then.y);
    if (Reach < ShoreMargin && Reach < Plan.ReachAt(Now.x, Now.y))
    {
      Body.Course = Course();
      return;
    }
  }
  const double Level = Plan.WaterAt(To.position.x, To.position.y);
  To.position.z = FMath::IsFinite(Level) ? Level : Body.Now.position.z;
  Sweep(Body, To);
}

void FTownBodies::LeadDoor(FBody& Body, double Tick)
{
  const double Angle = simbridge::Swing(Body.DoorAngle, Body.DoorTarget, Tick);
  if (Angle == Body.DoorAngle)
  {
    return;
  }
  const Pose Hung = simbridge::Hung(Body.Closed, SizeOf(Body).y, Angle);
  FHitResult Hit;
  const FTransform Was = Body.Actor->GetActorTransform();
  Body.Actor->SetActorLocationAndRotation(ToUnreal(Hung.position), ToUnreal(Hung.rotation), true, &Hit);
  if (Hit.bBlockingHit && Cast<ACharacter>(Hit.GetActor()) != nullptr)
  {
    // It yields to who stands in its way, and goes on when they have left.
    Body.Actor->SetActorTransform(Was, false, nullptr, ETeleportType::TeleportPhysics);
    return;
  }
  Body.Actor->SetActorLocationAndRotation(ToUnreal(Hung.position), ToUnreal(Hung.rotation), false);
  Body.DoorAngle = Angle;
}

void FTownBodies::DriveEngine(FBody& Body) const
{
  double Throttle = 0.0, Steer = 0.0, Brake = 1.0;
  if (Body.Order.motion == simbridge::Motion::drive)
  {
    Throttle = Body.Order.numbers[0];
    Steer = Body.Order.numbers[1];
    Brake = Body.Order.numbers[2];
  }
  else if (Body.Order.motion == simbridge::Motion::velocity)
  {
    const double Yaw = simbridge::YawOf(Body.Now.rotation);
    const double Speed = FMath::Cos(Yaw) * Body.Speed.x + FMath::Sin(Yaw) * Body.Speed.y;
    const double Missing = Body.Order.numbers[0] - Speed;
    Throttle = FMath::Clamp(Missing, -1.0, 1.0);
    Brake = FMath::Abs(Body.Order.numbers[0]) < 0.05 ? 1.0 : 0.0;
    Steer = FMath::Clamp(Body.Order.numbers[2] / FMath::Max(0.5, FMath::Abs(Speed)) * 2.0, -1.0, 1.0);
  }
  // Chaos steers to the right with positive numbers; the contract to the left.
  CallWithNumber(*Body.Engine, TEXT("SetThrottleInput"), FMath::Max(0.0, Throttle));
  CallWithNumber(*Body.Engine, TEXT("SetBrakeInput"), FMath::Max(Brake, -Throttle));
  CallWithNumber(*Body.Engine, TEXT("SetSteeringInput"), -Steer);
}

void FTownBodies::Sweep(FBody& Body, const Pose& To)
{
  FHitResult Hit;
  // Wheels and keels touch what they go on: the sweep is a hand's breadth above it.
  const FVector Lift(0.0, 0.0, 10.0);
  const FTransform Was = Body.Actor->GetActorTransform();
  Body.Actor->SetActorLocation(Was.GetLocation() + Lift, false, nullptr, ETeleportType::TeleportPhysics);
  Body.Actor->SetActorLocationAndRotation(ToUnreal(To.position) + Lift, ToUnreal(To.rotation), true, &Hit);
  // What it stands in already, and what slopes up before it, is ground: its height was seen to.
  if (Hit.bBlockingHit && (Hit.bStartPenetrating || Hit.ImpactNormal.Z > 0.5))
  {
    Body.Actor->SetActorLocationAndRotation(ToUnreal(To.position) + Lift, ToUnreal(To.rotation), false);
  }
  else if (Hit.bBlockingHit)
  {
    Body.Course = Course();
  }
  const FVector Reached = Body.Actor->GetActorLocation() - Lift;
  Body.Actor->SetActorLocation(Reached, false, nullptr, ETeleportType::TeleportPhysics);
}

bool FTownBodies::GroundBelow(const Vec3& Point, const FBody& Body, double& Height) const
{
  FHitResult Hit;
  const FVector At = ToUnreal(Point);
  if (!Trace(At + FVector(0.0, 0.0, 60.0), At - FVector(0.0, 0.0, 500.0), Body.Name, Hit))
  {
    return false;
  }
  Height = Hit.ImpactPoint.Z / CentimetresPerMetre;
  return true;
}
}  // namespace UE::SimBridge
