// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "GameFramework/Actor.h"

class APawn;

class AController : public AActor
{
public:
  APawn* GetPawn() const;
};
