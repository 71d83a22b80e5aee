// Prisms made, overlapped and found.
#include "Solids.h"

#include <algorithm>
#include <cmath>

namespace simbridge::fake {
namespace {

constexpr int kSides = 12;

double Turn(const Point& o, const Point& a, const Point& b) {
  return (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
}

/// Andrew's monotone chain.
std::vector<Point> ConvexRing(std::vector<Point> points) {
  std::sort(points.begin(), points.end(), [](const Point& a, const Point& b) { return a.x != b.x ? a.x < b.x : a.y < b.y; });
  std::vector<Point> ring(2 * points.size());
  size_t size = 0;
  for (const Point& point : points) {
    while (size >= 2 && Turn(ring[size - 2], ring[size - 1], point) <= 0) --size;
    ring[size++] = point;
  }
  const size_t lower = size + 1;
  for (size_t index = points.size() - 1; index-- > 0;) {
    while (size >= lower && Turn(ring[size - 2], ring[size - 1], points[index]) <= 0) --size;
    ring[size++] = points[index];
  }
  ring.resize(size > 1 ? size - 1 : size);
  return ring;
}

/// Points whose hull a collider is, in its owner's frame.
std::vector<Vec3> Corners(const Collider& collider) {
  std::vector<Vec3> corners;
  const Vec3 half = collider.size_m * 0.5;
  const auto add = [&](double x, double y, double z) {
    corners.push_back(collider.pose.position + Rotate(collider.pose.rotation, {x, y, z}));
  };
  switch (collider.shape) {
    case ColliderShape::box:
      for (int bits = 0; bits < 8; ++bits) add(bits & 1 ? half.x : -half.x, bits & 2 ? half.y : -half.y, bits & 4 ? half.z : -half.z);
      break;
    case ColliderShape::cylinder:
    case ColliderShape::capsule:
    case ColliderShape::sphere:
      for (int side = 0; side < kSides; ++side) {
        const double angle = 2 * kHalfTurn * side / kSides;
        for (double z : {-half.z, half.z}) add(half.x * std::cos(angle), half.y * std::sin(angle), z);
      }
      break;
    case ColliderShape::hull:
      for (size_t point = 0; point + 2 < collider.points_m.size(); point += 3) {
        add(collider.points_m[point], collider.points_m[point + 1], collider.points_m[point + 2]);
      }
      break;
    case ColliderShape::mesh: break;
  }
  return corners;
}

void Bound(Prism& prism) {
  prism.min = prism.max = prism.ring[0];
  for (const Point& point : prism.ring) {
    prism.min = {std::fmin(prism.min.x, point.x), std::fmin(prism.min.y, point.y)};
    prism.max = {std::fmax(prism.max.x, point.x), std::fmax(prism.max.y, point.y)};
  }
}

}  // namespace

bool MakePrism(const Collider& collider, const Pose& pose, const Vec3& scale, int32_t owner, Prism& prism) {
  std::vector<Point> points;
  prism.low_m = HUGE_VAL;
  prism.high_m = -HUGE_VAL;
  for (const Vec3& corner : Corners(collider)) {
    const Vec3 at = pose.position + Rotate(pose.rotation, Scaled(corner, scale));
    points.push_back({at.x, at.y});
    prism.low_m = std::fmin(prism.low_m, at.z);
    prism.high_m = std::fmax(prism.high_m, at.z);
  }
  if (points.size() < 3) return false;
  prism.ring = ConvexRing(std::move(points));
  prism.owner = owner;
  if (prism.ring.size() < 3) return false;
  Bound(prism);
  return true;
}

Prism BoxPrism(const Pose& pose, const Vec3& size_m, int32_t owner) {
  const double yaw = YawOf(pose.rotation), cos = std::cos(yaw), sin = std::sin(yaw);
  Prism prism;
  prism.owner = owner;
  static constexpr double kCorners[4][2] = {{-0.5, -0.5}, {0.5, -0.5}, {0.5, 0.5}, {-0.5, 0.5}};
  for (const double(&corner)[2] : kCorners) {
    const double x = corner[0] * size_m.x, y = corner[1] * size_m.y;
    prism.ring.push_back({pose.position.x + cos * x - sin * y, pose.position.y + sin * x + cos * y});
  }
  prism.low_m = pose.position.z;
  prism.high_m = pose.position.z + size_m.z;
  Bound(prism);
  return prism;
}

Overlap DiscOverlap(const Point& middle, double radius_m, const Prism& prism) {
  double deepest = -HUGE_VAL, nearest = HUGE_VAL;
  Point out, towards;
  const size_t count = prism.ring.size();
  for (size_t index = 0; index < count; ++index) {
    const Point& a = prism.ring[index];
    const Point& b = prism.ring[(index + 1) % count];
    const double dx = b.x - a.x, dy = b.y - a.y, size = std::hypot(dx, dy);
    if (size < 1e-9) continue;
    const double beyond = ((middle.x - a.x) * dy - (middle.y - a.y) * dx) / size;
    if (beyond > deepest) {
      deepest = beyond;
      out = {dy / size, -dx / size};
    }
    const double share = std::clamp(((middle.x - a.x) * dx + (middle.y - a.y) * dy) / (size * size), 0.0, 1.0);
    const Point from{middle.x - a.x - share * dx, middle.y - a.y - share * dy};
    const double gap = std::hypot(from.x, from.y);
    if (gap < nearest) {
      nearest = gap;
      towards = gap > 1e-9 ? Point{from.x / gap, from.y / gap} : out;
    }
  }
  if (deepest <= 0) return {radius_m - deepest, out};  // the middle is inside
  return {radius_m - nearest, towards};
}

Overlap PrismOverlap(const Prism& one, const Prism& other) {
  Overlap least{HUGE_VAL, {}};
  for (int turn = 0; turn < 2; ++turn) {
    const std::vector<Point>& edges = turn == 0 ? one.ring : other.ring;
    for (size_t index = 0; index < edges.size(); ++index) {
      const Point& a = edges[index];
      const Point& b = edges[(index + 1) % edges.size()];
      const double size = std::hypot(b.x - a.x, b.y - a.y);
      if (size < 1e-9) continue;
      const Point axis{(b.y - a.y) / size, (a.x - b.x) / size};
      double one_min = HUGE_VAL, one_max = -HUGE_VAL, other_min = HUGE_VAL, other_max = -HUGE_VAL;
      for (const Point& p : one.ring) {
        one_min = std::fmin(one_min, axis.x * p.x + axis.y * p.y);
        one_max = std::fmax(one_max, axis.x * p.x + axis.y * p.y);
      }
      for (const Point& p : other.ring) {
        other_min = std::fmin(other_min, axis.x * p.x + axis.y * p.y);
        other_max = std::fmax(other_max, axis.x * p.x + axis.y * p.y);
      }
      if (other_max - one_min < least.depth_m) least = {other_max - one_min, axis};
      if (one_max - other_min < least.depth_m) least = {one_max - other_min, {-axis.x, -axis.y}};
      if (least.depth_m <= 0) return least;
    }
  }
  return least;
}

Solids::Solids(double min_x_m, double min_y_m, double max_x_m, double max_y_m) : min_x_m_(min_x_m), min_y_m_(min_y_m) {
  cell_m_ = std::fmax(4.0, std::fmax(max_x_m - min_x_m, max_y_m - min_y_m) / 1024);
  columns_ = static_cast<int32_t>((max_x_m - min_x_m) / cell_m_) + 1;
  rows_ = static_cast<int32_t>((max_y_m - min_y_m) / cell_m_) + 1;
  cells_.resize(static_cast<size_t>(columns_) * static_cast<size_t>(rows_));
}

std::array<int32_t, 2> Solids::CellOf(const Point& point) const {
  const double x = std::clamp((point.x - min_x_m_) / cell_m_, 0.0, columns_ - 1.0);
  const double y = std::clamp((point.y - min_y_m_) / cell_m_, 0.0, rows_ - 1.0);
  return {static_cast<int32_t>(x), static_cast<int32_t>(y)};
}

void Solids::Enter(const Point& min, const Point& max, int32_t index, bool is_prism) {
  if (cells_.empty()) return;
  const auto [x0, y0] = CellOf(min);
  const auto [x1, y1] = CellOf(max);
  for (int32_t y = y0; y <= y1; ++y) {
    for (int32_t x = x0; x <= x1; ++x) {
      Cell& cell = cells_[static_cast<size_t>(y) * static_cast<size_t>(columns_) + static_cast<size_t>(x)];
      (is_prism ? cell.prisms : cell.triangles).push_back(index);
    }
  }
}

void Solids::AddPrism(Prism prism) {
  Enter(prism.min, prism.max, static_cast<int32_t>(prisms_.size()), true);
  prisms_.push_back(std::move(prism));
  seen_.push_back(0);
}

void Solids::AddWalkable(const Mesh& mesh, const Pose& pose, const Vec3& scale, int32_t owner) {
  const auto vertex = [&](int32_t index) {
    const float* v = mesh.vertices_m.data() + 3 * static_cast<size_t>(index);
    return pose.position + Rotate(pose.rotation, Scaled({v[0], v[1], v[2]}, scale));
  };
  for (size_t triangle = 0; triangle + 2 < mesh.triangles.size(); triangle += 3) {
    const Vec3 a = vertex(mesh.triangles[triangle]), b = vertex(mesh.triangles[triangle + 1]);
    const Vec3 c = vertex(mesh.triangles[triangle + 2]);
    const Vec3 normal = Cross(b - a, c - a);
    if (normal.z <= 0.3 * Length(normal)) continue;  // walls and undersides carry nobody
    Enter({(std::min)({a.x, b.x, c.x}), (std::min)({a.y, b.y, c.y})},
          {(std::max)({a.x, b.x, c.x}), (std::max)({a.y, b.y, c.y})}, static_cast<int32_t>(triangles_.size()), false);
    triangles_.push_back({a, b, c, owner});
  }
}

void Solids::Remove(int32_t owner) {
  for (Prism& prism : prisms_) {
    if (prism.owner == owner) prism.owner = -1;
  }
  for (Triangle& triangle : triangles_) {
    if (triangle.owner == owner) triangle.owner = -1;
  }
}

double Solids::Surface_m(double x_m, double y_m, double ceiling_m, bool prisms_count) const {
  double highest = -HUGE_VAL;
  if (cells_.empty()) return highest;
  const auto [column, row] = CellOf({x_m, y_m});
  const Cell& cell = cells_[static_cast<size_t>(row) * static_cast<size_t>(columns_) + static_cast<size_t>(column)];
  for (int32_t index : cell.triangles) {
    const Triangle& t = triangles_[static_cast<size_t>(index)];
    if (t.owner < 0) continue;
    const double area = (t.b.x - t.a.x) * (t.c.y - t.a.y) - (t.b.y - t.a.y) * (t.c.x - t.a.x);
    if (std::fabs(area) < 1e-12) continue;
    const double u = ((x_m - t.a.x) * (t.c.y - t.a.y) - (y_m - t.a.y) * (t.c.x - t.a.x)) / area;
    const double v = ((t.b.x - t.a.x) * (y_m - t.a.y) - (t.b.y - t.a.y) * (x_m - t.a.x)) / area;
    if (u < -1e-9 || v < -1e-9 || u + v > 1 + 1e-9) continue;
    const double height = t.a.z + u * (t.b.z - t.a.z) + v * (t.c.z - t.a.z);
    if (height <= ceiling_m && height > highest) highest = height;
  }
  if (!prisms_count) return highest;
  for (int32_t index : cell.prisms) {
    const Prism& prism = prisms_[static_cast<size_t>(index)];
    if (prism.owner < 0 || prism.high_m > ceiling_m || prism.high_m <= highest) continue;
    if (DiscOverlap({x_m, y_m}, 0, prism).depth_m >= 0) highest = prism.high_m;
  }
  return highest;
}

}  // namespace simbridge::fake
