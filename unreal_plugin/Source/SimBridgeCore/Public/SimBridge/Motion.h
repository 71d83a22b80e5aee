// How bodies follow what they are told, one tick at a time and without a world: on foot, by wheel, by boat.
//
// The numbers are those of the embedded engine: a walker keeps to its grip and to how fast people run, wheels are a
// bicycle model whose tyres hold only so much, boats answer slowly and turn only under way.
#pragma once

#include "SimBridge/BuildPieces.h"
#include "SimBridge/WorldBackend.h"

namespace simbridge {

/// What a body was told, until it is told otherwise.
struct Order {
  Motion motion = Motion::hold;
  double numbers[3] = {0, 0, 0};
};

/// How a body goes, in its own frame.
struct Course {
  double forward_m_s = 0, left_m_s = 0, yaw_rate_rad_s = 0;

  bool is_still() const { return forward_m_s == 0 && left_m_s == 0 && yaw_rate_rad_s == 0; }
};

/// What weather leaves of friction, and of walkers' top speed.
struct Footing {
  double grip = 1, pace = 1;
};
SIMBRIDGECORE_API Footing FootingIn(const Environment& environment);

/// What a kind of vehicle can do; a track of 0 leans into curves. `base` and `track` are shares of length and width.
struct Drivetrain {
  double engine_m_s2, top_m_s, back_m_s, brake_m_s2, steer_rad, base, track;
};
SIMBRIDGECORE_API Drivetrain DrivetrainOf(Text kind, Text semantic);
SIMBRIDGECORE_API double BoatTopSpeed_m_s(Text kind);

/// A walker's radius and height [m]; `solids_top_m` is the top of its colliders, 0 without any.
struct WalkerSize {
  double radius_m, height_m;
};
SIMBRIDGECORE_API WalkerSize WalkerSizeOf(const Vec3& size_m, double solids_top_m);

/// The course a tick later.
SIMBRIDGECORE_API Course Walk(const Course& now, const Order& order, const Footing& footing, double tick_s);
SIMBRIDGECORE_API Course Roll(const Course& now, const Order& order, const Drivetrain& train, double base_m, double pitch_rad,
            const Footing& footing, double tick_s);
SIMBRIDGECORE_API Course Sail(const Course& now, const Order& order, double top_m_s, double tick_s);

/// A door's leaf: how far it opens, and its angle a tick later.
constexpr double kDoorWide_rad = 1.5707963267948966;
SIMBRIDGECORE_API double Swing(double angle_rad, double target_rad, double tick_s);
/// Where a leaf stands that hangs at y = half its width, open by an angle.
SIMBRIDGECORE_API Pose Hung(const Pose& closed, double width_m, double angle_rad);

constexpr double kWade_m = 0.5;
constexpr double kStep_m = 0.6;

}  // namespace simbridge
