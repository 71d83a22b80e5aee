// Any bytes are a name or are not, and what is unknown is answered with names that are there.
#include <cstdlib>

#include "Fields.h"
#include "Roster.h"

using namespace simbridge;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Text text(reinterpret_cast<const char*>(data), size);
  Failure failure;
  const bool is_name = CheckName(text, failure);
  if (is_name == static_cast<bool>(failure)) std::abort();
  if (is_name && (size == 0 || size > kMostNameBytes)) std::abort();
  const size_t cut = size < 8 ? size : 8;
  const std::string why = Roster::UnknownName("thing", text, {text.substr(0, cut), "walker-1", "crate-1", text.substr(cut)});
  if (why.find("No thing named") != 0) std::abort();
  return 0;
}
