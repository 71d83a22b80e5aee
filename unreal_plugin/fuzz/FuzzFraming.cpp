// Any bytes, cut anywhere, are taken apart or refused, and never more is kept than came.
#include <cstdlib>

#include "Framing.h"

using namespace simbridge;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Framer framer;
  size_t given = 0, taken = 0;
  std::vector<uint8_t> payload;
  Failure failure;
  FrameKind kind = FrameKind::message;
  while (size > 0) {
    const size_t piece = 1 + data[0] % 64u;
    ++data;
    --size;
    const size_t count = piece < size ? piece : size;
    framer.Feed(View<uint8_t>(data, count));
    given += count;
    data += count;
    size -= count;
    while (framer.Take(kind, payload, failure) == Framer::Heard::message) taken += payload.size() + kHeaderBytes;
    if (framer.waiting() + taken > given) std::abort();
  }
  return 0;
}
