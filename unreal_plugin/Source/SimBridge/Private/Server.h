// One game world that is served: its connections, the core that reads orders, and the gate that holds its ticks.
#pragma once

#include "CoreMinimal.h"
#include "Engine/EngineBaseTypes.h"
#include "UObject/StrongObjectPtr.h"
#include "UObject/WeakObjectPtr.h"

#include "SimBridge/Conductor.h"

#include "Connections.h"
#include "SimBridgeSettings.h"
#include "UnrealWorld.h"

#include <deque>

class UWorld;

namespace UE::SimBridge
{
class FServer final : private simbridge::IConnections
{
public:
  /// Listens for one game world. Null, with the reason, if nobody could come in.
  static TUniquePtr<FServer> Start(UWorld& World, TStrongObjectPtr<USimBridgeSettings> Settings, FString& Why);
  virtual ~FServer() override;

  FServer(const FServer&) = delete;
  FServer& operator=(const FServer&) = delete;

  /// At the beginning of each tick of the world: returns when a tick is ordered, or the window must be served meanwhile.
  void HoldTick();

  const UWorld* Served() const { return Game.Get(); }

private:
  FServer(UWorld& InWorld, TStrongObjectPtr<USimBridgeSettings> InSettings, simbridge::ConductorSettings&& Core);

  virtual void Send(uint64_t Connection, simbridge::View<uint8_t> Bytes) override;
  virtual void Close(uint64_t Connection) override;

  /// Hears what came, as far as the core wants more of it, and does what can be done.
  bool Serve();
  /// True if the step of frames was changed: that of the frame that has begun is still the one before.
  bool SetTime(bool bIsOurs);
  /// Lets frames through in which the world stands still, or ends that.
  void SetPaused(bool bIsPaused);

  TWeakObjectPtr<UWorld> Game;
  TStrongObjectPtr<USimBridgeSettings> Settings;
  FConnections Connections;
  FUnrealWorld Backend;
  simbridge::Conductor Conductor;
  /// Bytes of each connection that the core does not want yet.
  TMap<uint32, std::deque<TArray<uint8>>> Waiting;
  /// A tick has begun; our time step is in force; frames go by without ticks; and what was in force before us.
  bool bHasBegun = false, bIsTicking = false, bIsPaused = false, bTimeWasFixed = false;
  double StepBefore = 0.0;
};
}  // namespace UE::SimBridge
