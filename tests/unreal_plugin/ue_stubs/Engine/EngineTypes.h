// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"

namespace ECollisionEnabled
{
enum Type : int
{
  NoCollision,
  QueryOnly,
  PhysicsOnly,
  QueryAndPhysics
};
}
namespace EComponentMobility
{
enum Type : int
{
  Static,
  Stationary,
  Movable
};
}
enum class ETeleportType : uint8
{
  None,
  TeleportPhysics,
  ResetPhysics
};
enum ECollisionTraceFlag : int
{
  CTF_UseDefault,
  CTF_UseSimpleAndComplex,
  CTF_UseSimpleAsComplex,
  CTF_UseComplexAsSimple
};
enum EMovementMode : int
{
  MOVE_None,
  MOVE_Walking,
  MOVE_NavWalking,
  MOVE_Falling
};
enum ESceneCaptureSource : int
{
  SCS_SceneColorHDR,
  SCS_SceneColorHDRNoAlpha,
  SCS_FinalColorLDR,
  SCS_SceneColorSceneDepth,
  SCS_SceneDepth,
  SCS_DeviceDepth,
  SCS_Normal,
  SCS_BaseColor
};
enum class EAutoPossessAI : uint8
{
  Disabled,
  PlacedInWorld
};
template <typename E>
class TEnumAsByte
{
public:
  TEnumAsByte() = default;
  TEnumAsByte(E InValue) : Value(static_cast<uint8>(InValue)) {}
  operator E() const { return static_cast<E>(Value); }

private:
  uint8 Value = 0;
};
struct FAttachmentTransformRules
{
  static const FAttachmentTransformRules KeepWorldTransform;
};
struct FDetachmentTransformRules
{
  static const FDetachmentTransformRules KeepWorldTransform;
};
class AActor;
class UPrimitiveComponent;
struct FHitResult
{
  FVector ImpactPoint;
  FVector ImpactNormal;
  int32 Item = 0;
  uint8 bBlockingHit : 1;
  uint8 bStartPenetrating : 1;
  FHitResult();
  AActor* GetActor() const;
  UPrimitiveComponent* GetComponent() const;
};
