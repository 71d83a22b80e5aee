// The ground, the water, and how bodies go over them.
#include <doctest/doctest.h>

#include <cmath>

#include "SimBridge/Geometry.h"
#include "SimBridge/HeightField.h"
#include "SimBridge/Motion.h"
#include "SimBridge/Water.h"
#include "Solids.h"

using namespace simbridge;

namespace {

HeightField Slope() {
  HeightField field(3, 3, 2.0, -2.0, -2.0);
  const std::vector<float> heights{0, 1, 2, 0, 1, 2, 0, 1, 2};  // rises by a metre every two eastwards
  field.Add(heights, std::vector<uint8_t>(9, 0));
  return field;
}

Order Told(Motion motion, double a, double b, double c) { return {motion, {a, b, c}}; }

}  // namespace

TEST_CASE("heights lie on the plane of a slope, and end at its edge") {
  const HeightField field = Slope();
  CHECK(field.Height(-2, -2) == doctest::Approx(0));
  CHECK(field.Height(0.5, 1.3) == doctest::Approx(1.25));
  CHECK(field.Height(99, 0) == doctest::Approx(2).epsilon(1e-5));
  const Vec3 normal = field.Normal(0.5, 0.5);
  CHECK(normal.x == doctest::Approx(-1 / std::sqrt(5)));
  CHECK(normal.z == doctest::Approx(2 / std::sqrt(5)));
}

TEST_CASE("each cell is split from south-west to north-east") {
  HeightField field(2, 2, 1.0, 0.0, 0.0);
  field.Add(std::vector<float>{0, 0, 1, 0}, std::vector<uint8_t>(4, 0));  // the north-west corner is up
  CHECK(field.Height(0.75, 0.25) == 0);
  CHECK(field.Height(0.25, 0.75) == doctest::Approx(0.5));
}

TEST_CASE("tiles cover the field once, facing up") {
  const HeightField field = Slope();
  double area = 0;
  for (uint32_t row = 0; row < 2; ++row) {
    for (uint32_t column = 0; column < 2; ++column) {
      const HeightTile tile = field.Tile(row, column, 1);
      REQUIRE(tile.triangles.size() == 6);
      CHECK(tile.surface.size() == 2);
      for (size_t t = 0; t < 6; t += 3) {
        const auto at = [&](size_t corner) {
          const float* v = tile.vertices_m.data() + 3 * static_cast<size_t>(tile.triangles[t + corner]);
          return Vec3{v[0], v[1], v[2]};
        };
        const Vec3 normal = Cross(at(1) - at(0), at(2) - at(0));
        CHECK(normal.z > 0);
        area += normal.z / 2;
      }
    }
  }
  CHECK(area == doctest::Approx(16));
  CHECK(field.Tile(0, 0, 64).triangles.size() == 24);
  CHECK(field.Tile(2, 0, 64).triangles.empty());
}

TEST_CASE("an island in a lake is land") {
  Water lake;
  lake.rings = {{0, 0, 10, 0, 10, 10, 0, 10}, {4, 4, 6, 4, 6, 6, 4, 6}};
  CHECK(lake.Contains(1, 1));
  CHECK_FALSE(lake.Contains(5, 5));
  CHECK_FALSE(lake.Contains(-1, 5));
  CHECK(lake.Reach(2, 5) == doctest::Approx(2));
  CHECK(lake.Reach(5, 5) == doctest::Approx(-1));
  CHECK(lake.Reach(13, 14) == doctest::Approx(-5));
}

TEST_CASE("a walker speeds up by 3.5 m/s2 and no faster than people run") {
  Course course;
  for (int tick = 0; tick < 10; ++tick) course = Walk(course, Told(Motion::velocity, 1, 0, 0), {}, 0.02);
  CHECK(course.forward_m_s == doctest::Approx(0.7));
  for (int tick = 0; tick < 200; ++tick) course = Walk(course, Told(Motion::velocity, 30, 40, 99), {}, 0.02);
  CHECK(std::hypot(course.forward_m_s, course.left_m_s) == doctest::Approx(4.0));
  CHECK(course.left_m_s / course.forward_m_s == doctest::Approx(4.0 / 3));
  CHECK(course.yaw_rate_rad_s == doctest::Approx(3.0));
  for (int tick = 0; tick < 200; ++tick) course = Walk(course, Order(), {}, 0.02);
  CHECK(course.is_still());
}

