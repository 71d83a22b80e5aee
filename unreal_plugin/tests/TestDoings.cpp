// What agents do: walk, take, ride, sit, open; and why not.
#include "Bench.h"

using namespace simbridge;
using namespace simbridge::tests;

namespace {

std::function<void(bridge_v1_Action&)> Skill(Bench& bench, const char* verb, const char* target = "") {
  return [&bench, verb, target](bridge_v1_Action& action) {
    action.which_motion = bridge_v1_Action_skill_tag;
    bench.Write(action.motion.skill.verb, verb);
    bench.Write(action.motion.skill.target, target);
  };
}

std::function<void(bridge_v1_Action&)> Velocity(double forward, double left = 0, double rate = 0) {
  return [=](bridge_v1_Action& action) {
    action.which_motion = bridge_v1_Action_velocity_tag;
    action.motion.velocity = {forward, left, rate};
  };
}

/// The failure that a skill ends with after two seconds.
std::string Done(Bench& bench, const char* verb, const char* target = "", const char* who = "walker-1") {
  const Answer answer = bench.Advance(100, Skill(bench, verb, target), who);
  CHECK(answer.failure.message == "");
  const bridge_v1_AgentState agent = bench.AgentOf(answer, who);
  CHECK(TextOf(agent.doing) == (std::string(verb) == "sit" && TextOf(agent.failure).empty() ? "sit" : ""));
  return std::string(TextOf(agent.failure));
}

void Move(Bench& bench, const char* name, double x, double y) {
  CHECK(!bench.Edit({[&](bridge_v1_Change& change) {
          change.which_what = bridge_v1_Change_move_tag;
          bench.Write(change.what.move.name, name);
          change.what.move.has_pose = true;
          change.what.move.pose = bench.PoseAt(x, y, 1);
        }}).failure);
}

}  // namespace

TEST_CASE("what is picked up is carried, and stays where it is put down") {
  Bench bench;
  bench.Begin();
  const Answer doing = bench.Advance(1, Skill(bench, "pick_up", "crate-1"));
  CHECK(TextOf(bench.AgentOf(doing, "walker-1").doing) == "pick_up");
  CHECK(Done(bench, "pick_up", "crate-1") == "");
  Answer answer = bench.Advance(100, Velocity(-1));
  CHECK(TextOf(*bench.AgentOf(answer, "walker-1").holding.first) == "crate-1");
  CHECK(bench.PoseOf(answer, "walker-1")[0] < -1.5);
  CHECK(std::fabs(bench.PoseOf(answer, "crate-1")[0] - bench.PoseOf(answer, "walker-1")[0]) < 0.6);
  CHECK(bench.PoseOf(answer, "crate-1")[2] > 1.5);
  bench.Advance(50, [](bridge_v1_Action&) {});
  CHECK(Done(bench, "put_down") == "");
  CHECK(bench.PoseOf(bench.Advance(1), "crate-1")[2] == doctest::Approx(1.0));
  CHECK(Done(bench, "put_down", "crate-2") == "walker-1 holds nothing.");
}

TEST_CASE("what is out of reach, taken or too heavy stays where it is") {
  Bench bench;
  bench.Begin();
  CHECK(Done(bench, "pick_up", "no-such-thing").find("'no-such-thing'") != std::string::npos);
  CHECK(Done(bench, "pick_up", "cart-1").find("cannot be carried") != std::string::npos);
  Move(bench, "crate-1", 5, 0);
  CHECK(Done(bench, "pick_up", "crate-1").find("m from walker-1, who reaches 1.5 m") != std::string::npos);
  CHECK(Done(bench, "pick_up").find("Nothing is within 1.5 m") != std::string::npos);
  Move(bench, "crate-1", 0.5, 7.5);
  Move(bench, "walker-1", 0, 7);
  CHECK(Done(bench, "pick_up", "crate-1", "walker-2") == "");
  CHECK(Done(bench, "pick_up", "crate-1") == "crate-1 is held by walker-2.");
  const Answer refused = bench.Edit({[&](bridge_v1_Change& change) {
    change.which_what = bridge_v1_Change_remove_tag;
    bench.Write(change.what.remove.name, "crate-1");
  }});
  CHECK(refused.failure.message.find("in use by 'walker-2'") != std::string::npos);
}

