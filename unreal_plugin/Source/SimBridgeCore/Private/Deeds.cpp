// Skills carried out, or refused with the reason: what is in reach, free and light enough.
#include "Doers.h"

namespace simbridge {
namespace {

constexpr double kBoard_m = 3.0, kStrongest_kg = 40.0, kSeat_m = 0.45, kUneven_m = 0.4;
constexpr size_t kHands = 2;

bool IsSeat(Text kind) { return kind == "bench" || kind == "chair"; }

}  // namespace

bool Doings::Inside::PickUp(Doer& doer) {
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

double Doings::Inside::Held_m(const Doer& doer, size_t count) const {
  double height = 0;
  for (size_t held = 0; held < count; ++held) {
    ThingFacts facts;
    if (world.Facts(doer.shown.holding[held], facts)) height += facts.size_m.z;
  }
  return height;
}

bool Doings::Inside::PutDown(Doer& doer) {
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

bool Doings::Inside::Ride(Doer& doer) {
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

bool Doings::Inside::Dismount(Doer& doer) {
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

bool Doings::Inside::StepOff(Text name, const WalkerSize& walker, const ThingFacts& thing, Pose& place) const {
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

bool Doings::Inside::CanStand(const Vec3& spot, const WalkerSize& walker, Text without, double& level) const {
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

bool Doings::Inside::Sit(Doer& doer) {
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

bool Doings::Inside::Stand(Doer& doer) {
  if (doer.seat.empty()) return Refuse(doer, doer.shown.name + " does not sit.");
  doer.seat.clear();
  world.Detach(doer.shown.name, doer.stood_at);
  return true;
}

bool Doings::Inside::OpenOrClose(Doer& doer, bool is_open) {
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

void Doings::Inside::Do(Doer& doer) {
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

}  // namespace simbridge
