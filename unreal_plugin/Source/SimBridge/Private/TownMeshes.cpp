// UStaticMesh::BuildFromMeshDescriptions by its fast path, the one that packaged games have, with colliders of our own.
#include "TownMeshes.h"

#include "Engine/StaticMesh.h"
#include "MeshDescription.h"
#include "PhysicsEngine/AggregateGeom.h"
#include "PhysicsEngine/BodySetup.h"
#include "StaticMeshAttributes.h"
#include "StaticMeshResources.h"

#include "Frames.h"

namespace UE::SimBridge
{
namespace
{
FVector3f VertexOf(const float* Three)
{
  return FVector3f(Three[0], -Three[1], Three[2]) * static_cast<float>(CentimetresPerMetre);
}

FVector3f NormalOf(const float* Three)
{
  return FVector3f(Three[0], -Three[1], Three[2]);
}

/// Coordinates in metres on the plane that a normal faces most: patterns and project materials have something to hold on to.
FVector2f FlatCoordinates(const FVector3f& At, const FVector3f& Normal)
{
  const FVector3f Size(FMath::Abs(Normal.X), FMath::Abs(Normal.Y), FMath::Abs(Normal.Z));
  const FVector3f Metres = At / static_cast<float>(CentimetresPerMetre);
  if (Size.Z >= Size.X && Size.Z >= Size.Y)
  {
    return FVector2f(Metres.X, Metres.Y);
  }
  return Size.X >= Size.Y ? FVector2f(Metres.Y, -Metres.Z) : FVector2f(Metres.X, -Metres.Z);
}

FVector3f AnyTangent(const FVector3f& Normal)
{
  const FVector3f Other = FMath::Abs(Normal.Z) < 0.9f ? FVector3f(0, 0, 1) : FVector3f(1, 0, 0);
  return FVector3f::CrossProduct(Other, Normal).GetSafeNormal();
}

/// One level as Unreal's mesh description; its polygon groups are named by materials.
class FDescribed
{
public:
  explicit FDescribed(const FPlannedMesh& InMesh) : Mesh(InMesh), Attributes(Description)
  {
    Attributes.Register();
    Positions = Attributes.GetVertexPositions();
    Normals = Attributes.GetVertexInstanceNormals();
    Tangents = Attributes.GetVertexInstanceTangents();
    Signs = Attributes.GetVertexInstanceBinormalSigns();
    Coordinates = Attributes.GetVertexInstanceUVs();
    Slots = Attributes.GetPolygonGroupMaterialSlotNames();
    Describe();
  }

  FMeshDescription Description;

private:
  void Describe()
  {
    const int32 Vertices = static_cast<int32>(Mesh.Vertices.size() / 3);
    const int32 Triangles = static_cast<int32>(Mesh.Triangles.size() / 3);
    const bool bIsSmooth = Mesh.Normals.size() == Mesh.Vertices.size();
    Description.ReserveNewVertices(Vertices);
    Description.ReserveNewVertexInstances(bIsSmooth ? Vertices : 3 * Triangles);
    Description.ReserveNewTriangles(Triangles);

    TArray<FPolygonGroupID> Groups;
    for (const std::string& Name : Mesh.Materials)
    {
      const FPolygonGroupID Group = Description.CreatePolygonGroup();
      Slots[Group] = FName(*ToFString(Name));
      Groups.Add(Group);
    }
    TArray<FVertexID> Corners;
    Corners.Reserve(Vertices);
    for (int32 At = 0; At < Vertices; ++At)
    {
      const FVertexID Vertex = Description.CreateVertex();
      Positions[Vertex] = VertexOf(&Mesh.Vertices[3 * static_cast<size_t>(At)]);
      Corners.Add(Vertex);
    }
    TArray<FVertexInstanceID> Shared;
    if (bIsSmooth)
    {
      for (int32 At = 0; At < Vertices; ++At)
      {
        Shared.Add(Instance(Corners[At], NormalOf(&Mesh.Normals[3 * static_cast<size_t>(At)])));
      }
    }
    for (size_t At = 0; At < static_cast<size_t>(Triangles); ++At)
    {
      const int32_t* Of = &Mesh.Triangles[3 * At];
      if (Of[0] == Of[1] || Of[1] == Of[2] || Of[0] == Of[2])
      {
        continue;
      }
      FVertexInstanceID Three[3];
      const FVector3f Flat = TriangleNormal(Positions[Corners[Of[0]]], Positions[Corners[Of[1]]], Positions[Corners[Of[2]]]);
      for (int32 Corner = 0; Corner < 3; ++Corner)
      {
        Three[Corner] = bIsSmooth ? Shared[Of[Corner]] : Instance(Corners[Of[Corner]], Flat);
      }
      Description.CreateTriangle(Groups[Mesh.Material[At]], MakeArrayView(Three, 3));
    }
  }

