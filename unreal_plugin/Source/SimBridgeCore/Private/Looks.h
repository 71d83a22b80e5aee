// The looks of one order: what is asked for, asked of the backend until it shows the right tick, and told in parts.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "BuildReader.h"
#include "Messages.h"
#include "SimBridge/Ring.h"
#include "SimBridge/WorldBackend.h"

namespace simbridge {

/// When an answer shows the world.
struct Moment {
  uint64_t epoch = 0, tick = 0, revision = 0;
  double time_s = 0;
};

class Looks {
 public:
  explicit Looks(IWorldBackend& backend) : backend_(backend) {}

  /// Reads an order's looks and begins them; one that cannot be is its own failure, the others go on.
  void Begin(Arena& arena, const sb_list_t& messages, const Town* town, bool has_begun, uint64_t tick);

  /// Asks the backend again. True when every look has its pictures or its failure.
  bool AreDone(uint64_t tick);

  /// Writes what was seen, look after look. False without room.
  bool Tell(Arena& arena, const Moment& moment, sb_list_t& seen);

  /// Gives up what is under way, for good; `failure` is what becomes of it.
  void GiveUp(const Failure& failure);
  void Clear();
  bool empty() const { return looks_.empty(); }

 private:
  struct Look {
    Failure failure;
    std::vector<Camera> cameras;
    std::vector<Modality> modalities;
    RingWriter* ring = nullptr;
    bool is_done = false;
    uint64_t number = 0;
    int tries = 0;
    Sight sight;
  };

  bool Read(Arena& arena, Bytes message, const Town* town, bool has_begun, Look& look, Failure& failure);
  bool Ask(Look& look, uint64_t tick);
  RingWriter* RingOf(const bridge_v1_SharedMemory& message, Failure& failure);
  bool TellOne(Arena& arena, const Moment& moment, const Look& look, bridge_v1_Seen& seen);

  IWorldBackend& backend_;
  std::vector<Look> looks_;
  uint64_t last_number_ = 0;
  std::unordered_map<uint64_t, std::unique_ptr<RingWriter>> rings_;
};

}  // namespace simbridge
