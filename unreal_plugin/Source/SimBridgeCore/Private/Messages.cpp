// How nanopb is told to leave everything of unknown length where it is.
#include "Messages.h"

#include <pb_decode.h>
#include <pb_encode.h>

#include <cstring>

namespace simbridge {
namespace {

/// Where a message is being read: what nanopb's stream stands for.
struct Source {
  const uint8_t* at;
  Arena* arena;
  uint32_t values_left;
};

bool ReadSource(pb_istream_t* stream, pb_byte_t* target, size_t count) {
  Source* source = static_cast<Source*>(stream->state);
  if (target != nullptr && count > 0) std::memcpy(target, source->at, count);
  source->at += count;
  return true;
}

bool Append(Arena& arena, sb_list_t& list, const uint8_t* data, size_t size) {
  sb_node_t* node = arena.TakeRow<sb_node_t>(1);
  if (node == nullptr) return false;
  *node = {data, size, nullptr};
  if (list.last != nullptr)
    list.last->next = node;
  else
    list.first = node;
  list.last = node;
  ++list.count;
  return true;
}

}  // namespace

extern "C" bool sb_field(pb_istream_t* in, pb_ostream_t* out, const pb_field_t* field) {
  sb_list_t& list = *static_cast<sb_list_t*>(field->pData);
  if (in != nullptr) {
    if (in->callback != &ReadSource) return false;  // a lone number of a repeated field: proto3 packs those
    Source* source = static_cast<Source*>(in->state);
    if (source->values_left == 0) return false;
    --source->values_left;
    if (!Append(*source->arena, list, source->at, in->bytes_left)) return false;
    source->at += in->bytes_left;
    in->bytes_left = 0;
    return true;
  }
  for (const sb_node_t* node = list.first; node != nullptr; node = node->next) {
    if (!pb_encode_tag(out, PB_WT_STRING, field->tag) || !pb_encode_string(out, node->data, node->size)) return false;
  }
  return true;
}

bool Decode(Arena& arena, Bytes bytes, const pb_msgdesc_t* layout, void* message) {
  Source source{bytes.data, &arena, kMostValues};
  pb_istream_t stream{};
  stream.callback = &ReadSource;
  stream.state = &source;
  stream.bytes_left = bytes.size;
  return pb_decode(&stream, layout, message);
}

bool Encode(Arena& arena, const pb_msgdesc_t* layout, const void* message, Bytes& bytes) {
  size_t size = 0;
  if (!pb_get_encoded_size(&size, layout, message)) return false;
  uint8_t* room = arena.TakeRow<uint8_t>(size);
  if (room == nullptr) return false;
  pb_ostream_t stream = pb_ostream_from_buffer(room, size);
  if (!pb_encode(&stream, layout, message)) return false;
  bytes = Bytes(room, stream.bytes_written);
  return true;
}

bool NumbersOf(const sb_list_t& list, size_t most, std::vector<uint64_t>& numbers) {
  for (const sb_node_t* node = list.first; node != nullptr; node = node->next) {
    uint64_t number = 0;
    unsigned shift = 0;
    for (size_t index = 0; index < node->size; ++index) {
      const uint8_t octet = node->data[index];
      if (shift > 63) return false;
      number |= static_cast<uint64_t>(octet & 0x7F) << shift;
      shift += 7;
      if ((octet & 0x80) != 0) continue;
      if (numbers.size() == most) return false;
      numbers.push_back(number);
      number = 0;
      shift = 0;
    }
    if (shift != 0) return false;
  }
  return true;
}

bool Put(Arena& arena, sb_list_t& list, Bytes value) { return Append(arena, list, value.data, value.size); }

bool Put(Arena& arena, sb_list_t& list, Text value) {
  return Append(arena, list, reinterpret_cast<const uint8_t*>(value.data()), value.size());
}

bool PutNumbers(Arena& arena, sb_list_t& list, View<uint32_t> numbers) {
  uint8_t* room = arena.TakeRow<uint8_t>(numbers.size * 5);
  if (room == nullptr) return false;
  size_t size = 0;
  for (uint32_t number : numbers) {
    for (; number >= 0x80; number >>= 7) room[size++] = static_cast<uint8_t>(number | 0x80);
    room[size++] = static_cast<uint8_t>(number);
  }
  return size == 0 || Append(arena, list, room, size);
}

}  // namespace simbridge
