// The tree is split at the middle item along the longest side.
#include "Bvh.h"

#include <algorithm>

namespace simbridge::fake {
namespace {
constexpr uint32_t kLeaf = 4;
constexpr int kDeepest = 60;
}  // namespace

Bvh::Bvh(const std::vector<Box>& boxes) {
  if (boxes.empty()) return;
  items_.resize(boxes.size());
  for (uint32_t item = 0; item < items_.size(); ++item) items_[item] = item;
  nodes_.reserve(boxes.size());
  nodes_.emplace_back();
  Split(0, 0, static_cast<uint32_t>(boxes.size()), boxes, 0);
}

void Bvh::Split(uint32_t node, uint32_t first, uint32_t count, const std::vector<Box>& boxes, int depth) {
  Box box, middles;
  for (uint32_t place = first; place < first + count; ++place) {
    const Box& one = boxes[items_[place]];
    box.Add(one);
    middles.Add(Vec3{0.5 * (one.min[0] + one.max[0]), 0.5 * (one.min[1] + one.max[1]), 0.5 * (one.min[2] + one.max[2])});
  }
  nodes_[node].box = box;
  if (count <= kLeaf || depth >= kDeepest) {
    nodes_[node].first = first;
    nodes_[node].count = count;
    return;
  }
  int axis = 0;
  for (int other = 1; other < 3; ++other) {
    if (middles.max[other] - middles.min[other] > middles.max[axis] - middles.min[axis]) axis = other;
  }
  const auto begin = items_.begin() + first;
  std::nth_element(begin, begin + count / 2, begin + count, [&](uint32_t one, uint32_t other) {
    const float a = boxes[one].min[axis] + boxes[one].max[axis], b = boxes[other].min[axis] + boxes[other].max[axis];
    return a != b ? a < b : one < other;
  });
  const uint32_t left = static_cast<uint32_t>(nodes_.size());
  nodes_.emplace_back();
  nodes_.emplace_back();
  nodes_[node].first = left;
  nodes_[node].count = 0;
  Split(left, first, count / 2, boxes, depth + 1);
  Split(left + 1, first + count / 2, count - count / 2, boxes, depth + 1);
}

}  // namespace simbridge::fake
