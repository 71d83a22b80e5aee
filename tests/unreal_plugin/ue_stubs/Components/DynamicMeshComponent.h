// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "Components/MeshComponent.h"
#include "DynamicMesh/DynamicMesh3.h"

class UBaseDynamicMeshComponent : public UMeshComponent
{
};

class UDynamicMeshComponent : public UBaseDynamicMeshComponent
{
public:
  void SetMesh(UE::Geometry::FDynamicMesh3&&);
  void ConfigureMaterialSet(const TArray<UMaterialInterface*>&, bool bDeleteExtraSlots = true);
  void EnableComplexAsSimpleCollision();
};
