// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"

#define MAX_STATIC_MESH_LODS 8

struct FPerPlatformFloat
{
  float Default = 0;
};

class FStaticMeshRenderData
{
public:
  FPerPlatformFloat ScreenSize[MAX_STATIC_MESH_LODS];
};
