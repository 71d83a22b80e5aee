// Messages on a stream of bytes (bridge/link.py): a header of five bytes, its length and its kind, and the message.
#pragma once

#include <string>
#include <vector>

#include "SimBridge/Values.h"

namespace simbridge {

enum class FrameKind : uint8_t { message = 0, error = 1, look = 2, lapsed = 3, more = 4 };

constexpr size_t kHeaderBytes = 5;
constexpr size_t kMostMessageBytes = size_t{64} << 20;
constexpr size_t kSecretBytes = 32;

/// A message as it travels.
std::vector<uint8_t> Framed(FrameKind kind, View<uint8_t> payload);
/// An error as it travels: class, hop, message.
std::vector<uint8_t> FramedError(const Failure& failure);

/// Takes a stream apart. Memory grows with what has come, never by what a header announces.
class Framer {
 public:
  enum class Heard : uint8_t { nothing, message, damaged };

  void Feed(View<uint8_t> bytes);
  /// The next whole message of a kind that can be asked (message, look); after `damaged` nothing comes any more.
  Heard Take(FrameKind& kind, std::vector<uint8_t>& payload, Failure& failure);

  /// Bytes that came and were not taken yet.
  size_t waiting() const { return heard_.size() - at_; }
  /// Whether a whole message, or what is none, waits.
  bool HasNext() const;
  /// Takes so many bytes that belong to no message; false if they have not come yet.
  bool TakePlain(size_t count, std::vector<uint8_t>& bytes);

 private:
  bool Peek(uint32_t& length, uint8_t& kind) const;
  void Consume(size_t count);

  std::vector<uint8_t> heard_;
  size_t at_ = 0;
  bool is_damaged_ = false;
};

/// Whether two secrets are the same, in a time that does not tell where they differ.
bool IsSame(View<uint8_t> one, View<uint8_t> other);

}  // namespace simbridge
