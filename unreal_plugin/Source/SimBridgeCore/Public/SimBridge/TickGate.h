// When the world may go on: in lockstep only for the ticks that were asked for, in real time always.
//
// waiting -> Run(n) -> running, n left -> Passed() n times -> waiting. While somebody holds the gate (pictures of the
// present tick are being made) a world in lockstep stands still. There is no clock in here: whoever ticks the world asks.
#pragma once

#include <cstdint>

namespace simbridge {

enum class Pace : uint8_t { lockstep, real_time };

class TickGate {
 public:
  explicit TickGate(Pace pace = Pace::lockstep) : pace_(pace) {}

  Pace pace() const { return pace_; }
  /// Ticks since Begin.
  uint64_t tick() const { return tick_; }
  /// How many ticks somebody still waits for.
  uint32_t left() const { return left_; }
  bool is_running() const { return left_ > 0; }

  /// An episode begins, at a tick; `has_begun` false: there is none, and nothing runs.
  void Begin(uint64_t tick, bool has_begun) {
    tick_ = tick;
    left_ = 0;
    has_begun_ = has_begun;
  }

  /// Lets so many ticks pass. False if there is no episode, ticks are under way, or none was asked for.
  bool Run(uint32_t ticks) {
    if (!has_begun_ || left_ > 0 || ticks == 0) return false;
    left_ = ticks;
    return true;
  }

  /// Holds a world in lockstep still until it is let go as often.
  void Hold() { ++held_; }
  void LetGo() {
    if (held_ > 0) --held_;
  }

  /// Whether the world may begin another tick now.
  bool IsOpen() const {
    if (!has_begun_) return false;
    return pace_ == Pace::real_time || (left_ > 0 && held_ == 0);
  }

  /// A tick is over. True if it was the last one that somebody waited for.
  bool Passed() {
    ++tick_;
    if (left_ == 0) return false;
    return --left_ == 0;
  }

 private:
  Pace pace_;
  bool has_begun_ = false;
  uint64_t tick_ = 0;
  uint32_t left_ = 0, held_ = 0;
};

}  // namespace simbridge
