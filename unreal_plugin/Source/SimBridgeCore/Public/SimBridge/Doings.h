// What agents know how to do: take and put down, ride and dismount, sit and stand, open and close; each takes a moment
// and may fail. The rules are the embedded engine's, the same in every world; the world answers questions and is told.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "SimBridge/Motion.h"
#include "SimBridge/WorldBackend.h"

namespace simbridge {

/// What a thing is, as far as hands and feet care; `speed_m_s` along the ground.
struct ThingFacts {
  Role role = Role::fixed;
  bool is_part = false;
  Text kind, semantic;
  /// Full extents [m], scaled; of an upright body `walker` is its radius and height.
  Vec3 size_m;
  WalkerSize walker{0.25, 1.75};
  double mass_kg = 0, speed_m_s = 0;
  Pose pose;
  /// Of a door: whether it is, or is about to be, anything but closed.
  bool is_open = false;
};

/// The questions that doings ask of a world, and what they have done to it.
class IDoingWorld {
 public:
  virtual ~IDoingWorld() = default;

  /// False if there is nothing of that name.
  virtual bool Facts(Text name, ThingFacts& facts) const = 0;
  /// Names of all things of a role (or of a kind, if that is not empty), in the world's order.
  virtual std::vector<Text> NamesOf(Role role, Text kind) const = 0;
  /// Height of the first thing below a point; -infinity for none. `without` and what is carried do not count.
  virtual double SurfaceBelow_m(const Vec3& point, Text without) const = 0;
  /// Whether nothing but `without` and what is carried is between two points.
  virtual bool IsClear(const Vec3& from, const Vec3& to, Text without) const = 0;
  /// Level of the water at a place; -infinity on land.
  virtual double WaterLevel_m(double x_m, double y_m) const = 0;

  /// From now on `name` goes along with a carrier ("": stays in the world), at a pose in its frame, and touches nothing.
  virtual void Attach(Text name, Text carrier, const Pose& carrier_from_name) = 0;
  /// It is by itself again, at rest, at a pose in the world.
  virtual void Detach(Text name, const Pose& pose) = 0;
  /// What a body does until it is told otherwise.
  virtual void Tell(Text body, const Order& order) = 0;
  /// Lets a door swing: to an angle [rad], 0 closed.
  virtual void SwingDoor(Text door, double target_rad) = 0;
};

class SIMBRIDGECORE_API Doings {
 public:
  explicit Doings(IDoingWorld& world);
  ~Doings();
  Doings(const Doings&) = delete;
  Doings& operator=(const Doings&) = delete;

  /// Forgets everybody: a reset or a new world.
  void Clear();
  /// Somebody who acts: an agent, or anything that was sent an action. Harmless twice.
  void Enrol(Text name);
  /// Somebody leaves: lets go of everything at once.
  void Leave(Text name);

  /// Takes an action that was checked.
  void Begin(const AgentAction& action, double tick_s);
  /// One tick of all skills under way, before bodies move; each is carried out when its moment is over.
  void Advance();
  /// Why somebody cannot go on, told by the world: deep water ahead.
  void Fail(Text name, std::string why);

  /// Everybody who acts, in the order of enrolment; good until the next call that changes anything.
  View<AgentView> Agents() const;
  Text RiderOf(Text vehicle) const;
  Text HolderOf(Text thing) const;

  /// Everything that what happens next depends on, for the state's hash.
  void Digest(std::string& bytes) const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace simbridge
