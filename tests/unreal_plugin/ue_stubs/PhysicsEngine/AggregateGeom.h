// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "Engine/EngineTypes.h"

struct FKBoxElem
{
  FKBoxElem(float X, float Y, float Z);
  void SetTransform(const FTransform&);
};
struct FKSphereElem
{
  FVector Center;
  float Radius = 0;
  FKSphereElem(float Radius);
};
struct FKSphylElem
{
  FKSphylElem(float Radius, float Length);
  void SetTransform(const FTransform&);
};
struct FKConvexElem
{
  TArray<FVector> VertexData;
  void UpdateElemBox();
};
struct FKAggregateGeom
{
  TArray<FKSphereElem> SphereElems;
  TArray<FKBoxElem> BoxElems;
  TArray<FKSphylElem> SphylElems;
  TArray<FKConvexElem> ConvexElems;
};
