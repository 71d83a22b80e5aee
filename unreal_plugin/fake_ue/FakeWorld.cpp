// An episode of the fake world: begun, told, edited, shown.
#include "FakeWorld.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace simbridge::fake {
namespace {

constexpr double kPlainSize_m[3] = {0.5, 0.56, 1.75}, kPlainMass_kg = 75;
constexpr double kTick_s = 0.02;

/// Mixes a word into a 64-bit digest: multiply and fold, every bit counts.
uint64_t Mixed(uint64_t digest, uint64_t word) {
  digest = (digest ^ word) * 0x9E3779B97F4A7C15ull;
  return digest ^ (digest >> 29);
}

uint64_t MixedBytes(uint64_t digest, const void* bytes, size_t size) {
  const uint8_t* at = static_cast<const uint8_t*>(bytes);
  for (; size >= 8; size -= 8, at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, at, 8);
    digest = Mixed(digest, word);
  }
  uint64_t word = size;
  for (size_t octet = 0; octet < size; ++octet) word = (word << 8) | at[octet];
  return Mixed(digest, word);
}

}  // namespace

FakeWorld::FakeWorld(FakeSettings settings) : settings_(settings), doings_(*this) {}

BackendInfo FakeWorld::Info() const {
  return {"simbridge-fake-ue", "1", kTick_s,
          {"rgb", "depth", "segmentation", "normals", "edit", "contacts", "skills", "control"}};
}

const Asset* FakeWorld::AssetOf(const Body& body) const {
  return body.asset < 0 ? nullptr : &scene_->assets[static_cast<size_t>(body.asset)];
}

int32_t FakeWorld::IndexOf(Text name) const {
  const auto found = index_.find(std::string(name));
  return found == index_.end() || !At(found->second).is_present ? -1 : found->second;
}

/// Extents and weight at the body's scale.
void FakeWorld::Measure(Body& body) const {
  const Asset* asset = AssetOf(body);
  if (asset == nullptr) {
    body.size_m = {kPlainSize_m[0], kPlainSize_m[1], kPlainSize_m[2]};
    body.mass_kg = kPlainMass_kg;
    body.walker = WalkerSizeOf(body.size_m, 0);
    return;
  }
  body.size_m = Scaled(asset->size_m, body.scale);
  body.mass_kg = std::fmax(asset->mass_kg * body.scale.x * body.scale.y * body.scale.z, 0.05);
  body.walker = WalkerSizeOf(body.size_m, asset->solids_top_m * body.scale.z);
}

void FakeWorld::Place(Body& body, const Pose& pose) {
  body.pose = pose;
  body.yaw_rad = YawOf(pose.rotation);
  body.pitch_rad = body.roll_rad = body.fall_m_s = 0;
  body.course = Course();
  body.velocity_m_s = Vec3();
}

/// Enters what stands for ever among the solids.
void FakeWorld::Stand(int32_t index) {
  const Body& body = At(index);
  const Asset* asset = AssetOf(body);
  if (body.moves() || body.role == Role::door) return;
  const std::vector<Collider>& colliders =
      asset != nullptr ? asset->colliders : scene_->placed[static_cast<size_t>(index)].colliders;
  for (const Collider& collider : colliders) {
    if (collider.shape == ColliderShape::mesh) {
      if (body.mesh >= 0) solids_.AddWalkable(scene_->meshes[static_cast<size_t>(body.mesh)], body.pose, body.scale, index);
      continue;
    }
    Prism prism;
    if (MakePrism(collider, body.pose, body.scale, index, prism)) solids_.AddPrism(std::move(prism));
  }
}

Progress FakeWorld::Reset(uint64_t, Failure&) {
  bodies_.clear();
  index_.clear();
  awake_.clear();
  attached_.clear();
  swinging_.clear();
  contacts_.clear();
  looks_.clear();
  doings_.Clear();
  tick_ = 0;
  solids_ = Solids(scene_->min_x_m, scene_->min_y_m, scene_->max_x_m, scene_->max_y_m);
  for (const Placed& placed : scene_->placed) {
    Body body;
    body.name = placed.name;
    body.asset = placed.asset;
    body.mesh = placed.mesh;
    body.id = placed.id;
    body.is_part = placed.is_part;
    body.is_agent = placed.is_agent;
    body.role = placed.asset >= 0   ? scene_->assets[static_cast<size_t>(placed.asset)].role
                : placed.is_part ? Role::fixed
                                 : Role::walker;
    body.scale = body.first_scale = placed.scale;
    body.first_pose = placed.pose;
    Measure(body);
    Place(body, placed.pose);
    index_.emplace(body.name, static_cast<int32_t>(bodies_.size()));
    bodies_.push_back(std::move(body));
    Stand(static_cast<int32_t>(bodies_.size()) - 1);
  }
  environment_ = scene_->environment;
  season_ = scene_->season;
  weather_ = scene_->weather;
  footing_ = FootingIn(environment_);
  for (const Body& body : bodies_) {
    if (body.is_agent) doings_.Enrol(body.name);
  }
  Enrol();
  return Progress::done;
}

