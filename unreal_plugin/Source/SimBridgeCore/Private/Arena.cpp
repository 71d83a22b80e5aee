// Memory for one order: blocks that grow with need, counted against the quota.
#include "Arena.h"

#include <new>

namespace simbridge {
namespace {
constexpr size_t kFirstBlock = 64 << 10;
constexpr size_t kLargestBlock = 4 << 20;
constexpr size_t kAlignment = 16;
}  // namespace

void* Arena::Take(size_t bytes) {
  if (bytes > quota_) return nullptr;
  const size_t needed = (bytes + kAlignment - 1) & ~(kAlignment - 1);
  if (needed > quota_ - used_) return nullptr;
  if (blocks_.empty() || blocks_.back().size - at_ < needed) {
    size_t size = blocks_.empty() ? kFirstBlock : blocks_.back().size * 2;
    if (size > kLargestBlock) size = kLargestBlock;
    if (size < needed) size = needed;
    std::unique_ptr<uint8_t[]> memory(new (std::nothrow) uint8_t[size]);
    if (memory == nullptr) return nullptr;
    blocks_.push_back({std::move(memory), size});
    at_ = 0;
  }
  uint8_t* found = blocks_.back().memory.get() + at_;
  at_ += needed;
  used_ += needed;
  return found;
}

void Arena::Clear() {
  if (blocks_.size() > 1) blocks_.resize(1);
  used_ = at_ = 0;
}

}  // namespace simbridge
