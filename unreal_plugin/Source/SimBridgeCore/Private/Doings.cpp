// Skills told and waited out; Deeds.cpp carries them out.
#include "SimBridge/Doings.h"

#include "Doers.h"

namespace simbridge {
namespace {

struct Duration {
  Text verb;
  double lasts_s;
};
constexpr Duration kDurations[] = {{"pick_up", 0.6},  {"put_down", 0.6}, {"sit", 0.8},  {"stand", 0.8},
                                   {"ride", 1.0},     {"dismount", 1.0}, {"open", 0.4}, {"close", 0.4}};

}  // namespace

Doings::Doings(IDoingWorld& world) : inside_(new Inside(world)) {}
Doings::~Doings() = default;

void Doings::Clear() {
  inside_->doers.clear();
  inside_->index.clear();
}

void Doings::Enrol(Text name) { inside_->Enrolled(name); }

void Doings::Leave(Text name) {
  Inside& inside = *inside_;
  const auto found = inside.index.find(std::string(name));
  if (found == inside.index.end()) return;
  Inside::Doer& doer = inside.doers[found->second];
  for (const std::string& held : doer.shown.holding) {
    ThingFacts facts;
    if (inside.world.Facts(held, facts)) inside.world.Detach(held, facts.pose);
  }
  ThingFacts facts;
  if ((!doer.shown.riding.empty() || !doer.seat.empty()) && inside.world.Facts(name, facts)) {
    inside.world.Detach(name, facts.pose);
  }
  inside.Mount(doer, {});
  inside.doers.erase(inside.doers.begin() + static_cast<std::ptrdiff_t>(found->second));
  inside.index.clear();
  for (size_t row = 0; row < inside.doers.size(); ++row) inside.index.emplace(inside.doers[row].shown.name, row);
}

void Doings::Begin(const AgentAction& action, double tick_s) {
  Inside::Doer& doer = inside_->Enrolled(action.agent);
  if (action.motion == Motion::skill) {
    const bool is_repeated = doer.last_verb == action.verb && doer.last_target == action.target && doer.shown.failure.empty();
    if (is_repeated) return;
    doer.shown.failure.clear();
    inside_->Pass(doer, Order());
    doer.has_motion = false;
    doer.verb.assign(action.verb);
    doer.target.assign(action.target);
    doer.last_verb = doer.verb;
    doer.last_target = doer.target;
    double lasts_s = 0;
    for (const Duration& known : kDurations) {
      if (known.verb == action.verb) lasts_s = known.lasts_s;
    }
    doer.ticks_left = static_cast<int>(std::lround(lasts_s / tick_s));
    return;
  }
  Order order;
  order.motion = action.motion;
  for (int number = 0; number < 3; ++number) order.numbers[number] = action.numbers[number];
  const bool is_same = doer.has_motion && doer.motion.motion == order.motion && doer.motion.numbers[0] == order.numbers[0] &&
                       doer.motion.numbers[1] == order.numbers[1] && doer.motion.numbers[2] == order.numbers[2];
  if (is_same && order.motion != Motion::hold) return;
  doer.verb.clear();
  doer.last_verb.clear();
  doer.shown.failure.clear();
  doer.motion = order;
  doer.has_motion = true;
  inside_->Pass(doer, order);
}

void Doings::Advance() {
  for (size_t row = 0; row < inside_->doers.size(); ++row) {
    Inside::Doer& doer = inside_->doers[row];
    if (doer.verb.empty() || doer.verb == "wait") continue;
    if (--doer.ticks_left <= 0) inside_->Do(doer);
  }
}

void Doings::Fail(Text name, std::string why) {
  Inside::Doer* doer = inside_->Find(name);
  if (doer != nullptr) doer->shown.failure = std::move(why);
}

View<AgentView> Doings::Agents() const {
  std::vector<AgentView>& shown = inside_->shown;
  shown.resize(inside_->doers.size());
  for (size_t row = 0; row < shown.size(); ++row) {
    const Inside::Doer& doer = inside_->doers[row];
    shown[row] = doer.shown;
    shown[row].doing = !doer.verb.empty() ? doer.verb : !doer.seat.empty() ? "sit" : "";
  }
  return shown;
}

Text Doings::RiderOf(Text vehicle) const { return inside_->Rider(vehicle); }
Text Doings::HolderOf(Text thing) const { return inside_->Holder(thing); }

void Doings::Digest(std::string& bytes) const {
  for (const Inside::Doer& doer : inside_->doers) {
    const AgentView& self = doer.shown;
    if (!doer.has_motion && self.riding.empty() && self.holding.empty() && doer.seat.empty() && self.failure.empty() &&
        doer.last_verb.empty()) {
      continue;
    }
    bytes += self.name + ';' + self.riding + ';';
    for (const std::string& held : self.holding) bytes += held + ',';
    bytes += ';' + doer.seat + ';' + doer.verb + ' ' + doer.target + ';' + doer.last_verb + ' ' + doer.last_target + ';';
    bytes += std::to_string(doer.ticks_left) + ';' + self.failure + ';';
    if (doer.has_motion) {
      bytes += std::to_string(static_cast<int>(doer.motion.motion));
      bytes.append(reinterpret_cast<const char*>(doer.motion.numbers), sizeof doer.motion.numbers);
    }
    bytes += '\n';
  }
}

}  // namespace simbridge
