// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "Components/LightComponent.h"

class USkyLightComponent : public ULightComponentBase
{
public:
  bool bRealTimeCapture = false;
};
