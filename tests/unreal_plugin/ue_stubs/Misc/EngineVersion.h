// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"

enum class EVersionComponent
{
  Major,
  Minor,
  Patch,
  Changelist,
  Branch
};

class FEngineVersion
{
public:
  static const FEngineVersion& Current();
  FString ToString(EVersionComponent = EVersionComponent::Branch) const;
};
