// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"

struct FElementID
{
  int32 IDValue = INDEX_NONE;
};
struct FVertexID : public FElementID
{
};
struct FVertexInstanceID : public FElementID
{
};
struct FPolygonGroupID : public FElementID
{
};
struct FTriangleID : public FElementID
{
};

class FMeshDescription
{
public:
  void ReserveNewVertices(int32);
  void ReserveNewVertexInstances(int32);
  void ReserveNewTriangles(int32);
  FVertexID CreateVertex();
  FVertexInstanceID CreateVertexInstance(FVertexID);
  FPolygonGroupID CreatePolygonGroup();
  FTriangleID CreateTriangle(FPolygonGroupID, TArrayView<const FVertexInstanceID>);
  FTriangleID CreateTriangle(FPolygonGroupID Group, TArrayView<FVertexInstanceID> Three);
};

template <typename I, typename T>
class TUeStubAttributes
{
public:
  T& operator[](I) const;
  void Set(I, int32 Channel, const T&) const;
};
template <typename T>
using TVertexAttributesRef = TUeStubAttributes<FVertexID, T>;
template <typename T>
using TVertexInstanceAttributesRef = TUeStubAttributes<FVertexInstanceID, T>;
template <typename T>
using TPolygonGroupAttributesRef = TUeStubAttributes<FPolygonGroupID, T>;
