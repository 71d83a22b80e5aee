// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "MeshDescription.h"

class FStaticMeshAttributes
{
public:
  explicit FStaticMeshAttributes(FMeshDescription&);
  void Register(bool bKeepExisting = false);
  TVertexAttributesRef<FVector3f> GetVertexPositions();
  TVertexInstanceAttributesRef<FVector3f> GetVertexInstanceNormals();
  TVertexInstanceAttributesRef<FVector3f> GetVertexInstanceTangents();
  TVertexInstanceAttributesRef<float> GetVertexInstanceBinormalSigns();
  TVertexInstanceAttributesRef<FVector2f> GetVertexInstanceUVs();
  TPolygonGroupAttributesRef<FName> GetPolygonGroupMaterialSlotNames();
};
