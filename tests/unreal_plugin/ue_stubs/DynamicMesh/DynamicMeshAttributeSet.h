// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "DynamicMesh/DynamicMeshOverlay.h"

namespace UE::Geometry
{
class FDynamicMeshMaterialAttribute
{
public:
  void SetValue(int Triangle, int Value);
};
class FDynamicMeshAttributeSet
{
public:
  FDynamicMeshNormalOverlay* PrimaryNormals();
  FDynamicMeshUVOverlay* PrimaryUV();
  void EnableMaterialID();
  FDynamicMeshMaterialAttribute* GetMaterialID();
};
}  // namespace UE::Geometry
