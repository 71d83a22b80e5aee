// A character that is told its velocity each tick; Unreal's movement component does the walking.
#include "SimBridgeWalker.h"

#include "Components/CapsuleComponent.h"
#include "Components/StaticMeshComponent.h"
#include "GameFramework/CharacterMovementComponent.h"

ASimBridgeWalker::ASimBridgeWalker()
{
  AutoPossessAI = EAutoPossessAI::Disabled;
  Figure = CreateDefaultSubobject<UStaticMeshComponent>(TEXT("Figure"));
  Figure->SetupAttachment(GetCapsuleComponent());
  Figure->SetCollisionEnabled(ECollisionEnabled::NoCollision);
  Figure->SetMobility(EComponentMobility::Movable);
}

void ASimBridgeWalker::Prepare(ACharacter& Character, float Radius, float Height, float StepHeight)
{
  // A capsule is at least as tall as it is wide.
  Character.GetCapsuleComponent()->SetCapsuleSize(Radius, FMath::Max(0.5f * Height, Radius));
  Character.bUseControllerRotationYaw = false;
  UCharacterMovementComponent& Movement = *Character.GetCharacterMovement();
  Movement.bRunPhysicsWithNoController = true;
  Movement.bOrientRotationToMovement = false;
  Movement.MaxStepHeight = FMath::Min(StepHeight, 0.5f * Height);
  Movement.SetWalkableFloorAngle(45.0f);
  // The course of each tick is worked out before it: the component is to follow it at once.
  Movement.MaxAcceleration = 100000.0f;
  Movement.BrakingDecelerationWalking = 100000.0f;
  Movement.GroundFriction = 100.0f;
  Movement.bEnablePhysicsInteraction = true;
  Movement.bUseRVOAvoidance = false;
  Movement.SetMovementMode(MOVE_Walking);
}

void ASimBridgeWalker::NotifyHit(UPrimitiveComponent* MyComp, AActor* Other, UPrimitiveComponent* OtherComp, bool bSelfMoved,
  FVector HitLocation, FVector HitNormal, FVector NormalImpulse, const FHitResult& Hit)
{
  ACharacter::NotifyHit(MyComp, Other, OtherComp, bSelfMoved, HitLocation, HitNormal, NormalImpulse, Hit);
  if (Bumps != nullptr)
  {
    Bumps->Bumped(*this, Other, OtherComp, Hit.Item, HitLocation, NormalImpulse);
  }
}