  FVertexInstanceID Instance(FVertexID Vertex, const FVector3f& Normal)
  {
    const FVertexInstanceID Made = Description.CreateVertexInstance(Vertex);
    Normals[Made] = Normal;
    Tangents[Made] = AnyTangent(Normal);
    Signs[Made] = 1.0f;
    Coordinates.Set(Made, 0, FlatCoordinates(Positions[Vertex], Normal));
    return Made;
  }

  const FPlannedMesh& Mesh;
  FStaticMeshAttributes Attributes;
  TVertexAttributesRef<FVector3f> Positions;
  TVertexInstanceAttributesRef<FVector3f> Normals;
  TVertexInstanceAttributesRef<FVector3f> Tangents;
  TVertexInstanceAttributesRef<float> Signs;
  TVertexInstanceAttributesRef<FVector2f> Coordinates;
  TPolygonGroupAttributesRef<FName> Slots;
};

FKConvexElem Hull(const TArray<FVector>& Points)
{
  FKConvexElem Made;
  Made.VertexData = Points;
  Made.UpdateElemBox();
  return Made;
}

/// Chaos has no cylinders: a prism of sixteen sides, as wide as the cylinder at its flats.
FKConvexElem Prism(const FTransform& Place, const simbridge::Vec3& Size)
{
  constexpr int32 Sides = 16;
  TArray<FVector> Points;
  for (int32 At = 0; At < Sides; ++At)
  {
    const double Angle = 2.0 * UE_DOUBLE_PI * At / Sides;
    const double Out = 0.5 * CentimetresPerMetre / FMath::Cos(UE_DOUBLE_PI / Sides);
    const FVector Rim(Out * Size.x * FMath::Cos(Angle), Out * Size.y * FMath::Sin(Angle), 0.0);
    const FVector Up(0.0, 0.0, 0.5 * CentimetresPerMetre * Size.z);
    Points.Add(Place.TransformPosition(Rim + Up));
    Points.Add(Place.TransformPosition(Rim - Up));
  }
  return Hull(Points);
}

/// Whether the mesh itself is what things bump into.
bool AddColliders(const std::vector<FPlannedCollider>& Colliders, FKAggregateGeom& Into)
{
  bool bIsMesh = false;
  for (const FPlannedCollider& Told : Colliders)
  {
    const FTransform Place = ToUnreal(Told.Pose);
    const FVector Size = FVector(Told.Size.x, Told.Size.y, Told.Size.z) * CentimetresPerMetre;
    switch (Told.Shape)
    {
      case simbridge::ColliderShape::box:
      {
        FKBoxElem Box(static_cast<float>(Size.X), static_cast<float>(Size.Y), static_cast<float>(Size.Z));
        Box.SetTransform(Place);
        Into.BoxElems.Add(Box);
        break;
      }
      case simbridge::ColliderShape::sphere:
      {
        FKSphereElem Sphere(static_cast<float>(0.5 * Size.X));
        Sphere.Center = Place.GetLocation();
        Into.SphereElems.Add(Sphere);
        break;
      }
      case simbridge::ColliderShape::capsule:
      {
        // Unreal counts the part between the two caps.
        FKSphylElem Capsule(static_cast<float>(0.5 * Size.X), static_cast<float>(FMath::Max(0.0, Size.Z - Size.X)));
        Capsule.SetTransform(Place);
        Into.SphylElems.Add(Capsule);
        break;
      }
      case simbridge::ColliderShape::cylinder:
        Into.ConvexElems.Add(Prism(Place, Told.Size));
        break;
      case simbridge::ColliderShape::hull:
      {
        TArray<FVector> Points;
        for (size_t At = 0; At + 2 < Told.Points.size(); At += 3)
        {
          Points.Add(Place.TransformPosition(FVector(VertexOf(&Told.Points[At]))));
        }
        Into.ConvexElems.Add(Hull(Points));
        break;
      }
      case simbridge::ColliderShape::mesh:
        bIsMesh = true;
        break;
    }
  }
  return bIsMesh;
}

/// How large on the screen a level still is when the next coarser one takes over.
float ScreenSizeOf(int32 Level)
{
  return Level == 0 ? 1.0f : 0.35f / static_cast<float>(1 << (2 * (Level - 1)));
}
}  // namespace

FVector3f TriangleNormal(const FVector3f& A, const FVector3f& B, const FVector3f& C)
{
  return FVector3f::CrossProduct(C - A, B - A).GetSafeNormal();
}

UStaticMesh* MakeStaticMesh(UObject& Owner, const FTownPlan& Plan, const std::vector<std::string>& Levels,
  const std::vector<FPlannedCollider>& Colliders, const FTownMaterials& Materials)
{
  TArray<TUniquePtr<FDescribed>> Described;
  TArray<const FMeshDescription*> Descriptions;
  TArray<FName> Slots;
  UStaticMesh* Made = nullptr;
  for (const std::string& Level : Levels)
  {
    const auto Found = Plan.MeshOf.find(Level);
    if (Found == Plan.MeshOf.end() || Descriptions.Num() == MAX_STATIC_MESH_LODS)
    {
      continue;
    }
    const FPlannedMesh& Mesh = Plan.Meshes[static_cast<size_t>(Found->second)];
    if (Mesh.Triangles.empty())
    {
      continue;
    }
    if (Made == nullptr)
    {
      Made = NewObject<UStaticMesh>(&Owner);
      Made->bAllowCPUAccess = true;
      Made->NeverStream = true;
    }
    for (const std::string& Name : Mesh.Materials)
    {
      const FName Slot(*ToFString(Name));
      if (!Slots.Contains(Slot))
      {
        Slots.Add(Slot);
        FStaticMaterial Shown(Materials.Of(Name), Slot, Slot);
        // No texture is streamed by how its coordinates lie.
        Shown.UVChannelData.bInitialized = true;
        Made->GetStaticMaterials().Add(Shown);
      }
    }
    Described.Add(MakeUnique<FDescribed>(Mesh));
    Descriptions.Add(&Described.Last()->Description);
  }
  if (Made == nullptr)
  {
    return nullptr;
  }

  Made->CreateBodySetup();
  UBodySetup* Body = Made->GetBodySetup();
  const bool bIsMesh = AddColliders(Colliders, Body->AggGeom);
  Body->CollisionTraceFlag = bIsMesh ? CTF_UseComplexAsSimple : CTF_UseSimpleAsComplex;
  Body->bDoubleSidedGeometry = true;

  UStaticMesh::FBuildMeshDescriptionsParams Params;
  Params.bFastBuild = true;
  Params.bBuildSimpleCollision = false;
  Params.bCommitMeshDescription = false;
  Params.bMarkPackageDirty = false;
  Params.bAllowCpuAccess = true;
  Made->BuildFromMeshDescriptions(Descriptions, Params);

  if (FStaticMeshRenderData* Rendered = Made->GetRenderData())
  {
    for (int32 Level = 0; Level < Descriptions.Num(); ++Level)
    {
      Rendered->ScreenSize[Level].Default = ScreenSizeOf(Level);
    }
  }
  Body->InvalidatePhysicsData();
  Body->CreatePhysicsMeshes();
  return Made;
}
}  // namespace UE::SimBridge
