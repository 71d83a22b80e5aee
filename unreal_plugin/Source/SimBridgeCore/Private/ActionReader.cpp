// Actions read and refused.
#include "ActionReader.h"

#include <algorithm>

#include "Fields.h"

namespace simbridge {
namespace {

constexpr double kFastest = 1000;
constexpr Text kVerbs[] = {"pick_up", "put_down", "sit", "stand", "ride", "dismount", "open", "close", "wait"};

bool ReadNumbers(const double (&values)[3], const double (&least)[3], double most, const char* const (&fields)[3],
                 AgentAction& action, Failure& failure) {
  for (size_t index = 0; index < 3; ++index) {
    if (!CheckNumber(values[index], least[index], most, failure)) return Under(failure, fields[index]);
    action.numbers[index] = values[index];
  }
  return true;
}

bool ReadMotion(const bridge_v1_Action& message, AgentAction& action, Failure& failure) {
  switch (message.which_motion) {
    case 0: return true;
    case bridge_v1_Action_velocity_tag: {
      const bridge_v1_Velocity& velocity = message.motion.velocity;
      action.motion = Motion::velocity;
      return ReadNumbers({velocity.forward_m_s, velocity.left_m_s, velocity.yaw_rate_rad_s},
                         {-kFastest, -kFastest, -kFastest}, kFastest,
                         {".velocity.forward_m_s", ".velocity.left_m_s", ".velocity.yaw_rate_rad_s"}, action, failure);
    }
    case bridge_v1_Action_drive_tag: {
      const bridge_v1_Drive& drive = message.motion.drive;
      action.motion = Motion::drive;
      return ReadNumbers({drive.throttle, drive.steer, drive.brake}, {-1, -1, 0}, 1,
                         {".drive.throttle", ".drive.steer", ".drive.brake"}, action, failure);
    }
    case bridge_v1_Action_skill_tag: {
      action.motion = Motion::skill;
      action.verb = TextOf(message.motion.skill.verb);
      action.target = TextOf(message.motion.skill.target);
      action.text = TextOf(message.motion.skill.text);
      const bool is_known = std::find(std::begin(kVerbs), std::end(kVerbs), action.verb) != std::end(kVerbs);
      if (!is_known) {
        return failure.Set("InvalidAction", ".skill.verb is '" + std::string(action.verb.substr(0, 40)) +
                                                "'; expected one of " +
                                                Listed(View<Text>(kVerbs, std::size(kVerbs))) + ".");
      }
      if (!CheckText(action.target, failure, kMostNameBytes)) return Under(failure, ".skill.target");
      if (!CheckText(action.text, failure)) return Under(failure, ".skill.text");
      return true;
    }
    default:
      return failure.Set("InvalidAction",
                         " commands joints, and this body has none. Send velocity, drive or a skill.");
  }
}

}  // namespace

bool ReadActions(Arena& arena, const sb_list_t& entries, const Roster& roster, std::vector<AgentAction>& actions,
                 Failure& failure) {
  actions.clear();
  actions.reserve(entries.count);
  for (const sb_node_t* node = entries.first; node != nullptr; node = node->next) {
    bridge_v1_Advance_ActionsEntry entry = {};
    if (!Decode(arena, BytesOf(*node), bridge_v1_Advance_ActionsEntry_fields, &entry)) {
      return failure.Set("DamagedData", "actions[" + std::to_string(actions.size()) + "] is no action of an agent.");
    }
    AgentAction action;
    action.agent = TextOf(entry.key);
    if (!CheckName(action.agent, failure)) return Under(failure, "actions: an agent's name");
    const std::string name(action.agent);
    const RosterEntry* body = roster.Present(name);
    const bool moves = body != nullptr && body->kind == EntryKind::thing && body->moves();
    if (!moves && body != nullptr) {
      return failure.Set("InvalidAction",
                         "'" + name + "' does not move by itself. Send actions to agents, walkers or vehicles.");
    }
    if (!moves) {
      return failure.Set("UnknownBody", roster.Unknown("body", name, [](const RosterEntry& known) {
        return known.moves() && known.role != Role::free;
      }));
    }
    if (body->role == Role::free) {
      return failure.Set("InvalidAction",
                         "'" + name + "' does not move by itself. Send actions to agents, walkers or vehicles.");
    }
    const std::string path = "actions['" + name + "']";
    if (!ReadMotion(entry.value, action, failure)) return Under(failure, path);
    if (entry.value.has_gripper) {
      return failure.Set("InvalidAction", path + ".gripper is set, and '" + name +
                                              "' has no gripper. Leave it out, or use pick_up.");
    }
    if (!CheckText(TextOf(entry.value.say), failure)) return Under(failure, path + ".say");
    actions.push_back(action);
  }
  std::stable_sort(actions.begin(), actions.end(),
                   [](const AgentAction& one, const AgentAction& other) { return one.agent < other.agent; });
  // Of a key that comes twice the last one counts, as everywhere in protobuf.
  size_t kept = 0;
  for (size_t index = 0; index < actions.size(); ++index) {
    if (kept > 0 && actions[kept - 1].agent == actions[index].agent) --kept;
    actions[kept++] = actions[index];
  }
  actions.resize(kept);
  return true;
}

}  // namespace simbridge
