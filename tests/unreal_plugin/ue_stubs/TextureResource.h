// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "RHICommandList.h"

class FTextureRenderTargetResource
{
public:
  const FTextureRHIRef& GetRenderTargetTexture() const;
};
