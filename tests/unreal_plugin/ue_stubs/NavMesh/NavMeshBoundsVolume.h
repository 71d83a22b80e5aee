// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "GameFramework/Actor.h"

class AVolume : public AActor
{
public:
  FBoxSphereBounds GetBounds() const;
};

class ANavMeshBoundsVolume : public AVolume
{
};
