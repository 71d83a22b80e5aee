// What a world must do to be run by this plug-in's core: Unreal's module implements it, and so does simbridge-fake-ue.
//
// The core reads, checks, numbers and answers orders; a backend holds the world. All calls come from one thread, the one
// that ticks the world. A call that returns false has filled in its Failure and has changed nothing. What is passed in is
// checked (names are known, numbers finite, quaternions of unit length), and its views end with the call.
//
// The life of a world: BeginBuild, pieces, FinishBuild; Reset; then ticks, each between TickBegins and TickEnds, and
// between ticks Tell, Edit, SetPoses, RequestLook. Until FinishBuild succeeds the world before goes on.
#pragma once

#include "SimBridge/BuildPieces.h"
#include "SimBridge/Values.h"

namespace simbridge {

/// What the report to an `open` says. Capabilities are words of bridge/engine.py: "rgb", "depth", "edit", "control" ...
struct BackendInfo {
  std::string name, version;
  double tick_s = 0.02;
  std::vector<std::string> capabilities;
};

enum class Motion : uint8_t { hold, velocity, drive, skill };

/// What one agent does until it is told otherwise.
struct AgentAction {
  Text agent;
  Motion motion = Motion::hold;
  /// velocity: forward, left [m/s], yaw rate [rad/s]; drive: throttle -1 to 1, steer -1 (right) to 1 (left), brake 0 to 1.
  double numbers[3] = {0, 0, 0};
  /// skill: a verb of bridge/engine.py's VERBS, and what it is done to.
  Text verb, target, text;
};

/// A new thing. A name that was there before in this episode comes with the scale and the id that it had.
struct SpawnPlan {
  Text name, asset;
  Pose pose;
  Vec3 scale{1, 1, 1};
  int32_t id = 0;
  bool is_agent = false;
};

struct MovePlan {
  Text name;
  Pose pose;
};

struct PaintPlan {
  Text name;
  /// Linear rgb, 0 to 1.
  Vec3 color;
};

/// Another size: that of the asset times `scale`, at rest.
struct ResizePlan {
  Text name;
  Vec3 scale{1, 1, 1};
};

/// Not seen, or seen again; it is touched all the same.
struct HidePlan {
  Text name;
  bool is_hidden = false;
};

/// What a batch of changes comes to, in the order in which it can be done: removes, spawns, moves, resizes, paints, hides,
/// the weather.
/// Nothing in it is in vain: what is spawned and removed in one batch is not there, of several moves there is the last.
struct EditPlan {
  View<Text> removes;
  View<SpawnPlan> spawns;
  View<MovePlan> moves;
  View<ResizePlan> resizes;
  View<PaintPlan> paints;
  View<HidePlan> hides;
  /// The whole environment as it is after the batch.
  bool changes_environment = false;
  Environment environment;
};

/// What an agent is up to.
struct AgentView {
  std::string name, riding;
  std::vector<std::string> holding;
  /// The skill under way ("" for none), and why the last one failed ("" if it did not).
  std::string doing, failure;
};

/// Two that touched during the last tick.
struct ContactView {
  std::string one, other;
  Vec3 position_m;
  double force_n = 0;
};

/// The world between two ticks, columnar: what can move, in an order that stays until something is built or edited.
/// `poses` (n,7): position [m], quaternion wxyz; `velocities` (n,6): linear [m/s], angular [rad/s]; both world frame.
struct WorldView {
  View<std::string> names;
  /// Another number whenever the names are others than before, also after a build or a reset.
  uint64_t names_revision = 0;
  View<double> poses, velocities;
  /// The strongest first.
  View<ContactView> contacts;
  View<AgentView> agents;
};

/// Pictures of one moment. Cameras come whole: names were looked up by the core.
struct LookRequest {
  uint64_t number = 0;
  /// The tick that the world is at.
  uint64_t tick = 0;
  View<Camera> cameras;
  View<Modality> modalities;
};

/// One array as the contract has it, rows from the top: rgb uint8 (H,W,3) sRGB; depth float32 (H,W) planar [m], inf for
/// nothing; segmentation int32 (H,W), 0 for the sky; normals float32 (H,W,3), world frame, 0 for the sky.
struct Picture {
  uint32_t camera = 0;
  Modality modality = Modality::rgb;
  std::vector<uint8_t> bytes;
};

/// What a look gave. `tick` is the one that every picture shows, as the renderer says, and not the one asked for.
struct Sight {
  uint64_t tick = 0;
  std::vector<Picture> pictures;
};

/// How far something is that may take a few frames: whoever asked asks again until it is not pending.
enum class Progress : uint8_t { pending, done, failed };

class IWorldBackend {
 public:
  virtual ~IWorldBackend() = default;

