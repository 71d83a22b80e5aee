// What stands in the way, and what can be stood on: upright prisms round convex colliders, and walkable triangles.
#pragma once

#include <array>
#include <vector>

#include "Scene.h"
#include "SimBridge/Geometry.h"

namespace simbridge::fake {

struct Point {
  double x = 0, y = 0;
};

/// A convex ring, counter-clockwise, from `low` to `high` [m]; `owner` is a thing's number.
struct Prism {
  std::vector<Point> ring;
  double low_m = 0, high_m = 0;
  Point min, max;
  int32_t owner = 0;
};

/// How far two convex rings lie in each other, and the way out for the first; a depth of 0 or less: they don't.
struct Overlap {
  double depth_m = 0;
  Point away;
};

/// The prisms of a collider in the world; nothing for `mesh`.
bool MakePrism(const Collider& collider, const Pose& pose, const Vec3& scale, int32_t owner, Prism& prism);
/// An upright box of these extents round the middle of its underside.
Prism BoxPrism(const Pose& pose, const Vec3& size_m, int32_t owner);
Overlap DiscOverlap(const Point& middle, double radius_m, const Prism& prism);
Overlap PrismOverlap(const Prism& one, const Prism& other);

/// A grid over the ground that finds what is near; what stands is entered once, and can be taken out.
class Solids {
 public:
  Solids() = default;
  Solids(double min_x_m, double min_y_m, double max_x_m, double max_y_m);

  void AddPrism(Prism prism);
  /// The triangles of a mesh whose surfaces can be walked on.
  void AddWalkable(const Mesh& mesh, const Pose& pose, const Vec3& scale, int32_t owner);
  void Remove(int32_t owner);

  /// Calls `visit(prism)` for each prism whose ring's bounds meet these.
  template <typename Visit>
  void ForPrisms(const Point& min, const Point& max, Visit visit) const {
    ForCells(min, max, [&](const Cell& cell) {
      for (int32_t index : cell.prisms) {
        const Prism& prism = prisms_[static_cast<size_t>(index)];
        if (seen_[static_cast<size_t>(index)] == pass_) continue;
        seen_[static_cast<size_t>(index)] = pass_;
        if (prism.owner >= 0 && prism.min.x <= max.x && prism.max.x >= min.x && prism.min.y <= max.y && prism.max.y >= min.y) {
          visit(prism);
        }
      }
    });
  }

  /// Height of the highest walkable triangle or prism top not above `ceiling_m`; -infinity for none. `prisms_count`
  /// false: walkable triangles alone.
  double Surface_m(double x_m, double y_m, double ceiling_m, bool prisms_count) const;

 private:
  struct Triangle {
    Vec3 a, b, c;
    int32_t owner;
  };
  struct Cell {
    std::vector<int32_t> prisms, triangles;
  };

  template <typename Visit>
  void ForCells(const Point& min, const Point& max, Visit visit) const {
    if (cells_.empty()) return;
    ++pass_;
    const auto [x0, y0] = CellOf(min);
    const auto [x1, y1] = CellOf(max);
    for (int32_t y = y0; y <= y1; ++y) {
      for (int32_t x = x0; x <= x1; ++x) visit(cells_[static_cast<size_t>(y) * static_cast<size_t>(columns_) + static_cast<size_t>(x)]);
    }
  }
  std::array<int32_t, 2> CellOf(const Point& point) const;
  void Enter(const Point& min, const Point& max, int32_t index, bool is_prism);

  double min_x_m_ = 0, min_y_m_ = 0, cell_m_ = 4;
  int32_t columns_ = 0, rows_ = 0;
  std::vector<Cell> cells_;
  std::vector<Prism> prisms_;
  std::vector<Triangle> triangles_;
  mutable std::vector<uint32_t> seen_;
  mutable uint32_t pass_ = 0;
};

}  // namespace simbridge::fake
