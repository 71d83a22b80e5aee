// Skills told, waited out, carried out or refused with the reason.
#include "SimBridge/Doings.h"

#include <cmath>
#include <cstdio>
#include <unordered_map>

#include "SimBridge/Geometry.h"

namespace simbridge {
namespace {

constexpr double kReach_m = 1.5, kBoard_m = 3.0, kStrongest_kg = 40.0, kSeat_m = 0.45, kUneven_m = 0.4;
constexpr size_t kHands = 2;

struct Duration {
  Text verb;
  double lasts_s;
};
constexpr Duration kDurations[] = {{"pick_up", 0.6},  {"put_down", 0.6}, {"sit", 0.8},  {"stand", 0.8},
                                   {"ride", 1.0},     {"dismount", 1.0}, {"open", 0.4}, {"close", 0.4}};

bool IsSeat(Text kind) { return kind == "bench" || kind == "chair"; }

std::string Quoted(Text name) { return std::string(name); }

std::string Number(const char* format, double value) {
  char room[40];
  std::snprintf(room, sizeof room, format, value);
  return room;
}

/// How far a point is from a box of extents `size` that stands on `pose`, seen from above.
double Gap_m(const Vec3& point, const Pose& pose, const Vec3& size) {
  const Vec3 local = Into(pose, point);
  return std::hypot(std::fmax(std::fabs(local.x) - size.x / 2, 0), std::fmax(std::fabs(local.y) - size.y / 2, 0));
}

}  // namespace

struct Doings::Inside {
  struct Doer {
    AgentView shown;
    std::string seat, last_verb, last_target, verb, target;
    Pose stood_at;
    Order motion;
    bool has_motion = false;
    int ticks_left = 0;
  };

  explicit Inside(IDoingWorld& what) : world(what) {}

  IDoingWorld& world;
  std::vector<Doer> doers;
  std::unordered_map<std::string, size_t> index;
  mutable std::vector<AgentView> shown;

  Doer* Find(Text name) {
    const auto found = index.find(std::string(name));
    return found == index.end() ? nullptr : &doers[found->second];
  }

  Doer& Enrolled(Text name) {
    Doer* found = Find(name);
    if (found != nullptr) return *found;
    index.emplace(std::string(name), doers.size());
    doers.emplace_back();
    doers.back().shown.name.assign(name);
    return doers.back();
  }

  Text Holder(Text thing) const {
    for (const Doer& doer : doers) {
      for (const std::string& held : doer.shown.holding) {
        if (held == thing) return doer.shown.name;
      }
    }
    return {};
  }

  Text Rider(Text vehicle) const {
    for (const Doer& doer : doers) {
      if (!vehicle.empty() && doer.shown.riding == vehicle) return doer.shown.name;
    }
    return {};
  }

  /// Passes an order on to whoever's body or vehicle carries it out.
  void Pass(Doer& doer, Order order) {
    const Text name = doer.shown.name;
    const Text rider = Rider(name);
    if (order.motion != Motion::hold) {
      ThingFacts facts;
      const bool is_walker = world.Facts(name, facts) && facts.role == Role::walker;
      if (!doer.seat.empty()) {
        doer.shown.failure = Quoted(name) + " sits on " + doer.seat + ". Stand up first.";
      } else if (order.motion == Motion::drive && doer.shown.riding.empty() && is_walker) {
        doer.shown.failure = Quoted(name) + " is on foot. Ride something before driving, or send a Velocity.";
      } else if (!rider.empty()) {
        doer.shown.failure =
            Quoted(name) + " is ridden by " + Quoted(rider) + ", who steers. Send the action to " + Quoted(rider) + ".";
      }
      if (!doer.shown.failure.empty()) order = Order();
    }
    if (rider.empty()) world.Tell(doer.shown.riding.empty() ? name : Text(doer.shown.riding), order);
  }

  void Mount(Doer& doer, Text vehicle) {
    for (Text name : {Text(doer.shown.riding), vehicle}) {
      if (name.empty()) continue;
      world.Tell(name, Order());
      if (Doer* body = Find(name)) body->has_motion = false;
    }
    doer.shown.riding.assign(vehicle);
  }

  // --- why not ---------------------------------------------------------------------------------------------------

  static bool Refuse(Doer& doer, std::string why) {
    doer.shown.failure = std::move(why);
    return false;
  }

  bool HasHands(Doer& doer, ThingFacts& facts) {
    world.Facts(doer.shown.name, facts);
    if (facts.semantic == "person" || facts.semantic == "robot") return true;
    return Refuse(doer, doer.shown.name + " has no hands.");
  }

