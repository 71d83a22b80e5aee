// What a scene is made of: materials, meshes, assets, and what stands where.
#include <cmath>

#include "BuildReader.h"
#include "Fields.h"

namespace simbridge {
namespace {

constexpr double kLargest = 1e6;

bool Refuse(Failure& failure, std::string why) { return failure.Set("InvalidInput", std::move(why)); }

struct RoleWord {
  Text word;
  Role role;
};
constexpr RoleWord kRoles[] = {{"walker", Role::walker}, {"wheels", Role::wheels}, {"boat", Role::boat},
                               {"free", Role::free},     {"door", Role::door},     {"static", Role::fixed}};
struct ShapeWord {
  Text word;
  ColliderShape shape;
};
constexpr ShapeWord kShapes[] = {{"box", ColliderShape::box},         {"cylinder", ColliderShape::cylinder},
                                 {"sphere", ColliderShape::sphere},   {"capsule", ColliderShape::capsule},
                                 {"hull", ColliderShape::hull},       {"mesh", ColliderShape::mesh}};

}  // namespace

bool BuildReader::TakeMaterials(Arena& arena, const bridge_v1_BuildMaterials& message, Failure& failure) {
  size_t index = 0;
  for (const sb_node_t* node = message.materials.first; node != nullptr; node = node->next, ++index) {
    bridge_v1_BuildMaterial one = {};
    const std::string path = "build.materials[" + std::to_string(index) + "]";
    if (!Decode(arena, BytesOf(*node), bridge_v1_BuildMaterial_fields, &one)) {
      return failure.Set("DamagedData", path + " is no BuildMaterial.");
    }
    BuildMaterial material;
    material.name = TextOf(one.name);
    material.pattern = TextOf(one.pattern);
    if (!CheckName(material.name, failure)) return Under(failure, path + ".name");
    if (!CheckText(material.pattern, failure, kMostNameBytes)) return Under(failure, path + ".pattern");
    if (!ReadVector(one.has_base_color, one.base_color, 0, 1e3, material.base_color, failure)) {
      return Under(failure, path + ".base_color");
    }
    if (!ReadVector(one.has_emission, one.emission, 0, kLargest, material.emission, failure)) {
      return Under(failure, path + ".emission");
    }
    if (!CheckNumber(one.roughness, 0, 1, failure)) return Under(failure, path + ".roughness");
    if (!CheckNumber(one.metallic, 0, 1, failure)) return Under(failure, path + ".metallic");
    material.roughness = one.roughness;
    material.metallic = one.metallic;
    material.glows_at_night = one.glows_at_night;
    if (!materials_.emplace(std::string(material.name), true).second) {
      return failure.Set("NameTaken", path + ": there is a material '" + std::string(material.name) + "' already.");
    }
    if (!backend_.AcceptMaterial(material, failure)) return false;
  }
  return true;
}

bool BuildReader::TakeMesh(Arena& arena, const bridge_v1_MeshPiece& message, Failure& failure) {
  MeshPiece piece;
  piece.name = TextOf(message.name);
  if (!CheckName(piece.name, failure)) return Under(failure, "build.mesh.name");
  const std::string path = "build.mesh '" + std::string(piece.name) + "': ";
  if (!ReadArray(arena, message.has_vertices, message.vertices, 0, 3, piece.vertices_m, failure)) {
    return Under(failure, path + "vertices");
  }
  if (!CheckFinite(piece.vertices_m, kFarthest_m, failure)) return Under(failure, path + "vertices");
  if (!ReadArray(arena, message.has_triangles, message.triangles, 0, 3, piece.triangles, failure)) {
    return Under(failure, path + "triangles");
  }
  const size_t vertices = piece.vertices_m.size / 3, triangles = piece.triangles.size / 3;
  for (int32_t index : piece.triangles) {
    if (index >= 0 && static_cast<size_t>(index) < vertices) continue;
    return Refuse(failure, path + "triangles has the index " + std::to_string(index) + "; the piece has " +
                               std::to_string(vertices) + " vertices.");
  }
  if (!ReadArray(arena, message.has_material, message.material, triangles, 1, piece.material, failure)) {
    return Under(failure, path + "material");
  }
  if (!ReadNames(arena, message.materials, piece.materials, failure)) return Under(failure, path + "materials");
  for (Text name : piece.materials) {
    if (materials_.count(std::string(name)) == 0) {
      return failure.Set("UnknownName", path + "no material named '" + std::string(name) + "' was told. Tell it first.");
    }
  }
  for (uint16_t index : piece.material) {
    if (index < piece.materials.size) continue;
    return Refuse(failure, path + "material has the index " + std::to_string(index) + "; the piece names " +
                               std::to_string(piece.materials.size) + " materials.");
  }
  if (message.has_normals) {
    if (!ReadArray(arena, true, message.normals, vertices, 3, piece.normals, failure)) {
      return Under(failure, path + "normals");
    }
    if (!CheckFinite(piece.normals, 1e3, failure)) return Under(failure, path + "normals");
  }
  Mesh& mesh = meshes_[std::string(piece.name)];
  if (mesh.is_whole) return failure.Set("NameTaken", path + "there is such a mesh already, whole.");
  mesh.vertices += vertices;
  mesh.is_whole = message.is_last;
  vertices_told_ += vertices;
  triangles_told_ += triangles;
  if (vertices_told_ > vertices_ || triangles_told_ > triangles_ || mesh.vertices > 0x7FFFFFFF) {
    return Refuse(failure, path + "more vertices or triangles were told than build.begin said: " +
                               std::to_string(vertices_) + " and " + std::to_string(triangles_) + ".");
  }
  piece.is_last = message.is_last;
  return backend_.AcceptMesh(piece, failure);
}

bool BuildReader::ReadColliders(Arena& arena, const sb_list_t& messages, std::vector<BuildCollider>& colliders,
                                Failure& failure) {
  for (const sb_node_t* node = messages.first; node != nullptr; node = node->next) {
    const std::string path = ".colliders[" + std::to_string(colliders.size()) + "]";
    bridge_v1_BuildCollider one = {};
    if (!Decode(arena, BytesOf(*node), bridge_v1_BuildCollider_fields, &one)) {
      return failure.Set("DamagedData", path + " is no BuildCollider.");
    }
    BuildCollider collider;
    const Text word = TextOf(one.shape);
    bool is_known = false;
    for (const ShapeWord& known : kShapes) {
      if (known.word != word) continue;
      collider.shape = known.shape;
      is_known = true;
    }
    if (!is_known) {
      return Refuse(failure, path + ".shape is '" + std::string(word.substr(0, 40)) +
                                 "'; expected box, cylinder, sphere, capsule, hull or mesh.");
    }
    if (!ReadVector(one.has_size_m, one.size_m, 0, kLargest, collider.size_m, failure)) {
      return Under(failure, path + ".size_m");
    }
    if (one.has_pose && !ReadPose(true, one.pose, collider.pose, failure)) return Under(failure, path + ".pose");
    if (!ReadArray(arena, one.has_points, one.points, 0, 3, collider.points_m, failure)) {
      return Under(failure, path + ".points");
    }
    if (!CheckFinite(collider.points_m, kFarthest_m, failure)) return Under(failure, path + ".points");
    if (collider.shape == ColliderShape::hull && collider.points_m.size < 12) {
      return Refuse(failure, path + ".points has " + std::to_string(collider.points_m.size / 3) +
                                 " points; a hull has at least 4.");
    }
    colliders.push_back(collider);
  }
  return true;
}

bool BuildReader::TakeAsset(Arena& arena, const bridge_v1_BuildAsset& message, Failure& failure) {
  BuildAsset asset;
  asset.name = TextOf(message.name);
  if (!CheckName(asset.name, failure)) return Under(failure, "build.asset.name");
  const std::string path = "build.asset '" + std::string(asset.name) + "'";
  asset.kind = TextOf(message.kind);
  asset.semantic = TextOf(message.semantic);
  if (!CheckName(asset.kind, failure)) return Under(failure, path + ".kind");
  if (!CheckName(asset.semantic, failure)) return Under(failure, path + ".semantic");
  if (!ReadNames(arena, message.meshes, asset.meshes, failure)) return Under(failure, path + ".meshes");
  for (Text name : asset.meshes) {
    const auto found = meshes_.find(std::string(name));
    if (found == meshes_.end() || !found->second.is_whole) {
      return failure.Set("UnknownName", path + ": no whole mesh named '" + std::string(name) + "' was told. Tell it first.");
    }
  }
  std::vector<BuildCollider> colliders;
  if (!ReadColliders(arena, message.colliders, colliders, failure)) return Under(failure, path);
  asset.colliders = colliders;
  if (!ReadVector(message.has_size_m, message.size_m, 0, kLargest, asset.size_m, failure)) {
    return Under(failure, path + ".size_m");
  }
  if (!CheckNumber(message.mass_kg, 0, 1e12, failure)) return Under(failure, path + ".mass_kg");
  asset.mass_kg = message.mass_kg;
  asset.is_movable = message.is_movable;
  const Text word = TextOf(message.role);
  bool is_known = false;
  for (const RoleWord& known : kRoles) {
    if (known.word != word) continue;
    asset.role = known.role;
    is_known = true;
  }
  if (!is_known) {
    return Refuse(failure, path + ".role is '" + std::string(word.substr(0, 40)) +
                               "'; expected walker, wheels, boat, free, door or static.");
  }
  if (!town_.roster.AddAsset({std::string(asset.name), std::string(asset.kind), std::string(asset.semantic), asset.role})) {
    return failure.Set("NameTaken", path + ": there is such an asset already.");
  }
  return backend_.AcceptAsset(asset, failure);
}

bool BuildReader::TakePlacements(Arena& arena, const bridge_v1_BuildPlacements& message, Failure& failure) {
  BuildPlacements placements;
  placements.asset = TextOf(message.asset);
  const int32_t index = town_.roster.AssetIndex(placements.asset);
  const std::string path = "build.placements of '" + std::string(placements.asset.substr(0, kMostNameBytes)) + "': ";
  if (index < 0) return failure.Set("UnknownName", path + "no such asset was told. Tell it first.");
  if (!ReadNames(arena, message.names, placements.names, failure)) return Under(failure, path + "names");
  const size_t count = placements.names.size;
  if (!Counted(count, failure)) return false;
  if (!ReadArray(arena, message.has_poses, message.poses, count, 7, placements.poses, failure)) {
    return Under(failure, path + "poses");
  }
  if (!ReadArray(arena, message.has_scale, message.scale, count, 3, placements.scale, failure)) {
    return Under(failure, path + "scale");
  }
  if (message.first_id < 1 || static_cast<uint64_t>(message.first_id) + count > 0x7FFFFFFF) {
    return Refuse(failure, path + "first_id is " + std::to_string(message.first_id) + "; expected 1 or more.");
  }
  double* poses = arena.TakeRow<double>(count * 7);
  if (poses == nullptr) return failure.Set("OverQuota", path + "too many at once. Send fewer in a piece.");
  for (size_t row = 0; row < count; ++row) {
    Pose pose;
    if (!ReadPose(placements.poses.data + 7 * row, pose, failure)) {
      return Under(failure, path + "poses[" + std::to_string(row) + "]");
    }
    const double seven[7] = {pose.position.x, pose.position.y, pose.position.z, pose.rotation.w,
                             pose.rotation.x, pose.rotation.y, pose.rotation.z};
    for (int column = 0; column < 7; ++column) poses[7 * row + static_cast<size_t>(column)] = seven[column];
    RosterEntry entry;
    entry.role = town_.roster.asset(index).role;
    entry.asset = index;
    entry.id = message.first_id + static_cast<int32_t>(row);
    const double* scale = placements.scale.data + 3 * row;
    for (int axis = 0; axis < 3; ++axis) {
      if (!CheckNumber(scale[axis], 1e-3, 1e3, failure)) return Under(failure, path + "scale[" + std::to_string(row) + "]");
    }
    entry.scale = entry.first_scale = {scale[0], scale[1], scale[2]};
    if (!Enter(placements.names[row], entry, failure)) return false;
  }
  placements.poses = View<double>(poses, count * 7);
  placements.first_id = message.first_id;
  return backend_.AcceptPlacements(placements, failure);
}

bool BuildReader::TakePart(Arena& arena, const bridge_v1_BuildPart& message, Failure& failure) {
  BuildPart part;
  part.name = TextOf(message.name);
  if (!CheckName(part.name, failure)) return Under(failure, "build.part.name");
  const std::string path = "build.part '" + std::string(part.name) + "'";
  part.kind = TextOf(message.kind);
  part.semantic = TextOf(message.semantic);
  part.mesh = TextOf(message.mesh);
  if (!CheckName(part.kind, failure)) return Under(failure, path + ".kind");
  if (!CheckName(part.semantic, failure)) return Under(failure, path + ".semantic");
  if (!part.mesh.empty()) {
    const auto found = meshes_.find(std::string(part.mesh));
    if (found == meshes_.end() || !found->second.is_whole) {
      return failure.Set("UnknownName", path + ": no whole mesh named '" + std::string(part.mesh.substr(0, 200)) +
                                            "' was told. Tell it first.");
    }
  }
  std::vector<BuildCollider> colliders;
  if (!ReadColliders(arena, message.colliders, colliders, failure)) return Under(failure, path);
  part.colliders = colliders;
  part.id = message.id;
  if (part.id < 1) return Refuse(failure, path + ".id is " + std::to_string(part.id) + "; expected 1 or more.");
  RosterEntry entry;
  entry.kind = EntryKind::part;
  entry.id = part.id;
  return Counted(1, failure) && Enter(part.name, entry, failure) && backend_.AcceptPart(part, failure);
}

bool BuildReader::TakeWater(Arena& arena, const bridge_v1_BuildWater& message, Failure& failure) {
  BuildWater water;
  water.name = TextOf(message.name);
  if (!CheckName(water.name, failure)) return Under(failure, "build.water.name");
  const std::string path = "build.water '" + std::string(water.name) + "'";
  if (!ReadArray(arena, message.has_outline, message.outline, 0, 2, water.outline, failure)) {
    return Under(failure, path + ".outline");
  }
  if (water.outline.size < 6 || !CheckFinite(water.outline, kFarthest_m, failure)) {
    if (!failure) Refuse(failure, " has fewer than 3 corners.");
    return Under(failure, path + ".outline");
  }
  std::vector<View<double>> holes;
  for (const sb_node_t* node = message.holes.first; node != nullptr; node = node->next) {
    bridge_v1_Tensor tensor = {};
    View<double> hole;
    const std::string place = path + ".holes[" + std::to_string(holes.size()) + "]";
    if (!Decode(arena, BytesOf(*node), bridge_v1_Tensor_fields, &tensor)) {
      return failure.Set("DamagedData", place + " is no Tensor.");
    }
    if (!ReadArray(arena, true, tensor, 0, 2, hole, failure)) return Under(failure, place);
    if (!CheckFinite(hole, kFarthest_m, failure)) return Under(failure, place);
    holes.push_back(hole);
  }
  water.holes = holes;
  if (!CheckNumber(message.level_m, -kFarthest_m, kFarthest_m, failure)) return Under(failure, path + ".level_m");
  water.level_m = message.level_m;
  water.id = message.id;
  if (water.id < 1) return Refuse(failure, path + ".id is " + std::to_string(water.id) + "; expected 1 or more.");
  RosterEntry entry;
  entry.kind = EntryKind::water;
  entry.id = water.id;
  return Counted(1, failure) && Enter(water.name, entry, failure) && backend_.AcceptWater(water, failure);
}

bool BuildReader::TakeLamps(Arena& arena, const bridge_v1_BuildLamps& message, Failure& failure) {
  BuildLamps lamps;
  if (!ReadNames(arena, message.owners, lamps.owners, failure)) return Under(failure, "build.lamps.owners");
  const size_t count = lamps.owners.size;
  const struct {
    bool is_there;
    const bridge_v1_Tensor* tensor;
    size_t columns;
    View<double>* target;
    const char* path;
  } arrays[] = {{message.has_positions, &message.positions, 3, &lamps.positions_m, "build.lamps.positions"},
                {message.has_colors, &message.colors, 3, &lamps.colors, "build.lamps.colors"},
                {message.has_lumens, &message.lumens, 1, &lamps.lumens, "build.lamps.lumens"},
                {message.has_range_m, &message.range_m, 1, &lamps.range_m, "build.lamps.range_m"}};
  for (const auto& one : arrays) {
    if (!ReadArray(arena, one.is_there, *one.tensor, count, one.columns, *one.target, failure)) {
      return Under(failure, one.path);
    }
    if (!CheckFinite(*one.target, 1e9, failure)) return Under(failure, one.path);
  }
  return backend_.AcceptLamps(lamps, failure);
}

}  // namespace simbridge
