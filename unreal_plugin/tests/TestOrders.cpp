// Orders and their reports: who may give them, what they come to, what is answered to nonsense.
#include <cstring>

#include "Bench.h"

using namespace simbridge;
using namespace simbridge::tests;

namespace {

void StandStill(bridge_v1_Order& order) { order.which_what = bridge_v1_Order_stand_still_tag; }

std::vector<uint8_t> Secret() {
  std::vector<uint8_t> secret(32);
  for (uint8_t index = 0; index < 32; ++index) secret[index] = index;
  return secret;
}

std::function<void(bridge_v1_Order&)> Looking(Bench& bench, std::vector<uint32_t> modalities, const char* camera = "view") {
  return [&bench, modalities, camera](bridge_v1_Order& order) {
    StandStill(order);
    bridge_v1_Look look = {};
    bench.Write(look.names, camera);
    CHECK(PutNumbers(bench.arena, look.modalities, modalities));
    bench.Write(order.looks, bridge_v1_Look_fields, look);
  };
}

bridge_v1_Seen SeenIn(Bench& bench, const Answer& answer) {
  bridge_v1_Seen seen = {};
  REQUIRE(answer.report.seen.count == 1);
  REQUIRE(Decode(bench.read, BytesOf(*answer.report.seen.first), bridge_v1_Seen_fields, &seen));
  return seen;
}

}  // namespace

TEST_CASE("nothing is done before an engine is opened, and its number comes back") {
  Bench bench;
  const Answer refused = bench.Ask(StandStill);
  CHECK(refused.failure.kind == "EngineFailed");
  const Answer opened = bench.Open();
  CHECK(opened.report.number == 2);
  CHECK(TextOf(opened.report.engine.name) == "simbridge-fake-ue");
  CHECK(opened.report.engine.tick_s == 0.02);
  CHECK(opened.report.engine.capabilities.count == 8);
  CHECK_FALSE(opened.report.is_licensed);
}

TEST_CASE("there is no world before one is told, and no episode before a reset") {
  Bench bench;
  bench.Open();
  CHECK(bench.Reset().failure.kind == "EngineFailed");
  CHECK(bench.Advance(1).failure.kind == "EngineFailed");
  for (const auto& piece : bench.Pieces()) CHECK(!bench.Build(piece).failure);
  const Answer early = bench.Advance(1);
  CHECK(early.failure.kind == "EngineFailed");
  CHECK(early.failure.message.find("Reset") != std::string::npos);
}

TEST_CASE("clients of other protocols are not served here, and who asks for them commands nothing") {
  Bench bench;
  const Answer answer = bench.Ask([](bridge_v1_Order& order) {
    order.which_what = bridge_v1_Order_open_tag;
    order.what.open.has_gateway = true;
  });
  CHECK(answer.failure.kind == "NotSupported");
  bench.conductor.Opened(2, true, 0);
  const auto open = [](bridge_v1_Order& order) { order.which_what = bridge_v1_Order_open_tag; };
  CHECK(bench.Ask(open, 2).report.has_engine);
  CHECK(bench.Ask(open).failure.kind == "Refused");
}

TEST_CASE("numbers that are none of an enum's are refused, not believed") {
  Bench bench;
  bench.Open();
  const auto pieces = bench.Pieces();
  bench.Build(pieces[0]);
  const Answer answer = bench.Build([&](bridge_v1_Build& build) {
    pieces[1](build);
    build.piece.heights.heights.element_type = 2145351419;
  });
  CHECK(answer.failure.message.find("element_type is nothing known; expected float32") != std::string::npos);
}

TEST_CASE("folders are not read here") {
  Bench bench;
  bench.Open();
  for (pb_size_t what : {bridge_v1_Order_load_tag, bridge_v1_Order_read_tag}) {
    const Answer answer = bench.Ask([&](bridge_v1_Order& order) { order.which_what = what; });
    CHECK(answer.failure.kind == "NotSupported");
    CHECK(answer.failure.message.find("build") != std::string::npos);
  }
}

