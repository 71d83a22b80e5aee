// The fake world as it is told: pieces kept until the end makes a world of them.
#include <cmath>

#include "FakeWorld.h"

namespace simbridge::fake {
namespace {

int32_t Found(const std::unordered_map<std::string, int32_t>& by_name, Text name) {
  const auto found = by_name.find(std::string(name));
  return found == by_name.end() ? -1 : found->second;
}

std::vector<Collider> Kept(View<BuildCollider> colliders) {
  std::vector<Collider> kept;
  for (const BuildCollider& one : colliders) {
    kept.push_back({one.shape, one.size_m, one.pose, std::vector<float>(one.points_m.begin(), one.points_m.end())});
  }
  return kept;
}

/// The top of what is upright in it [m]: umbrellas and stretched arms do not count.
double TopOf(const std::vector<Collider>& colliders) {
  double top = 0;
  for (const Collider& one : colliders) {
    if (one.shape != ColliderShape::cylinder && one.shape != ColliderShape::box) continue;
    top = std::fmax(top, one.pose.position.z + one.size_m.z / 2);
  }
  return top;
}

}  // namespace

bool FakeWorld::BeginBuild(const BuildBegin& begin, Failure&) {
  told_ = std::make_unique<Scene>();
  told_->min_x_m = begin.min_x_m;
  told_->min_y_m = begin.min_y_m;
  told_->max_x_m = begin.max_x_m;
  told_->max_y_m = begin.max_y_m;
  told_->ground = HeightField(begin.terrain_rows, begin.terrain_columns, begin.terrain_cell_m, begin.terrain_origin_x_m,
                              begin.terrain_origin_y_m);
  for (Text name : begin.surfaces) told_->surface_names.emplace_back(name);
  return true;
}

bool FakeWorld::AcceptHeights(const HeightRows& rows, Failure&) {
  told_->ground.Add(rows.heights_m, rows.surface);
  return true;
}

bool FakeWorld::AcceptMaterial(const BuildMaterial& material, Failure&) {
  told_->material_by_name.emplace(std::string(material.name), static_cast<int32_t>(told_->materials.size()));
  told_->materials.push_back({material.base_color, material.emission, material.glows_at_night});
  return true;
}

bool FakeWorld::AcceptMesh(const MeshPiece& piece, Failure&) {
  const auto [place, is_new] =
      told_->mesh_by_name.emplace(std::string(piece.name), static_cast<int32_t>(told_->meshes.size()));
  if (is_new) told_->meshes.emplace_back();
  Mesh& mesh = told_->meshes[static_cast<size_t>(place->second)];
  const int32_t first = static_cast<int32_t>(mesh.vertices_m.size() / 3);
  mesh.vertices_m.insert(mesh.vertices_m.end(), piece.vertices_m.begin(), piece.vertices_m.end());
  for (int32_t index : piece.triangles) mesh.triangles.push_back(first + index);
  for (uint16_t index : piece.material) mesh.material.push_back(Found(told_->material_by_name, piece.materials[index]));
  mesh.has_normals = mesh.has_normals && (!piece.normals.empty() || piece.vertices_m.empty());
  mesh.normals.insert(mesh.normals.end(), piece.normals.begin(), piece.normals.end());
  return true;
}

bool FakeWorld::AcceptAsset(const BuildAsset& asset, Failure&) {
  Asset made;
  made.name.assign(asset.name);
  made.kind.assign(asset.kind);
  made.semantic.assign(asset.semantic);
  made.mesh = asset.meshes.empty() ? -1 : Found(told_->mesh_by_name, asset.meshes[0]);
  made.colliders = Kept(asset.colliders);
  made.size_m = asset.size_m;
  made.mass_kg = asset.mass_kg;
  made.solids_top_m = TopOf(made.colliders);
  made.role = asset.role;
  told_->asset_by_name.emplace(made.name, static_cast<int32_t>(told_->assets.size()));
  told_->assets.push_back(std::move(made));
  return true;
}

bool FakeWorld::AcceptPlacements(const BuildPlacements& placements, Failure&) {
  const int32_t asset = Found(told_->asset_by_name, placements.asset);
  for (size_t row = 0; row < placements.names.size; ++row) {
    const double* seven = placements.poses.data + 7 * row;
    const double* scale = placements.scale.data + 3 * row;
    Placed placed;
    placed.name.assign(placements.names[row]);
    placed.asset = asset;
    placed.mesh = told_->assets[static_cast<size_t>(asset)].mesh;
    placed.id = placements.first_id + static_cast<int32_t>(row);
    placed.pose = {{seven[0], seven[1], seven[2]}, {seven[3], seven[4], seven[5], seven[6]}};
    placed.scale = {scale[0], scale[1], scale[2]};
    told_->placed_by_name.emplace(placed.name, static_cast<int32_t>(told_->placed.size()));
    told_->placed.push_back(std::move(placed));
  }
  return true;
}

bool FakeWorld::AcceptPart(const BuildPart& part, Failure&) {
  Placed placed;
  placed.name.assign(part.name);
  placed.mesh = Found(told_->mesh_by_name, part.mesh);
  placed.id = part.id;
  placed.colliders = Kept(part.colliders);
  placed.is_part = true;
  told_->placed_by_name.emplace(placed.name, static_cast<int32_t>(told_->placed.size()));
  told_->placed.push_back(std::move(placed));
  return true;
}

bool FakeWorld::AcceptWater(const BuildWater& water, Failure&) {
  Water made;
  made.name.assign(water.name);
  made.rings.emplace_back(water.outline.begin(), water.outline.end());
  for (const View<double>& hole : water.holes) {
    if (hole.size >= 6) made.rings.emplace_back(hole.begin(), hole.end());
  }
  made.level_m = water.level_m;
  made.id = water.id;
  told_->waters.push_back(std::move(made));
  return true;
}

/// Lamps are not drawn: pictures here are lit by the sun alone, and at night by what glows.
bool FakeWorld::AcceptLamps(const BuildLamps&, Failure&) { return true; }

bool FakeWorld::AcceptEnvironment(const simbridge::Environment& environment, Failure&) {
  told_->season.assign(environment.season);
  told_->weather.assign(environment.weather);
  told_->environment = environment;
  told_->environment.season = told_->environment.weather = Text();  // the words end with the call
  return true;
}

bool FakeWorld::AcceptAgent(const BuildAgent& agent, Failure&) {
  if (agent.has_placement) {
    told_->placed[static_cast<size_t>(Found(told_->placed_by_name, agent.name))].is_agent = true;
    return true;
  }
  Placed placed;
  placed.name.assign(agent.name);
  placed.pose = agent.pose;
  placed.is_agent = true;
  told_->placed.push_back(std::move(placed));
  return true;
}

/// Cameras are the core's: looks bring them whole.
bool FakeWorld::AcceptCamera(const Camera&, Failure&) { return true; }

Progress FakeWorld::FinishBuild(Failure&) {
  for (const std::string& name : told_->surface_names) told_->surface_materials.push_back(Found(told_->material_by_name, name));
  scene_ = std::shared_ptr<const Scene>(std::move(told_));
  gallery_ = MakeGallery(scene_);
  Failure none;
  Reset(0, none);
  return Progress::done;
}

void FakeWorld::AbortBuild() { told_.reset(); }

}  // namespace simbridge::fake
