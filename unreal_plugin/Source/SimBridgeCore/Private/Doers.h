// Who acts, what they are told, and why they cannot: what Doings keeps, for its own two sources.
#pragma once

#include <cmath>
#include <cstdio>
#include <unordered_map>

#include "SimBridge/Doings.h"
#include "SimBridge/Geometry.h"

namespace simbridge {

/// How far hands reach.
constexpr double kReach_m = 1.5;

inline std::string Quoted(Text name) { return std::string(name); }

inline std::string Number(const char* format, double value) {
  char room[40];
  std::snprintf(room, sizeof room, format, value);
  return room;
}

/// How far a point is from a box of extents `size` that stands on `pose`, seen from above.
inline double Gap_m(const Vec3& point, const Pose& pose, const Vec3& size) {
  const Vec3 local = Into(pose, point);
  return std::hypot(std::fmax(std::fabs(local.x) - size.x / 2, 0), std::fmax(std::fabs(local.y) - size.y / 2, 0));
}

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

  // --- the doings, in Deeds.cpp
  bool PickUp(Doer& doer);
  /// How high the first so many things that somebody holds are together.
  double Held_m(const Doer& doer, size_t count) const;
  bool PutDown(Doer& doer);
  bool Ride(Doer& doer);
  bool Dismount(Doer& doer);
  /// Beside a vehicle: left, right, behind, ahead and at the corners, the first place with room and dry ground.
  bool StepOff(Text name, const WalkerSize& walker, const ThingFacts& thing, Pose& place) const;
  bool CanStand(const Vec3& spot, const WalkerSize& walker, Text without, double& level) const;
  bool Sit(Doer& doer);
  bool Stand(Doer& doer);
  bool OpenOrClose(Doer& doer, bool is_open);
  void Do(Doer& doer);
};

}  // namespace simbridge
