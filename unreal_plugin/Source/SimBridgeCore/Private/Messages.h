// Messages of the contract to structs and back. What is decoded points into the bytes that came: keep those meanwhile.
#pragma once

#include <pb.h>

#include "Arena.h"
#include "Proto/MessageFields.h"
#include "SimBridge/Values.h"
#include "bridge/v1/build.pb.h"
#include "bridge/v1/engine_service.pb.h"
#include "bridge/v1/link.pb.h"
#include "bridge/v1/types.pb.h"
#include "bridge/v1/world.pb.h"

namespace simbridge {

using Bytes = View<uint8_t>;

/// No message has more values of unknown length than this, all fields together.
constexpr uint32_t kMostValues = 1u << 20;

/// Fills `message` (a zeroed struct of `layout`). False for what is no such message; nothing is allocated by a length.
bool Decode(Arena& arena, Bytes bytes, const pb_msgdesc_t* layout, void* message);

/// The message's bytes, in the arena; false when there is no room.
bool Encode(Arena& arena, const pb_msgdesc_t* layout, const void* message, Bytes& bytes);

/// The last value of a field, as protobuf reads fields that come twice; empty if it was left out.
inline Bytes BytesOf(const sb_list_t& list) { return list.last ? Bytes(list.last->data, list.last->size) : Bytes(); }
inline Text TextOf(const sb_list_t& list) {
  return list.last ? Text(reinterpret_cast<const char*>(list.last->data), list.last->size) : Text();
}
inline Text TextOf(const sb_node_t& node) { return Text(reinterpret_cast<const char*>(node.data), node.size); }
inline Bytes BytesOf(const sb_node_t& node) { return Bytes(node.data, node.size); }

/// The numbers of a repeated field of whole numbers, packed as proto3 packs them. False beyond `most`, or torn.
bool NumbersOf(const sb_list_t& list, size_t most, std::vector<uint64_t>& numbers);

/// One value more for a field that is to be written; what it shows must outlive the message. False without room.
bool Put(Arena& arena, sb_list_t& list, Bytes value);
bool Put(Arena& arena, sb_list_t& list, Text value);
/// A copy of whole numbers, packed.
bool PutNumbers(Arena& arena, sb_list_t& list, View<uint32_t> numbers);

}  // namespace simbridge
