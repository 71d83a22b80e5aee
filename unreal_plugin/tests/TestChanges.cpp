// Batches of changes: all of it, or nothing.
#include "Bench.h"

using namespace simbridge;
using namespace simbridge::tests;

namespace {

using Write = std::function<void(bridge_v1_Change&)>;

Write Spawned(Bench& bench, std::string name, double x = 3, double y = -3, std::string asset = "crate", bool is_agent = false) {
  return [&bench, name, x, y, asset, is_agent](bridge_v1_Change& change) {
    change.which_what = bridge_v1_Change_spawn_tag;
    bench.Write(change.what.spawn.name, name);
    bench.Write(change.what.spawn.asset, asset);
    change.what.spawn.has_pose = true;
    change.what.spawn.pose = bench.PoseAt(x, y, 1);
    change.what.spawn.is_agent = is_agent;
  };
}

Write Moved(Bench& bench, std::string name, double x, double y) {
  return [&bench, name, x, y](bridge_v1_Change& change) {
    change.which_what = bridge_v1_Change_move_tag;
    bench.Write(change.what.move.name, name);
    change.what.move.has_pose = true;
    change.what.move.pose = bench.PoseAt(x, y, 1);
  };
}

Write Removed(Bench& bench, std::string name) {
  return [&bench, name](bridge_v1_Change& change) {
    change.which_what = bridge_v1_Change_remove_tag;
    bench.Write(change.what.remove.name, name);
  };
}

Write Painted(Bench& bench, std::string name, double red) {
  return [&bench, name, red](bridge_v1_Change& change) {
    change.which_what = bridge_v1_Change_paint_tag;
    bench.Write(change.what.paint.name, name);
    change.what.paint.has_color = true;
    change.what.paint.color = {red, 0, 0};
  };
}

bool Has(Bench& bench, const Answer& answer, const char* name) {
  const std::vector<std::string> names = bench.Names(answer);
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

TEST_CASE("what is spawned stands where it was put, in the same tick, and the edit counts") {
  Bench bench;
  bench.Begin();
  const Answer answer = bench.Edit({Spawned(bench, "crate-new")});
  CHECK(bench.PoseOf(answer, "crate-new")[0] == 3);
  CHECK(answer.report.state.moment.tick == 0);
  CHECK(answer.report.state.moment.revision == 1);
  CHECK(bench.Advance(1).report.state.moment.revision == 1);
  CHECK_FALSE(Has(bench, bench.Reset(), "crate-new"));
}

TEST_CASE("one change that cannot be made spoils its batch") {
  Bench bench;
  bench.Begin();
  const uint64_t before = bench.Advance(1).report.state_hash;
  const Answer refused = bench.Edit({Spawned(bench, "crate-new"), Moved(bench, "crate-1", 5, 5), Removed(bench, "crate-2")});
  CHECK(refused.failure.kind == "UnknownBody");
  CHECK(refused.failure.message.find("changes[2].remove: No thing named 'crate-2'. Did you mean 'crate-1'?") == 0);
  const Answer after = bench.Edit({});
  CHECK(after.report.state_hash == before);
  CHECK(after.report.state.moment.revision == 0);
}

TEST_CASE("changes build on those before them in the batch") {
  Bench bench;
  bench.Begin();
  const Answer answer = bench.Edit({Spawned(bench, "a"), Moved(bench, "a", 6, 6), Spawned(bench, "b"), Removed(bench, "b"),
                                    Removed(bench, "crate-1"), Spawned(bench, "crate-1", -4, -4), Painted(bench, "a", 0.5)});
  CHECK(answer.failure.message == "");
  CHECK(bench.PoseOf(answer, "a")[0] == 6);
  CHECK_FALSE(Has(bench, answer, "b"));
  CHECK(bench.PoseOf(answer, "crate-1")[0] == -4);
  CHECK(bench.Edit({Spawned(bench, "c"), Removed(bench, "c"), Moved(bench, "c", 1, 1)}).failure.kind == "UnknownBody");
}

TEST_CASE("names are given once, and a name keeps its kind") {
  Bench bench;
  bench.Begin();
  CHECK(bench.Edit({Spawned(bench, "crate-1")}).failure.kind == "NameTaken");
  CHECK(bench.Edit({Spawned(bench, "x"), Spawned(bench, "x")}).failure.kind == "NameTaken");
  bench.Edit({Removed(bench, "crate-1")});
  CHECK(bench.Edit({Spawned(bench, "crate-1", 3, 3, "cart")}).failure.kind == "InvalidChange");
  CHECK(!bench.Edit({Spawned(bench, "crate-1")}).failure);
}

TEST_CASE("what cannot be is refused by name") {
  Bench bench;
  bench.Begin();
  const struct {
    Write change;
    const char* kind;
  } bad[] = {{Spawned(bench, "a/b"), "InvalidChange"},
             {Spawned(bench, "world"), "InvalidChange"},
             {Spawned(bench, ""), "InvalidInput"},
             {Spawned(bench, "a\tb"), "InvalidInput"},
             {Spawned(bench, "new", 3, 3, "crates"), "UnknownName"},
             {Spawned(bench, "new", 900, 3), "InvalidChange"},
             {Spawned(bench, "new", NAN, 3), "InvalidInput"},
             {Spawned(bench, "new", 3, 3, "crate", true), "InvalidChange"},
             {Moved(bench, "crate-1", 1e9, 0), "OutOfRange"},
             {Painted(bench, "crate-1", 1.5), "InvalidInput"},
             {[](bridge_v1_Change&) {}, "InvalidInput"}};
  for (const auto& one : bad) {
    const Answer answer = bench.Edit({one.change});
    CHECK(answer.failure.kind == one.kind);
    CHECK(answer.failure.message.find("changes[0]") == 0);
  }
}

TEST_CASE("a spawned agent obeys at once, and a reset forgets it") {
  Bench bench;
  bench.Begin();
  for (int round = 0; round < 2; ++round) {
    bench.Edit({Spawned(bench, "walker-new", 0, -8, "walker", true)});
    const auto walk = [](bridge_v1_Action& action) {
      action.which_motion = bridge_v1_Action_velocity_tag;
      action.motion.velocity.forward_m_s = 1;
    };
    const Answer answer = bench.Advance(50, walk, "walker-new");
    CHECK(answer.failure.message == "");
    const double x = bench.PoseOf(answer, "walker-new")[0];
    CHECK(x > 0.6);
    CHECK(x < 1.1);
    bench.Reset();
  }
}

TEST_CASE("weather and sizes have their ranges") {
  Bench bench;
  bench.Begin();
  const auto rain = [&](bridge_v1_Change& change) {
    change.which_what = bridge_v1_Change_weather_tag;
    bench.Write(change.what.weather.weather, "rain");
    change.what.weather.has_wetness = true;
    change.what.weather.wetness = 0.8;
  };
  const uint64_t before = bench.Advance(1).report.state_hash;
  CHECK(bench.Edit({rain}).report.state_hash != before);
  CHECK(bench.Edit({[](bridge_v1_Change& change) {
          change.which_what = bridge_v1_Change_weather_tag;
          change.what.weather.has_wetness = true;
          change.what.weather.wetness = 7;
        }}).failure.message.find(".weather.wetness is 7") != std::string::npos);
  const auto resize = [&](double scale) {
    return [&bench, scale](bridge_v1_Change& change) {
      change.which_what = bridge_v1_Change_resize_tag;
      bench.Write(change.what.resize.name, "crate-1");
      change.what.resize.has_scale = true;
      change.what.resize.scale = {scale, 1, 1};
    };
  };
  CHECK(bench.Edit({resize(0)}).failure.kind == "InvalidInput");
  CHECK(!bench.Edit({resize(2)}).failure);
}

TEST_CASE("ten thousand spawns are one batch, and one more is too many") {
  Bench bench;
  bench.Begin();
  std::vector<Write> changes;
  for (int index = 0; index < 10000; ++index) {
    changes.push_back(Spawned(bench, "c" + std::to_string(index), index % 60 - 30, index / 200 - 25));
  }
  const Answer answer = bench.Edit(changes);
  CHECK(answer.failure.message == "");
  CHECK(answer.report.state.names.count == 10005);
  changes.push_back(Spawned(bench, "one-more"));
  CHECK(bench.Edit(changes).failure.kind == "InvalidChange");
}
