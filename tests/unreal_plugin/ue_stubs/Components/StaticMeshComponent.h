// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "Components/MeshComponent.h"

class UStaticMesh;

class UStaticMeshComponent : public UMeshComponent
{
public:
  UStaticMesh* GetStaticMesh() const;
  virtual bool SetStaticMesh(UStaticMesh*);
};
