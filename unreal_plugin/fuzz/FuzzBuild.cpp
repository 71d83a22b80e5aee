// Any bytes as a piece of a scene amid a build: it is taken or refused.
#include <cstdlib>

#include "FuzzWorld.h"

using namespace simbridge;
using namespace simbridge::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Running* running = new Running();
  running->Piece(View<uint8_t>(data, size));
  return 0;
}
