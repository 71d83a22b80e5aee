// What has to be done so that one table of things becomes another: for a world that is told anew and differs little.
#pragma once

#include "SimBridge/Values.h"

namespace simbridge {

/// A row of a table of things; names are given once.
struct DiffRow {
  Text name, asset;
  Pose pose;
  Vec3 scale{1, 1, 1};
};

/// Row numbers: of `before` for what goes, of `after` for the rest. A thing of another asset goes and comes.
struct SceneDiff {
  std::vector<uint32_t> removed, added, moved, resized;
};

/// Poses that differ by less count as the same: [m], and as quaternions' components.
SIMBRIDGECORE_API SceneDiff DiffOf(View<DiffRow> before, View<DiffRow> after, double tolerance = 1e-6);

}  // namespace simbridge
