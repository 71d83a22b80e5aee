// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"

struct FIPv4Address
{
  uint8 D, C, B, A;
  static bool Parse(const FString&, FIPv4Address&);
};