/// Lists anew what the state shows, and in which rows.
void FakeWorld::Enrol() {
  shown_.clear();
  movers_.clear();
  rows_.assign(bodies_.size(), -1);
  for (int pass = 0; pass < 2; ++pass) {
    for (size_t index = 0; index < bodies_.size(); ++index) {
      const Body& body = bodies_[index];
      if (!body.is_present || !(pass == 0 ? body.moves() : body.role == Role::door)) continue;
      rows_[index] = static_cast<int32_t>(shown_.size());
      shown_.push_back(static_cast<int32_t>(index));
      if (body.role != Role::free) movers_.push_back(static_cast<int32_t>(index));
    }
  }
  const auto gone = [this](int32_t index) { return !At(index).is_present; };
  awake_.erase(std::remove_if(awake_.begin(), awake_.end(), gone), awake_.end());
  attached_.erase(std::remove_if(attached_.begin(), attached_.end(), gone), attached_.end());
  swinging_.erase(std::remove_if(swinging_.begin(), swinging_.end(), gone), swinging_.end());
  std::vector<std::string> names;
  names.reserve(shown_.size());
  for (int32_t index : shown_) names.push_back(At(index).name);
  if (names != names_ || names_revision_ == 0) {
    names_ = std::move(names);
    ++names_revision_;
    names_hash_ = 0;
    for (const std::string& name : names_) names_hash_ = MixedBytes(names_hash_, name.data(), name.size());
  }
  poses_.assign(7 * shown_.size(), 0);
  velocities_.assign(6 * shown_.size(), 0);
  for (int32_t index : shown_) Show(index);
}

/// Writes a body's row of the state.
void FakeWorld::Show(int32_t index) {
  const int32_t row = rows_[static_cast<size_t>(index)];
  if (row < 0) return;
  const Body& body = At(index);
  const double pose[7] = {body.pose.position.x, body.pose.position.y, body.pose.position.z, body.pose.rotation.w,
                          body.pose.rotation.x, body.pose.rotation.y, body.pose.rotation.z};
  const double rates[6] = {body.velocity_m_s.x, body.velocity_m_s.y, body.velocity_m_s.z, 0, 0, body.course.yaw_rate_rad_s};
  std::memcpy(&poses_[7 * static_cast<size_t>(row)], pose, sizeof pose);
  std::memcpy(&velocities_[6 * static_cast<size_t>(row)], rates, sizeof rates);
}

void FakeWorld::Wake(int32_t index) {
  if (At(index).is_awake) return;
  At(index).is_awake = true;
  awake_.push_back(index);
}

bool FakeWorld::Tell(View<AgentAction> actions, Failure&) {
  for (const AgentAction& action : actions) doings_.Begin(action, kTick_s);
  return true;
}

