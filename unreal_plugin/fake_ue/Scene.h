// What was told of a scene, kept: meshes, assets, what stands where at the beginning. Never changed once it is whole.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "SimBridge/BuildPieces.h"
#include "SimBridge/HeightField.h"
#include "SimBridge/Motion.h"
#include "SimBridge/Water.h"

namespace simbridge::fake {

/// Linear rgb as drawn; emission is added by itself.
struct Material {
  Vec3 base_color, emission;
  bool glows_at_night = false;
};

/// Triangles in their owner's frame; `material` of each is an index into the scene's materials.
struct Mesh {
  std::vector<float> vertices_m, normals;
  std::vector<int32_t> triangles;
  std::vector<int32_t> material;
  bool has_normals = true;
};

/// A collider that owns its points; of shape `mesh`, the owner's own triangles.
struct Collider {
  ColliderShape shape = ColliderShape::box;
  Vec3 size_m;
  Pose pose;
  std::vector<float> points_m;
};

struct Asset {
  std::string name, kind, semantic;
  /// Index of its finest mesh, -1 for none: cameras here look at what is near.
  int32_t mesh = -1;
  std::vector<Collider> colliders;
  Vec3 size_m;
  double mass_kg = 0, solids_top_m = 0;
  Role role = Role::fixed;
};

/// What stands at the beginning. Parts have no asset, and a mesh in the world's frame.
struct Placed {
  std::string name;
  int32_t asset = -1, mesh = -1, id = 0;
  std::vector<Collider> colliders;
  Pose pose;
  Vec3 scale{1, 1, 1};
  bool is_part = false, is_agent = false;
};

struct Scene {
  double min_x_m = 0, min_y_m = 0, max_x_m = 0, max_y_m = 0;
  HeightField ground;
  std::vector<int32_t> surface_materials;
  std::vector<std::string> surface_names;
  std::vector<Material> materials;
  std::unordered_map<std::string, int32_t> material_by_name, mesh_by_name, asset_by_name, placed_by_name;
  std::vector<Mesh> meshes;
  std::vector<Asset> assets;
  std::vector<Placed> placed;
  std::vector<Water> waters;
  Environment environment;
  std::string season, weather;
};

}  // namespace simbridge::fake
