// What the fake world answers to the doings of agents, and how it carries them out.
#include <algorithm>
#include <cmath>

#include "FakeWorld.h"

namespace simbridge::fake {

bool FakeWorld::Facts(Text name, ThingFacts& facts) const {
  const int32_t index = IndexOf(name);
  if (index < 0) return false;
  const Body& body = At(index);
  const Asset* asset = AssetOf(body);
  facts.role = body.role;
  facts.is_part = body.is_part;
  facts.kind = asset != nullptr ? Text(asset->kind) : body.is_part ? Text("part") : Text("person");
  facts.semantic = asset != nullptr ? Text(asset->semantic) : body.is_part ? Text("part") : Text("person");
  facts.size_m = body.size_m;
  facts.walker = body.walker;
  facts.mass_kg = body.mass_kg;
  facts.speed_m_s = std::hypot(body.velocity_m_s.x, body.velocity_m_s.y);
  facts.pose = body.role == Role::door ? body.first_pose : body.pose;
  facts.is_open = body.role == Role::door && body.door_target_rad != 0;
  return true;
}

std::vector<Text> FakeWorld::NamesOf(Role role, Text kind) const {
  std::vector<Text> names;
  for (const Body& body : bodies_) {
    if (!body.is_present || body.is_part || body.role != role) continue;
    const Asset* asset = AssetOf(body);
    if (kind.empty() || (asset != nullptr && asset->kind == kind)) names.push_back(body.name);
  }
  return names;
}

double FakeWorld::SurfaceBelow_m(const Vec3& point, Text without) const {
  double height = std::fmax(scene_->ground.Height(point.x, point.y), solids_.Surface_m(point.x, point.y, point.z, true));
  if (height > point.z) height = -HUGE_VAL;
  for (int32_t index : shown_) {
    const Body& body = At(index);
    if (body.is_attached || body.role == Role::door || body.name == without) continue;
    const double top = body.pose.position.z + body.size_m.z;
    if (top > point.z || top <= height) continue;
    const double dx = point.x - body.pose.position.x, dy = point.y - body.pose.position.y;
    if (dx * dx + dy * dy > body.size_m.x * body.size_m.x + body.size_m.y * body.size_m.y) continue;
    if (DiscOverlap({point.x, point.y}, 0, FootprintOf(body, body.pose, index)).depth_m >= 0) height = top;
  }
  return height;
}

bool FakeWorld::IsClear(const Vec3& from, const Vec3& to, Text without) const {
  const Point a{from.x, from.y}, b{to.x, to.y};
  const Point min{std::fmin(a.x, b.x), std::fmin(a.y, b.y)}, max{std::fmax(a.x, b.x), std::fmax(a.y, b.y)};
  const double low = std::fmin(from.z, to.z), high = std::fmax(from.z, to.z);
  bool is_clear = true;
  const auto crosses = [&](const Prism& prism) {
    if (prism.high_m < low || prism.low_m > high) return;
    // A thin box along the way, by its four corners.
    Prism way;
    const double length = std::fmax(std::hypot(b.x - a.x, b.y - a.y), 1e-6);
    const Point across{-(b.y - a.y) / length * 0.01, (b.x - a.x) / length * 0.01};
    way.ring = {{a.x - across.x, a.y - across.y}, {b.x - across.x, b.y - across.y}, {b.x + across.x, b.y + across.y},
                {a.x + across.x, a.y + across.y}};
    if (PrismOverlap(way, prism).depth_m > 1e-6) is_clear = false;
  };
  solids_.ForPrisms(min, max, crosses);
  for (int32_t index : shown_) {
    const Body& body = At(index);
    if (!is_clear) break;
    if (body.is_attached || body.name == without) continue;
    const double reach = std::hypot(body.size_m.x, body.size_m.y);
    if (body.pose.position.x < min.x - reach || body.pose.position.x > max.x + reach) continue;
    if (body.pose.position.y < min.y - reach || body.pose.position.y > max.y + reach) continue;
    crosses(FootprintOf(body, body.pose, index));
  }
  return is_clear;
}

double FakeWorld::WaterLevel_m(double x_m, double y_m) const {
  for (const Water& water : scene_->waters) {
    if (water.Contains(x_m, y_m)) return water.level_m;
  }
  return -HUGE_VAL;
}

void FakeWorld::Attach(Text name, Text carrier, const Pose& carrier_from_name) {
  const int32_t index = IndexOf(name);
  Body& body = At(index);
  body.carrier = carrier.empty() ? -1 : IndexOf(carrier);
  body.carrier_from_body = carrier_from_name;
  body.course = Course();
  body.order = Order();
  body.fall_m_s = 0;
  if (!body.is_attached) attached_.push_back(index);
  body.is_attached = true;
}

void FakeWorld::Detach(Text name, const Pose& pose) {
  const int32_t index = IndexOf(name);
  Body& body = At(index);
  if (body.is_attached) attached_.erase(std::find(attached_.begin(), attached_.end(), index));
  body.is_attached = false;
  body.carrier = -1;
  Place(body, pose);
  if (body.role == Role::walker) Wake(index);
  Show(index);
}

void FakeWorld::Tell(Text name, const Order& order) {
  const int32_t index = IndexOf(name);
  if (index < 0) return;
  At(index).order = order;
  Wake(index);
}

void FakeWorld::SwingDoor(Text name, double target_rad) {
  const int32_t index = IndexOf(name);
  At(index).door_target_rad = target_rad;
  if (std::find(swinging_.begin(), swinging_.end(), index) == swinging_.end()) swinging_.push_back(index);
}

}  // namespace simbridge::fake