  bool HasFeet(Doer& doer, ThingFacts& facts) {
    if (!HasHands(doer, facts)) return false;
    if (!doer.shown.riding.empty()) {
      return Refuse(doer, doer.shown.name + " rides " + doer.shown.riding + " already. Dismount first.");
    }
    if (!doer.seat.empty()) return Refuse(doer, doer.shown.name + " sits on " + doer.seat + " already. Stand up first.");
    return true;
  }

  bool InReach(Doer& doer, Text name, const ThingFacts& thing, const Vec3& from, double reach_m) {
    const double gap = Gap_m(from, thing.pose, thing.size_m);
    if (gap <= reach_m && std::fabs(from.z - thing.pose.position.z) <= 2.0) return true;
    return Refuse(doer, Quoted(name) + " is " + Number("%.1f", gap) + " m from " + doer.shown.name + ", who reaches " +
                            Number("%g", reach_m) + " m. Go there first.");
  }

  /// The nearest thing of some names that nobody has; empty with the reason.
  std::string Nearest(Doer& doer, const std::vector<Text>& names, const Vec3& from, bool must_be_free) {
    double least = HUGE_VAL;
    Text nearest;
    for (Text name : names) {
      ThingFacts facts;
      if (!world.Facts(name, facts)) continue;
      if (must_be_free && (!Holder(name).empty() || !Rider(name).empty())) continue;
      const double gap = Gap_m(from, facts.pose, facts.size_m);
      if (gap < least || (gap == least && name < nearest)) {
        least = gap;
        nearest = name;
      }
    }
    if (least <= kReach_m) return std::string(nearest);
    Refuse(doer, "Nothing is within " + Number("%g", kReach_m) + " m of " + doer.shown.name + ". Go there first.");
    return {};
  }

  bool Known(Doer& doer, Text name, const char* what, ThingFacts& facts) {
    if (world.Facts(name, facts)) return true;
    return Refuse(doer, "There is no '" + Quoted(name) + "' " + what + ". Name something that is here.");
  }

  // --- the doings ------------------------------------------------------------------------------------------------

  bool PickUp(Doer& doer) {
    ThingFacts self, thing;
    if (!HasHands(doer, self)) return false;
    std::string name = doer.target;
    if (name.empty()) name = Nearest(doer, world.NamesOf(Role::free, {}), self.pose.position, true);
    if (name.empty() || !Known(doer, name, "to pick up", thing)) return false;
    if (thing.role != Role::free) {
      return Refuse(doer, name + " is a " + Quoted(thing.kind) + ", which cannot be carried.");
    }
    const Text holder = Holder(name);
    if (holder == doer.shown.name) return Refuse(doer, doer.shown.name + " holds " + name + " already.");
    if (!holder.empty()) return Refuse(doer, name + " is held by " + Quoted(holder) + ".");
    if (doer.shown.holding.size() >= kHands) {
      return Refuse(doer, doer.shown.name + " has both hands full with " + doer.shown.holding[0] + " and " +
                              doer.shown.holding[1] + ".");
    }
    if (thing.mass_kg > kStrongest_kg) {
      return Refuse(doer, name + " weighs " + Number("%.0f", thing.mass_kg) + " kg; " + doer.shown.name + " lifts " +
                              Number("%.0f", kStrongest_kg) + " kg.");
    }
    if (!InReach(doer, name, thing, self.pose.position, kReach_m)) return false;
    const double lift = 0.5 * self.walker.height_m + Held_m(doer, doer.shown.holding.size());
    doer.shown.holding.push_back(name);
    world.Attach(name, doer.shown.name, {{self.walker.radius_m + 0.5 * thing.size_m.x + 0.05, 0, lift}, Quat()});
    return true;
  }

  /// How high the first so many things that somebody holds are together.
  double Held_m(const Doer& doer, size_t count) const {
    double height = 0;
    for (size_t held = 0; held < count; ++held) {
      ThingFacts facts;
      if (world.Facts(doer.shown.holding[held], facts)) height += facts.size_m.z;
    }
    return height;
  }

