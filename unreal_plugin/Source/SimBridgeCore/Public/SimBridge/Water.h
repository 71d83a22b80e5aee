// A level sheet of water seen from above: what lies in it, and how far from its shore.
#pragma once

#include <string>
#include <vector>

#include "SimBridge/Values.h"

namespace simbridge {

/// Rings are open: x, y, x, y ... [m], the outline first, then the holes.
struct SIMBRIDGECORE_API Water {
  std::string name;
  std::vector<std::vector<double>> rings;
  double level_m = 0;
  int32_t id = 0;

  bool Contains(double x_m, double y_m) const;
  /// How far from the shore [m]; negative on land.
  double Reach(double x_m, double y_m) const;
};

}  // namespace simbridge
