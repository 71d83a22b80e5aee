// Pure tables and functions: the gate, colours, files, schedules, differences, the border to Unreal.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <set>

#include "Png.h"
#include "SimBridge/ColorMap.h"
#include "SimBridge/Coordinates.h"
#include "SimBridge/Encoders.h"
#include "SimBridge/Geometry.h"
#include "SimBridge/SceneDiff.h"
#include "SimBridge/SensorSchedule.h"
#include "SimBridge/TickGate.h"

using namespace simbridge;

TEST_CASE("in lockstep only the ticks that were asked for pass") {
  TickGate gate;
  CHECK_FALSE(gate.IsOpen());
  CHECK_FALSE(gate.Run(1));  // there is no episode yet
  gate.Begin(0, true);
  CHECK_FALSE(gate.IsOpen());
  CHECK_FALSE(gate.Run(0));
  CHECK(gate.Run(2));
  CHECK_FALSE(gate.Run(1));  // while some are under way
  CHECK(gate.IsOpen());
  CHECK_FALSE(gate.Passed());
  CHECK(gate.Passed());
  CHECK_FALSE(gate.IsOpen());
  CHECK(gate.tick() == 2);
}

TEST_CASE("a held gate lets nothing pass, until it is let go as often") {
  TickGate gate;
  gate.Begin(5, true);
  gate.Hold();
  gate.Hold();
  CHECK(gate.Run(1));
  CHECK_FALSE(gate.IsOpen());
  gate.LetGo();
  CHECK_FALSE(gate.IsOpen());
  gate.LetGo();
  CHECK(gate.IsOpen());
}

TEST_CASE("in real time ticks pass unasked, also while pictures are made") {
  TickGate gate(Pace::real_time);
  gate.Begin(0, true);
  gate.Hold();
  CHECK(gate.IsOpen());
  CHECK_FALSE(gate.Passed());
  CHECK(gate.tick() == 1);
  gate.Begin(0, false);
  CHECK_FALSE(gate.IsOpen());
}

TEST_CASE("mask colours are UnrealCV's, each once") {
  const int first[][3] = {{0, 0, 0},     {0, 0, 255},   {0, 255, 0},   {0, 255, 255},   {255, 0, 0},
                          {255, 0, 255}, {255, 255, 0}, {255, 255, 255}, {0, 0, 127}, {0, 255, 127}};
  for (uint32_t number = 0; number < 10; ++number) {
    const MaskColor color = MaskColorOf(number);
    CHECK(color.red == first[number][0]);
    CHECK(color.green == first[number][1]);
    CHECK(color.blue == first[number][2]);
  }
  CHECK(MaskColorOf(100).red == 191);
  CHECK(MaskColorOf(1000).blue == 47);
  CHECK(MaskColorOf(4000).red != 0);
  std::set<uint32_t> seen;
  for (uint32_t number = 0; number < 100000; ++number) {
    const MaskColor color = MaskColorOf(number);
    seen.insert(static_cast<uint32_t>(color.red << 16 | color.green << 8 | color.blue));
  }
  CHECK(seen.size() == 100000);
}

TEST_CASE("unreal's y points right, and its rotations turn the other way") {
  const Vec3 left = UnrealFromWorld_cm({0, 1, 0});
  CHECK(left.y == -100);
  const Vec3 back = WorldFromUnreal_m(UnrealFromWorld_cm({1, 2, 3}));
  CHECK(std::fabs(back.x - 1) < 1e-12);
  CHECK(std::fabs(back.y - 2) < 1e-12);
  // What a rotation does to a vector, it does to the mirrored one on the other side.
  const Quat turn = FromTilt(0.4, -0.2, 0.7);
  const Vec3 vector{1, -2, 0.5};
  const Vec3 here = MirroredVector(Rotate(turn, vector)), there = Rotate(MirroredQuat(turn), MirroredVector(vector));
  CHECK(Length(here - there) < 1e-12);
  CHECK(std::fabs(MirroredQuat(MirroredQuat(turn)).x - turn.x) == 0);
}

TEST_CASE("an OpenCV camera looks along its z axis with y down") {
  const Vec3 ahead = Rotate(kBodyFromOpenCv, {0, 0, 1}), right = Rotate(kBodyFromOpenCv, {1, 0, 0});
  CHECK(Length(ahead - Vec3{1, 0, 0}) < 1e-12);
  CHECK(Length(right - Vec3{0, -1, 0}) < 1e-12);
}

TEST_CASE("heading comes back from a tilted body") {
  CHECK(YawOf(FromTilt(2.5, 0.1, -0.2)) == doctest::Approx(2.5).epsilon(1e-9));
  const Pose a{{1, 2, 3}, FromTilt(1, 0.2, 0.3)}, b{{4, 5, 6}, FromTilt(-2, 0, 0.1)};
  const Vec3 point{7, 8, 9};
  const Pose both = Compose(a, b);
  const Vec3 once = both.position + Rotate(both.rotation, point);
  const Vec3 twice = a.position + Rotate(a.rotation, b.position + Rotate(b.rotation, point));
  CHECK(Length(once - twice) < 1e-12);
  CHECK(Length(Into(both, once) - point) < 1e-12);
}