  virtual BackendInfo Info() const = 0;

  // --- a new world -----------------------------------------------------------------------------------------------
  virtual bool BeginBuild(const BuildBegin& begin, Failure& failure) = 0;
  virtual bool AcceptHeights(const HeightRows& rows, Failure& failure) = 0;
  virtual bool AcceptMaterial(const BuildMaterial& material, Failure& failure) = 0;
  virtual bool AcceptMesh(const MeshPiece& piece, Failure& failure) = 0;
  virtual bool AcceptAsset(const BuildAsset& asset, Failure& failure) = 0;
  virtual bool AcceptPlacements(const BuildPlacements& placements, Failure& failure) = 0;
  virtual bool AcceptPart(const BuildPart& part, Failure& failure) = 0;
  virtual bool AcceptWater(const BuildWater& water, Failure& failure) = 0;
  virtual bool AcceptLamps(const BuildLamps& lamps, Failure& failure) = 0;
  virtual bool AcceptEnvironment(const Environment& environment, Failure& failure) = 0;
  virtual bool AcceptAgent(const BuildAgent& agent, Failure& failure) = 0;
  virtual bool AcceptCamera(const Camera& camera, Failure& failure) = 0;
  /// Makes the world of what was told, in place of the one before; called again while it is pending.
  virtual Progress FinishBuild(Failure& failure) = 0;
  /// Forgets what was told since BeginBuild; the world before goes on. Harmless when nothing is being built.
  virtual void AbortBuild() = 0;

  // --- an episode ------------------------------------------------------------------------------------------------
  /// Everything where the scene says, weather and paint as well; tick 0. Called again while it is pending.
  virtual Progress Reset(uint64_t seed, Failure& failure) = 0;

  /// Takes orders for the ticks to come, all of them or none.
  virtual bool Tell(View<AgentAction> actions, Failure& failure) = 0;

  /// Around each tick: before it the backend moves what it moves itself, after it the world is at `tick`.
  virtual void TickBegins() = 0;
  virtual void TickEnds(uint64_t tick) = 0;

  /// A batch of changes between two ticks, all of it or nothing; what the world forbids (in use, off the map) is a Failure.
  virtual bool Edit(const EditPlan& plan, Failure& failure) = 0;

  /// Puts what is named where another engine says: things of any role, and parts, whose meshes go along from where they
  /// were built (identity). `poses` (n,7). The world is at that engine's tick then, begun or not, and stands still.
  virtual bool SetPoses(View<Text> names, View<double> poses, uint64_t tick, Failure& failure) = 0;

  /// The world as it is now; the views are good until the next call that changes it.
  virtual WorldView World() const = 0;

  /// 64 bits that two runs share as long as they are the same to the last bit.
  virtual uint64_t StateHash() const = 0;

  // --- pictures --------------------------------------------------------------------------------------------------
  /// Begins to make pictures of the world as it is now. They are taken with TakeLook, now or some frames later.
  virtual bool RequestLook(const LookRequest& request, Failure& failure) = 0;
  virtual Progress TakeLook(uint64_t number, Sight& sight, Failure& failure) = 0;
  /// Nobody will take it any more.
  virtual void DropLook(uint64_t number) = 0;
};

}  // namespace simbridge
