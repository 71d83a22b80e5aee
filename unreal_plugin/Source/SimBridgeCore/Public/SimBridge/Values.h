// The small values that everything here is told in: views, poses, cameras, failures. World frame right-handed, Z up, SI.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Unreal's build tool defines this for what other modules may call; elsewhere it is nothing.
#ifndef SIMBRIDGECORE_API
#define SIMBRIDGECORE_API
#endif

namespace simbridge {

/// Words that somebody else owns; valid as long as the call that they came with.
using Text = std::string_view;

/// A row of values that somebody else owns; valid as long as the call that it came with.
template <typename T>
struct View {
  const T* data = nullptr;
  size_t size = 0;

  View() = default;
  View(const T* first, size_t count) : data(first), size(count) {}
  View(const std::vector<T>& all) : data(all.data()), size(all.size()) {}  // NOLINT: a vector is a view of itself

  const T* begin() const { return data; }
  const T* end() const { return data + size; }
  const T& operator[](size_t index) const { return data[index]; }
  bool empty() const { return size == 0; }
};

struct Vec3 {
  double x = 0, y = 0, z = 0;
};

/// A unit quaternion, scalar first.
struct Quat {
  double w = 1, x = 0, y = 0, z = 0;
};

/// Where a body is, as parent_from_body [m].
struct Pose {
  Vec3 position;
  Quat rotation;
};

/// A pinhole camera with square pixels, OpenCV frame (x right, y down, z forward); `mount` is a body or "world".
struct Camera {
  std::string name, mount;
  Pose mount_from_camera;
  uint32_t width_px = 0, height_px = 0;
  double fov_y_rad = 0;
};

/// The numbers are those of the messages.
enum class Modality : uint8_t { rgb = 1, depth = 2, segmentation = 3, normals = 4 };

/// Why something was not done: a class of bridge/errors.py by its name, and what was found, expected, and the next step.
struct Failure {
  std::string kind, message;

  explicit operator bool() const { return !kind.empty(); }
  /// Notes the failure; returns false, so that `return failure.Set(...)` ends a function that failed.
  bool Set(Text what, std::string why) {
    kind.assign(what);
    message = static_cast<std::string&&>(why);
    return false;
  }
};

}  // namespace simbridge