TEST_CASE("an order of nothing, and bytes that are none, are answered and the connection goes on") {
  Bench bench;
  bench.Open();
  CHECK(bench.Ask([](bridge_v1_Order& order) { order.which_what = 0; }).failure.kind == "InvalidInput");
  bench.Feed(1, Framed(FrameKind::message, std::vector<uint8_t>{0xFF, 0xFF, 0xFF}));
  CHECK(bench.Wait().failure.kind == "DamagedData");
  CHECK(!bench.Ask(StandStill).failure);
}

TEST_CASE("a stream that is none is told so and closed") {
  Bench bench;
  bench.Feed(1, std::vector<uint8_t>{'G', 'E', 'T', ' ', '/', ' '});
  CHECK(bench.Wait().failure.kind == "InvalidInput");
  CHECK(bench.mail.closed[1]);
}

TEST_CASE("ticks add up, and so does the time") {
  Bench bench;
  bench.Begin();
  uint64_t tick = 0;
  for (uint32_t ticks : {1u, 2u, 5u}) {
    const Answer answer = bench.Advance(ticks);
    tick += ticks;
    CHECK(answer.report.state.moment.tick == tick);
    CHECK(answer.report.state.moment.time_s == doctest::Approx(0.02 * static_cast<double>(tick)));
    CHECK(answer.report.state.moment.epoch == 7);
  }
  CHECK(bench.Advance(0).failure.kind == "InvalidAction");
  CHECK(bench.Advance(1000000).failure.kind == "InvalidAction");
  CHECK(bench.Advance(1).report.state.moment.tick == 9);
}

TEST_CASE("the same orders give the same hashes, and eight ticks are eight times one") {
  uint64_t hashes[2];
  for (int run = 0; run < 2; ++run) {
    Bench bench;
    bench.Begin();
    const auto walk = [](bridge_v1_Action& action) {
      action.which_motion = bridge_v1_Action_velocity_tag;
      action.motion.velocity = {1, 0.2, 0.3};
    };
    Answer answer = bench.Advance(run == 0 ? 8 : 1, walk);
    for (int tick = 0; run == 1 && tick < 7; ++tick) answer = bench.Advance(1);
    hashes[run] = answer.report.state_hash;
    CHECK(bench.Advance(1).report.state_hash != hashes[run]);
  }
  CHECK(hashes[0] == hashes[1]);
}

TEST_CASE("names are told once") {
  Bench bench;
  bench.Begin();
  const Answer first = bench.Ask(StandStill);
  const uint64_t version = first.report.state.names_version;
  CHECK(bench.Names(first) == std::vector<std::string>{"walker-1", "walker-2", "crate-1", "cart-1", "door-1"});
  const Answer again = bench.Ask([&](bridge_v1_Order& order) {
    StandStill(order);
    order.known_names = version;
  });
  CHECK(again.report.state.names.count == 0);
  CHECK(again.report.state.names_version == version);
  CHECK(BytesOf(again.report.state.poses.data).size == 5 * 56);
}

TEST_CASE("actions that cannot be meant are refused, and nobody moves") {
  Bench bench;
  bench.Begin();
  const auto velocity = [](double forward) {
    return [forward](bridge_v1_Action& action) {
      action.which_motion = bridge_v1_Action_velocity_tag;
      action.motion.velocity.forward_m_s = forward;
    };
  };
  CHECK(bench.Advance(1, velocity(NAN)).failure.kind == "InvalidInput");
  CHECK(bench.Advance(1, velocity(1e9)).failure.kind == "InvalidInput");
  CHECK(bench.Advance(1, velocity(1), "walker-3").failure.message.find("Did you mean 'walker-1'?") != std::string::npos);
  CHECK(bench.Advance(1, velocity(1), "walker-3").failure.kind == "UnknownBody");
  CHECK(bench.Advance(1, velocity(1), "crate-1").failure.kind == "InvalidAction");
  CHECK(bench.Advance(1, velocity(1), "wall-1").failure.kind == "InvalidAction");
  CHECK(bench.Advance(1, velocity(1), Text("a\nb")).failure.kind == "InvalidInput");
  CHECK(bench.Advance(1, [](bridge_v1_Action& action) { action.which_motion = bridge_v1_Action_joints_tag; }).failure.kind ==
        "InvalidAction");
  const auto grip = [](bridge_v1_Action& action) {
    action.has_gripper = true;
    action.gripper = 1;
  };
  CHECK(bench.Advance(1, grip).failure.kind == "InvalidAction");
  const auto juggle = [&](bridge_v1_Action& action) {
    action.which_motion = bridge_v1_Action_skill_tag;
    bench.Write(action.motion.skill.verb, "juggle");
  };
  CHECK(bench.Advance(1, juggle).failure.message.find("put_down") != std::string::npos);
  CHECK(bench.Ask(StandStill).report.state.moment.tick == 0);
}