TEST_CASE("an npy file says its type and shape, and its data is aligned") {
  const float values[6] = {0, 1, 2, 3, 4, 5};
  const uint32_t shape[2] = {2, 3};
  const std::vector<uint8_t> file =
      EncodeNpy(View<uint8_t>(reinterpret_cast<const uint8_t*>(values), 24), Element::float32, View<uint32_t>(shape, 2));
  REQUIRE(file.size() == 128 + 24);
  CHECK(std::memcmp(file.data(), "\x93NUMPY\x01\x00", 8) == 0);
  const std::string header(file.begin() + 10, file.begin() + 128);
  CHECK(header.rfind("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 0) == 0);
  CHECK(header.back() == '\n');
  CHECK(std::memcmp(file.data() + 128, values, 24) == 0);
  const uint32_t row[1] = {6};
  const std::vector<uint8_t> flat =
      EncodeNpy(View<uint8_t>(reinterpret_cast<const uint8_t*>(values), 24), Element::float32, View<uint32_t>(row, 1));
  CHECK(std::string(flat.begin() + 10, flat.begin() + 128).find("(6,)") != std::string::npos);
  const uint32_t wrong[2] = {4294967295u, 4294967295u};
  CHECK(EncodeNpy(View<uint8_t>(reinterpret_cast<const uint8_t*>(values), 24), Element::float32, View<uint32_t>(wrong, 2)).empty());
}

TEST_CASE("a bmp file has its rows from the top, blue first") {
  const uint8_t rgb[] = {1, 2, 3, 4, 5, 6};
  const std::vector<uint8_t> file = EncodeBmp(View<uint8_t>(rgb, 6), 1, 2);
  REQUIRE(file.size() == 54 + 8);
  CHECK(file[0] == 'B');
  CHECK(file[10] == 54);
  int32_t height = 0;
  std::memcpy(&height, file.data() + 22, 4);
  CHECK(height == -2);
  CHECK(std::vector<uint8_t>(file.begin() + 54, file.end()) == std::vector<uint8_t>{3, 2, 1, 255, 6, 5, 4, 255});
  CHECK(EncodeBmp(View<uint8_t>(rgb, 6), 2, 2).empty());
}

TEST_CASE("a png file begins and ends as png files do") {
  const std::vector<uint8_t> rgb(3 * 5 * 4, 200);
  const std::vector<uint8_t> file = fake::EncodePng(rgb, 5, 4);
  REQUIRE(file.size() > 45);
  CHECK(std::memcmp(file.data(), "\x89PNG\r\n\x1a\n", 8) == 0);
  CHECK(file[19] == 5);
  CHECK(file[23] == 4);
  CHECK(std::memcmp(file.data() + file.size() - 8, "IEND", 4) == 0);
  CHECK(fake::EncodePng(rgb, 4, 4).empty());
}

TEST_CASE("each sensor has its readings in a second, and none drifts") {
  SensorSchedule schedule(0.02);
  const int32_t camera = schedule.Add(30), imu = schedule.Add(1000), gps = schedule.Add(1);
  CHECK(schedule.Add(0) == -1);
  CHECK(schedule.Add(NAN) == -1);
  CHECK(schedule.Due(0).size() == 3);
  int counts[3] = {0, 0, 0};
  for (uint64_t tick = 1; tick <= 500; ++tick) {
    for (int32_t sensor : schedule.Due(tick)) ++counts[sensor];
  }
  CHECK(counts[camera] == 300);
  CHECK(counts[imu] == 500);  // at most one a tick
  CHECK(counts[gps] == 10);
  schedule.Remove(imu);
  CHECK(schedule.Due(1).empty());
}

TEST_CASE("a difference names what goes, comes, moves and grows") {
  const Pose here, there{{1, 0, 0}, Quat()}, turned{{0, 0, 0}, {-1, 0, 0, 0}};
  const DiffRow before[] = {{"a", "crate", here, {1, 1, 1}}, {"b", "crate", here, {1, 1, 1}},
                            {"c", "crate", here, {1, 1, 1}}, {"d", "crate", here, {1, 1, 1}},
                            {"e", "crate", here, {1, 1, 1}}};
  const DiffRow after[] = {{"a", "crate", turned, {1, 1, 1}}, {"b", "crate", there, {1, 1, 1}},
                           {"c", "barrel", here, {1, 1, 1}},  {"e", "crate", here, {2, 1, 1}},
                           {"f", "crate", here, {1, 1, 1}}};
  const SceneDiff diff = DiffOf(View<DiffRow>(before, 5), View<DiffRow>(after, 5));
  CHECK(diff.removed == std::vector<uint32_t>{2, 3});  // c becomes another thing, d is gone
  CHECK(diff.added == std::vector<uint32_t>{2, 4});
  CHECK(diff.moved == std::vector<uint32_t>{1});  // a quaternion and its negative are one rotation
  CHECK(diff.resized == std::vector<uint32_t>{3});
  CHECK(DiffOf(View<DiffRow>(after, 5), View<DiffRow>(after, 5)).moved.empty());
}
