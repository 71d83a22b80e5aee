// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CollisionQueryParams.h"
#include "Engine/EngineBaseTypes.h"
#include "Engine/EngineTypes.h"
#include "GameFramework/Actor.h"

class UMaterialParameterCollection;
class UMaterialParameterCollectionInstance;

namespace EWorldType
{
enum Type : int
{
  None,
  Game,
  Editor,
  PIE
};
}
enum class ESpawnActorCollisionHandlingMethod : uint8
{
  Undefined,
  AlwaysSpawn
};
struct FActorSpawnParameters
{
  ESpawnActorCollisionHandlingMethod SpawnCollisionHandlingOverride = ESpawnActorCollisionHandlingMethod::Undefined;
  EObjectFlags ObjectFlags = RF_NoFlags;
};

class UWorld : public UObject
{
public:
  TEnumAsByte<EWorldType::Type> WorldType;
  uint8 bDebugPauseExecution : 1;
  uint8 bIsTearingDown : 1;
  UWorld();
  bool IsGameWorld() const;
  bool HasBegunPlay() const;
  template <typename T>
  T* SpawnActor(UClass*, const FTransform&, const FActorSpawnParameters& = FActorSpawnParameters());
  bool LineTraceSingleByObjectType(FHitResult&, const FVector& Start, const FVector& End,
    const FCollisionObjectQueryParams&, const FCollisionQueryParams&) const;
  UMaterialParameterCollectionInstance* GetParameterCollectionInstance(const UMaterialParameterCollection*);
};

template <typename... A>
class TUeStubDelegate
{
public:
  template <typename T>
  FDelegateHandle AddRaw(T*, void (T::*)(A...));
  bool Remove(FDelegateHandle);
};
class FWorldDelegates
{
public:
  static TUeStubDelegate<UWorld*, ELevelTick, float> OnWorldTickStart;
  static TUeStubDelegate<UWorld*, bool, bool> OnWorldCleanup;
};