TEST_CASE("snow takes grip and pace") {
  Environment snow;
  snow.snow_cover = 1;
  CHECK(FootingIn(snow).grip == doctest::Approx(0.35));
  CHECK(FootingIn(snow).pace == doctest::Approx(0.6));
  Environment rain;
  rain.wetness = 1;
  CHECK(FootingIn(rain).grip == doctest::Approx(0.65));
  CHECK(FootingIn(Environment()).grip == 1.0);
}

TEST_CASE("a car steers on the circle of its wheelbase, and its tyres hold only so much") {
  const Drivetrain car = DrivetrainOf("car", "vehicle");
  Course slow{2, 0, 0};
  slow = Roll(slow, Told(Motion::drive, 0.2, 1, 0), car, 2.5, 0, {}, 0.02);
  CHECK(slow.yaw_rate_rad_s == doctest::Approx(slow.forward_m_s * std::tan(0.6) / 2.5));
  Course fast{30, 0, 0};
  fast = Roll(fast, Told(Motion::drive, 0.5, 1, 0), car, 2.5, 0, {}, 0.02);
  CHECK(fast.yaw_rate_rad_s * fast.forward_m_s == doctest::Approx(0.9 * 9.81));
  Course braked{5, 0, 0};
  for (int tick = 0; tick < 100; ++tick) braked = Roll(braked, Told(Motion::drive, 0, 0, 1), car, 2.5, 0, {}, 0.02);
  CHECK(braked.forward_m_s == 0);
  CHECK(DrivetrainOf("kick-bike", "scooter").top_m_s == 12.5);
}

TEST_CASE("a boat turns only under way") {
  Course still = Sail({}, Told(Motion::velocity, 0, 0, 0.5), 5, 0.02);
  CHECK(still.yaw_rate_rad_s == 0);
  Course sailing{3, 0, 0};
  sailing = Sail(sailing, Told(Motion::velocity, 3, 0, 0.5), 5, 0.02);
  CHECK(sailing.yaw_rate_rad_s == doctest::Approx(0.5));
}

TEST_CASE("a door hangs on its left edge") {
  const Pose closed{{2, 3, 0}, Quat()};
  const Pose open = Hung(closed, 1.0, kDoorWide_rad);
  const Vec3 hinge = open.position + Rotate(open.rotation, {0, 0.5, 0}), free_edge = open.position + Rotate(open.rotation, {0, -0.5, 0});
  CHECK(Length(hinge - Vec3{2, 3.5, 0}) < 1e-12);
  CHECK(Length(free_edge - Vec3{3, 3.5, 0}) < 1e-12);
  CHECK(Swing(0, 1, 0.02) == doctest::Approx(110 * kHalfTurn / 180 * 0.02));
}

TEST_CASE("a disc is pushed out of a prism by the shortest way") {
  using namespace simbridge::fake;
  const Prism box = BoxPrism({{0, 0, 0}, Quat()}, {2, 4, 1}, 0);
  const Overlap beside = DiscOverlap({1.2, 0}, 0.5, box);
  CHECK(beside.depth_m == doctest::Approx(0.3));
  CHECK(beside.away.x == doctest::Approx(1));
  const Overlap inside = DiscOverlap({0.9, 0.3}, 0.5, box);
  CHECK(inside.depth_m == doctest::Approx(0.6));
  const Overlap corner = DiscOverlap({1.3, 2.4}, 0.6, box);
  CHECK(corner.depth_m == doctest::Approx(0.1));
  CHECK(corner.away.x == doctest::Approx(0.6));
  CHECK(DiscOverlap({3, 0}, 0.5, box).depth_m < 0);
  const Prism other = BoxPrism({{1.5, 0, 0}, FromYaw(kHalfTurn / 2)}, {2, 2, 1}, 1);
  const Overlap both = PrismOverlap(other, box);
  CHECK(both.depth_m == doctest::Approx(0.5));
  CHECK(both.away.x == doctest::Approx(1));
}
