// Pieces of a town taken down as they are told, and joined.
#include "TownPlan.h"

#include <algorithm>
#include <limits>

namespace UE::SimBridge
{
namespace
{
std::vector<FPlannedCollider> CopiedColliders(const simbridge::View<simbridge::BuildCollider>& Told)
{
  std::vector<FPlannedCollider> All;
  All.reserve(Told.size);
  for (const simbridge::BuildCollider& One : Told)
  {
    All.push_back({One.shape, One.size_m, One.pose, Copied(One.points_m)});
  }
  return All;
}

}  // namespace

void FTownPlan::Begin(const simbridge::BuildBegin& Told)
{
  *this = FTownPlan();
  Name.assign(Told.name);
  Digest.assign(Told.scene_digest);
  MinX = Told.min_x_m;
  MinY = Told.min_y_m;
  MaxX = Told.max_x_m;
  MaxY = Told.max_y_m;
  Ground = simbridge::HeightField(
    Told.terrain_rows, Told.terrain_columns, Told.terrain_cell_m, Told.terrain_origin_x_m, Told.terrain_origin_y_m);
  Surfaces = Copied(Told.surfaces);
}

void FTownPlan::Take(const simbridge::HeightRows& Told)
{
  Ground.Add(Told.heights_m, Told.surface);
}

void FTownPlan::Take(const simbridge::BuildMaterial& Told)
{
  Materials.push_back({std::string(Told.name), std::string(Told.pattern), Told.base_color, Told.emission, Told.roughness,
    Told.metallic, Told.glows_at_night});
}

void FTownPlan::Take(const simbridge::MeshPiece& Told)
{
  const std::string Called(Told.name);
  auto [Found, bIsNew] = MeshOf.emplace(Called, static_cast<int32_t>(Meshes.size()));
  if (bIsNew)
  {
    Meshes.emplace_back();
    Meshes.back().Name = Called;
  }
  FPlannedMesh& Mesh = Meshes[static_cast<size_t>(Found->second)];
  const int32_t First = static_cast<int32_t>(Mesh.Vertices.size() / 3);

  // A piece names its own materials: find each of them among those of the whole mesh.
  std::vector<uint16_t> Slot(Told.materials.size);
  for (size_t At = 0; At < Told.materials.size; ++At)
  {
    const auto Known = std::find(Mesh.Materials.begin(), Mesh.Materials.end(), Told.materials[At]);
    Slot[At] = static_cast<uint16_t>(Known - Mesh.Materials.begin());
    if (Known == Mesh.Materials.end())
    {
      Mesh.Materials.emplace_back(Told.materials[At]);
    }
  }
  Mesh.Vertices.insert(Mesh.Vertices.end(), Told.vertices_m.begin(), Told.vertices_m.end());
  Mesh.Normals.insert(Mesh.Normals.end(), Told.normals.begin(), Told.normals.end());
  for (const int32_t Corner : Told.triangles)
  {
    Mesh.Triangles.push_back(First + Corner);
  }
  for (const uint16_t Of : Told.material)
  {
    Mesh.Material.push_back(Slot[Of]);
  }
}

void FTownPlan::Take(const simbridge::BuildAsset& Told)
{
  FPlannedAsset Asset;
  Asset.Name.assign(Told.name);
  Asset.Kind.assign(Told.kind);
  Asset.Semantic.assign(Told.semantic);
  Asset.Meshes = Copied(Told.meshes);
  Asset.Colliders = CopiedColliders(Told.colliders);
  Asset.Size = Told.size_m;
  Asset.Mass = Told.mass_kg;
  Asset.bIsMovable = Told.is_movable;
  Asset.Role = Told.role;
  AssetOf.emplace(Asset.Name, static_cast<int32_t>(Assets.size()));
  Assets.push_back(std::move(Asset));
}

void FTownPlan::Take(const simbridge::BuildPlacements& Told)
{
  const auto Found = AssetOf.find(std::string(Told.asset));
  for (size_t At = 0; At < Told.names.size; ++At)
  {
    const double* Pose = Told.poses.data + 7 * At;
    const double* Scale = Told.scale.data + 3 * At;
    FPlannedThing Thing;
    Thing.Name.assign(Told.names[At]);
    Thing.Asset = Found == AssetOf.end() ? -1 : Found->second;
    Thing.Pose = {{Pose[0], Pose[1], Pose[2]}, {Pose[3], Pose[4], Pose[5], Pose[6]}};
    Thing.Scale = {Scale[0], Scale[1], Scale[2]};
    Thing.Id = Told.first_id + static_cast<int32_t>(At);
    ThingOf.emplace(Thing.Name, static_cast<int32_t>(Things.size()));
    Things.push_back(std::move(Thing));
  }
}

void FTownPlan::Take(const simbridge::BuildPart& Told)
{
  Parts.push_back({std::string(Told.name), std::string(Told.kind), std::string(Told.semantic), std::string(Told.mesh),
    CopiedColliders(Told.colliders), Told.id});
}

void FTownPlan::Take(const simbridge::BuildWater& Told)
{
  simbridge::Water Water;
  Water.name.assign(Told.name);
  Water.rings.push_back(Copied(Told.outline));
  for (const simbridge::View<double>& Hole : Told.holes)
  {
    Water.rings.push_back(Copied(Hole));
  }
  Water.level_m = Told.level_m;
  Water.id = Told.id;
  Waters.push_back(std::move(Water));
}

void FTownPlan::Take(const simbridge::BuildLamps& Told)
{
  for (size_t At = 0; At < Told.owners.size; ++At)
  {
    const double* P = Told.positions_m.data + 3 * At;
    const double* C = Told.colors.data + 3 * At;
    Lamps.push_back({std::string(Told.owners[At]), {P[0], P[1], P[2]}, {C[0], C[1], C[2]}, Told.lumens[At], Told.range_m[At]});
  }
}

void FTownPlan::Take(const simbridge::BuildAgent& Told)
{
  const std::string Called(Told.name);
  const auto Found = ThingOf.find(Called);
  if (Found != ThingOf.end())
  {
    FPlannedThing& Thing = Things[static_cast<size_t>(Found->second)];
    Thing.bIsAgent = Thing.Asset >= 0 && Assets[static_cast<size_t>(Thing.Asset)].Role != simbridge::Role::fixed;
    return;
  }
  FPlannedThing Unseen;
  Unseen.Name = Called;
  Unseen.Pose = Told.pose;
  Unseen.bIsAgent = true;
  ThingOf.emplace(Called, static_cast<int32_t>(Things.size()));
  Things.push_back(std::move(Unseen));
}

double FTownPlan::WaterAt(double X, double Y) const
{
  double Level = -std::numeric_limits<double>::infinity();
  for (const simbridge::Water& Water : Waters)
  {
    if (Water.level_m > Level && Water.Contains(X, Y))
    {
      Level = Water.level_m;
    }
  }
  return Level;
}

double FTownPlan::ReachAt(double X, double Y) const
{
  double Reach = -std::numeric_limits<double>::infinity();
  for (const simbridge::Water& Water : Waters)
  {
    Reach = std::max(Reach, Water.Reach(X, Y));
  }
  return Reach;
}
}  // namespace UE::SimBridge
