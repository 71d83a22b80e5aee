// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "GameFramework/Actor.h"

class APawn : public AActor
{
public:
  EAutoPossessAI AutoPossessAI = EAutoPossessAI::Disabled;
  uint32 bUseControllerRotationYaw : 1;
  APawn();
};
