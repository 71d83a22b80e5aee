// Pieces of a scene read, counted and handed on.
#include "BuildReader.h"

#include <cmath>

#include "Fields.h"

namespace simbridge {
namespace {

constexpr uint64_t kMostInstances = 200000, kMostVertices = 40000000, kMostTriangles = 80000000;
constexpr uint64_t kMostGridPoints = 1u << 24;
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

/// Names of a repeated field, each valid.
bool ReadNames(Arena& arena, const sb_list_t& list, View<Text>& names, Failure& failure) {
  Text* room = arena.TakeRow<Text>(list.count);
  if (room == nullptr) return failure.Set("OverQuota", " has more names than are taken at once. Send fewer in a piece.");
  size_t count = 0;
  for (const sb_node_t* node = list.first; node != nullptr; node = node->next) {
    room[count] = TextOf(*node);
    if (!CheckName(room[count], failure)) return Under(failure, "[" + std::to_string(count) + "]");
    ++count;
  }
  names = View<Text>(room, count);
  return true;
}

}  // namespace

bool BuildReader::Take(Arena& arena, const bridge_v1_Build& build, bool& is_end, Failure& failure) {
  is_end = false;
  if (TakePiece(arena, build, is_end, failure)) return true;
  Abort();
  failure.message += " The build is given up; the world before it goes on.";
  return false;
}

void BuildReader::Abort() {
  if (is_building_) backend_.AbortBuild();
  is_building_ = false;
  town_ = Town();
  materials_.clear();
  meshes_.clear();
  surfaces_.clear();
}

Progress BuildReader::Finish(Town& town, Failure& failure) {
  const Progress progress = backend_.FinishBuild(failure);
  if (progress == Progress::pending) return progress;
  if (progress == Progress::done) {
    is_building_ = false;
    town = std::move(town_);
  }
  Abort();
  return progress;
}

bool BuildReader::TakePiece(Arena& arena, const bridge_v1_Build& build, bool& is_end, Failure& failure) {
  if (build.which_piece == bridge_v1_Build_begin_tag) return TakeBegin(arena, build.piece.begin, failure);
  if (!is_building_) {
    return failure.Set("Refused", "A piece of a scene came, and no build has begun. Send build.begin first.");
  }
  switch (build.which_piece) {
    case bridge_v1_Build_heights_tag: return TakeHeights(arena, build.piece.heights, failure);
    case bridge_v1_Build_materials_tag: return TakeMaterials(arena, build.piece.materials, failure);
    case bridge_v1_Build_mesh_tag: return TakeMesh(arena, build.piece.mesh, failure);
    case bridge_v1_Build_asset_tag: return TakeAsset(arena, build.piece.asset, failure);
    case bridge_v1_Build_placements_tag: return TakePlacements(arena, build.piece.placements, failure);
    case bridge_v1_Build_part_tag: return TakePart(arena, build.piece.part, failure);
    case bridge_v1_Build_water_tag: return TakeWater(arena, build.piece.water, failure);
    case bridge_v1_Build_lamps_tag: return TakeLamps(arena, build.piece.lamps, failure);
    case bridge_v1_Build_environment_tag: return TakeEnvironment(build.piece.environment, failure);
    case bridge_v1_Build_agent_tag: return TakeAgent(build.piece.agent, failure);
    case bridge_v1_Build_camera_tag: return TakeCamera(build.piece.camera, failure);
    case bridge_v1_Build_end_tag: is_end = true; return TakeEnd(failure);
    default: return Refuse(failure, "build holds no piece. Install the same simbridge at both ends.");
  }
}

bool BuildReader::TakeBegin(Arena& arena, const bridge_v1_BuildBegin& message, Failure& failure) {
  Abort();
  BuildBegin begin;
  begin.name = TextOf(message.name);
  begin.scene_digest = TextOf(message.scene_digest);
  if (!CheckName(begin.name, failure)) return Under(failure, "build.begin.name");
  if (!CheckText(begin.scene_digest, failure, kMostNameBytes)) return Under(failure, "build.begin.scene_digest");
  const double edges[] = {message.min_x_m,         message.min_y_m,           message.max_x_m,
                          message.max_y_m,         message.terrain_origin_x_m, message.terrain_origin_y_m,
                          message.terrain_cell_m};
  for (double edge : edges) {
    if (!CheckNumber(edge, -kFarthest_m, kFarthest_m, failure)) return Under(failure, "build.begin: a bound");
  }
  if (message.min_x_m >= message.max_x_m || message.min_y_m >= message.max_y_m) {
    return Refuse(failure, "build.begin: the world has no extent. Give bounds whose maxima lie beyond their minima.");
  }
  if (message.terrain_rows < 2 || message.terrain_columns < 2 || !(message.terrain_cell_m > 1e-3)) {
    return Refuse(failure, "build.begin: the height field is " + std::to_string(message.terrain_rows) + "x" +
                               std::to_string(message.terrain_columns) + " points " + Written(message.terrain_cell_m) +
                               " m apart. Give at least 2x2 points, more than a millimetre apart.");
  }
  const uint64_t points = static_cast<uint64_t>(message.terrain_rows) * message.terrain_columns;
  const struct {
    const char* what;
    uint64_t found, most;
  } quotas[] = {{"points of the height field", points, kMostGridPoints},
                {"instances", message.instances, kMostInstances},
                {"vertices", message.vertices, kMostVertices},
                {"triangles", message.triangles, kMostTriangles}};
  for (const auto& quota : quotas) {
    if (quota.found <= quota.most) continue;
    return failure.Set("OverQuota", "build.begin says " + std::to_string(quota.found) + " " + quota.what +
                                        "; at most " + std::to_string(quota.most) + " are taken.");
  }
  if (!ReadNames(arena, message.surfaces, begin.surfaces, failure)) return Under(failure, "build.begin.surfaces");
  if (begin.surfaces.empty() || begin.surfaces.size > 256) {
    return Refuse(failure, "build.begin.surfaces has " + std::to_string(begin.surfaces.size) + " names; expected 1 to 256.");
  }
  begin.min_x_m = message.min_x_m;
  begin.min_y_m = message.min_y_m;
  begin.max_x_m = message.max_x_m;
  begin.max_y_m = message.max_y_m;
  begin.terrain_rows = message.terrain_rows;
  begin.terrain_columns = message.terrain_columns;
  begin.terrain_cell_m = message.terrain_cell_m;
  begin.terrain_origin_x_m = message.terrain_origin_x_m;
  begin.terrain_origin_y_m = message.terrain_origin_y_m;
  begin.instances = message.instances;
  begin.vertices = message.vertices;
  begin.triangles = message.triangles;
  if (!backend_.BeginBuild(begin, failure)) return false;
  is_building_ = true;
  has_environment_ = false;
  town_.name.assign(begin.name);
  town_.digest.assign(begin.scene_digest);
  town_.bounds = {begin.min_x_m, begin.min_y_m, begin.max_x_m, begin.max_y_m};
  rows_ = begin.terrain_rows;
  columns_ = begin.terrain_columns;
  instances_ = begin.instances;
  vertices_ = begin.vertices;
  triangles_ = begin.triangles;
  rows_told_ = 0;
  instances_told_ = vertices_told_ = triangles_told_ = 0;
  for (Text surface : begin.surfaces) surfaces_.emplace_back(surface);
  RosterEntry terrain;
  terrain.kind = EntryKind::water;  // like water it can be neither moved nor painted
  terrain.id = 1;
  return Counted(1, failure) && Enter("terrain", terrain, failure);
}

bool BuildReader::Counted(uint64_t more, Failure& failure) {
  instances_told_ += more;
  if (instances_told_ <= instances_) return true;
  return Refuse(failure, "More instances were told than build.begin said: " + std::to_string(instances_) + ".");
}

bool BuildReader::Enter(Text name, const RosterEntry& entry, Failure& failure) {
  if (town_.roster.Find(name) != nullptr) {
    return failure.Set("NameTaken", "Two things of the scene are called '" + std::string(name) + "'. Rename one.");
  }
  if (town_.roster.Add(name, entry)) return true;
  return Refuse(failure, "'" + std::string(name) + "' has the id " + std::to_string(entry.id) +
                             ", which is another's. Give every instance an id of its own.");
}

bool BuildReader::TakeHeights(Arena& arena, const bridge_v1_HeightRows& message, Failure& failure) {
  HeightRows rows;
  if (message.first_row != rows_told_) {
    return Refuse(failure, "build.heights begins with row " + std::to_string(message.first_row) + "; expected row " +
                               std::to_string(rows_told_) + ".");
  }
  if (!ReadArray(arena, message.has_heights, message.heights, 0, columns_, rows.heights_m, failure)) {
    return Under(failure, "build.heights.heights");
  }
  const size_t count = rows.heights_m.size / columns_;
  if (count == 0 || count > rows_ - rows_told_) {
    return Refuse(failure, "build.heights has " + std::to_string(count) + " rows; " +
                               std::to_string(rows_ - rows_told_) + " are missing.");
  }
  if (!CheckFinite(rows.heights_m, kFarthest_m, failure)) return Under(failure, "build.heights.heights");
  if (!ReadArray(arena, message.has_surface, message.surface, count, columns_, rows.surface, failure)) {
    return Under(failure, "build.heights.surface");
  }
  for (uint8_t index : rows.surface) {
    if (index < surfaces_.size()) continue;
    return Refuse(failure, "build.heights.surface has the index " + std::to_string(index) + "; there are " +
                               std::to_string(surfaces_.size()) + " surfaces.");
  }
  rows.first_row = message.first_row;
  rows.rows = static_cast<uint32_t>(count);
  rows_told_ += rows.rows;
  return backend_.AcceptHeights(rows, failure);
}

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

bool BuildReader::TakeEnvironment(const bridge_v1_BuildEnvironment& message, Failure& failure) {
  Environment environment;
  environment.season = TextOf(message.season);
  environment.weather = TextOf(message.weather);
  if (!CheckText(environment.season, failure, kMostNameBytes)) return Under(failure, "build.environment.season");
  if (!IsWeather(environment.weather)) {
    return Refuse(failure, "build.environment.weather is '" + std::string(environment.weather.substr(0, 40)) +
                               "'; expected one of " + std::string(AllWeathers()) + ".");
  }
  const struct {
    double value, least, most;
    double* target;
    const char* path;
  } numbers[] = {
      {message.time_of_day_h, 0, 24, &environment.time_of_day_h, "time_of_day_h"},
      {message.latitude_rad, -1.5708, 1.5708, &environment.latitude_rad, "latitude_rad"},
      {message.cloud_cover, 0, 1, &environment.cloud_cover, "cloud_cover"},
      {message.rain, 0, 1, &environment.rain, "rain"},
      {message.snowfall, 0, 1, &environment.snowfall, "snowfall"},
      {message.snow_cover, 0, 1, &environment.snow_cover, "snow_cover"},
      {message.wetness, 0, 1, &environment.wetness, "wetness"},
      {message.visibility_m, 1, 1e6, &environment.visibility_m, "visibility_m"},
      {message.wind_m_s, 0, 200, &environment.wind_m_s, "wind_m_s"},
      {message.wind_from_rad, -10, 10, &environment.wind_from_rad, "wind_from_rad"},
  };
  for (const auto& number : numbers) {
    if (!CheckNumber(number.value, number.least, number.most, failure)) {
      return Under(failure, std::string("build.environment.") + number.path);
    }
    *number.target = number.value;
  }
  environment.lamps_lit = message.lamps_lit;
  has_environment_ = true;
  town_.first_sky.Take(environment);
  town_.sky = town_.first_sky;
  return backend_.AcceptEnvironment(environment, failure);
}

bool BuildReader::TakeAgent(const bridge_v1_BuildAgent& message, Failure& failure) {
  BuildAgent agent;
  agent.name = TextOf(message.name);
  agent.kind = TextOf(message.kind);
  agent.vehicle = TextOf(message.vehicle);
  if (!CheckName(agent.name, failure)) return Under(failure, "build.agent.name");
  const std::string path = "build.agent '" + std::string(agent.name) + "'";
  if (!CheckText(agent.kind, failure, kMostNameBytes)) return Under(failure, path + ".kind");
  if (!CheckText(agent.vehicle, failure, kMostNameBytes)) return Under(failure, path + ".vehicle");
  if (!ReadPose(message.has_pose, message.pose, agent.pose, failure)) return Under(failure, path + ".pose");
  RosterEntry* entry = town_.roster.Edit(agent.name);
  agent.has_placement = entry != nullptr;
  if (entry != nullptr) {
    if (entry->was_agent || entry->kind != EntryKind::thing) {
      return failure.Set("NameTaken", path + ": something else, or another agent, has that name. Rename one.");
    }
    entry->is_agent = entry->was_agent = entry->moves();
    if (!entry->moves()) {
      return Refuse(failure, path + " is the placement of a thing that does not move by itself. Give it another asset.");
    }
  } else {
    RosterEntry made;
    made.role = Role::walker;
    made.is_agent = made.was_agent = true;
    if (!Enter(agent.name, made, failure)) return false;
  }
  town_.agents.emplace_back(agent.name);
  return backend_.AcceptAgent(agent, failure);
}

bool BuildReader::TakeCamera(const bridge_v1_BuildCamera& message, Failure& failure) {
  Camera camera;
  if (!message.has_camera) return Refuse(failure, "build.camera is empty; expected a camera.");
  if (!ReadCamera(message.camera, camera, failure)) return Under(failure, "build.camera");
  for (const Camera& known : town_.cameras) {
    if (known.name == camera.name) {
      return failure.Set("NameTaken", "build.camera: there is a camera '" + camera.name + "' already.");
    }
  }
  if (camera.mount != "world" && town_.roster.Find(camera.mount) == nullptr) {
    return failure.Set("UnknownBody", "build.camera '" + camera.name + "' is mounted on '" + camera.mount +
                                          "', which was not told. Tell it first.");
  }
  town_.cameras.push_back(camera);
  return backend_.AcceptCamera(camera, failure);
}

bool BuildReader::TakeEnd(Failure& failure) {
  const struct {
    const char* what;
    uint64_t told, promised;
  } counts[] = {{"rows of the height field", rows_told_, rows_},
                {"instances", instances_told_, instances_},
                {"vertices", vertices_told_, vertices_},
                {"triangles", triangles_told_, triangles_}};
  for (const auto& count : counts) {
    if (count.told == count.promised) continue;
    return Refuse(failure, "build.end came after " + std::to_string(count.told) + " of " +
                               std::to_string(count.promised) + " " + count.what + ". Tell all of it first.");
  }
  for (const auto& [name, mesh] : meshes_) {
    if (!mesh.is_whole) return Refuse(failure, "build.end came while mesh '" + name + "' was not whole.");
  }
  if (!has_environment_) return Refuse(failure, "build.end came without build.environment. Tell it first.");
  town_.roster.Close();
  return true;
}

}  // namespace simbridge
