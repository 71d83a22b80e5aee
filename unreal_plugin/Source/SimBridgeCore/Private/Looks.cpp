// Pictures asked for, waited for and told.
#include "Looks.h"

#include "Fields.h"

namespace simbridge {
namespace {

constexpr int kMostTries = 5;
constexpr uint64_t kMostPixels = uint64_t{1} << 26;
constexpr size_t kPieceBytes = size_t{1} << 20, kMostRings = 64;

struct Layout {
  int element_type;
  uint32_t channels, bytes;
};

Layout LayoutOf(Modality modality) {
  switch (modality) {
    case Modality::rgb: return {bridge_v1_ElementType_ELEMENT_TYPE_UINT8, 3, 3};
    case Modality::depth: return {bridge_v1_ElementType_ELEMENT_TYPE_FLOAT32, 1, 4};
    case Modality::segmentation: return {bridge_v1_ElementType_ELEMENT_TYPE_INT32, 1, 4};
    default: return {bridge_v1_ElementType_ELEMENT_TYPE_FLOAT32, 3, 12};
  }
}

}  // namespace

void Looks::Begin(Arena& arena, const sb_list_t& messages, const Town* town, bool has_begun, uint64_t tick) {
  looks_.clear();
  for (const sb_node_t* node = messages.first; node != nullptr; node = node->next) {
    looks_.emplace_back();
    Look& look = looks_.back();
    Failure failure;
    if (!Read(arena, BytesOf(*node), town, has_begun, look, failure)) {
      look.failure = failure;
      look.is_done = true;
    } else if (look.cameras.empty() || look.modalities.empty()) {
      look.is_done = true;
    } else {
      Ask(look, tick);
    }
  }
}

bool Looks::Read(Arena& arena, Bytes bytes, const Town* town, bool has_begun, Look& look, Failure& failure) {
  bridge_v1_Look message = {};
  if (!Decode(arena, bytes, bridge_v1_Look_fields, &message)) return failure.Set("DamagedData", "A look is no Look.");
  if (town == nullptr || !has_begun) {
    return failure.Set("EngineFailed", "The world has not begun. Reset it before looking at it.");
  }
  for (const sb_node_t* node = message.names.first; node != nullptr; node = node->next) {
    const Text name = TextOf(*node);
    const Camera* found = nullptr;
    for (const Camera& known : town->cameras) {
      if (known.name == name) found = &known;
    }
    if (found == nullptr) {
      std::vector<Text> names;
      for (const Camera& known : town->cameras) names.push_back(known.name);
      if (!CheckName(name, failure)) return Under(failure, "look.names");
      return failure.Set("UnknownCamera", Roster::UnknownName("camera", name, std::move(names)));
    }
    look.cameras.push_back(*found);
  }
  for (const sb_node_t* node = message.cameras.first; node != nullptr; node = node->next) {
    bridge_v1_Camera one = {};
    Camera camera;
    if (!Decode(arena, BytesOf(*node), bridge_v1_Camera_fields, &one)) {
      return failure.Set("DamagedData", "A camera of a look is no Camera.");
    }
    if (!ReadCamera(one, camera, failure)) return Under(failure, "look.cameras[" + std::to_string(look.cameras.size()) + "]");
    look.cameras.push_back(std::move(camera));
  }
  uint64_t pixels = 0;
  for (size_t index = 0; index < look.cameras.size(); ++index) {
    const Camera& camera = look.cameras[index];
    for (size_t before = 0; before < index; ++before) {
      if (look.cameras[before].name != camera.name) continue;
      return failure.Set("InvalidInput", "look: the camera '" + camera.name + "' is named a second time. Leave one out.");
    }
    if (camera.mount != "world") {
      const RosterEntry* body = town->roster.Present(camera.mount);
      if (body == nullptr || body->kind != EntryKind::thing) {
        return failure.Set("UnknownBody", town->roster.Unknown("body to mount camera '" + camera.name + "' on",
                                                               camera.mount, [](const RosterEntry& known) {
                                                                 return known.moves();
                                                               }));
      }
    }
    pixels += static_cast<uint64_t>(camera.width_px) * camera.height_px;
    if (pixels > kMostPixels) {
      return failure.Set("OverQuota", "look asks for more than " + std::to_string(kMostPixels) +
                                          " pixels. Ask for fewer or smaller frames at a time.");
    }
  }
  std::vector<uint64_t> numbers;
  if (!NumbersOf(message.modalities, 64, numbers)) return failure.Set("InvalidInput", "look.modalities is torn.");
  for (uint64_t number : numbers) {
    if (number < 1 || number > 4) {
      return failure.Set("InvalidInput", "look.modalities has the number " + std::to_string(number) +
                                             "; expected 1 (rgb), 2 (depth), 3 (segmentation), 4 (normals).");
    }
    for (Modality known : look.modalities) {
      if (static_cast<uint64_t>(known) != number) continue;
      return failure.Set("InvalidInput", "look.modalities asks for " + std::to_string(number) +
                                             " a second time. Leave one out.");
    }
    look.modalities.push_back(static_cast<Modality>(number));
  }
  const bool is_shared = message.packing == bridge_v1_Packing_PACKING_UNSPECIFIED ||
                         message.packing == bridge_v1_Packing_PACKING_SHARED_MEMORY;
  if (message.has_ring && is_shared) {
    look.ring = RingOf(message.ring, failure);
    if (look.ring == nullptr) return false;
  }
  return true;
}

RingWriter* Looks::RingOf(const bridge_v1_SharedMemory& message, Failure& failure) {
  const auto found = rings_.find(message.key);
  if (found != rings_.end() && !found->second->IsGone()) return found->second.get();
  for (auto ring = rings_.begin(); ring != rings_.end();) {
    ring = ring->second->IsGone() ? rings_.erase(ring) : std::next(ring);
  }
  if (rings_.size() >= kMostRings) {
    failure.Set("OverQuota", "There are " + std::to_string(kMostRings) + " rings already. Let one go first.");
    return nullptr;
  }
  const Text path = TextOf(message.path);
  if (!CheckText(path, failure)) {
    Under(failure, "look.ring.path");
    return nullptr;
  }
  std::unique_ptr<RingWriter> made = RingWriter::Attach(path, message.bytes, message.slots, message.key, failure);
  RingWriter* ring = made.get();
  if (made != nullptr) rings_.emplace(message.key, std::move(made));
  return ring;
}

bool Looks::Ask(Look& look, uint64_t tick) {
  LookRequest request;
  request.number = look.number = ++last_number_;
  request.tick = tick;
  request.cameras = look.cameras;
  request.modalities = look.modalities;
  ++look.tries;
  look.is_done = !backend_.RequestLook(request, look.failure);
  return !look.is_done;
}

bool Looks::AreDone(uint64_t tick) {
  bool are_done = true;
  for (Look& look : looks_) {
    if (look.is_done) continue;
    const Progress progress = backend_.TakeLook(look.number, look.sight, look.failure);
    if (progress == Progress::pending) {
      are_done = false;
      continue;
    }
    look.is_done = true;
    if (progress == Progress::failed || look.sight.tick == tick) continue;
    if (look.tries < kMostTries) {
      if (Ask(look, tick)) are_done = false;
      continue;
    }
    look.failure.Set("Refused", "Pictures show tick " + std::to_string(look.sight.tick) + " while the world is at " +
                                    std::to_string(tick) + ", " + std::to_string(kMostTries) +
                                    " times over. Observe again, or in lockstep.");
  }
  return are_done;
}

void Looks::GiveUp(const Failure& failure) {
  for (Look& look : looks_) {
    if (look.is_done) continue;
    backend_.DropLook(look.number);
    look.failure = failure;
    look.is_done = true;
  }
}

void Looks::Clear() {
  GiveUp({"Cancelled", "Nobody waits for these pictures any more."});
  looks_.clear();
}

bool Looks::Tell(Arena& arena, const Moment& moment, sb_list_t& seen) {
  for (const Look& look : looks_) {
    bridge_v1_Seen one = {};
    Bytes bytes;
    if (look.failure) {
      one.has_failure = true;
      if (!Put(arena, one.failure.kind, Text(look.failure.kind)) ||
          !Put(arena, one.failure.message, Text(look.failure.message).substr(0, kMostTextBytes))) {
        return false;
      }
    } else if (!TellOne(arena, moment, look, one)) {
      return false;
    }
    if (!Encode(arena, bridge_v1_Seen_fields, &one, bytes) || !Put(arena, seen, bytes)) return false;
  }
  return true;
}

bool Looks::TellOne(Arena& arena, const Moment& moment, const Look& look, bridge_v1_Seen& seen) {
  std::vector<View<uint8_t>> arrays;
  for (const Picture& picture : look.sight.pictures) arrays.emplace_back(picture.bytes);
  std::vector<RingPlace> places(arrays.size());
  if (look.ring != nullptr) places = look.ring->Lay(arrays);
  for (size_t index = 0; index < arrays.size(); ++index) {
    const Picture& picture = look.sight.pictures[index];
    const Camera& camera = look.cameras[picture.camera];
    const Layout layout = LayoutOf(picture.modality);
    bridge_v1_FramePart part = {};
    const uint32_t shape[3] = {camera.height_px, camera.width_px, layout.channels};
    if (!Put(arena, part.camera, Text(camera.name)) ||
        !PutNumbers(arena, part.shape, View<uint32_t>(shape, layout.channels == 1 ? 2 : 3))) {
      return false;
    }
    part.modality = static_cast<int32_t>(picture.modality);
    part.has_moment = true;
    part.moment = {moment.epoch, moment.tick, moment.time_s, moment.revision};
    part.element_type = layout.element_type;
    Bytes bytes;
    if (places[index].is_laid) {
      part.packing = bridge_v1_Packing_PACKING_SHARED_MEMORY;
      part.has_slot = true;
      part.slot = places[index].slot;
      part.generation = places[index].generation;
      part.is_last = true;
      if (!Encode(arena, bridge_v1_FramePart_fields, &part, bytes) || !Put(arena, seen.parts, bytes)) return false;
      continue;
    }
    part.packing = bridge_v1_Packing_PACKING_RAW;
    for (size_t start = 0; start < arrays[index].size; start += kPieceBytes) {
      const size_t left = arrays[index].size - start, size = left < kPieceBytes ? left : kPieceBytes;
      part.data = {};
      part.is_last = size == left;
      if (!Put(arena, part.data, Bytes(arrays[index].data + start, size)) ||
          !Encode(arena, bridge_v1_FramePart_fields, &part, bytes) || !Put(arena, seen.parts, bytes)) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace simbridge
