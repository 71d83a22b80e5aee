// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "PhysicsEngine/AggregateGeom.h"

class UBodySetup : public UObject
{
public:
  FKAggregateGeom AggGeom;
  TEnumAsByte<ECollisionTraceFlag> CollisionTraceFlag;
  uint8 bDoubleSidedGeometry : 1;
  UBodySetup();
  void InvalidatePhysicsData();
  void CreatePhysicsMeshes();
};
