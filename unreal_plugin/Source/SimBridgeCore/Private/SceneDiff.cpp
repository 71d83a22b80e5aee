// Two tables compared by name.
#include "SimBridge/SceneDiff.h"

#include <cmath>
#include <unordered_map>

namespace simbridge {
namespace {

bool IsNear(const Vec3& a, const Vec3& b, double tolerance) {
  return std::fabs(a.x - b.x) <= tolerance && std::fabs(a.y - b.y) <= tolerance && std::fabs(a.z - b.z) <= tolerance;
}

/// A quaternion and its negative are one rotation.
bool IsNear(const Quat& a, const Quat& b, double tolerance) {
  const double sign = a.w * b.w + a.x * b.x + a.y * b.y + a.z * b.z < 0 ? -1 : 1;
  return std::fabs(a.w - sign * b.w) <= tolerance &&
         IsNear(Vec3{a.x, a.y, a.z}, Vec3{sign * b.x, sign * b.y, sign * b.z}, tolerance);
}

}  // namespace

SceneDiff DiffOf(View<DiffRow> before, View<DiffRow> after, double tolerance) {
  SceneDiff diff;
  std::unordered_map<Text, uint32_t> known;
  for (uint32_t row = 0; row < before.size; ++row) known.emplace(before[row].name, row);
  for (uint32_t row = 0; row < after.size; ++row) {
    const DiffRow& now = after[row];
    const auto found = known.find(now.name);
    if (found == known.end()) {
      diff.added.push_back(row);
      continue;
    }
    const DiffRow& was = before[found->second];
    if (was.asset != now.asset) {
      diff.added.push_back(row);
      continue;
    }
    known.erase(found);
    const bool stands = IsNear(was.pose.position, now.pose.position, tolerance) &&
                        IsNear(was.pose.rotation, now.pose.rotation, tolerance);
    if (!stands) diff.moved.push_back(row);
    if (!IsNear(was.scale, now.scale, tolerance)) diff.resized.push_back(row);
  }
  for (uint32_t row = 0; row < before.size; ++row) {
    if (known.count(before[row].name) != 0) diff.removed.push_back(row);
  }
  return diff;
}

}  // namespace simbridge
