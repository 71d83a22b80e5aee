// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"

enum EPixelFormat : uint8
{
  PF_Unknown,
  PF_A32B32G32R32F,
  PF_B8G8R8A8,
  PF_R32_FLOAT,
  PF_MAX
};
struct FPixelFormatInfo
{
  int32 BlockBytes = 0;
};
extern FPixelFormatInfo GPixelFormats[PF_MAX];
