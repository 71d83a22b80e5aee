// Start and end of the module, and which world it serves.
#include "SimBridgeModule.h"

#include "Engine/World.h"
#include "Modules/ModuleManager.h"
#include "PhysicsEngine/PhysicsSettings.h"
#include "UObject/StrongObjectPtr.h"

#include "Server.h"
#include "SimBridgeLog.h"
#include "SimBridgeSettings.h"

DEFINE_LOG_CATEGORY(LogSimBridge);

namespace
{
/// Physics in step with the game, in as many steps a tick as the settings say; before any world is made.
void SettlePhysics(const USimBridgeSettings& Settings)
{
  UPhysicsSettings* Physics = GetMutableDefault<UPhysicsSettings>();
  Physics->bTickPhysicsAsync = false;
  Physics->bSubstepping = Settings.SubstepsPerTick > 1;
  Physics->MaxSubsteps = Settings.SubstepsPerTick;
  Physics->MaxSubstepDeltaTime = Settings.TickSeconds / static_cast<float>(Settings.SubstepsPerTick);
}
}  // namespace

FSimBridgeModule::FSimBridgeModule() = default;
FSimBridgeModule::~FSimBridgeModule() = default;

void FSimBridgeModule::StartupModule()
{
  const USimBridgeSettings* Settings = USimBridgeSettings::ForThisRun();
  if (!Settings->bListen)
  {
    return;
  }
  SettlePhysics(*Settings);
  TickStart = FWorldDelegates::OnWorldTickStart.AddRaw(this, &FSimBridgeModule::OnTickStart);
  Cleanup = FWorldDelegates::OnWorldCleanup.AddRaw(this, &FSimBridgeModule::OnCleanup);
}

void FSimBridgeModule::ShutdownModule()
{
  FWorldDelegates::OnWorldTickStart.Remove(TickStart);
  FWorldDelegates::OnWorldCleanup.Remove(Cleanup);
  Server.Reset();
}

void FSimBridgeModule::OnTickStart(UWorld* World, ELevelTick, float)
{
  if (World == nullptr || !World->IsGameWorld() || !World->HasBegunPlay() || World->bIsTearingDown)
  {
    return;
  }
  if (!Server.IsValid() && Refused.Get() != World)
  {
    FString Why;
    Server = UE::SimBridge::FServer::Start(*World, TStrongObjectPtr<USimBridgeSettings>(USimBridgeSettings::ForThisRun()), Why);
    if (!Server.IsValid())
    {
      Refused = World;
      UE_LOG(LogSimBridge, Error, TEXT("This game is not served. %s"), *Why);
    }
  }
  if (Server.IsValid() && Server->Served() == World)
  {
    Server->HoldTick();
  }
}

void FSimBridgeModule::OnCleanup(UWorld* World, bool, bool)
{
  if (Server.IsValid() && Server->Served() == World)
  {
    Server.Reset();
  }
}

IMPLEMENT_MODULE(FSimBridgeModule, SimBridge)