bool FakeWorld::Edit(const EditPlan& plan, Failure& failure) {
  const auto on_water = [this, &failure](Text name, const Vec3& at) {
    if (std::isfinite(WaterLevel_m(at.x, at.y))) return true;
    return failure.Set("InvalidChange", "boat '" + std::string(name) + "' would stand on land. Put it on water.");
  };
  for (const SpawnPlan& spawn : plan.spawns) {
    const Asset& asset = scene_->assets[static_cast<size_t>(scene_->asset_by_name.at(std::string(spawn.asset)))];
    if (asset.role == Role::boat && !on_water(spawn.name, spawn.pose.position)) return false;
  }
  for (const MovePlan& move : plan.moves) {
    const int32_t index = IndexOf(move.name);
    if (index >= 0 && At(index).role == Role::boat && !on_water(move.name, move.pose.position)) return false;
  }
  for (Text name : plan.removes) {
    const int32_t index = IndexOf(name);
    doings_.Leave(name);
    Body& body = At(index);
    body.is_present = body.is_attached = body.is_awake = body.is_painted = body.is_hidden = false;
    solids_.Remove(index);
  }
  for (const SpawnPlan& spawn : plan.spawns) {
    const auto known = index_.find(std::string(spawn.name));
    int32_t index = static_cast<int32_t>(bodies_.size());
    if (known != index_.end()) {
      index = known->second;
    } else {
      bodies_.emplace_back();
      index_.emplace(std::string(spawn.name), index);
    }
    Body& body = At(index);
    const bool is_original = known != index_.end() && body.is_original;
    body = Body();
    body.name.assign(spawn.name);
    body.asset = scene_->asset_by_name.at(std::string(spawn.asset));
    const Asset& asset = scene_->assets[static_cast<size_t>(body.asset)];
    body.mesh = asset.mesh;
    body.role = asset.role;
    body.id = spawn.id;
    body.is_agent = spawn.is_agent;
    body.is_original = is_original;
    body.scale = body.first_scale = spawn.scale;
    Measure(body);
    Place(body, spawn.pose);
    body.first_pose = spawn.pose;
    if (body.is_agent) doings_.Enrol(body.name);
    Stand(index);
    if (body.role == Role::walker || body.role == Role::wheels) Wake(index);
  }
  const auto restood = [this](int32_t index) {
    solids_.Remove(index);
    Stand(index);
    if (At(index).role == Role::walker || At(index).role == Role::wheels) Wake(index);
    for (int32_t other : attached_) Follow(other);
  };
  for (const MovePlan& move : plan.moves) {
    const int32_t index = IndexOf(move.name);
    Place(At(index), move.pose);
    if (At(index).role == Role::door) {
      At(index).first_pose = move.pose;
      Hang(At(index));
    }
    restood(index);
  }
  for (const ResizePlan& resize : plan.resizes) {
    const int32_t index = IndexOf(resize.name);
    At(index).scale = resize.scale;
    Measure(At(index));
    Place(At(index), At(index).pose);
    restood(index);
  }
  for (const PaintPlan& paint : plan.paints) {
    Body& body = At(IndexOf(paint.name));
    body.is_painted = true;
    body.paint = paint.color;
  }
  for (const HidePlan& hide : plan.hides) At(IndexOf(hide.name)).is_hidden = hide.is_hidden;
  if (plan.changes_environment) {
    season_.assign(plan.environment.season);
    weather_.assign(plan.environment.weather);
    environment_ = plan.environment;
    environment_.season = environment_.weather = Text();
    footing_ = FootingIn(environment_);
  }
  Enrol();
  return true;
}

bool FakeWorld::SetPoses(View<Text> names, View<double> poses, uint64_t tick, Failure&) {
  for (size_t row = 0; row < names.size; ++row) {
    const int32_t index = IndexOf(names[row]);
    const double* seven = poses.data + 7 * row;
    Place(At(index), {{seven[0], seven[1], seven[2]}, {seven[3], seven[4], seven[5], seven[6]}});
    Show(index);
  }
  tick_ = tick;
  return true;
}

WorldView FakeWorld::World() const {
  WorldView view;
  view.names = names_;
  view.names_revision = names_revision_;
  view.poses = poses_;
  view.velocities = velocities_;
  view.contacts = contacts_;
  view.agents = doings_.Agents();
  return view;
}

uint64_t FakeWorld::StateHash() const {
  uint64_t digest = Mixed(names_hash_, tick_);
  digest = MixedBytes(digest, poses_.data(), poses_.size() * sizeof(double));
  digest = MixedBytes(digest, velocities_.data(), velocities_.size() * sizeof(double));
  std::string more;
  doings_.Digest(more);
  for (int32_t index : awake_) {
    const Body& body = At(index);
    more += body.name;
    more += static_cast<char>(body.order.motion);
    const double numbers[] = {body.order.numbers[0], body.order.numbers[1], body.order.numbers[2], body.course.forward_m_s,
                              body.course.left_m_s,  body.pitch_rad,        body.roll_rad,         body.fall_m_s};
    more.append(reinterpret_cast<const char*>(numbers), sizeof numbers);
  }
  for (const Body& body : bodies_) {
    if (body.role == Role::door && body.is_present) {
      const double angles[] = {body.door_angle_rad, body.door_target_rad};
      more.append(reinterpret_cast<const char*>(angles), sizeof angles);
    }
    const bool is_changed = !body.is_original || !body.is_present || body.is_painted || body.is_hidden;
    const Vec3 &a = body.scale, &b = body.first_scale;
    if (!is_changed && a.x == b.x && a.y == b.y && a.z == b.z) continue;
    const double numbers[] = {body.paint.x, body.paint.y, body.paint.z, a.x, a.y, a.z};
    more += body.name;
    more += static_cast<char>(1 + body.is_present + 2 * body.is_painted + 4 * body.is_hidden);
    more.append(reinterpret_cast<const char*>(numbers), sizeof numbers);
  }
  const simbridge::Environment& sky = environment_;
  const double numbers[] = {sky.time_of_day_h, sky.cloud_cover, sky.rain, sky.snowfall, sky.snow_cover, sky.wetness,
                            sky.visibility_m, sky.lamps_lit ? 1.0 : 0.0};
  more.append(reinterpret_cast<const char*>(numbers), sizeof numbers);
  more += weather_;
  return MixedBytes(digest, more.data(), more.size());
}

}  // namespace simbridge::fake
