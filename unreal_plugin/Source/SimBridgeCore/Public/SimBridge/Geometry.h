// Rotations and poses: quaternions scalar first, a pose is parent_from_body. As bridge/frames.py.
#pragma once

#include <cmath>

#include "SimBridge/Values.h"

namespace simbridge {

constexpr double kHalfTurn = 3.14159265358979323846;

inline Vec3 operator+(const Vec3& a, const Vec3& b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Vec3 operator-(const Vec3& a, const Vec3& b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
inline Vec3 operator*(const Vec3& a, double s) { return {a.x * s, a.y * s, a.z * s}; }
inline Vec3 Scaled(const Vec3& a, const Vec3& b) { return {a.x * b.x, a.y * b.y, a.z * b.z}; }
inline double Dot(const Vec3& a, const Vec3& b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline Vec3 Cross(const Vec3& a, const Vec3& b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline double Length(const Vec3& a) { return std::sqrt(Dot(a, a)); }

/// The rotation that does `b` first and `a` second.
inline Quat Product(const Quat& a, const Quat& b) {
  return {a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z, a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
          a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x, a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w};
}
inline Quat Inverse(const Quat& q) { return {q.w, -q.x, -q.y, -q.z}; }
inline Vec3 Rotate(const Quat& q, const Vec3& v) {
  const Vec3 u{q.x, q.y, q.z};
  const Vec3 t = Cross(u, v) * 2.0;
  return v + t * q.w + Cross(u, t);
}
inline Quat FromYaw(double yaw_rad) { return {std::cos(yaw_rad / 2), 0, 0, std::sin(yaw_rad / 2)}; }
inline double YawOf(const Quat& q) {
  return std::atan2(2 * (q.w * q.z + q.x * q.y), 1 - 2 * (q.y * q.y + q.z * q.z));
}
/// Heading, then nose down by `pitch`, then roll to the right: the order of bridge/engines.
inline Quat FromTilt(double yaw_rad, double pitch_rad, double roll_rad) {
  const Quat pitch{std::cos(pitch_rad / 2), 0, std::sin(pitch_rad / 2), 0};
  const Quat roll{std::cos(roll_rad / 2), std::sin(roll_rad / 2), 0, 0};
  return Product(FromYaw(yaw_rad), Product(pitch, roll));
}

/// parent_from_body, then body_from_child.
inline Pose Compose(const Pose& a, const Pose& b) {
  return {a.position + Rotate(a.rotation, b.position), Product(a.rotation, b.rotation)};
}
/// A parent's point in the body's own frame.
inline Vec3 Into(const Pose& body, const Vec3& point) { return Rotate(Inverse(body.rotation), point - body.position); }

}  // namespace simbridge
