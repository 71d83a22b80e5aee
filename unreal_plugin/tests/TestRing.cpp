// Frames laid in a ring, as bridge/ring.py's reader finds them.
#include <doctest/doctest.h>

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "SimBridge/Ring.h"

using namespace simbridge;

namespace {

constexpr uint64_t kSlotBytes = 5000, kStride = 64 + 8192, kSlots = 4, kSize = 64 + kSlots * kStride, kKey = 77;

/// The file that a server makes.
struct RingFile {
  RingFile() {
    char name[] = "/tmp/simbridge-ring-test-XXXXXX";
    file = mkstemp(name);
    path = name;
    CHECK(ftruncate(file, static_cast<off_t>(kSize)) == 0);
    uint64_t head[4] = {0, kKey, kSlots, kSlotBytes};
    std::memcpy(head, "SIMRING1", 8);
    CHECK(pwrite(file, head, sizeof head, 0) == static_cast<ssize_t>(sizeof head));
  }
  ~RingFile() {
    close(file);
    unlink(path.c_str());
  }
  uint64_t Word(uint64_t slot, uint64_t word) const {
    uint64_t value = 0;
    CHECK(pread(file, &value, 8, static_cast<off_t>(64 + slot * kStride + 8 * word)) == 8);
    return value;
  }
  void Hold(uint64_t slot, uint64_t generation) const {
    CHECK(pwrite(file, &generation, 8, static_cast<off_t>(64 + slot * kStride + 24)) == 8);
  }
  int file = -1;
  std::string path;
};

}  // namespace

TEST_CASE("an array lies in its slot, whole, with its generation on both sides") {
  const RingFile made;
  Failure failure;
  const auto ring = RingWriter::Attach(made.path, kSize, kSlots, kKey, failure);
  REQUIRE(ring != nullptr);
  const std::vector<uint8_t> frame(1234, 42);
  const View<uint8_t> arrays[] = {frame};
  const RingPlace place = ring->Lay(View<View<uint8_t>>(arrays, 1))[0];
  REQUIRE(place.is_laid);
  CHECK(made.Word(place.slot, 0) == place.generation);
  CHECK(made.Word(place.slot, 1) == place.generation);
  CHECK(made.Word(place.slot, 2) == 1234);
  uint8_t octet = 0;
  CHECK(pread(made.file, &octet, 1, static_cast<off_t>(64 + place.slot * kStride + 64 + 1233)) == 1);
  CHECK(octet == 42);
}

TEST_CASE("slots that are read are left alone, and where none is free frames travel") {
  const RingFile made;
  Failure failure;
  const auto ring = RingWriter::Attach(made.path, kSize, kSlots, kKey, failure);
  REQUIRE(ring != nullptr);
  const std::vector<uint8_t> frame(10, 1);
  const View<uint8_t> arrays[] = {frame};
  for (uint64_t slot = 0; slot < kSlots; ++slot) made.Hold(slot, slot == 2 ? 0 : 9);
  for (int round = 0; round < 6; ++round) {
    const RingPlace place = ring->Lay(View<View<uint8_t>>(arrays, 1))[0];
    REQUIRE(place.is_laid);
    CHECK(place.slot == 2);
  }
  made.Hold(2, 9);
  CHECK_FALSE(ring->Lay(View<View<uint8_t>>(arrays, 1))[0].is_laid);
}

TEST_CASE("what does not fit travels") {
  const RingFile made;
  Failure failure;
  const auto ring = RingWriter::Attach(made.path, kSize, kSlots, kKey, failure);
  REQUIRE(ring != nullptr);
  const std::vector<uint8_t> large(kSlotBytes + 1, 1), small(10, 2);
  const View<uint8_t> arrays[] = {large, small, small, small};
  const std::vector<RingPlace> places = ring->Lay(View<View<uint8_t>>(arrays, 4));
  CHECK_FALSE(places[0].is_laid);
  CHECK(places[1].is_laid);
  CHECK_FALSE(places[2].is_laid);  // half of the slots at most, for one answer
}

TEST_CASE("another file than was announced is not touched") {
  const RingFile made;
  Failure failure;
  CHECK(RingWriter::Attach(made.path, kSize - 1, kSlots, kKey, failure) == nullptr);
  CHECK(RingWriter::Attach(made.path, kSize, kSlots + 1, kKey, failure) == nullptr);
  CHECK(RingWriter::Attach(made.path, kSize, kSlots, kKey + 1, failure) == nullptr);
  CHECK(RingWriter::Attach("/no/such/ring", kSize, kSlots, kKey, failure) == nullptr);
  CHECK(failure.kind == "InvalidInput");
  const auto ring = RingWriter::Attach(made.path, kSize, kSlots, kKey, failure);
  REQUIRE(ring != nullptr);
  CHECK(ftruncate(made.file, 4096) == 0);
  const std::vector<uint8_t> frame(10, 1);
  const View<uint8_t> arrays[] = {frame};
  CHECK_FALSE(ring->Lay(View<View<uint8_t>>(arrays, 1))[0].is_laid);
  CHECK_FALSE(ring->IsGone());
  unlink(made.path.c_str());
  CHECK(ring->IsGone());
}
