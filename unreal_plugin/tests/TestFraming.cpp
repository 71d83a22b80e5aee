// Streams are taken apart wherever they are cut, and never trusted.
#include <doctest/doctest.h>

#include "Framing.h"

using namespace simbridge;

namespace {
std::vector<uint8_t> Octets(const char* text) { return std::vector<uint8_t>(text, text + std::char_traits<char>::length(text)); }
}  // namespace

TEST_CASE("a message comes out as it went in, however the stream is cut") {
  const std::vector<uint8_t> payload = Octets("seventeen letters");
  const std::vector<uint8_t> stream = Framed(FrameKind::message, payload);
  CHECK(stream.size() == payload.size() + 5);
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    Framer framer;
    FrameKind kind = FrameKind::error;
    std::vector<uint8_t> taken;
    Failure failure;
    framer.Feed(View<uint8_t>(stream.data(), cut));
    const bool is_whole = cut == stream.size();
    CHECK((framer.Take(kind, taken, failure) == Framer::Heard::message) == is_whole);
    framer.Feed(View<uint8_t>(stream.data() + cut, stream.size() - cut));
    if (!is_whole) CHECK(framer.Take(kind, taken, failure) == Framer::Heard::message);
    CHECK(taken == payload);
    CHECK(kind == FrameKind::message);
    CHECK(framer.waiting() == 0);
  }
}

TEST_CASE("ten thousand messages at once come out one after another") {
  Framer framer;
  for (int index = 0; index < 10000; ++index) framer.Feed(Framed(FrameKind::message, Octets(std::to_string(index).c_str())));
  FrameKind kind;
  std::vector<uint8_t> taken;
  Failure failure;
  for (int index = 0; index < 10000; ++index) {
    REQUIRE(framer.Take(kind, taken, failure) == Framer::Heard::message);
    CHECK(std::string(taken.begin(), taken.end()) == std::to_string(index));
  }
  CHECK(framer.Take(kind, taken, failure) == Framer::Heard::nothing);
}

TEST_CASE("a header that announces four gigabytes ends the stream at once, and takes no memory") {
  Framer framer;
  framer.Feed(std::vector<uint8_t>{0xFF, 0xFF, 0xFF, 0xFF, 0});
  FrameKind kind;
  std::vector<uint8_t> taken;
  Failure failure;
  CHECK(framer.Take(kind, taken, failure) == Framer::Heard::damaged);
  CHECK(failure.kind == "InvalidInput");
  CHECK(failure.message.find("4294967295") != std::string::npos);
  framer.Feed(Framed(FrameKind::message, Octets("more")));
  CHECK(framer.Take(kind, taken, failure) == Framer::Heard::nothing);
  CHECK(framer.waiting() == 0);
}

TEST_CASE("kinds that nobody may ask end the stream") {
  for (uint8_t number : {1, 3, 4, 5, 255}) {
    Framer framer;
    framer.Feed(std::vector<uint8_t>{0, 0, 0, 0, number});
    FrameKind kind;
    std::vector<uint8_t> taken;
    Failure failure;
    CHECK(framer.HasNext());
    CHECK(framer.Take(kind, taken, failure) == Framer::Heard::damaged);
  }
}

TEST_CASE("an error travels as class, hop and message, and no character is cut") {
  const std::vector<uint8_t> framed = FramedError({"Refused", "No."});
  CHECK(std::string(framed.begin() + 5, framed.end()) == "Refused\nengine\nNo.");
  CHECK(framed[4] == 1);
  std::string smiles;
  for (int index = 0; index < 2000; ++index) smiles += "\xF0\x9F\x98\x80";
  const std::vector<uint8_t> cut = FramedError({"Refused", smiles});
  CHECK(cut.size() <= 4005);
  CHECK((cut.size() - 5 - std::string("Refused\nengine\n").size()) % 4 == 0);
}

TEST_CASE("secrets are the same or not") {
  CHECK(IsSame(Octets("abcd"), Octets("abcd")));
  CHECK_FALSE(IsSame(Octets("abcd"), Octets("abce")));
  CHECK_FALSE(IsSame(Octets("abcd"), Octets("abc")));
}
