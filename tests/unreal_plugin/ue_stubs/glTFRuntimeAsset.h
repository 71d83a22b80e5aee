// Stand-in for glTFRuntime's header: what simbridge uses of it. Not glTFRuntime.
#pragma once

#include "CoreMinimal.h"

class UStaticMesh;
struct FglTFRuntimeStaticMeshConfig
{
  bool bBuildSimpleCollision = false;
  bool bAllowCPUAccess = false;
};

class UglTFRuntimeAsset : public UObject
{
public:
  UStaticMesh* LoadStaticMeshRecursive(
    const FString& NodeName, const TArray<FString>& ExcludeNodes, const FglTFRuntimeStaticMeshConfig&);
};