TEST_CASE("at a port both halves of the secret are shown, or nothing is heard") {
  ConductorSettings settings;
  settings.secret = Secret();
  Bench bench(settings);
  bench.conductor.Opened(2, false, 0);
  bench.conductor.Opened(3, false, 0);
  bench.conductor.Opened(4, false, 0);
  bench.Feed(2, std::vector<uint8_t>(settings.secret.begin(), settings.secret.begin() + 16));
  bench.Feed(3, std::vector<uint8_t>(16, 0));
  bench.conductor.Pump(1);
  CHECK(bench.mail.sent[2] == std::vector<uint8_t>(settings.secret.begin() + 16, settings.secret.end()));
  CHECK(bench.mail.closed[3]);
  CHECK(bench.mail.sent[3].empty());
  CHECK_FALSE(bench.mail.closed[4]);
  bench.conductor.Pump(11);
  CHECK(bench.mail.closed[4]);  // it kept silent for too long
  bench.mail.sent[2].clear();
  CHECK(bench.Ask(StandStill, 2).failure.kind == "EngineFailed");  // heard, and answered
}

TEST_CASE("one connection commands, others may look") {
  Bench bench;
  bench.Begin();
  bench.conductor.Opened(2, true, 0);
  const Answer refused = bench.Ask([](bridge_v1_Order& order) { order.which_what = bridge_v1_Order_reset_tag; }, 2);
  CHECK(refused.failure.kind == "Refused");
  CHECK(bench.Ask(StandStill, 2).report.has_state);
  bench.conductor.Closed(1);
  CHECK(bench.Ask(StandStill, 2).failure.kind == "EngineFailed");  // with its commander the world is nobody's
  const auto open = [&](bridge_v1_Order& order) {
    order.which_what = bridge_v1_Order_open_tag;
    bench.Write(order.what.open.engine, "unreal");
  };
  CHECK(bench.Ask(open, 2).report.has_engine);
}

TEST_CASE("a look is an answer of its own: pictures, or why there are none") {
  Bench bench;
  bench.Begin();
  const bridge_v1_Seen seen = SeenIn(bench, bench.Ask(Looking(bench, {2})));
  REQUIRE(seen.parts.count == 1);
  bridge_v1_FramePart part = {};
  REQUIRE(Decode(bench.read, BytesOf(*seen.parts.first), bridge_v1_FramePart_fields, &part));
  CHECK(part.is_last);
  CHECK(part.moment.epoch == 7);
  CHECK(part.packing == bridge_v1_Packing_PACKING_RAW);
  const Bytes data = BytesOf(part.data);
  REQUIRE(data.size == 32 * 24 * 4);
  float depth = 0;
  std::memcpy(&depth, data.data + 4 * (12 * 32 + 16), 4);
  CHECK(depth == doctest::Approx(4.5));  // the wall's near face is at x = 11.5 m, the camera at 7 m

  const bridge_v1_Seen unknown = SeenIn(bench, bench.Ask(Looking(bench, {1}, "viev")));
  CHECK(TextOf(unknown.failure.kind) == "UnknownCamera");
  CHECK(std::string(TextOf(unknown.failure.message)).find("Did you mean 'view'?") != std::string::npos);
  CHECK(TextOf(SeenIn(bench, bench.Ask(Looking(bench, {9}))).failure.kind) == "InvalidInput");
  CHECK(TextOf(SeenIn(bench, bench.Ask(Looking(bench, {1, 1}))).failure.kind) == "InvalidInput");
  CHECK(SeenIn(bench, bench.Ask(Looking(bench, {}))).parts.count == 0);
}

