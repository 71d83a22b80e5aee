// Slots of shared memory written so that a reader notices what was overwritten under its eyes.
#include "SimBridge/Ring.h"

#if defined(__unix__) || defined(__APPLE__)
#define SIMBRIDGE_HAS_RINGS 1
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#else
#define SIMBRIDGE_HAS_RINGS 0
#endif

#include <atomic>
#include <cerrno>
#include <cstring>

namespace simbridge {

#if SIMBRIDGE_HAS_RINGS
namespace {

constexpr uint64_t kHeader = 64, kPage = 4096, kGeneration = 4;
enum Word : uint64_t { kBefore, kAfter, kLength, kHeld };
constexpr uint64_t kMostSlots = 1u << 16;

/// The first eight bytes of a ring.
uint64_t Magic() {
  uint64_t word = 0;
  std::memcpy(&word, "SIMRING1", sizeof word);
  return word;
}

/// Words are shared with another process: each is read and written whole, in order.
std::atomic<uint64_t>& Shared(uint8_t* memory, uint64_t byte) {
  static_assert(sizeof(std::atomic<uint64_t>) == 8, "a word of shared memory is eight bytes");
  return *reinterpret_cast<std::atomic<uint64_t>*>(memory + byte);
}

bool Reserve(int file, uint64_t start, uint64_t count) {
#if defined(__APPLE__)
  // No posix_fallocate: pages are made sure of by writing them.
  const uint8_t zeros[kPage] = {};
  for (uint64_t done = 0; done < count; done += kPage) {
    const uint64_t size = count - done < kPage ? count - done : kPage;
    if (pwrite(file, zeros, static_cast<size_t>(size), static_cast<off_t>(start + done)) < 0) return false;
  }
  return true;
#else
  return posix_fallocate(file, static_cast<off_t>(start), static_cast<off_t>(count)) == 0;
#endif
}

}  // namespace

std::unique_ptr<RingWriter> RingWriter::Attach(Text path, uint64_t size, uint32_t slots, uint64_t key, Failure& failure) {
  const std::string name(path);
  std::unique_ptr<RingWriter> made(new RingWriter());
  made->file_ = open(name.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  if (made->file_ < 0) {
    failure.Set("InvalidInput", "Shared memory " + name + " cannot be opened here: " + std::strerror(errno) + ".");
    return nullptr;
  }
  struct stat found = {};
  if (fstat(made->file_, &found) != 0 || !S_ISREG(found.st_mode) || static_cast<uint64_t>(found.st_size) != size ||
      size < kHeader) {
    failure.Set("InvalidInput", "Shared memory " + name + " is not a file of the " + std::to_string(size) +
                                    " bytes that were announced.");
    return nullptr;
  }
  uint64_t head[4] = {};
  const bool is_read = pread(made->file_, head, sizeof head, 0) == static_cast<ssize_t>(sizeof head);
  const uint64_t slot_bytes = head[3];
  const bool is_sized = slot_bytes <= size && slots > 0 && slots <= kMostSlots;
  const uint64_t stride = is_sized ? kHeader + (slot_bytes + kPage - 1) / kPage * kPage : 0;
  if (!is_read || !is_sized || head[0] != Magic() || head[1] != key || head[2] != slots ||
      kHeader + slots * stride != size) {
    failure.Set("InvalidInput", "Shared memory " + name + " is not this session's ring: its header differs.");
    return nullptr;
  }
  void* memory = mmap(nullptr, static_cast<size_t>(size), PROT_READ | PROT_WRITE, MAP_SHARED, made->file_, 0);
  if (memory == MAP_FAILED) {
    failure.Set("InvalidInput", "Shared memory " + name + " cannot be mapped here: " + std::strerror(errno) + ".");
    return nullptr;
  }
  made->memory_ = static_cast<uint8_t*>(memory);
  made->size_ = size;
  made->key_ = key;
  made->slot_bytes_ = slot_bytes;
  made->stride_ = stride;
  made->slots_ = slots;
  made->reserved_.assign(slots, 0);
  return made;
}

RingWriter::~RingWriter() {
  if (memory_ != nullptr) munmap(memory_, static_cast<size_t>(size_));
  if (file_ >= 0) close(file_);
}

bool RingWriter::IsGone() const {
  struct stat found = {};
  return fstat(file_, &found) != 0 || found.st_nlink == 0;
}

bool RingWriter::IsCut() const {
  struct stat found = {};
  return fstat(file_, &found) != 0 || static_cast<uint64_t>(found.st_size) < size_;
}

std::vector<RingPlace> RingWriter::Lay(View<View<uint8_t>> arrays) {
  std::vector<RingPlace> places(arrays.size);
  const size_t fitting = arrays.size < slots_ / 2 ? arrays.size : slots_ / 2;
  const uint32_t wanted = static_cast<uint32_t>(2 * fitting < slots_ ? 2 * fitting : slots_);
  if (wanted > span_) span_ = wanted;
  if (span_ > slots_) span_ = slots_;
  for (size_t index = 0; index < fitting; ++index) places[index] = Put(arrays[index]);
  return places;
}

RingPlace RingWriter::Put(View<uint8_t> array) {
  if (is_full_ || array.size > slot_bytes_ || IsCut()) return {};
  for (uint32_t tried = 0; tried < span_;) {
    const uint32_t slot = static_cast<uint32_t>((cursor_ + 1) % span_);
    const uint64_t start = kHeader + slot * stride_;
    if (!HasRoom(slot, start, array.size)) return {};
    cursor_ = slot;
    ++tried;
    if (Shared(memory_, start + 8 * kHeld).load() == 0) {
      const uint64_t generation = Shared(memory_, 8 * kGeneration).load() + 1;
      Shared(memory_, 8 * kGeneration).store(generation);
      Shared(memory_, start + 8 * kBefore).store(generation);
      if (Shared(memory_, start + 8 * kHeld).load() == 0) {
        if (array.size > 0) std::memcpy(memory_ + start + kHeader, array.data, array.size);
        Shared(memory_, start + 8 * kLength).store(array.size);
        Shared(memory_, start + 8 * kAfter).store(generation);
        return {true, slot, generation};
      }
      // Its reader came between: nothing was written.
      Shared(memory_, start + 8 * kBefore).store(Shared(memory_, start + 8 * kAfter).load());
    }
    if (tried == span_ && span_ < slots_) {
      cursor_ = static_cast<int64_t>(tried) - 1;
      span_ = 2 * span_ < slots_ ? 2 * span_ : slots_;
    }
  }
  return {};
}

bool RingWriter::HasRoom(uint32_t slot, uint64_t start, uint64_t size) {
  if (size > 0 && reserved_[slot] >= size) return true;
  if (!Reserve(file_, start, kHeader + size)) {
    is_full_ = true;
    return false;
  }
  reserved_[slot] = size;
  return true;
}

#else

std::unique_ptr<RingWriter> RingWriter::Attach(Text path, uint64_t, uint32_t, uint64_t, Failure& failure) {
  failure.Set("InvalidInput", "Shared memory " + std::string(path) + " cannot be opened on this system; frames travel.");
  return nullptr;
}
RingWriter::~RingWriter() = default;
bool RingWriter::IsGone() const { return true; }
bool RingWriter::IsCut() const { return true; }
std::vector<RingPlace> RingWriter::Lay(View<View<uint8_t>> arrays) { return std::vector<RingPlace>(arrays.size); }
RingPlace RingWriter::Put(View<uint8_t>) { return {}; }
bool RingWriter::HasRoom(uint32_t, uint64_t, uint64_t) { return false; }

#endif

}  // namespace simbridge
