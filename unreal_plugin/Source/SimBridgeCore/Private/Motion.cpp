// Courses of walkers, wheels and boats, tick by tick.
#include "SimBridge/Motion.h"

#include <cmath>

#include "SimBridge/Geometry.h"

namespace simbridge {
namespace {

constexpr double kGravity_m_s2 = 9.81, kTyres = 0.9, kRolling_m_s2 = 0.12;
constexpr double kRun_m_s = 4.0, kStep_m_s2 = 3.5, kTurn_rad_s = 3.0, kTurn_rad_s2 = 20.0, kRow_m_s2 = 0.6;
constexpr double kSwing_rad_s = 110.0 * 3.14159265358979323846 / 180;

double Within(double value, double least, double most) { return value < least ? least : value > most ? most : value; }
double Eased(double now, double wanted, double most) { return now + Within(wanted - now, -most, most); }
double Sign(double value) { return value > 0 ? 1 : value < 0 ? -1 : 0; }

struct Train {
  Text name;
  Drivetrain train;
};
constexpr Drivetrain kCar{3.5, 36.0, 6.0, 8.0, 0.6, 0.58, 0.8};
constexpr Train kTrains[] = {
    {"scooter", {2.5, 12.5, 1.0, 6.0, 0.7, 0.7, 0.0}}, {"bicycle", {1.0, 8.0, 0.5, 4.0, 0.7, 0.6, 0.0}},
    {"van", {2.8, 30.0, 5.0, 8.0, 0.6, 0.58, 0.8}},    {"truck", {1.5, 25.0, 4.0, 6.0, 0.6, 0.58, 0.8}},
    {"bus", {1.4, 22.0, 3.0, 6.0, 0.6, 0.58, 0.8}},    {"tram", {1.2, 18.0, 3.0, 3.0, 0.6, 0.58, 0.8}},
    {"tractor", {1.5, 11.0, 4.0, 6.0, 0.6, 0.58, 0.8}}, {"cart", {0.0, 5.0, 0.0, 2.0, 0.6, 0.58, 0.8}},
};
struct Hull {
  Text kind;
  double top_m_s;
};
constexpr Hull kHulls[] = {{"rowing-boat", 2.0}, {"motor-boat", 12.0}, {"sailing-boat", 5.0}, {"fishing-boat", 6.0},
                           {"yacht", 9.0},       {"tugboat", 7.0},     {"ferry", 9.0},        {"cargo-ship", 8.0}};

/// Speed a tick later of what is driven by pedals.
double Pedalled(double speed, double throttle, double brake, const Drivetrain& train, double tick_s) {
  const double limit = speed >= 0 ? train.top_m_s : std::fmax(train.back_m_s, 0.1);
  const double drag = train.engine_m_s2 * std::fabs(speed / limit) * speed / limit + Sign(speed) * kRolling_m_s2;
  const bool opposes = throttle * speed < 0 && std::fabs(speed) > 0.3;
  const double engine = throttle < 0 && train.back_m_s <= 0 ? 0 : train.engine_m_s2;
  double wanted = throttle * (opposes ? train.brake_m_s2 : engine) - drag;
  if (std::fabs(throttle) < 1e-9) wanted = -Sign(speed) * std::fmin(std::fabs(drag), std::fabs(speed) / tick_s);
  const double after = speed + wanted * tick_s;
  if (!(brake > 0)) return after;
  return Sign(after) * std::fmax(std::fabs(after) - brake * train.brake_m_s2 * tick_s, 0.0);
}

}  // namespace

Footing FootingIn(const Environment& environment) {
  const double wet = 1.0 - 0.35 * environment.wetness;
  return {wet + (0.35 - wet) * environment.snow_cover,
          (1.0 - 0.1 * environment.wetness) * (1.0 - 0.4 * environment.snow_cover)};
}

Drivetrain DrivetrainOf(Text kind, Text semantic) {
  for (Text word : {kind, semantic}) {
    for (const Train& known : kTrains) {
      if (known.name == word) return known.train;
    }
  }
  return kCar;
}

double BoatTopSpeed_m_s(Text kind) {
  for (const Hull& known : kHulls) {
    if (known.kind == kind) return known.top_m_s;
  }
  return 5.0;
}

WalkerSize WalkerSizeOf(const Vec3& size_m, double solids_top_m) {
  const double height = std::fmax(solids_top_m > 0 ? solids_top_m : size_m.z, 0.2);
  return {Within(0.5 * std::fmin(size_m.x, size_m.y), 0.06, std::fmin(0.28, 0.45 * height)), height};
}

Course Walk(const Course& now, const Order& order, const Footing& footing, double tick_s) {
  double forward = 0, left = 0, rate = 0;
  if (order.motion == Motion::velocity) {
    forward = order.numbers[0];
    left = order.numbers[1];
    rate = Within(order.numbers[2], -kTurn_rad_s, kTurn_rad_s);
  }
  const double speed = std::hypot(forward, left);
  const double share = std::fmin(speed, kRun_m_s * footing.pace) / std::fmax(speed, 1e-9);
  const double more_x = forward * share - now.forward_m_s, more_y = left * share - now.left_m_s;
  const double size = std::hypot(more_x, more_y);
  const double step = std::fmin(kStep_m_s2 * footing.grip * tick_s / std::fmax(size, 1e-9), 1.0);
  return {now.forward_m_s + step * more_x, now.left_m_s + step * more_y,
          Eased(now.yaw_rate_rad_s, rate, kTurn_rad_s2 * tick_s)};
}

Course Roll(const Course& now, const Order& order, const Drivetrain& train, double base_m, double pitch_rad,
            const Footing& footing, double tick_s) {
  double speed = now.forward_m_s;
  if (order.motion == Motion::drive) {
    const double downhill = order.numbers[2] == 0 && (speed != 0 || order.numbers[0] != 0)
                                ? kGravity_m_s2 * std::sin(pitch_rad) * tick_s
                                : 0;
    speed = Pedalled(speed, order.numbers[0], order.numbers[2], train, tick_s) + downhill;
  } else {
    const double wanted =
        order.motion == Motion::velocity ? Within(order.numbers[0], -train.back_m_s, train.top_m_s) : 0;
    const double most = std::fabs(wanted) < std::fabs(speed) ? train.brake_m_s2 : train.engine_m_s2;
    speed = Eased(speed, wanted, most * tick_s);
  }
  const double hold = kTyres * footing.grip * kGravity_m_s2;
  const double most =
      std::fmin(std::fabs(speed) * std::tan(train.steer_rad) / base_m, hold / std::fmax(std::fabs(speed), 0.5));
  double rate = 0;
  if (order.motion == Motion::velocity) rate = order.numbers[2];
  if (order.motion == Motion::drive) rate = speed * std::tan(order.numbers[1] * train.steer_rad) / base_m;
  return {speed, 0, Within(rate, -most, most)};
}

Course Sail(const Course& now, const Order& order, double top_m_s, double tick_s) {
  double wanted = 0, helm = 0;
  if (order.motion == Motion::velocity) {
    wanted = order.numbers[0];
    helm = Within(order.numbers[2], -0.5, 0.5);
  } else if (order.motion == Motion::drive) {
    wanted = order.numbers[0] * top_m_s * (1 - order.numbers[2]);
    helm = 0.5 * order.numbers[1];
  }
  const double speed = Eased(now.forward_m_s, Within(wanted, -0.4 * top_m_s, top_m_s), kRow_m_s2 * tick_s);
  return {speed, 0, helm * Within(speed / (0.3 * top_m_s), -1.0, 1.0)};
}

double Swing(double angle_rad, double target_rad, double tick_s) {
  return Eased(angle_rad, target_rad, kSwing_rad_s * tick_s);
}

Pose Hung(const Pose& closed, double width_m, double angle_rad) {
  const Quat turn = FromYaw(angle_rad);
  const Vec3 hinge{0, width_m / 2, 0};
  return Compose(closed, {hinge - Rotate(turn, hinge), turn});
}

}  // namespace simbridge
