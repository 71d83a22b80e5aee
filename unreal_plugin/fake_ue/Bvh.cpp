// The tree is split where rays are expected to test least: by the surface of the boxes on both sides (binned SAH).
#include "Bvh.h"

#include <algorithm>

namespace simbridge::fake {
namespace {
constexpr uint32_t kLeaf = 4;
constexpr int kDeepest = 60, kBins = 16;

double Surface(const Box& box) {
  const double x = box.max[0] - box.min[0], y = box.max[1] - box.min[1], z = box.max[2] - box.min[2];
  return x < 0 ? 0 : x * y + y * z + z * x;
}
}  // namespace

Bvh::Bvh(const std::vector<Box>& boxes) {
  if (boxes.empty()) return;
  items_.resize(boxes.size());
  for (uint32_t item = 0; item < items_.size(); ++item) items_[item] = item;
  nodes_.reserve(boxes.size());
  nodes_.emplace_back();
  Split(0, 0, static_cast<uint32_t>(boxes.size()), boxes, 0);
}

/// Orders some items so that the first of them belong left; how many. `middles` bounds the middles of their boxes.
uint32_t Bvh::Cut(uint32_t first, uint32_t count, const std::vector<Box>& boxes, const Box& middles) {
  double least = HUGE_VAL;
  int best_axis = -1, best_bin = 0;
  const auto bin_of = [&](uint32_t item, int axis) {
    const float middle = 0.5f * (boxes[item].min[axis] + boxes[item].max[axis]), wide = middles.max[axis] - middles.min[axis];
    const int bin = static_cast<int>(kBins * (middle - middles.min[axis]) / wide);
    return bin < kBins ? bin : kBins - 1;
  };
  for (int axis = 0; axis < 3; ++axis) {
    if (!(middles.max[axis] - middles.min[axis] > 0)) continue;
    Box bins[kBins];
    uint32_t counts[kBins] = {};
    for (uint32_t place = first; place < first + count; ++place) {
      const int bin = bin_of(items_[place], axis);
      bins[bin].Add(boxes[items_[place]]);
      ++counts[bin];
    }
    double right_cost[kBins] = {};
    Box right;
    uint32_t right_count = 0;
    for (int bin = kBins - 1; bin > 0; --bin) {
      right.Add(bins[bin]);
      right_count += counts[bin];
      right_cost[bin] = Surface(right) * right_count;
    }
    Box left;
    uint32_t left_count = 0;
    for (int bin = 1; bin < kBins; ++bin) {
      left.Add(bins[bin - 1]);
      left_count += counts[bin - 1];
      const double cost = Surface(left) * left_count + right_cost[bin];
      if (left_count == 0 || left_count == count || cost >= least) continue;
      least = cost;
      best_axis = axis;
      best_bin = bin;
    }
  }
  if (best_axis < 0) return count / 2;  // all in one place: any half will do
  const auto begin = items_.begin() + first;
  const auto cut = std::stable_partition(begin, begin + count, [&](uint32_t item) { return bin_of(item, best_axis) < best_bin; });
  return static_cast<uint32_t>(cut - begin);
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
  const uint32_t near = Cut(first, count, boxes, middles);
  const uint32_t left = static_cast<uint32_t>(nodes_.size());
  nodes_.emplace_back();
  nodes_.emplace_back();
  nodes_[node].first = left;
  nodes_[node].count = 0;
  Split(left, first, near, boxes, depth + 1);
  Split(left + 1, first + near, count - near, boxes, depth + 1);
}

}  // namespace simbridge::fake
