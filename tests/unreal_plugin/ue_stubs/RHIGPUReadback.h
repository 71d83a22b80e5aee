// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "RHICommandList.h"

class FRHIGPUTextureReadback
{
public:
  explicit FRHIGPUTextureReadback(FName);
  bool IsReady();
  void EnqueueCopy(
    FRHICommandList&, FRHITexture*, const FIntVector& Position, uint32 Slice, const FIntVector& Size);
  void* Lock(int32& RowPitchInPixels, int32* BufferHeight = nullptr);
  void Unlock();
};
