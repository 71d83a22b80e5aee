// A world that runs, for a fuzzer to give orders to.
#pragma once

#include "Bench.h"

namespace simbridge::fuzz {

class Running {
 public:
  Running();

  /// Gives an order in these bytes; ends the process if it is not answered or if the world does not go on.
  void Order(View<uint8_t> bytes);
  /// The same for a piece of a scene, after a build has begun.
  void Piece(View<uint8_t> bytes);

 private:
  void Answered();
  void Prepare();
  std::unique_ptr<tests::Bench> bench_;
  std::vector<std::vector<uint8_t>> told_;
  uint64_t orders_ = 0;
};

}  // namespace simbridge::fuzz
