// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "DynamicMesh/DynamicMesh3.h"

namespace UE::Geometry
{
enum class EMeshResult
{
  Ok = 0
};

class FDynamicMeshNormalOverlay
{
public:
  int AppendElement(const FVector3f&);
  EMeshResult SetTriangle(int Triangle, const FIndex3i&, bool bAllowElementFreeing = true);
};
class FDynamicMeshUVOverlay
{
public:
  int AppendElement(const FVector2f&);
  EMeshResult SetTriangle(int Triangle, const FIndex3i&, bool bAllowElementFreeing = true);
};
}  // namespace UE::Geometry
