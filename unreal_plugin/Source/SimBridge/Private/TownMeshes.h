// Static meshes made at run time: vertices, materials and colliders of a town, ready to be placed any number of times.
#pragma once

#include "CoreMinimal.h"

#include "TownMaterials.h"
#include "TownPlan.h"

class UObject;
class UStaticMesh;

namespace UE::SimBridge
{
/// Levels of detail from fine to coarse, and what things bump into. Null where a mesh has no triangles at all.
UStaticMesh* MakeStaticMesh(UObject& Owner, const FTownPlan& Plan, const std::vector<std::string>& Levels,
  const std::vector<FPlannedCollider>& Colliders, const FTownMaterials& Materials);

/// The flat normal of each triangle in Unreal's frame, as Unreal has it: (c - a) x (b - a).
FVector3f TriangleNormal(const FVector3f& A, const FVector3f& B, const FVector3f& C);
}  // namespace UE::SimBridge
