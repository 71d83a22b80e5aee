// Terrain tiles and water as UDynamicMeshComponents; the core says which triangles.
#include "TownGround.h"

#include "Components/DynamicMeshComponent.h"
#include "DynamicMesh/DynamicMesh3.h"
#include "DynamicMesh/DynamicMeshAttributeSet.h"
#include "DynamicMesh/DynamicMeshOverlay.h"
#include "Materials/MaterialInterface.h"

#include "Frames.h"
#include "SimBridgeTown.h"
#include "Triangles.h"

using UE::Geometry::FDynamicMesh3;
using UE::Geometry::FDynamicMeshMaterialAttribute;
using UE::Geometry::FDynamicMeshNormalOverlay;
using UE::Geometry::FDynamicMeshUVOverlay;
using UE::Geometry::FIndex3i;

namespace UE::SimBridge
{
namespace
{
/// A mesh that gets its vertices with a normal and a place on the map each.
class FGrowing
{
public:
  FGrowing()
  {
    Mesh.EnableAttributes();
    Mesh.Attributes()->EnableMaterialID();
  }

  int32 AddVertex(const FVector& At, const FVector3f& Normal)
  {
    const int32 Vertex = Mesh.AppendVertex(At);
    Mesh.Attributes()->PrimaryNormals()->AppendElement(Normal);
    Mesh.Attributes()->PrimaryUV()->AppendElement(
      FVector2f(static_cast<float>(At.X / CentimetresPerMetre), static_cast<float>(At.Y / CentimetresPerMetre)));
    return Vertex;
  }

  /// Elements are numbered as vertices are: one of each for every vertex.
  void AddTriangle(int32 A, int32 B, int32 C, int32 Material)
  {
    const int32 Triangle = Mesh.AppendTriangle(A, B, C);
    if (Triangle < 0)
    {
      return;
    }
    const FIndex3i Corners(A, B, C);
    Mesh.Attributes()->PrimaryNormals()->SetTriangle(Triangle, Corners);
    Mesh.Attributes()->PrimaryUV()->SetTriangle(Triangle, Corners);
    Mesh.Attributes()->GetMaterialID()->SetValue(Triangle, Material);
  }

  FDynamicMesh3 Mesh;
};

/// The mesh as it is seen and walked on, and its twin in one colour.
void Show(ASimBridgeTown& Town, FDynamicMesh3& Mesh, const TArray<UMaterialInterface*>& Surfaces, UMaterialInterface* IdMaterial,
  bool bIsSolid)
{
  if (IdMaterial != nullptr)
  {
    UDynamicMeshComponent* Twin = NewObject<UDynamicMeshComponent>(&Town);
    Twin->SetMesh(FDynamicMesh3(Mesh));
    TArray<UMaterialInterface*> Same;
    Same.Init(IdMaterial, Surfaces.Num());
    Twin->ConfigureMaterialSet(Same);
    ASimBridgeTown::MakeTwin(*Twin);
    ASimBridgeTown::Adopt(Town, *Twin);
    Town.AddTwin(*Twin);
    Town.Kept.Add(IdMaterial);
  }
  UDynamicMeshComponent* Seen = NewObject<UDynamicMeshComponent>(&Town);
  Seen->SetMesh(MoveTemp(Mesh));
  Seen->ConfigureMaterialSet(Surfaces);
  ASimBridgeTown::Adopt(Town, *Seen);
  if (bIsSolid)
  {
    Seen->SetCollisionProfileName(FName(TEXT("BlockAll")));
    Seen->SetCanEverAffectNavigation(true);
    Seen->EnableComplexAsSimpleCollision();
  }
  else
  {
    Seen->SetCollisionEnabled(ECollisionEnabled::NoCollision);
  }
}
}  // namespace

void FTownGround::MakeTile(int32 Tile) const
{
  const int32 Along = TilesAlong(Plan.Ground.columns());
  const simbridge::HeightTile Told = Plan.Ground.Tile(static_cast<uint32>(Tile / Along * TileCells),
    static_cast<uint32>(Tile % Along * TileCells), static_cast<uint32>(TileCells));
  FGrowing Growing;
  for (size_t At = 0; At + 2 < Told.vertices_m.size(); At += 3)
  {
    const float* V = &Told.vertices_m[At];
    const float* N = &Told.normals[At];
    Growing.AddVertex(ToUnreal(simbridge::Vec3{V[0], V[1], V[2]}), FVector3f(N[0], -N[1], N[2]));
  }
  for (size_t At = 0; 3 * At + 2 < Told.triangles.size(); ++At)
  {
    const int32_t* Corners = &Told.triangles[3 * At];
    Growing.AddTriangle(Corners[0], Corners[1], Corners[2], Told.surface[At]);
  }
  TArray<UMaterialInterface*> Surfaces;
  for (const std::string& Name : Plan.Surfaces)
  {
    Surfaces.Add(Materials.Of(Name));
  }
  Show(Town, Growing.Mesh, Surfaces, Materials.MakeSingleId(FTownPlan::TerrainId), true);
}

void FTownGround::MakeWater(const simbridge::Water& Water, UMaterialInterface* Surface) const
{
  const std::vector<std::vector<double>> Holes(Water.rings.begin() + 1, Water.rings.end());
  const FFlatSurface Flat = Triangulated(Water.rings.front(), Holes);
  FGrowing Growing;
  for (size_t At = 0; At + 1 < Flat.Points.size(); At += 2)
  {
    Growing.AddVertex(ToUnreal(simbridge::Vec3{Flat.Points[At], Flat.Points[At + 1], Water.level_m}), FVector3f(0, 0, 1));
  }
  for (size_t At = 0; At + 2 < Flat.Triangles.size(); At += 3)
  {
    Growing.AddTriangle(Flat.Triangles[At], Flat.Triangles[At + 1], Flat.Triangles[At + 2], 0);
  }
  Show(Town, Growing.Mesh, {Surface}, Materials.MakeSingleId(Water.id), false);
}
}  // namespace UE::SimBridge
