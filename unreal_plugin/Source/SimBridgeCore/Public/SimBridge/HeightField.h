// The ground as a grid of heights: how high it is, which way it faces, and its triangles in tiles.
//
// Row 0 is south, column 0 west. Each cell is two triangles, split from its south-west to its north-east corner.
#pragma once

#include "SimBridge/Values.h"

namespace simbridge {

/// A tile's mesh: `vertices_m` (n,3) world frame, `triangles` (m,3) counter-clockwise from above, `surface` (m,) indices
/// of materials: that of a cell's south-west point.
struct HeightTile {
  std::vector<float> vertices_m, normals;
  std::vector<int32_t> triangles;
  std::vector<uint8_t> surface;
};

class SIMBRIDGECORE_API HeightField {
 public:
  HeightField() = default;
  HeightField(uint32_t rows, uint32_t columns, double cell_m, double origin_x_m, double origin_y_m)
      : rows_(rows), columns_(columns), cell_m_(cell_m), origin_x_m_(origin_x_m), origin_y_m_(origin_y_m) {}

  /// Whole rows, from the south.
  void Add(View<float> heights_m, View<uint8_t> surface);

  uint32_t rows() const { return rows_; }
  uint32_t columns() const { return columns_; }
  double cell_m() const { return cell_m_; }
  bool empty() const { return heights_.empty(); }
  double PointHeight(uint32_t row, uint32_t column) const { return heights_[size_t{row} * columns_ + column]; }

  /// Height [m] at a place; beyond the edge that of the edge.
  double Height(double x_m, double y_m) const;
  /// The unit normal of the triangle at a place.
  Vec3 Normal(double x_m, double y_m) const;

  /// Cells from (row, column) on, at most `cells` each way.
  HeightTile Tile(uint32_t row, uint32_t column, uint32_t cells) const;

 private:
  struct Corner {
    double height, east, north;
  };
  /// The height, and how much it rises over a cell eastwards and northwards.
  Corner At(double x_m, double y_m) const;

  uint32_t rows_ = 0, columns_ = 0;
  double cell_m_ = 1, origin_x_m_ = 0, origin_y_m_ = 0;
  std::vector<float> heights_;
  std::vector<uint8_t> surface_;
};

}  // namespace simbridge
