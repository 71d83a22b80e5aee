// A tree of boxes over triangles or over things, and how a ray goes down it.
#pragma once

#include <cmath>
#include <cstdint>
#include <utility>
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
    struct Entry {
      uint32_t node;
      float enters;
    };
    Entry stack[64];
    int size = 0;
    stack[size++] = {0, Enters(ray, nodes_[0].box)};
    while (size > 0) {
      const Entry entry = stack[--size];
      if (!(entry.enters < nearest)) continue;
      const Node& node = nodes_[entry.node];
      if (node.count > 0) {
        for (uint32_t place = node.first; place < node.first + node.count; ++place) {
          if (visit(items_[place], nearest)) return;
        }
        continue;
      }
      Entry near{node.first, Enters(ray, nodes_[node.first].box)}, far{node.first + 1, Enters(ray, nodes_[node.first + 1].box)};
      if (far.enters < near.enters) std::swap(near, far);
      if (far.enters < nearest) stack[size++] = far;
      if (near.enters < nearest) stack[size++] = near;
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

  uint32_t Cut(uint32_t first, uint32_t count, const std::vector<Box>& boxes, const Box& middles);
  void Split(uint32_t node, uint32_t first, uint32_t count, const std::vector<Box>& boxes, int depth);

  std::vector<Node> nodes_;
  std::vector<uint32_t> items_;
};

}  // namespace simbridge::fake
