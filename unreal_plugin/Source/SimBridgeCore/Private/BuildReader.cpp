// A build from its beginning to its end: the ground, who acts and sees there, and whether all of it has come.
#include "BuildReader.h"

#include <cmath>

#include "Fields.h"

namespace simbridge {
namespace {

constexpr uint64_t kMostInstances = 200000, kMostVertices = 40000000, kMostTriangles = 80000000;
constexpr uint64_t kMostGridPoints = 1u << 24;

bool Refuse(Failure& failure, std::string why) { return failure.Set("InvalidInput", std::move(why)); }

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
