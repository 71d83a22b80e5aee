// Points in and beside rings.
#include "SimBridge/Water.h"

#include <cmath>

namespace simbridge {

bool Water::Contains(double x_m, double y_m) const {
  bool is_inside = false;  // a hole's ring takes back what the outline gave
  for (const std::vector<double>& ring : rings) {
    const size_t count = ring.size() / 2;
    for (size_t index = 0, before = count - 1; index < count; before = index++) {
      const double x0 = ring[2 * before], y0 = ring[2 * before + 1], x1 = ring[2 * index], y1 = ring[2 * index + 1];
      if ((y0 > y_m) != (y1 > y_m) && x_m < x0 + (y_m - y0) / (y1 - y0) * (x1 - x0)) is_inside = !is_inside;
    }
  }
  return is_inside;
}

double Water::Reach(double x_m, double y_m) const {
  double nearest = HUGE_VAL;
  for (const std::vector<double>& ring : rings) {
    const size_t count = ring.size() / 2;
    for (size_t index = 0, before = count - 1; index < count; before = index++) {
      const double x0 = ring[2 * before], y0 = ring[2 * before + 1];
      const double dx = ring[2 * index] - x0, dy = ring[2 * index + 1] - y0, size = dx * dx + dy * dy;
      double share = size > 0 ? ((x_m - x0) * dx + (y_m - y0) * dy) / size : 0;
      share = share < 0 ? 0 : share > 1 ? 1 : share;
      nearest = std::fmin(nearest, std::hypot(x0 + share * dx - x_m, y0 + share * dy - y_m));
    }
  }
  return Contains(x_m, y_m) ? nearest : -nearest;
}

}  // namespace simbridge
