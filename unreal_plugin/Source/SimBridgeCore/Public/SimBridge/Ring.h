// Frames in shared memory: the writing end of a ring that a server made (bridge/ring.py says how it is laid out).
//
// On systems without POSIX files there is none: Attach says so, and frames travel in messages.
#pragma once

#include <memory>
#include <vector>

#include "SimBridge/Values.h"

namespace simbridge {

/// Where an array was laid; without a place it must travel.
struct RingPlace {
  bool is_laid = false;
  uint32_t slot = 0;
  uint64_t generation = 0;
};

class SIMBRIDGECORE_API RingWriter {
 public:
  /// Opens a ring by what was announced of it; null with InvalidInput when it is not that one, or not to be had here.
  static std::unique_ptr<RingWriter> Attach(Text path, uint64_t size, uint32_t slots, uint64_t key, Failure& failure);
  ~RingWriter();
  RingWriter(const RingWriter&) = delete;
  RingWriter& operator=(const RingWriter&) = delete;

  /// Lays the arrays of one answer, at most half as many as there are slots; the others travel.
  std::vector<RingPlace> Lay(View<View<uint8_t>> arrays);

  /// Whether the file was removed: nobody will read what is written now.
  bool IsGone() const;
  uint64_t key() const { return key_; }

 private:
  RingWriter() = default;
  RingPlace Put(View<uint8_t> array);
  bool HasRoom(uint32_t slot, uint64_t start, uint64_t size);
  bool IsCut() const;

  int file_ = -1;
  uint8_t* memory_ = nullptr;
  uint64_t size_ = 0, key_ = 0, slot_bytes_ = 0, stride_ = 0;
  uint32_t slots_ = 0, span_ = 2;
  int64_t cursor_ = -1;
  bool is_full_ = false;
  std::vector<uint64_t> reserved_;
};

}  // namespace simbridge