  bool PutDown(Doer& doer) {
    AgentView& self = doer.shown;
    if (self.holding.empty()) return Refuse(doer, self.name + " holds nothing.");
    const std::string name = doer.target.empty() ? self.holding.back() : doer.target;
    size_t place = 0;
    while (place < self.holding.size() && self.holding[place] != name) ++place;
    if (place == self.holding.size()) {
      return Refuse(doer, self.name + " does not hold " + name + ", but " + self.holding[0] +
                              (self.holding.size() > 1 ? " and " + self.holding[1] : "") + ".");
    }
    ThingFacts facts, thing;
    world.Facts(self.name, facts);
    world.Facts(name, thing);
    if (!self.riding.empty()) {
      return Refuse(doer, self.name + " rides " + self.riding + ". Dismount before putting " + name + " down.");
    }
    const double yaw = YawOf(facts.pose.rotation), away = facts.walker.radius_m + 0.5 * thing.size_m.x + 0.15;
    const Vec3 ahead{std::cos(yaw), std::sin(yaw), 0}, chest{0, 0, 0.7 * facts.walker.height_m};
    const Vec3 spot = facts.pose.position + ahead * away, edge = spot + ahead * (0.5 * thing.size_m.x);
    if (!world.IsClear(facts.pose.position + chest, edge + chest, self.name)) {
      return Refuse(doer, "There is no room for " + name + " in front of " + self.name + ".");
    }
    const double level = world.SurfaceBelow_m(spot + chest, self.name);
    if (!(level >= facts.pose.position.z - 1.0)) {
      return Refuse(doer, "There is nothing in front of " + self.name + " to put " + name + " on.");
    }
    self.holding.erase(self.holding.begin() + static_cast<std::ptrdiff_t>(place));
    world.Detach(name, {{spot.x, spot.y, level}, FromYaw(yaw)});
    for (size_t held = 0; held < self.holding.size(); ++held) {
      ThingFacts other;
      world.Facts(self.holding[held], other);
      world.Attach(self.holding[held], self.name,
                   {{facts.walker.radius_m + 0.5 * other.size_m.x + 0.05, 0,
                     0.5 * facts.walker.height_m + Held_m(doer, held)},
                    Quat()});
    }
    return true;
  }

  bool Ride(Doer& doer) {
    ThingFacts self, thing;
    if (!HasFeet(doer, self)) return false;
    std::string name = doer.target;
    if (name.empty()) {
      std::vector<Text> names = world.NamesOf(Role::wheels, {});
      for (Text boat : world.NamesOf(Role::boat, {})) names.push_back(boat);
      name = Nearest(doer, names, self.pose.position, true);
    }
    if (name.empty() || !Known(doer, name, "to ride", thing)) return false;
    if (thing.role != Role::wheels && thing.role != Role::boat) {
      return Refuse(doer, name + " is a " + Quoted(thing.kind) + ", which cannot be ridden.");
    }
    const Text rider = Rider(name);
    if (!rider.empty()) return Refuse(doer, name + " is ridden by " + Quoted(rider) + ".");
    if (!InReach(doer, name, thing, self.pose.position, thing.role == Role::boat ? kBoard_m : kReach_m)) return false;
    double x = -0.12 * thing.size_m.x, z = 0.12;
    if (thing.semantic == "vehicle") x = 0, z = thing.size_m.z - 0.1 - self.walker.height_m;
    if (thing.semantic == "boat") x = -0.15 * thing.size_m.x, z = 0.1;
    if (thing.semantic == "scooter") x = -0.22, z = 0.09;
    if (thing.semantic == "bicycle") x = -0.21, z = 0.2;
    Mount(doer, name);
    world.Attach(doer.shown.name, name, {{x, 0, std::fmin(z, 0.3)}, Quat()});
    return true;
  }

  bool Dismount(Doer& doer) {
    AgentView& self = doer.shown;
    if (self.riding.empty()) return Refuse(doer, self.name + " rides nothing.");
    if (!doer.target.empty() && doer.target != self.riding) {
      return Refuse(doer, self.name + " rides " + self.riding + ", not " + doer.target + ".");
    }
    ThingFacts facts, thing;
    world.Facts(self.name, facts);
    world.Facts(self.riding, thing);
    if (thing.speed_m_s > 1.0) {
      return Refuse(doer, self.riding + " goes " + Number("%.1f", thing.speed_m_s) + " m/s. Stop before stepping off.");
    }
    Pose place;
    if (!StepOff(self.name, facts.walker, thing, place)) {
      return Refuse(doer, "There is no free, dry place to step off " + self.riding + ".");
    }
    Mount(doer, {});
    world.Detach(self.name, place);
    return true;
  }

  /// Beside a vehicle: left, right, behind, ahead and at the corners, the first place with room and dry ground.
  bool StepOff(Text name, const WalkerSize& walker, const ThingFacts& thing, Pose& place) const {
    static constexpr double kSpots[8][2] = {{0, 1},    {0, -1},  {-1, 0},    {1, 0},
                                            {-0.6, 1}, {0.6, 1}, {-0.6, -1}, {0.6, -1}};
    static constexpr double kWheels[] = {0.15}, kBoat[] = {0.15, 0.8, 1.5, 2.2};
    const bool is_boat = thing.role == Role::boat;
    const double yaw = YawOf(thing.pose.rotation);
    for (double further : View<double>(is_boat ? kBoat : kWheels, is_boat ? 4 : 1)) {
      for (const double(&spot)[2] : kSpots) {
        const Vec3 local{spot[0] * (0.5 * thing.size_m.x + walker.radius_m + further),
                         spot[1] * (0.5 * thing.size_m.y + walker.radius_m + further), 0};
        const Vec3 at = thing.pose.position + Rotate(FromYaw(yaw), local);
        double level = 0;
        if (!CanStand(at, walker, name, level)) continue;
        place = {{at.x, at.y, level}, FromYaw(yaw)};
        return true;
      }
    }
    return false;
  }

