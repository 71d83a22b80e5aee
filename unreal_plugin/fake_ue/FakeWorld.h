// A small kinematic world: bodies go as they are told, slide along walls or stop before them, and stand on the ground.
//
// Nothing has weight. The same orders give the same states to the last bit.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "Pictures.h"
#include "Scene.h"
#include "SimBridge/Doings.h"
#include "SimBridge/WorldBackend.h"
#include "Solids.h"

namespace simbridge::fake {

/// A thing of the world as it is now.
struct Body {
  std::string name;
  int32_t asset = -1, mesh = -1, id = 0;
  Role role = Role::fixed;
  bool is_part = false, is_agent = false, is_present = true, is_original = true, is_hidden = false, is_painted = false;
  Pose pose, first_pose;
  Vec3 scale{1, 1, 1}, first_scale{1, 1, 1}, paint, size_m;
  WalkerSize walker{0.25, 1.75};
  double mass_kg = 0;

  // What moves.
  Order order;
  Course course;
  double yaw_rad = 0, pitch_rad = 0, roll_rad = 0, fall_m_s = 0;
  Vec3 velocity_m_s;
  bool is_awake = false, is_attached = false;
  /// Whom it goes along with; -1: a place in the world.
  int32_t carrier = -1;
  Pose carrier_from_body;
  double door_angle_rad = 0, door_target_rad = 0;

  bool moves() const { return role != Role::fixed && role != Role::door; }
};

struct FakeSettings {
  /// How late pictures come: as those of a renderer with frames in flight.
  double latency_s = 0;
  /// Where colour pictures are written as they are made, for people to look at; empty for nowhere.
  std::string pictures;
};

class FakeWorld final : public IWorldBackend, private IDoingWorld {
 public:
  explicit FakeWorld(FakeSettings settings = {});

  BackendInfo Info() const override;

  bool BeginBuild(const BuildBegin& begin, Failure& failure) override;
  bool AcceptHeights(const HeightRows& rows, Failure& failure) override;
  bool AcceptMaterial(const BuildMaterial& material, Failure& failure) override;
  bool AcceptMesh(const MeshPiece& piece, Failure& failure) override;
  bool AcceptAsset(const BuildAsset& asset, Failure& failure) override;
  bool AcceptPlacements(const BuildPlacements& placements, Failure& failure) override;
  bool AcceptPart(const BuildPart& part, Failure& failure) override;
  bool AcceptWater(const BuildWater& water, Failure& failure) override;
  bool AcceptLamps(const BuildLamps& lamps, Failure& failure) override;
  bool AcceptEnvironment(const simbridge::Environment& environment, Failure& failure) override;
  bool AcceptAgent(const BuildAgent& agent, Failure& failure) override;
  bool AcceptCamera(const Camera& camera, Failure& failure) override;
  Progress FinishBuild(Failure& failure) override;
  void AbortBuild() override;

  Progress Reset(uint64_t seed, Failure& failure) override;
  bool Tell(View<AgentAction> actions, Failure& failure) override;
  void TickBegins() override;
  void TickEnds(uint64_t tick) override;
  bool Edit(const EditPlan& plan, Failure& failure) override;
  bool SetPoses(View<Text> names, View<double> poses, uint64_t tick, Failure& failure) override;
  WorldView World() const override;
  uint64_t StateHash() const override;

  bool RequestLook(const LookRequest& request, Failure& failure) override;
  Progress TakeLook(uint64_t number, Sight& sight, Failure& failure) override;
  void DropLook(uint64_t number) override;

 private:
  // Questions and deeds of agents.
  bool Facts(Text name, ThingFacts& facts) const override;
  std::vector<Text> NamesOf(Role role, Text kind) const override;
  double SurfaceBelow_m(const Vec3& point, Text without) const override;
  bool IsClear(const Vec3& from, const Vec3& to, Text without) const override;
  double WaterLevel_m(double x_m, double y_m) const override;
  void Attach(Text name, Text carrier, const Pose& carrier_from_name) override;
  void Detach(Text name, const Pose& pose) override;
  void Tell(Text body, const Order& order) override;
  void SwingDoor(Text door, double target_rad) override;

  int32_t IndexOf(Text name) const;
  Body& At(int32_t index) { return bodies_[static_cast<size_t>(index)]; }
  const Body& At(int32_t index) const { return bodies_[static_cast<size_t>(index)]; }
  const Asset* AssetOf(const Body& body) const;
  void Measure(Body& body) const;
  void Place(Body& body, const Pose& pose);
  void Stand(int32_t index);
  void Wake(int32_t index);
  void Enrol();
  void Show(int32_t index);

  // Motion, in Moving.cpp.
  void Move(int32_t index);
  void MoveWalker(Body& body, int32_t index);
  void MoveWheels(Body& body, int32_t index);
  void MoveBoat(Body& body, int32_t index);
  void Follow(int32_t index);
  void Hang(Body& door);
  double Ground_m(double x_m, double y_m, double feet_m) const;
  void PushOut(const Body& body, int32_t index, Point& at);
  bool IsBlocked(const Body& body, int32_t index, const Prism& from, const Prism& to, int32_t& by) const;
  void Touch(int32_t one, int32_t other, const Vec3& at, double force_n);
  Prism FootprintOf(const Body& body, const Pose& pose, int32_t index) const;

  FakeSettings settings_;
  std::unique_ptr<Scene> told_;
  std::shared_ptr<const Scene> scene_;
  std::shared_ptr<const Gallery> gallery_;

  std::vector<Body> bodies_;
  std::unordered_map<std::string, int32_t> index_;
  /// Those in the state, in its order; their rows in it; those that can be run into; those that move now.
  std::vector<int32_t> shown_, rows_, movers_, awake_, attached_, swinging_;
  Solids solids_;
  Doings doings_;
  simbridge::Environment environment_;
  std::string season_, weather_;
  Footing footing_;
  uint64_t tick_ = 0, names_revision_ = 0, names_hash_ = 0;

  std::vector<std::string> names_;
  std::vector<double> poses_, velocities_;
  std::vector<ContactView> contacts_;

  struct Waiting {
    uint64_t number;
    double ready_s;
    Sight sight;
  };
  std::vector<Waiting> looks_;
};

}  // namespace simbridge::fake
