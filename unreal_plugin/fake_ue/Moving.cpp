// A tick of the fake world: skills, then bodies one after another, each past what stands in its way.
#include <algorithm>
#include <cmath>

#include "FakeWorld.h"

namespace simbridge::fake {
namespace {

constexpr double kTick_s = 0.02, kGravity_m_s2 = 9.81, kGraze_m = 0.02, kShore_m = 0.3;
constexpr double kStride_m = 0.3;
constexpr int kPushes = 4;

bool MeetInHeight(const Prism& one, double low_m, double high_m) { return one.high_m > low_m && one.low_m < high_m; }

}  // namespace

void FakeWorld::TickBegins() {
  contacts_.clear();
  doings_.Advance();
  const std::vector<int32_t> moving = awake_;
  for (int32_t index : moving) Move(index);
  const auto sleeps = [this](int32_t index) {
    Body& body = At(index);
    const bool is_idle = body.is_attached || (body.order.motion == Motion::hold && body.course.is_still() &&
                                              body.fall_m_s == 0 && Length(body.velocity_m_s) == 0);
    if (is_idle) body.is_awake = false;
    return is_idle;
  };
  awake_.erase(std::remove_if(awake_.begin(), awake_.end(), sleeps), awake_.end());
  for (int32_t index : swinging_) {
    Body& door = At(index);
    door.door_angle_rad = Swing(door.door_angle_rad, door.door_target_rad, kTick_s);
    Hang(door);
    Show(index);
  }
  swinging_.erase(std::remove_if(swinging_.begin(), swinging_.end(),
                                 [this](int32_t index) { return At(index).door_angle_rad == At(index).door_target_rad; }),
                  swinging_.end());
  for (int32_t index : attached_) Follow(index);
}

void FakeWorld::TickEnds(uint64_t tick) {
  tick_ = tick;
  std::stable_sort(contacts_.begin(), contacts_.end(),
                   [](const ContactView& a, const ContactView& b) { return a.force_n > b.force_n; });
}

void FakeWorld::Hang(Body& door) {
  door.pose = Hung(door.first_pose, door.size_m.y, door.door_angle_rad);
}

void FakeWorld::Follow(int32_t index) {
  Body& body = At(index);
  const Vec3 before = body.pose.position;
  if (body.carrier >= 0) {
    const Body& carrier = At(body.carrier);
    if (carrier.is_attached) Follow(body.carrier);  // whoever rides may carry
    body.pose = Compose(carrier.pose, body.carrier_from_body);
  } else {
    body.pose = body.carrier_from_body;
  }
  body.yaw_rad = YawOf(body.pose.rotation);
  body.velocity_m_s = (body.pose.position - before) * (1 / kTick_s);
  Show(index);
}

double FakeWorld::Ground_m(double x_m, double y_m, double feet_m) const {
  return std::fmax(scene_->ground.Height(x_m, y_m), solids_.Surface_m(x_m, y_m, feet_m + kStep_m, false));
}

void FakeWorld::Touch(int32_t one, int32_t other, const Vec3& at, double force_n) {
  std::string first = At(one).name, second = At(other).name;
  if (second < first) std::swap(first, second);
  for (ContactView& known : contacts_) {
    if (known.one != first || known.other != second) continue;
    if (force_n > known.force_n) known.force_n = force_n, known.position_m = at;
    return;
  }
  contacts_.push_back({std::move(first), std::move(second), at, force_n});
}

Prism FakeWorld::FootprintOf(const Body& body, const Pose& pose, int32_t index) const {
  return BoxPrism(pose, body.size_m, index);
}

void FakeWorld::Move(int32_t index) {
  Body& body = At(index);
  if (body.is_attached || !body.is_present) return;
  const Vec3 before = body.pose.position;
  switch (body.role) {
    case Role::walker: MoveWalker(body, index); break;
    case Role::wheels: MoveWheels(body, index); break;
    case Role::boat: MoveBoat(body, index); break;
    default: break;
  }
  body.pose.rotation = FromTilt(body.yaw_rad, body.pitch_rad, body.roll_rad);
  body.velocity_m_s = (body.pose.position - before) * (1 / kTick_s);
  Show(index);
}

/// Pushes an upright disc out of what it stands in; it slides along.
void FakeWorld::PushOut(const Body& body, int32_t index, Point& at) {
  const double radius = body.walker.radius_m, force = body.mass_kg * 3.5 * footing_.grip;
  const double feet = body.pose.position.z, low = feet + kStride_m, high = feet + body.walker.height_m;
  const double chest = feet + 0.5 * body.walker.height_m;
  for (int push = 0; push < kPushes; ++push) {
    bool was_pushed = false;
    const auto push_out = [&](const Overlap& overlap, int32_t by) {
      if (overlap.depth_m <= 0) return;
      at = {at.x + overlap.away.x * overlap.depth_m, at.y + overlap.away.y * overlap.depth_m};
      Touch(index, by, {at.x - overlap.away.x * radius, at.y - overlap.away.y * radius, chest}, force);
      was_pushed = true;
    };
    const Point reach_min{at.x - radius, at.y - radius}, reach_max{at.x + radius, at.y + radius};
    solids_.ForPrisms(reach_min, reach_max, [&](const Prism& prism) {
      if (MeetInHeight(prism, low, high)) push_out(DiscOverlap(at, radius, prism), prism.owner);
    });
    for (int32_t other : movers_) {
      const Body& met = At(other);
      if (other == index || met.is_attached || met.pose.position.z > high || met.pose.position.z + met.size_m.z < low) continue;
      const double dx = at.x - met.pose.position.x, dy = at.y - met.pose.position.y;
      const double reach = radius + 0.5 * std::hypot(met.size_m.x, met.size_m.y);
      if (dx * dx + dy * dy > reach * reach) continue;
      if (met.role != Role::walker) {
        push_out(DiscOverlap(at, radius, FootprintOf(met, met.pose, other)), other);
        continue;
      }
      const double apart = std::hypot(dx, dy), gap = radius + met.walker.radius_m - apart;
      const Point away = apart > 1e-9 ? Point{dx / apart, dy / apart} : Point{1, 0};
      push_out({gap, away}, other);
    }
    if (!was_pushed) return;
  }
}

void FakeWorld::MoveWalker(Body& body, int32_t index) {
  const Course wanted = Walk(body.course, body.order, footing_, kTick_s);
  const double cos = std::cos(body.yaw_rad), sin = std::sin(body.yaw_rad);
  const Vec3 here = body.pose.position;
  Point at{here.x + (cos * wanted.forward_m_s - sin * wanted.left_m_s) * kTick_s,
           here.y + (sin * wanted.forward_m_s + cos * wanted.left_m_s) * kTick_s};
  body.course.yaw_rate_rad_s = wanted.yaw_rate_rad_s;
  body.yaw_rad += wanted.yaw_rate_rad_s * kTick_s;
  if (wanted.forward_m_s != 0 || wanted.left_m_s != 0) {
    PushOut(body, index, at);
    at.x = std::clamp(at.x, scene_->min_x_m, scene_->max_x_m);
    at.y = std::clamp(at.y, scene_->min_y_m, scene_->max_y_m);
    const double now_m = WaterLevel_m(here.x, here.y) - Ground_m(here.x, here.y, here.z);
    const double then_m = WaterLevel_m(at.x, at.y) - Ground_m(at.x, at.y, here.z);
    if (then_m > kWade_m && !(then_m <= now_m + 1e-6)) {
      at = {here.x, here.y};
      doings_.Fail(body.name, body.name + " stands before deep water and wades no further. Turn back, or take a boat.");
    }
    const double rise = scene_->ground.Height(at.x, at.y) - here.z, run = std::hypot(at.x - here.x, at.y - here.y);
    if (rise > kStride_m && rise > run) at = {here.x, here.y};  // no way up a cliff
  }
  const double vx = (at.x - here.x) / kTick_s, vy = (at.y - here.y) / kTick_s;
  body.course.forward_m_s = cos * vx + sin * vy;
  body.course.left_m_s = cos * vy - sin * vx;
  if (wanted.forward_m_s == 0 && wanted.left_m_s == 0) body.course.forward_m_s = body.course.left_m_s = 0;
  const double ground = Ground_m(at.x, at.y, here.z);
  double z = ground;
  if (here.z > ground + kStride_m) {
    body.fall_m_s += kGravity_m_s2 * kTick_s;
    z = std::fmax(ground, here.z - body.fall_m_s * kTick_s);
  }
  if (z <= ground) body.fall_m_s = 0;
  body.pose.position = {at.x, at.y, z};
}

/// Whether a footprint would go deeper into something than it is; by whom.
bool FakeWorld::IsBlocked(const Body& body, int32_t index, const Prism& from, const Prism& to, int32_t& by) const {
  by = -1;
  const double low = body.pose.position.z + kStride_m, high = body.pose.position.z + std::fmax(body.size_m.z, 1.0);
  const auto meets = [&](const Prism& other) {
    const double depth = PrismOverlap(to, other).depth_m;
    if (depth > kGraze_m && depth > PrismOverlap(from, other).depth_m + 1e-9) by = other.owner;
  };
  solids_.ForPrisms(to.min, to.max, [&](const Prism& prism) {
    if (by < 0 && MeetInHeight(prism, low, high)) meets(prism);
  });
  for (size_t row = 0; row < movers_.size() && by < 0; ++row) {
    const int32_t other = movers_[row];
    const Body& met = At(other);
    if (other == index || met.is_attached || met.pose.position.z > high || met.pose.position.z + met.size_m.z < low) continue;
    const double reach = 0.5 * (std::hypot(met.size_m.x, met.size_m.y) + std::hypot(body.size_m.x, body.size_m.y));
    const double dx = body.pose.position.x - met.pose.position.x, dy = body.pose.position.y - met.pose.position.y;
    if (dx * dx + dy * dy > (reach + 1) * (reach + 1)) continue;
    const double width = 2 * met.walker.radius_m;
    const Vec3 size = met.role == Role::walker ? Vec3{width, width, met.walker.height_m} : met.size_m;
    meets(BoxPrism(met.pose, size, other));
  }
  return by >= 0;
}

void FakeWorld::MoveWheels(Body& body, int32_t index) {
  const Asset* asset = AssetOf(body);
  const Drivetrain train = DrivetrainOf(asset->kind, asset->semantic);
  const double base = std::fmax(train.base * body.size_m.x, 0.1), track = train.track * body.size_m.y;
  Course wanted = Roll(body.course, body.order, train, base, body.pitch_rad, footing_, kTick_s);
  const Vec3 here = body.pose.position;
  double yaw = body.yaw_rad + wanted.yaw_rate_rad_s * kTick_s;
  Vec3 at{here.x + std::cos(body.yaw_rad) * wanted.forward_m_s * kTick_s,
          here.y + std::sin(body.yaw_rad) * wanted.forward_m_s * kTick_s, here.z};
  if (!wanted.is_still()) {
    const Prism from = FootprintOf(body, {here, FromYaw(body.yaw_rad)}, index), to = FootprintOf(body, {at, FromYaw(yaw)}, index);
    const bool is_off = at.x < scene_->min_x_m || at.y < scene_->min_y_m || at.x > scene_->max_x_m || at.y > scene_->max_y_m;
    const double depth = WaterLevel_m(at.x, at.y) - Ground_m(at.x, at.y, here.z);
    const bool sinks = depth > kWade_m && !(depth <= WaterLevel_m(here.x, here.y) - Ground_m(here.x, here.y, here.z) + 1e-6);
    int32_t by = -1;
    if (is_off || sinks || IsBlocked(body, index, from, to, by)) {
      if (by >= 0) {
        const double ahead = wanted.forward_m_s < 0 ? -0.5 : 0.5;
        const Vec3 bow = here + Rotate(FromYaw(body.yaw_rad), {ahead * body.size_m.x, 0, 0.5});
        Touch(index, by, bow, body.mass_kg * std::fmax(std::fabs(wanted.forward_m_s), 0.1) / 0.1);
      }
      at = here;
      yaw = body.yaw_rad;
      wanted = Course();
    }
  }
  body.course = wanted;
  body.yaw_rad = yaw;
  const double cos = std::cos(yaw), sin = std::sin(yaw);
  const auto ground = [&](double ahead, double left) {
    return Ground_m(at.x + cos * ahead - sin * left, at.y + sin * ahead + cos * left, here.z);
  };
  const double fl = ground(base / 2, track / 2), fr = ground(base / 2, -track / 2);
  const double rl = ground(-base / 2, track / 2), rr = ground(-base / 2, -track / 2);
  const double front = (fl + fr) / 2, rear = (rl + rr) / 2, height = (front + rear) / 2;
  body.pitch_rad = -std::atan2(front - rear, base);
  body.roll_rad = track < 1e-6 ? -std::atan(wanted.forward_m_s * wanted.yaw_rate_rad_s / kGravity_m_s2)
                               : std::atan2((fl + rl - fr - rr) / 2, track);
  double z = height;
  if (here.z > height + kStride_m) {
    body.fall_m_s += kGravity_m_s2 * kTick_s;
    z = std::fmax(height, here.z - body.fall_m_s * kTick_s);
  }
  if (z <= height) body.fall_m_s = 0;
  body.pose.position = {at.x, at.y, z};
}

void FakeWorld::MoveBoat(Body& body, int32_t index) {
  const Asset* asset = AssetOf(body);
  Course wanted = Sail(body.course, body.order, BoatTopSpeed_m_s(asset->kind), kTick_s);
  const Vec3 here = body.pose.position;
  const double yaw = body.yaw_rad + wanted.yaw_rate_rad_s * kTick_s;
  const Vec3 at{here.x + std::cos(body.yaw_rad) * wanted.forward_m_s * kTick_s,
                here.y + std::sin(body.yaw_rad) * wanted.forward_m_s * kTick_s, here.z};
  const auto reach = [&](const Vec3& middle, double heading) {
    double least = HUGE_VAL;
    static constexpr double kEnds[4][2] = {{0.5, 0}, {-0.5, 0}, {0, 0.45}, {0, -0.45}};
    for (const double(&end)[2] : kEnds) {
      const Vec3 point = middle + Rotate(FromYaw(heading), {end[0] * body.size_m.x, end[1] * body.size_m.y, 0});
      double afloat = -HUGE_VAL;
      for (const Water& water : scene_->waters) afloat = std::fmax(afloat, water.Reach(point.x, point.y));
      least = std::fmin(least, afloat);
    }
    return least;
  };
  int32_t by = -1;
  if (!wanted.is_still()) {
    const double soon = reach(at, yaw);
    const bool is_aground = soon < kShore_m && soon < reach(here, body.yaw_rad) - 1e-9;
    const Prism from = FootprintOf(body, {here, FromYaw(body.yaw_rad)}, index), to = FootprintOf(body, {at, FromYaw(yaw)}, index);
    if (is_aground || IsBlocked(body, index, from, to, by)) {
      if (by >= 0) Touch(index, by, here, body.mass_kg * std::fmax(std::fabs(wanted.forward_m_s), 0.1) / 0.1);
      body.course = Course();
      return;
    }
  }
  body.course = wanted;
  body.yaw_rad = yaw;
  body.pose.position = at;
}

}  // namespace simbridge::fake