  bool CanStand(const Vec3& spot, const WalkerSize& walker, Text without, double& level) const {
    level = world.SurfaceBelow_m({spot.x, spot.y, spot.z + walker.height_m}, without);
    if (!std::isfinite(level) || std::fabs(level - spot.z) > 1.5) return false;
    if (level < world.WaterLevel_m(spot.x, spot.y) - 0.3) return false;
    static constexpr double kRing[4][2] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    for (const double(&step)[2] : kRing) {
      const double near = world.SurfaceBelow_m({spot.x + step[0] * walker.radius_m, spot.y + step[1] * walker.radius_m,
                                                level + walker.height_m},
                                               without);
      if (!(std::fabs(near - level) <= kUneven_m)) return false;
    }
    return true;
  }

  bool Sit(Doer& doer) {
    ThingFacts self, thing;
    if (!HasFeet(doer, self)) return false;
    std::string name = doer.target;
    if (name.empty()) {
      std::vector<Text> seats = world.NamesOf(Role::fixed, "bench");
      for (Text kind : {Text("chair"), Text("bench")}) {
        for (Role role : {Role::fixed, Role::free}) {
          if (kind == "bench" && role == Role::fixed) continue;
          for (Text seat : world.NamesOf(role, kind)) seats.push_back(seat);
        }
      }
      if (seats.empty()) return Refuse(doer, "There is nothing here to sit on.");
      name = Nearest(doer, seats, self.pose.position, false);
    }
    if (name.empty() || !Known(doer, name, "to sit on", thing)) return false;
    if (!IsSeat(thing.kind)) return Refuse(doer, name + " is a " + Quoted(thing.kind) + ", which is not for sitting.");
    for (const Doer& other : doers) {
      if (other.seat == name) return Refuse(doer, name + " is taken by " + other.shown.name + ".");
    }
    if (!InReach(doer, name, thing, self.pose.position, kReach_m)) return false;
    doer.seat = name;
    doer.stood_at = self.pose;
    const Vec3& at = thing.pose.position;
    world.Attach(doer.shown.name, {},
                 {{at.x, at.y, at.z + kSeat_m - 0.5 * self.walker.height_m}, FromYaw(YawOf(thing.pose.rotation))});
    return true;
  }

  bool Stand(Doer& doer) {
    if (doer.seat.empty()) return Refuse(doer, doer.shown.name + " does not sit.");
    doer.seat.clear();
    world.Detach(doer.shown.name, doer.stood_at);
    return true;
  }

  bool OpenOrClose(Doer& doer, bool is_open) {
    const std::string verb = is_open ? "open" : "close";
    ThingFacts self, door;
    if (!HasHands(doer, self)) return false;
    std::string name = doer.target;
    if (name.empty()) {
      std::vector<Text> doors;
      for (Text one : world.NamesOf(Role::door, {})) {
        ThingFacts facts;
        if (world.Facts(one, facts) && facts.is_open != is_open) doors.push_back(one);
      }
      if (doors.empty()) return Refuse(doer, "There is no door here to " + verb + ".");
      name = Nearest(doer, doors, self.pose.position, false);
    }
    if (name.empty() || !Known(doer, name, is_open ? "to open" : "to close", door)) return false;
    if (door.is_part) {
      return Refuse(doer, "The doors of " + name + " are part of its wall and do not " + verb + ".");
    }
    if (door.role != Role::door) return Refuse(doer, name + " is a " + Quoted(door.kind) + ", which does not " + verb + ".");
    if (door.is_open == is_open) return Refuse(doer, name + " is " + (is_open ? "open" : "closed") + " already.");
    if (!InReach(doer, name, door, self.pose.position, kReach_m)) return false;
    const bool is_ahead = Into(door.pose, self.pose.position).x > 0;
    world.SwingDoor(name, !is_open ? 0.0 : is_ahead ? -kDoorWide_rad : kDoorWide_rad);
    return true;
  }

  void Do(Doer& doer) {
    const std::string verb = doer.verb;
    doer.verb.clear();
    if (verb == "pick_up") PickUp(doer);
    if (verb == "put_down") PutDown(doer);
    if (verb == "ride") Ride(doer);
    if (verb == "dismount") Dismount(doer);
    if (verb == "sit") Sit(doer);
    if (verb == "stand") Stand(doer);
    if (verb == "open") OpenOrClose(doer, true);
    if (verb == "close") OpenOrClose(doer, false);
  }
};

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
