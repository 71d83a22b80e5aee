// The plug-in's runtime module: serves the first game world that begins to play, for as long as that lasts.
#pragma once

#include "CoreMinimal.h"
#include "Engine/EngineBaseTypes.h"
#include "Modules/ModuleInterface.h"

class UWorld;

namespace UE::SimBridge
{
class FServer;
}

class SIMBRIDGE_API FSimBridgeModule final : public IModuleInterface
{
public:
  FSimBridgeModule();
  virtual ~FSimBridgeModule() override;

  virtual void StartupModule() override;
  virtual void ShutdownModule() override;

private:
  void OnTickStart(UWorld* World, ELevelTick TickType, float DeltaSeconds);
  void OnCleanup(UWorld* World, bool bSessionEnded, bool bCleanupResources);

  TUniquePtr<UE::SimBridge::FServer> Server;
  /// A world that could not be served is not tried again at each of its ticks.
  TWeakObjectPtr<UWorld> Refused;
  FDelegateHandle TickStart, Cleanup;
};
