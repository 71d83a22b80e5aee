// A scene as it is told piece by piece (proto/bridge/v1/build.proto), checked and as plain structs.
//
// Every view lies in memory that ends with the call that it came with: copy what is kept. Arrays are aligned, finite,
// and of the sizes and ranges that the messages promise; indices point to what has been told; no name comes twice.
#pragma once

#include "SimBridge/Values.h"

namespace simbridge {

/// What will come: the counts are promises of the teller and are kept to by the caller of IWorldBackend.
struct BuildBegin {
  Text name, scene_digest;
  double min_x_m = 0, min_y_m = 0, max_x_m = 0, max_y_m = 0;
  /// The height field: row 0 is south, column 0 west; a grid of points `terrain_cell_m` apart.
  uint32_t terrain_rows = 0, terrain_columns = 0;
  double terrain_cell_m = 0, terrain_origin_x_m = 0, terrain_origin_y_m = 0;
  /// Names of the materials of its surface.
  View<Text> surfaces;
  uint32_t instances = 0;
  uint64_t vertices = 0, triangles = 0;
};

/// Whole rows of the height field, from the south, in order; (rows, columns) each.
struct HeightRows {
  uint32_t first_row = 0, rows = 0;
  View<float> heights_m;
  View<uint8_t> surface;
};

struct BuildMaterial {
  Text name;
  /// Linear rgb.
  Vec3 base_color, emission;
  double roughness = 0, metallic = 0;
  bool glows_at_night = false;
  Text pattern;
};

/// A mesh or a part of one: pieces of one name are joined; indices count from the piece's own first vertex.
struct MeshPiece {
  Text name;
  /// (n,3) [m]; (m,3) counter-clockwise from outside; (m,) into `materials`; (n,3) or empty for flat faces.
  View<float> vertices_m;
  View<int32_t> triangles;
  View<uint16_t> material;
  View<Text> materials;
  View<float> normals;
  bool is_last = false;
};

enum class ColliderShape : uint8_t { box, cylinder, sphere, capsule, hull, mesh };

/// A convex solid in its owner's frame; `mesh` is the owner's own triangles. Cylinders and capsules stand along Z.
struct BuildCollider {
  ColliderShape shape = ColliderShape::box;
  /// Full extents [m].
  Vec3 size_m;
  Pose pose;
  /// (n,3) [m], of a hull.
  View<float> points_m;
};

enum class Role : uint8_t { fixed, walker, wheels, boat, free, door };

struct BuildAsset {
  Text name, kind, semantic;
  /// From fine to coarse.
  View<Text> meshes;
  View<BuildCollider> colliders;
  Vec3 size_m;
  double mass_kg = 0;
  bool is_movable = false;
  Role role = Role::fixed;
};

/// Things that stand at the beginning, copies of one asset: `poses` (n,7), `scale` (n,3), ids one after another.
struct BuildPlacements {
  Text asset;
  View<Text> names;
  View<double> poses;
  View<double> scale;
  int32_t first_id = 0;
};

/// A thing that is there once; its mesh is in the world's frame, and so are its colliders.
struct BuildPart {
  Text name, kind, semantic, mesh;
  View<BuildCollider> colliders;
  int32_t id = 0;
};

/// A level sheet of water: `outline` (k,2) [m] an open ring, and its holes.
struct BuildWater {
  Text name;
  View<double> outline;
  View<View<double>> holes;
  double level_m = 0;
  int32_t id = 0;
};

/// Lamps: (n,3) [m], (n,3) linear rgb, (n,) lumens, (n,) reach [m]; owners (n,) are names of things.
struct BuildLamps {
  View<Text> owners;
  View<double> positions_m, colors, lumens, range_m;
};

struct Environment {
  Text season, weather;
  double time_of_day_h = 12, latitude_rad = 0, cloud_cover = 0, rain = 0, snowfall = 0, snow_cover = 0, wetness = 0;
  double visibility_m = 1e4, wind_m_s = 0, wind_from_rad = 0;
  bool lamps_lit = false;
};

/// Somebody who can be controlled: the placement of that name; where there is none, an unseen walker at `pose`.
struct BuildAgent {
  Text name, kind, vehicle;
  Pose pose;
  bool has_placement = false;
};

}  // namespace simbridge
