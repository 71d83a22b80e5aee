// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"

class AActor;
class ANavMeshBoundsVolume;
class UNavigationPath;

class UNavigationSystemV1 : public UObject
{
public:
  void OnNavigationBoundsUpdated(ANavMeshBoundsVolume*);
  static UNavigationPath* FindPathToLocationSynchronously(
    UObject* WorldContext, const FVector& Start, const FVector& End, AActor* Context = nullptr);
};
namespace FNavigationSystem
{
template <typename T>
T* GetCurrent(UWorld*);
}
