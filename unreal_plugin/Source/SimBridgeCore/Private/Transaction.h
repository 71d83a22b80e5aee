// A batch of changes, checked whole before anything is done, and what it comes to.
//
// Changes are taken in their order, each on what those before it would leave; one that cannot be made ends the batch
// with an error of bridge/errors.py, and nothing has happened.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "Messages.h"
#include "Roster.h"
#include "Sky.h"
#include "SimBridge/WorldBackend.h"

namespace simbridge {

constexpr size_t kMostChanges = 10000;

/// Where a world ends, west, south, east, north [m].
struct Bounds {
  double min_x_m = 0, min_y_m = 0, max_x_m = 0, max_y_m = 0;
};

class Transaction {
 public:
  /// Looks at these as long as it lives; `who` says who holds and rides what.
  Transaction(const Roster& roster, const Sky& sky, const Bounds& bounds, View<AgentView> who);

  /// One change more, as it came.
  bool Take(Arena& arena, const bridge_v1_Change& change, size_t index, Failure& failure);

  /// What all of it comes to; good as long as the transaction and the message are.
  EditPlan Plan();

  /// Writes it into the roster and the sky that it was planned on.
  void Commit(Roster& roster, Sky& sky) const;

 private:
  struct Draft {
    Text name;
    bool was_present = false, is_present = false, is_spawned = false, is_removed = false;
    bool is_moved = false, is_painted = false, is_resized = false, is_shown_anew = false, is_hidden = false;
    RosterEntry entry;
    Text asset;
    Pose pose;
    Vec3 color;
  };

  Draft* Touch(Text name);
  bool TakeSpawn(const bridge_v1_Spawn& spawn, Failure& failure);
  bool TakeMove(const bridge_v1_Move& move, Failure& failure);
  bool TakeRemove(const bridge_v1_Remove& remove, Failure& failure);
  bool TakeResize(const bridge_v1_Resize& resize, Failure& failure);
  bool TakeHide(const bridge_v1_Hide& hide, Failure& failure);
  bool TakePaint(const bridge_v1_Paint& paint, Failure& failure);
  bool TakeWeather(const bridge_v1_Weather& weather, Failure& failure);
  bool IsFree(Text name, const Draft& draft, Failure& failure) const;
  bool IsOnMap(const Pose& pose, Failure& failure) const;
  bool Knows(Text name, Draft*& draft, bool may_be_part, Failure& failure);

  const Roster& roster_;
  Sky sky_;
  Bounds bounds_;
  /// Who holds or rides a thing, and what somebody sits on or rides.
  std::unordered_map<Text, Text> taken_, mounted_;
  std::vector<Draft> drafts_;
  std::unordered_map<Text, size_t> index_;
  int32_t next_id_;
  bool changes_sky_ = false;
  std::vector<Text> removes_;
  std::vector<SpawnPlan> spawns_;
  std::vector<MovePlan> moves_;
  std::vector<ResizePlan> resizes_;
  std::vector<PaintPlan> paints_;
  std::vector<HidePlan> hides_;
};

}  // namespace simbridge
