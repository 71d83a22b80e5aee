// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "Components/SceneComponent.h"

class UMaterialInterface;

class UPrimitiveComponent : public USceneComponent
{
public:
  uint8 CastShadow : 1;
  uint8 bAffectDynamicIndirectLighting : 1;
  uint8 bAffectDistanceFieldLighting : 1;
  uint8 bVisibleInReflectionCaptures : 1;
  uint8 bVisibleInRealTimeSkyCaptures : 1;
  uint8 bVisibleInRayTracing : 1;
  uint8 bVisibleInSceneCaptureOnly : 1;
  UPrimitiveComponent();
  virtual void SetCollisionEnabled(ECollisionEnabled::Type);
  virtual void SetCollisionProfileName(FName, bool bUpdateOverlaps = true);
  void SetGenerateOverlapEvents(bool);
  void SetCanEverAffectNavigation(bool);
  virtual void SetMaterial(int32 Slot, UMaterialInterface*);
  virtual UMaterialInterface* GetMaterial(int32 Slot) const;
  virtual int32 GetNumMaterials() const;
  virtual void SetSimulatePhysics(bool);
  virtual bool IsSimulatingPhysics(FName Bone = NAME_None) const;
  virtual void SetMassOverrideInKg(FName Bone = NAME_None, float Kilograms = 1.0f, bool bOverride = true);
  virtual void SetNotifyRigidBodyCollision(bool);
  virtual void SetPhysicsLinearVelocity(FVector, bool bAddToCurrent = false, FName Bone = NAME_None);
  virtual void SetPhysicsAngularVelocityInRadians(FVector, bool bAddToCurrent = false, FName Bone = NAME_None);
  FVector GetPhysicsLinearVelocity(FName Bone = NAME_None);
  FVector GetPhysicsAngularVelocityInRadians(FName Bone = NAME_None) const;
};