TEST_CASE("pictures that come late hold the world still, and those that never come are given up") {
  fake::FakeSettings how;
  how.latency_s = 3600;
  Bench bench({}, how);
  bench.Begin();
  const Answer none = bench.Ask(Looking(bench, {1}));
  CHECK_FALSE(none.is_there);
  CHECK(bench.conductor.IsBusy());
  CHECK_FALSE(bench.conductor.WantsTick());
  bench.now += 100;
  const bridge_v1_Seen late = SeenIn(bench, bench.Wait());
  CHECK(TextOf(late.failure.kind) == "TooLate");
  CHECK(bench.Advance(1).report.state.moment.tick == 1);
}

TEST_CASE("who leaves while pictures are made is not waited for") {
  fake::FakeSettings how;
  how.latency_s = 3600;
  Bench bench({}, how);
  bench.Begin();
  bench.Ask(Looking(bench, {1}));
  bench.conductor.Closed(1);
  CHECK_FALSE(bench.conductor.IsBusy());
  bench.conductor.Opened(1, true, 0);
  CHECK(bench.Open().report.has_engine);
}

TEST_CASE("a puppet stands where it is put, at another engine's tick, and does not move by itself") {
  Bench bench;
  bench.Open();
  for (const auto& piece : bench.Pieces()) bench.Build(piece);
  const auto put = [&](std::vector<const char*> names, std::vector<int32_t> rows, double x, uint64_t version) {
    return [&bench, names, rows, x, version](bridge_v1_Order& order) {
      order.which_what = bridge_v1_Order_set_poses_tag;
      bridge_v1_SetPoses& message = order.what.set_poses;
      message.tick = 41;
      message.time_s = 0.82;
      message.names_version = version;
      for (const char* name : names) bench.Write(message.names, name);
      const uint32_t count = static_cast<uint32_t>(rows.empty() ? names.size() : rows.size());
      if (!rows.empty()) {
        message.has_rows = true;
        message.rows = bench.Tensor(rows, {count});
      }
      std::vector<double> poses;
      for (uint32_t row = 0; row < count; ++row) poses.insert(poses.end(), {x, 5, -1000, 1, 0, 0, 0});
      message.has_poses = true;
      message.poses = bench.Tensor(poses, {count, 7});
    };
  };
  const Answer shown = bench.Ask(put({"walker-1", "wall-1"}, {}, 3, 9));
  CHECK(shown.failure.message == "");
  CHECK(shown.report.state.moment.tick == 41);
  CHECK(shown.report.state.moment.time_s == 0.82);
  CHECK(bench.PoseOf(shown, "walker-1")[0] == 3);
  CHECK(bench.PoseOf(bench.Ask(put({}, {0}, 4, 9)), "walker-1")[0] == 4);
  CHECK(bench.Ask(put({}, {2}, 4, 9)).failure.kind == "InvalidInput");
  CHECK(bench.Ask(put({}, {0}, 4, 8)).failure.kind == "InvalidInput");
  CHECK(bench.Ask(put({"walker-1", "nobody"}, {}, 9, 0)).failure.kind == "UnknownBody");
  CHECK(bench.PoseOf(bench.Ask(StandStill), "walker-1")[0] == 4);
  CHECK(bench.Advance(1).failure.kind == "Refused");
  CHECK_FALSE(bench.conductor.WantsTick());
  bench.Reset();
  CHECK(bench.Advance(1).report.state.moment.tick == 1);
}

TEST_CASE("in real time the world goes on by itself") {
  ConductorSettings settings;
  settings.pace = Pace::real_time;
  Bench bench(settings);
  bench.Begin();
  CHECK(bench.conductor.WantsTick());
  bench.conductor.TickBegins();
  bench.conductor.TickEnds();
  CHECK(bench.conductor.tick() > 0);
}
