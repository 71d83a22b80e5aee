// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"

class FMeshDescription;
class FStaticMeshRenderData;
class UBodySetup;
class UMaterialInterface;

struct FMeshUVChannelInfo
{
  bool bInitialized = false;
};

struct FStaticMaterial
{
  FMeshUVChannelInfo UVChannelData;
  FStaticMaterial(UMaterialInterface* = nullptr, FName Slot = NAME_None, FName ImportedSlot = NAME_None);
};

class UStreamableRenderAsset : public UObject
{
public:
  uint8 NeverStream : 1;
  UStreamableRenderAsset();
};

class UStaticMesh : public UStreamableRenderAsset
{
public:
  struct FBuildMeshDescriptionsParams
  {
    bool bMarkPackageDirty, bUseHashAsGuid, bBuildSimpleCollision, bCommitMeshDescription, bFastBuild, bAllowCpuAccess;
    FBuildMeshDescriptionsParams();
  };
  uint8 bAllowCPUAccess : 1;
  UStaticMesh();
  TArray<FStaticMaterial>& GetStaticMaterials();
  const TArray<FStaticMaterial>& GetStaticMaterials() const;
  void CreateBodySetup();
  UBodySetup* GetBodySetup() const;
  FStaticMeshRenderData* GetRenderData();
  bool BuildFromMeshDescriptions(
    const TArray<const FMeshDescription*>&, const FBuildMeshDescriptionsParams& = FBuildMeshDescriptionsParams());
};
