// The border to Unreal: its frame is left-handed (Y mirrored), its unit the centimetre. As bridge/frames.py.
#pragma once

#include "SimBridge/Values.h"

namespace simbridge {

inline Vec3 UnrealFromWorld_cm(const Vec3& world_m) { return {100 * world_m.x, -100 * world_m.y, 100 * world_m.z}; }
inline Vec3 WorldFromUnreal_m(const Vec3& unreal_cm) {
  return {0.01 * unreal_cm.x, -0.01 * unreal_cm.y, 0.01 * unreal_cm.z};
}
/// The same rotation on the other side, wxyz; its own inverse.
inline Quat MirroredQuat(const Quat& quat) { return {quat.w, -quat.x, quat.y, -quat.z}; }
/// A direction, without unit; its own inverse.
inline Vec3 MirroredVector(const Vec3& vector) { return {vector.x, -vector.y, vector.z}; }
/// Angular velocity is a pseudovector: under the mirror its X and Z turn round. Its own inverse.
inline Vec3 MirroredSpin(const Vec3& spin) { return {-spin.x, spin.y, -spin.z}; }

/// Unreal's camera looks along X with Z up; OpenCV's along Z with Y down: unreal_body_from_opencv as axes of the world
/// frame (x ahead, y left, z up) is x = z_cv, y = -x_cv, z = -y_cv.
constexpr Quat kBodyFromOpenCv{0.5, -0.5, 0.5, -0.5};

}  // namespace simbridge
