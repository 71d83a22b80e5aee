// Polygons with holes as triangles, by cutting off ears after the holes were joined to the rim (Eberly, "Triangulation by
// Ear Clipping"). Plain C++: tested without any engine.
#pragma once

#include <cstdint>
#include <vector>

namespace UE::SimBridge
{
/// A flat surface: Points (k,2), Triangles (m,3) counter-clockwise seen from above.
struct FFlatSurface
{
  std::vector<double> Points;
  std::vector<int32_t> Triangles;
};

/// Rings are open, (k,2), in any direction. Holes that do not lie inside the rim, or cross it, are left out.
FFlatSurface Triangulated(const std::vector<double>& Rim, const std::vector<std::vector<double>>& Holes);
}  // namespace UE::SimBridge
