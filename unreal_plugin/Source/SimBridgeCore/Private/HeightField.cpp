// Heights between the points of a grid, and its triangles.
#include "SimBridge/HeightField.h"

#include <cmath>

#include "SimBridge/Geometry.h"

namespace simbridge {

void HeightField::Add(View<float> heights_m, View<uint8_t> surface) {
  heights_.insert(heights_.end(), heights_m.begin(), heights_m.end());
  surface_.insert(surface_.end(), surface.begin(), surface.end());
}

HeightField::Corner HeightField::At(double x_m, double y_m) const {
  const double last_u = columns_ - 1.000001, last_v = rows_ - 1.000001;
  double u = (x_m - origin_x_m_) / cell_m_, v = (y_m - origin_y_m_) / cell_m_;
  u = u < 0 ? 0 : u > last_u ? last_u : u;
  v = v < 0 ? 0 : v > last_v ? last_v : v;
  const uint32_t column = static_cast<uint32_t>(u), row = static_cast<uint32_t>(v);
  const double fu = u - column, fv = v - row;
  const double sw = PointHeight(row, column), se = PointHeight(row, column + 1);
  const double nw = PointHeight(row + 1, column), ne = PointHeight(row + 1, column + 1);
  const bool is_below = fu >= fv;
  const double east = is_below ? se - sw : ne - nw, north = is_below ? ne - se : nw - sw;
  return {sw + fu * east + fv * north, east, north};
}

double HeightField::Height(double x_m, double y_m) const { return At(x_m, y_m).height; }

Vec3 HeightField::Normal(double x_m, double y_m) const {
  const Corner at = At(x_m, y_m);
  const Vec3 normal{-at.east / cell_m_, -at.north / cell_m_, 1};
  return normal * (1 / Length(normal));
}

HeightTile HeightField::Tile(uint32_t row, uint32_t column, uint32_t cells) const {
  HeightTile tile;
  if (row + 1 >= rows_ || column + 1 >= columns_) return tile;
  const uint32_t high = rows_ - 1 - row < cells ? rows_ - 1 - row : cells;
  const uint32_t wide = columns_ - 1 - column < cells ? columns_ - 1 - column : cells;
  const auto height = [this](int64_t line, int64_t place) {
    line = line < 0 ? 0 : line >= rows_ ? rows_ - 1 : line;
    place = place < 0 ? 0 : place >= columns_ ? columns_ - 1 : place;
    return PointHeight(static_cast<uint32_t>(line), static_cast<uint32_t>(place));
  };
  for (uint32_t i = 0; i <= high; ++i) {
    for (uint32_t j = 0; j <= wide; ++j) {
      const int64_t line = row + i, place = column + j;
      tile.vertices_m.push_back(static_cast<float>(origin_x_m_ + static_cast<double>(place) * cell_m_));
      tile.vertices_m.push_back(static_cast<float>(origin_y_m_ + static_cast<double>(line) * cell_m_));
      tile.vertices_m.push_back(static_cast<float>(height(line, place)));
      Vec3 normal{(height(line, place - 1) - height(line, place + 1)) / (2 * cell_m_),
                  (height(line - 1, place) - height(line + 1, place)) / (2 * cell_m_), 1};
      normal = normal * (1 / Length(normal));
      for (double share : {normal.x, normal.y, normal.z}) tile.normals.push_back(static_cast<float>(share));
    }
  }
  for (uint32_t i = 0; i < high; ++i) {
    for (uint32_t j = 0; j < wide; ++j) {
      const int32_t sw = static_cast<int32_t>(i * (wide + 1) + j), nw = sw + static_cast<int32_t>(wide) + 1;
      for (int32_t index : {sw, sw + 1, nw + 1, sw, nw + 1, nw}) tile.triangles.push_back(index);
      const uint8_t material = surface_[size_t{row + i} * columns_ + column + j];
      tile.surface.insert(tile.surface.end(), 2, material);
    }
  }
  return tile;
}

}  // namespace simbridge
