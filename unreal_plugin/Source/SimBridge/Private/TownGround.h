// The ground and the water: dynamic meshes that can be made while a game runs (landscapes cannot).
#pragma once

#include "CoreMinimal.h"

#include "TownMaterials.h"
#include "TownPlan.h"

class ASimBridgeTown;

namespace UE::SimBridge
{
/// The height field in tiles, each with what feet stand on and with a twin that shows the terrain's id.
class FTownGround
{
public:
  FTownGround(const FTownPlan& InPlan, const FTownMaterials& InMaterials, ASimBridgeTown& InTown)
    : Plan(InPlan), Materials(InMaterials), Town(InTown)
  {
  }

  /// How many tiles there are; each is made by itself, since their colliders take a while.
  int32 Tiles() const { return TilesAlong(Plan.Ground.rows()) * TilesAlong(Plan.Ground.columns()); }
  void MakeTile(int32 Tile) const;
  void MakeWater(const simbridge::Water& Water, UMaterialInterface* Surface) const;

private:
  static constexpr int32 TileCells = 64;
  static int32 TilesAlong(uint32 Points) { return Points < 2 ? 0 : (static_cast<int32>(Points) - 2) / TileCells + 1; }

  const FTownPlan& Plan;
  const FTownMaterials& Materials;
  ASimBridgeTown& Town;
};
}  // namespace UE::SimBridge