TEST_CASE("who rides goes where the vehicle goes, and steps off beside it") {
  Bench bench;
  bench.Begin();
  Move(bench, "walker-1", -10, -8.5);
  CHECK(Done(bench, "ride", "cart-1") == "");
  const auto drive = [](bridge_v1_Action& action) {
    action.which_motion = bridge_v1_Action_drive_tag;
    action.motion.drive = {1, 0, 0};
  };
  Answer answer = bench.Advance(100, drive);
  CHECK(TextOf(bench.AgentOf(answer, "walker-1").riding) == "cart-1");
  const double x = bench.PoseOf(answer, "cart-1")[0];
  CHECK(x > -5);
  CHECK(std::fabs(bench.PoseOf(answer, "walker-1")[0] - x) < 1);
  CHECK(Done(bench, "ride", "cart-1", "walker-2").find("ridden by walker-1") != std::string::npos);
  bench.Advance(1, drive);
  CHECK(bench.Advance(51, Skill(bench, "dismount")).failure.message == "");  // it stops first: the skill lets go of the pedals
  answer = bench.Advance(150, [](bridge_v1_Action&) {});
  CHECK(Done(bench, "dismount") == (TextOf(bench.AgentOf(answer, "walker-1").riding).empty() ? "walker-1 rides nothing." : ""));
  answer = bench.Advance(1);
  CHECK(TextOf(bench.AgentOf(answer, "walker-1").riding).empty());
  const double apart = std::fabs(bench.PoseOf(answer, "walker-1")[1] - bench.PoseOf(answer, "cart-1")[1]);
  CHECK(apart > 0.9);
  CHECK(apart < 2);
}

TEST_CASE("driving on foot fails, and so does walking while seated") {
  Bench bench;
  bench.Begin();
  const auto drive = [](bridge_v1_Action& action) {
    action.which_motion = bridge_v1_Action_drive_tag;
    action.motion.drive = {1, 0, 0};
  };
  CHECK(std::string(TextOf(bench.AgentOf(bench.Advance(1, drive), "walker-1").failure)).find("is on foot") != std::string::npos);
  CHECK(Done(bench, "sit", "bench-1", "walker-2") == "");
  const Answer answer = bench.Advance(20, Velocity(1), "walker-2");
  CHECK(std::string(TextOf(bench.AgentOf(answer, "walker-2").failure)).find("Stand up first") != std::string::npos);
  CHECK(bench.PoseOf(answer, "walker-2")[1] == doctest::Approx(9));
  CHECK(Done(bench, "stand", "", "walker-2") == "");
  CHECK(bench.PoseOf(bench.Advance(1), "walker-2")[1] == doctest::Approx(8));
}

TEST_CASE("a door swings away from who opens it") {
  Bench bench;
  bench.Begin();
  CHECK(Done(bench, "open", "door-1", "walker-2") == "");
  const std::vector<double> open = bench.PoseOf(bench.Advance(100), "door-1");
  CHECK(2 * std::atan2(open[6], open[3]) == doctest::Approx(kDoorWide_rad));
  bench.Advance(1, [](bridge_v1_Action&) {}, "walker-2");  // the same skill again would be the one that is done
  CHECK(Done(bench, "open", "door-1", "walker-2") == "door-1 is open already.");
  CHECK(Done(bench, "close", "door-1", "walker-2") == "");
  CHECK(bench.PoseOf(bench.Advance(100), "door-1")[6] == doctest::Approx(0));
  CHECK(Done(bench, "open", "wall-1", "walker-2").find("does not open") != std::string::npos);
}

TEST_CASE("walls are walls, and pushing against one is felt") {
  Bench bench;
  bench.Begin();
  Move(bench, "crate-1", 0, -5);
  const Answer answer = bench.Advance(900, Velocity(1.5));
  const double x = bench.PoseOf(answer, "walker-1")[0];
  CHECK(x > 11);
  CHECK(x < 11.5);
  REQUIRE(answer.report.state.contacts.names.count == 2);
  CHECK(TextOf(*answer.report.state.contacts.names.first) == "walker-1");
  CHECK(TextOf(*answer.report.state.contacts.names.last) == "wall-1" );
  // Along the wall it slides.
  const Answer slid = bench.Advance(100, Velocity(0.5, 1));
  CHECK(bench.PoseOf(slid, "walker-1")[1] > 1.4);
}

TEST_CASE("a car stops before a wall, and can go back") {
  Bench bench;
  bench.Begin();
  Move(bench, "cart-1", 0, -5);
  const auto drive = [](double throttle) {
    return [throttle](bridge_v1_Action& action) {
      action.which_motion = bridge_v1_Action_drive_tag;
      action.motion.drive = {throttle, 0, 0};
    };
  };
  Answer answer = bench.Advance(400, drive(0.5), "cart-1");
  CHECK(bench.PoseOf(answer, "cart-1")[0] < 9.6);
  CHECK(bench.PoseOf(answer, "cart-1")[0] > 9);
  answer = bench.Advance(200, drive(-0.5), "cart-1");
  CHECK(bench.PoseOf(answer, "cart-1")[0] < 8);
}
