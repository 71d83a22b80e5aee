// In the place of the module's header of this name: the core's fake world, so that the server runs without Unreal.
#pragma once

#include "FakeWorld.h"

class USimBridgeSettings;
class UWorld;

namespace UE::SimBridge
{
class FUnrealWorld : public simbridge::fake::FakeWorld
{
public:
  FUnrealWorld(UWorld&, const USimBridgeSettings&) {}
};
}  // namespace UE::SimBridge
