// A tree of boxes over triangles or over things, and how a ray goes down it.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "SimBridge/Values.h"

namespace simbridge::fake {

struct Box {
  float min[3] = {HUGE_VALF, HUGE_VALF, HUGE_VALF}, max[3] = {-HUGE_VALF, -HUGE_VALF, -HUGE_VALF};

  void Add(const Vec3& point) {
    const double at[3] = {point.x, point.y, point.z};
    for (int axis = 0; axis < 3; ++axis) {
      min[axis] = std::fmin(min[axis], static_cast<float>(at[axis]));
      max[axis] = std::fmax(max[axis], static_cast<float>(at[axis]));
    }
  }
  void Add(const Box& other) {
    for (int axis = 0; axis < 3; ++axis) {
      min[axis] = std::fmin(min[axis], other.min[axis]);
      max[axis] = std::fmax(max[axis], other.max[axis]);
    }
  }
};

/// A ray whose `direction` need not be of length 1: distances are in its lengths.
struct Ray {
  float origin[3], direction[3], inverse[3];

  Ray(const Vec3& from, const Vec3& way)
      : origin{static_cast<float>(from.x), static_cast<float>(from.y), static_cast<float>(from.z)},
        direction{static_cast<float>(way.x), static_cast<float>(way.y), static_cast<float>(way.z)} {
    for (int axis = 0; axis < 3; ++axis) inverse[axis] = 1.0f / direction[axis];
  }
};

class Bvh {
 public:
  explicit Bvh(const std::vector<Box>& boxes);
  Bvh() = default;

  /// Calls `visit(item, nearest)` for items whose box the ray enters before `nearest`, the near ones first; visit may
  /// lower it, and ends the walk by returning true.
  template <typename Visit>
  void Walk(const Ray& ray, float& nearest, Visit visit) const {
    if (nodes_.empty()) return;
    uint32_t stack[64];
    int size = 0;
    stack[size++] = 0;
    while (size > 0) {
      const Node& node = nodes_[stack[--size]];
      if (!(Enters(ray, node.box) < nearest)) continue;
      if (node.count > 0) {
        for (uint32_t place = node.first; place < node.first + node.count; ++place) {
          if (visit(items_[place], nearest)) return;
        }
        continue;
      }
      const uint32_t left = node.first, right = node.first + 1;
      const float near_left = Enters(ray, nodes_[left].box), near_right = Enters(ray, nodes_[right].box);
      const bool is_left_first = near_left <= near_right;
      const float far = is_left_first ? near_right : near_left, near = is_left_first ? near_left : near_right;
      if (far < nearest) stack[size++] = is_left_first ? right : left;
      if (near < nearest) stack[size++] = is_left_first ? left : right;
    }
  }

  bool empty() const { return nodes_.empty(); }
  const Box& box() const { return nodes_[0].box; }

 private:
  struct Node {
    Box box;
    uint32_t first = 0, count = 0;
  };

  /// Where the ray enters a box, infinity if it misses it.
  static float Enters(const Ray& ray, const Box& box) {
    float from = 0, to = HUGE_VALF;
    for (int axis = 0; axis < 3; ++axis) {
      const float a = (box.min[axis] - ray.origin[axis]) * ray.inverse[axis];
      const float b = (box.max[axis] - ray.origin[axis]) * ray.inverse[axis];
      const float lower = a < b ? a : b, upper = a < b ? b : a;
      from = lower > from ? lower : from;
      to = upper < to ? upper : to;
    }
    return from <= to ? from : HUGE_VALF;
  }

  void Split(uint32_t node, uint32_t first, uint32_t count, const std::vector<Box>& boxes, int depth);

  std::vector<Node> nodes_;
  std::vector<uint32_t> items_;
};

}  // namespace simbridge::fake
