// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "Components/ActorComponent.h"

class UPawnMovementComponent : public UActorComponent
{
public:
  virtual void AddInputVector(FVector WorldVector, bool bForce = false);
  virtual void StopMovementImmediately();
};

class UCharacterMovementComponent : public UPawnMovementComponent
{
public:
  float MaxStepHeight = 0, MaxWalkSpeed = 0, MaxAcceleration = 0, BrakingDecelerationWalking = 0, GroundFriction = 0;
  uint8 bRunPhysicsWithNoController : 1;
  uint8 bOrientRotationToMovement : 1;
  uint8 bEnablePhysicsInteraction : 1;
  uint8 bUseRVOAvoidance : 1;
  UCharacterMovementComponent();
  void SetWalkableFloorAngle(float Degrees);
  virtual void SetMovementMode(EMovementMode, uint8 Custom = 0);
  virtual void DisableMovement();
};
