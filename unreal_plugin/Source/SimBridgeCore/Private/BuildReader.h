// A scene that comes piece by piece: each piece checked against what was promised and told before, then handed on.
//
// A piece that is refused ends the build: the backend forgets it, and the world before goes on.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "Messages.h"
#include "Roster.h"
#include "SimBridge/WorldBackend.h"
#include "Sky.h"
#include "Transaction.h"

namespace simbridge {

/// What the core keeps of a world that was told.
struct Town {
  std::string name, digest;
  Bounds bounds;
  Roster roster;
  Sky first_sky, sky;
  std::vector<std::string> agents;
  std::vector<Camera> cameras;
};

class BuildReader {
 public:
  explicit BuildReader(IWorldBackend& backend) : backend_(backend) {}

  /// The next piece. `is_end` says that it was the last, and Finish is to be asked.
  bool Take(Arena& arena, const bridge_v1_Build& build, bool& is_end, Failure& failure);

  /// Asked until it is not pending; when it is done, `town` is the new one.
  Progress Finish(Town& town, Failure& failure);

  /// Forgets what was told. Harmless when nothing was.
  void Abort();

 private:
  bool TakePiece(Arena& arena, const bridge_v1_Build& build, bool& is_end, Failure& failure);
  bool TakeBegin(Arena& arena, const bridge_v1_BuildBegin& begin, Failure& failure);
  bool TakeHeights(Arena& arena, const bridge_v1_HeightRows& rows, Failure& failure);
  bool TakeMaterials(Arena& arena, const bridge_v1_BuildMaterials& materials, Failure& failure);
  bool TakeMesh(Arena& arena, const bridge_v1_MeshPiece& piece, Failure& failure);
  bool TakeAsset(Arena& arena, const bridge_v1_BuildAsset& asset, Failure& failure);
  bool TakePlacements(Arena& arena, const bridge_v1_BuildPlacements& placements, Failure& failure);
  bool TakePart(Arena& arena, const bridge_v1_BuildPart& part, Failure& failure);
  bool TakeWater(Arena& arena, const bridge_v1_BuildWater& water, Failure& failure);
  bool TakeLamps(Arena& arena, const bridge_v1_BuildLamps& lamps, Failure& failure);
  bool TakeEnvironment(const bridge_v1_BuildEnvironment& environment, Failure& failure);
  bool TakeAgent(const bridge_v1_BuildAgent& agent, Failure& failure);
  bool TakeCamera(const bridge_v1_BuildCamera& camera, Failure& failure);
  bool TakeEnd(Failure& failure);
  bool ReadColliders(Arena& arena, const sb_list_t& messages, std::vector<BuildCollider>& colliders, Failure& failure);
  bool Counted(uint64_t more, Failure& failure);
  bool Enter(Text name, const RosterEntry& entry, Failure& failure);

  struct Mesh {
    uint64_t vertices = 0;
    bool is_whole = false;
  };

  IWorldBackend& backend_;
  bool is_building_ = false, has_environment_ = false;
  Town town_;
  uint32_t rows_ = 0, columns_ = 0, rows_told_ = 0;
  std::vector<std::string> surfaces_;
  uint64_t instances_ = 0, vertices_ = 0, triangles_ = 0;
  uint64_t instances_told_ = 0, vertices_told_ = 0, triangles_told_ = 0;
  std::unordered_map<std::string, bool> materials_;
  std::unordered_map<std::string, Mesh> meshes_;
};

}  // namespace simbridge
