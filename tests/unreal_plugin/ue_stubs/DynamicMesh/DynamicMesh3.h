// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"

namespace UE::Geometry
{
struct FIndex3i
{
  int A, B, C;
  FIndex3i(int InA, int InB, int InC) : A(InA), B(InB), C(InC) {}
};

class FDynamicMeshAttributeSet;

class FDynamicMesh3
{
public:
  FDynamicMesh3() = default;
  FDynamicMesh3(const FDynamicMesh3&) = default;
  FDynamicMesh3(FDynamicMesh3&&) = default;
  void EnableAttributes();
  FDynamicMeshAttributeSet* Attributes();
  int AppendVertex(const FVector3d&);
  int AppendTriangle(int A, int B, int C, int Group = 0);
};
}  // namespace UE::Geometry
