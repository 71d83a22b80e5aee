// Memory for one order: taken piece by piece, given back at once, and never more than its quota.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace simbridge {

class Arena {
 public:
  explicit Arena(size_t quota_bytes) : quota_(quota_bytes) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Aligned for every number; null when the quota is used up. What is in it is whatever was there.
  void* Take(size_t bytes);

  /// Room for `count` plain values; null when the quota is used up.
  template <typename T>
  T* TakeRow(size_t count) {
    if (count > quota_ / sizeof(T)) return nullptr;
    return static_cast<T*>(Take(count * sizeof(T)));
  }

  /// Everything that was taken is gone; the first block stays for the next order.
  void Clear();

  size_t used() const { return used_; }

 private:
  struct Block {
    std::unique_ptr<uint8_t[]> memory;
    size_t size;
  };
  std::vector<Block> blocks_;
  size_t quota_, used_ = 0, at_ = 0;
};

}  // namespace simbridge
