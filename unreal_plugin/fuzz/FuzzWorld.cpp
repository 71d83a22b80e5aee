// The world is begun anew now and then: what an order has done must not make the next ones dull.
#include "FuzzWorld.h"

#include <cstdlib>

namespace simbridge::fuzz {
namespace {

constexpr uint64_t kOrdersInAWorld = 200;
constexpr uint32_t kMostTicks = 200;
constexpr uint64_t kMostPixels = 4096;

/// Whether an order would only take long: many ticks, or large pictures.
bool IsSlow(View<uint8_t> bytes) {
  Arena arena(size_t{1} << 24);
  bridge_v1_Order order = {};
  if (!Decode(arena, bytes, bridge_v1_Order_fields, &order)) return false;
  if (order.which_what == bridge_v1_Order_advance_tag && order.what.advance.ticks > kMostTicks) return true;
  if (order.looks.count > 4) return true;
  for (const sb_node_t* node = order.looks.first; node != nullptr; node = node->next) {
    bridge_v1_Look look = {};
    if (!Decode(arena, BytesOf(*node), bridge_v1_Look_fields, &look)) continue;
    if (look.names.count > 4) return true;
    uint64_t pixels = 0;
    for (const sb_node_t* camera = look.cameras.first; camera != nullptr; camera = camera->next) {
      bridge_v1_Camera one = {};
      if (Decode(arena, BytesOf(*camera), bridge_v1_Camera_fields, &one)) pixels += uint64_t{one.width_px} * one.height_px;
    }
    if (pixels > kMostPixels) return true;
  }
  return false;
}

}  // namespace

Running::Running() { Prepare(); }

void Running::Prepare() {
  bench_ = std::make_unique<tests::Bench>();
  bench_->Begin();
  orders_ = 0;
}

void Running::Answered() {
  for (int round = 0; round < 8 && bench_->mail.sent[1].empty(); ++round) bench_->Wait(9, 1);
  if (bench_->mail.sent[1].size() < kHeaderBytes) std::abort();
  bench_->mail.sent[1].clear();
}

void Running::Order(View<uint8_t> bytes) {
  if (IsSlow(bytes)) return;
  if (++orders_ > kOrdersInAWorld) Prepare();
  bench_->Feed(1, Framed(FrameKind::message, bytes));
  Answered();
  const tests::Answer after = bench_->Ask([](bridge_v1_Order& order) { order.which_what = bridge_v1_Order_stand_still_tag; });
  if (!after.is_there) std::abort();
  if (after.failure.kind == "EngineFailed") Prepare();  // it was closed, as ordered
}

void Running::Piece(View<uint8_t> bytes) {
  if (++orders_ > kOrdersInAWorld) Prepare();
  const std::vector<std::function<void(bridge_v1_Build&)>> pieces = bench_->Pieces();
  // The first byte says how much of a scene was told before.
  const size_t told = bytes.empty() ? 0 : bytes[0] % pieces.size();
  for (size_t index = 0; index < told; ++index) bench_->Build(pieces[index]);
  std::vector<uint8_t> order{0x8A, 0x01};  // Order.build, by its length
  const size_t size = bytes.empty() ? 0 : bytes.size - 1;
  for (size_t left = size; ; left >>= 7) {
    order.push_back(static_cast<uint8_t>((left & 0x7F) | (left > 0x7F ? 0x80 : 0)));
    if (left <= 0x7F) break;
  }
  if (size > 0) order.insert(order.end(), bytes.begin() + 1, bytes.end());
  bench_->Feed(1, Framed(FrameKind::message, order));
  Answered();
  bench_->Build(pieces.back());
}

}  // namespace simbridge::fuzz
