// Any bytes as an order to a world that runs: it is answered, and the world goes on.
#include <cstdlib>

#include "FuzzWorld.h"

using namespace simbridge;
using namespace simbridge::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Running* running = new Running();  // as long as the process
  running->Order(View<uint8_t>(data, size));
  return 0;
}
