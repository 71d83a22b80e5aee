// What orders are tried on: a conductor over the fake world, a small proving ground, and words to write orders with.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <string>

#include "FakeWorld.h"
#include "Framing.h"
#include "Messages.h"
#include "SimBridge/Conductor.h"

namespace simbridge::tests {

/// Sends to nobody; keeps what was sent by connection.
class Mail final : public IConnections {
 public:
  void Send(uint64_t connection, View<uint8_t> bytes) override {
    std::vector<uint8_t>& box = sent[connection];
    box.insert(box.end(), bytes.begin(), bytes.end());
  }
  void Close(uint64_t connection) override { closed[connection] = true; }

  std::map<uint64_t, std::vector<uint8_t>> sent;
  std::map<uint64_t, bool> closed;
};

/// An answer taken apart; what `report` shows is kept by the bench until the next order.
struct Answer {
  bool is_there = false;
  bridge_v1_Report report = {};
  Failure failure;
};

class Bench {
 public:
  explicit Bench(ConductorSettings settings = {}, fake::FakeSettings how = {})
      : world(how), conductor(world, mail, std::move(settings)) {
    conductor.Opened(1, true, 0);
  }

  /// An order written by `write`, sent and answered; `rounds` pumps, each with the ticks that are wanted.
  Answer Ask(const std::function<void(bridge_v1_Order&)>& write, uint64_t connection = 1, int rounds = 4);
  /// Carries on without an order.
  Answer Wait(uint64_t connection = 1, int rounds = 4);
  Answer Take(uint64_t connection);
  void Feed(uint64_t connection, const std::vector<uint8_t>& bytes);

  /// Opens, tells the proving ground, resets.
  void Begin();
  Answer Open();
  Answer Reset();
  Answer Advance(uint32_t ticks, const std::function<void(bridge_v1_Action&)>& act = {}, Text agent = "walker-1");
  Answer Edit(const std::vector<std::function<void(bridge_v1_Change&)>>& changes);
  Answer Build(const std::function<void(bridge_v1_Build&)>& piece);
  /// All pieces of the proving ground in order: level ground at 1 m, a wall, two walkers, a crate, a cart, a bench, a door.
  std::vector<std::function<void(bridge_v1_Build&)>> Pieces();

  void Write(sb_list_t& list, Text value) { CHECK(Put(arena, list, value)); }
  template <typename Message>
  void Write(sb_list_t& list, const pb_msgdesc_t* layout, const Message& message) {
    Bytes bytes;
    CHECK(Encode(arena, layout, &message, bytes));
    CHECK(Put(arena, list, bytes));
  }
  template <typename T>
  bridge_v1_Tensor Tensor(const std::vector<T>& values, std::vector<uint32_t> shape);
  bridge_v1_Pose PoseAt(double x, double y, double z) { return {x, y, z, 1, 0, 0, 0}; }

  /// The row of a body in a report's state: x, y, z and the quaternion.
  std::vector<double> PoseOf(const Answer& answer, Text name);
  std::vector<std::string> Names(const Answer& answer);
  bridge_v1_AgentState AgentOf(const Answer& answer, Text name);

  Arena arena{size_t{1} << 26}, read{size_t{1} << 28};
  Mail mail;
  fake::FakeWorld world;
  Conductor conductor;
  uint64_t number = 0, now = 0;
  std::vector<uint8_t> payload;
};

template <typename T>
bridge_v1_Tensor Bench::Tensor(const std::vector<T>& values, std::vector<uint32_t> shape) {
  bridge_v1_Tensor tensor = {};
  tensor.element_type = std::is_same<T, double>::value     ? bridge_v1_ElementType_ELEMENT_TYPE_FLOAT64
                        : std::is_same<T, float>::value    ? bridge_v1_ElementType_ELEMENT_TYPE_FLOAT32
                        : std::is_same<T, int32_t>::value  ? bridge_v1_ElementType_ELEMENT_TYPE_INT32
                        : std::is_same<T, uint16_t>::value ? bridge_v1_ElementType_ELEMENT_TYPE_UINT16
                                                           : bridge_v1_ElementType_ELEMENT_TYPE_UINT8;
  CHECK(PutNumbers(arena, tensor.shape, shape));
  uint8_t* copy = arena.TakeRow<uint8_t>(values.size() * sizeof(T));
  std::copy_n(reinterpret_cast<const uint8_t*>(values.data()), values.size() * sizeof(T), copy);
  CHECK(Put(arena, tensor.data, Bytes(copy, values.size() * sizeof(T))));
  return tensor;
}

}  // namespace simbridge::tests
