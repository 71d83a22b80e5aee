// Streams taken apart and put together.
#include "Framing.h"

#include <cstring>

namespace simbridge {

std::vector<uint8_t> Framed(FrameKind kind, View<uint8_t> payload) {
  std::vector<uint8_t> made(kHeaderBytes + payload.size);
  for (int octet = 0; octet < 4; ++octet) made[static_cast<size_t>(octet)] = static_cast<uint8_t>(payload.size >> (8 * octet));
  made[4] = static_cast<uint8_t>(kind);
  if (payload.size > 0) std::memcpy(made.data() + kHeaderBytes, payload.data, payload.size);
  return made;
}

std::vector<uint8_t> FramedError(const Failure& failure) {
  std::string text = failure.kind + "\nengine\n" + failure.message;
  if (text.size() > 4000) {
    size_t end = 4000;
    while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) --end;  // no character is cut in two
    text.resize(end);
  }
  return Framed(FrameKind::error, View<uint8_t>(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
}

void Framer::Feed(View<uint8_t> bytes) {
  if (!is_damaged_) heard_.insert(heard_.end(), bytes.begin(), bytes.end());
}

bool Framer::Peek(uint32_t& length, uint8_t& kind) const {
  if (waiting() < kHeaderBytes) return false;
  const uint8_t* head = heard_.data() + at_;
  length = head[0] | (static_cast<uint32_t>(head[1]) << 8) | (static_cast<uint32_t>(head[2]) << 16) |
           (static_cast<uint32_t>(head[3]) << 24);
  kind = head[4];
  return true;
}

bool Framer::HasNext() const {
  uint32_t length = 0;
  uint8_t kind = 0;
  if (is_damaged_ || !Peek(length, kind)) return false;
  return length > kMostMessageBytes || kind > 4 || waiting() - kHeaderBytes >= length;
}

void Framer::Consume(size_t count) {
  at_ += count;
  if (at_ == heard_.size()) {
    heard_.clear();
    at_ = 0;
    if (heard_.capacity() > (size_t{1} << 20)) heard_.shrink_to_fit();
  } else if (at_ > (size_t{1} << 20) && at_ > heard_.size() / 2) {
    heard_.erase(heard_.begin(), heard_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ = 0;
  }
}

Framer::Heard Framer::Take(FrameKind& kind, std::vector<uint8_t>& payload, Failure& failure) {
  uint32_t length = 0;
  uint8_t number = 0;
  if (is_damaged_ || !Peek(length, number)) return Heard::nothing;
  const bool is_asked = number == static_cast<uint8_t>(FrameKind::message) || number == static_cast<uint8_t>(FrameKind::look);
  if (length > kMostMessageBytes || !is_asked) {
    is_damaged_ = true;
    heard_.clear();
    at_ = 0;
    failure.Set("InvalidInput", "A message of kind " + std::to_string(number) + " and " + std::to_string(length) +
                                    " bytes is not taken here; at most " + std::to_string(kMostMessageBytes) +
                                    " bytes of kind 0. Connect again with simbridge's link.");
    return Heard::damaged;
  }
  if (waiting() - kHeaderBytes < length) return Heard::nothing;
  kind = static_cast<FrameKind>(number);
  const uint8_t* first = heard_.data() + at_ + kHeaderBytes;
  payload.assign(first, first + length);
  Consume(kHeaderBytes + length);
  return Heard::message;
}

bool Framer::TakePlain(size_t count, std::vector<uint8_t>& bytes) {
  if (waiting() < count) return false;
  bytes.assign(heard_.begin() + static_cast<std::ptrdiff_t>(at_), heard_.begin() + static_cast<std::ptrdiff_t>(at_ + count));
  Consume(count);
  return true;
}

bool IsSame(View<uint8_t> one, View<uint8_t> other) {
  if (one.size != other.size) return false;
  unsigned difference = 0;
  for (size_t index = 0; index < one.size; ++index) difference |= static_cast<unsigned>(one[index] ^ other[index]);
  return difference == 0;
}

}  // namespace simbridge
