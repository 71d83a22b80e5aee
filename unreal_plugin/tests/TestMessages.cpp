// Messages there and back; hostile ones are no messages.
#include <doctest/doctest.h>

#include <cmath>

#include "Fields.h"
#include "Messages.h"

using namespace simbridge;

TEST_CASE("what was encoded is decoded, and names point into the bytes") {
  Arena arena(1 << 20);
  bridge_v1_Spawn spawn = {};
  CHECK(Put(arena, spawn.name, Text("crate-1")));
  spawn.has_pose = true;
  spawn.pose = {1, 2, 3, 1, 0, 0, 0};
  spawn.is_agent = true;
  Bytes bytes;
  REQUIRE(Encode(arena, bridge_v1_Spawn_fields, &spawn, bytes));
  bridge_v1_Spawn found = {};
  REQUIRE(Decode(arena, bytes, bridge_v1_Spawn_fields, &found));
  CHECK(TextOf(found.name) == "crate-1");
  CHECK(found.name.last->data >= bytes.data);
  CHECK(found.name.last->data < bytes.data + bytes.size);
  CHECK(found.pose.z_m == 3);
  CHECK(found.is_agent);
  CHECK(TextOf(found.asset).empty());
}

TEST_CASE("a length beyond the end is no message, and nothing is allocated for it") {
  Arena arena(1 << 12);
  const std::vector<uint8_t> hostile{0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 'x'};  // name of 4 GB
  bridge_v1_Spawn found = {};
  CHECK_FALSE(Decode(arena, hostile, bridge_v1_Spawn_fields, &found));
  CHECK(arena.used() == 0);
}

TEST_CASE("more values than are taken are refused, not stored") {
  Arena arena(size_t{1} << 28);
  const std::vector<uint8_t> hostile = [] {
    std::vector<uint8_t> bytes;
    for (uint32_t value = 0; value <= kMostValues; ++value) bytes.insert(bytes.end(), {0x0A, 0});
    return bytes;
  }();
  bridge_v1_EditWorld found = {};
  CHECK_FALSE(Decode(arena, hostile, bridge_v1_EditWorld_fields, &found));
}

TEST_CASE("an arena has an end") {
  Arena arena(1000);
  CHECK(arena.Take(900) != nullptr);
  CHECK(arena.Take(200) == nullptr);
  CHECK(arena.Take(SIZE_MAX) == nullptr);
  CHECK(arena.TakeRow<double>(SIZE_MAX / 4) == nullptr);
  arena.Clear();
  CHECK(arena.Take(900) != nullptr);
}

TEST_CASE("numbers are packed and unpacked; torn ones are refused") {
  Arena arena(1 << 16);
  const uint32_t numbers[] = {0, 1, 127, 128, 16384, 4294967295u};
  sb_list_t list = {};
  REQUIRE(PutNumbers(arena, list, View<uint32_t>(numbers, 6)));
  std::vector<uint64_t> found;
  REQUIRE(NumbersOf(list, 6, found));
  CHECK(found == std::vector<uint64_t>{0, 1, 127, 128, 16384, 4294967295u});
  found.clear();
  CHECK_FALSE(NumbersOf(list, 5, found));
  sb_list_t torn = {};
  const uint8_t half[] = {0x80};
  REQUIRE(Put(arena, torn, Bytes(half, 1)));
  CHECK_FALSE(NumbersOf(torn, 5, found));
}

TEST_CASE("names are printable UTF-8 of at most 200 bytes") {
  for (const char* good : {"a", "b\xC3\xBC" "cher", "\xE6\x97\xA5\xE6\x9C\xAC", "\xF0\x9F\x98\x80 town", "with space"}) {
    Failure failure;
    CHECK(CheckName(good, failure));
  }
  const std::string longest(200, 'x');
  Failure none;
  CHECK(CheckName(longest, none));
  const std::string bad[] = {"",
                             std::string(201, 'x'),
                             std::string("nul\0", 4),
                             "line\nbreak",
                             "\x7F",
                             "\xC2\x85",
                             "\xE2\x80\xAE" "gnp",  // right-to-left override
                             "\xC0\xAF",            // overlong
                             "\xED\xA0\x80",        // a surrogate
                             "\xF5\x80\x80\x80",
                             "cut\xE6\x97"};
  for (const std::string& name : bad) {
    Failure failure;
    CHECK_FALSE(CheckName(name, failure));
    CHECK(failure.kind == "InvalidInput");
  }
}

TEST_CASE("poses are finite, near and of unit length") {
  Pose pose;
  Failure failure;
  const double nearly[7] = {1, 2, 3, 1.0005, 0, 0, 0};
  REQUIRE(ReadPose(nearly, pose, failure));
  CHECK(pose.rotation.w == 1.0);
  const struct {
    double seven[7];
    const char* kind;
  } bad[] = {{{NAN, 0, 0, 1, 0, 0, 0}, "InvalidInput"},      {{0, HUGE_VAL, 0, 1, 0, 0, 0}, "InvalidInput"},
             {{0, 0, 2e6, 1, 0, 0, 0}, "OutOfRange"},         {{0, 0, 0, 0, 0, 0, 0}, "InvalidInput"},
             {{0, 0, 0, 1.1, 0, 0, 0}, "InvalidInput"},       {{0, 0, 0, 1, NAN, 0, 0}, "InvalidInput"},
             {{0, 0, 0, 1e300, 1e300, 0, 0}, "InvalidInput"}};
  for (const auto& one : bad) {
    Failure why;
    CHECK_FALSE(ReadPose(one.seven, pose, why));
    CHECK(why.kind == one.kind);
  }
}

TEST_CASE("an array has the bytes that its shape says") {
  Arena arena(1 << 16);
  const auto tensor = [&arena](std::vector<uint32_t> shape, size_t bytes) {
    bridge_v1_Tensor made = {};
    made.element_type = bridge_v1_ElementType_ELEMENT_TYPE_FLOAT64;
    uint8_t* data = arena.TakeRow<uint8_t>(bytes);
    std::fill_n(data, bytes, uint8_t{0});
    CHECK(PutNumbers(arena, made.shape, shape));
    CHECK(Put(arena, made.data, Bytes(data, bytes)));
    return made;
  };
  View<double> array;
  Failure failure;
  CHECK(ReadArray(arena, true, tensor({2, 3}, 48), 0, 3, array, failure));
  CHECK(array.size == 6);
  CHECK(reinterpret_cast<uintptr_t>(array.data) % 8 == 0);
  CHECK_FALSE(ReadArray(arena, true, tensor({2, 3}, 47), 0, 3, array, failure));
  CHECK_FALSE(ReadArray(arena, true, tensor({4294967295u, 3}, 48), 0, 3, array, failure));
  CHECK_FALSE(ReadArray(arena, true, tensor({2, 3}, 48), 3, 3, array, failure));
  CHECK_FALSE(ReadArray(arena, true, tensor({6}, 48), 0, 3, array, failure));
  View<float> other;
  CHECK_FALSE(ReadArray(arena, true, tensor({2, 3}, 48), 0, 3, other, failure));
  CHECK(failure.message.find("float32") != std::string::npos);
}
