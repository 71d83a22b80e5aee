// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "PixelFormat.h"

class FTextureRenderTargetResource;

class UTextureRenderTarget : public UObject
{
public:
  float TargetGamma = 0;
  FTextureRenderTargetResource* GameThread_GetRenderTargetResource();
};

class UTextureRenderTarget2D : public UTextureRenderTarget
{
public:
  int32 SizeX = 0, SizeY = 0;
  FLinearColor ClearColor;
  uint8 bAutoGenerateMips : 1;
  UTextureRenderTarget2D();
  void InitCustomFormat(uint32 SizeX, uint32 SizeY, EPixelFormat, bool bForceLinearGamma);
  void UpdateResourceImmediate(bool bClearRenderTarget = true);
  EPixelFormat GetFormat() const;
};
