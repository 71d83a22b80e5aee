// An engine's loop of frames around the module's server: what Unreal calls, called as it would be. Nothing is drawn.
// Arguments: a path to listen at; "pause" where a player could pause the game. At the end it says what frames there were.
#include <csignal>
#include <cstdio>
#include <cstring>

#include "CoreGlobals.h"
#include "Engine/World.h"
#include "HAL/PlatformApplicationMisc.h"
#include "HAL/PlatformProcess.h"
#include "Kismet/GameplayStatics.h"
#include "Misc/App.h"
#include "Misc/FileHelper.h"

namespace
{
volatile std::sig_atomic_t bEnds = 0;
bool bCanPause = false, bIsPaused = false, bIsFixed = false;
constexpr double OwnStep = 1.0 / 60.0;
double FixedStep = OwnStep;

UWorld& Game()
{
  static UWorld World;
  return World;
}
}  // namespace

// What pointers of the one world and its settings point to; before they are used.
template <>
TWeakObjectPtr<UWorld>::TWeakObjectPtr(UWorld*)
{
}
template <>
UWorld* TWeakObjectPtr<UWorld>::Get() const
{
  return &Game();
}

#include "Server.h"
#include "SimBridgeLog.h"

DEFINE_LOG_CATEGORY(LogSimBridge);

namespace
{
USimBridgeSettings& Settings()
{
  static USimBridgeSettings Made;
  return Made;
}
}  // namespace

template <>
TStrongObjectPtr<USimBridgeSettings>::TStrongObjectPtr(USimBridgeSettings*)
{
}
template <>
USimBridgeSettings* TStrongObjectPtr<USimBridgeSettings>::operator->() const
{
  return &Settings();
}
template <>
USimBridgeSettings& TStrongObjectPtr<USimBridgeSettings>::operator*() const
{
  return Settings();
}

bool IsEngineExitRequested()
{
  return bEnds != 0;
}
void FPlatformApplicationMisc::PumpMessages(bool) {}
bool FApp::UseFixedTimeStep()
{
  return bIsFixed;
}
void FApp::SetUseFixedTimeStep(bool bOn)
{
  bIsFixed = bOn;
}
double FApp::GetFixedDeltaTime()
{
  return FixedStep;
}
void FApp::SetFixedDeltaTime(double Seconds)
{
  FixedStep = Seconds;
}
bool UGameplayStatics::SetGamePaused(const UObject*, bool bPaused)
{
  bIsPaused = bCanPause && bPaused;
  return bCanPause;
}
bool FFileHelper::LoadFileToString(FString&, const TCHAR*)
{
  return false;
}
bool CheckTCharIsHex(TCHAR)
{
  return false;
}
uint8 TCharToNibble(TCHAR)
{
  return 0;
}
void FString::TrimStartAndEndInline() {}
const TCHAR* UeStubFromUtf8(const ANSICHAR*)
{
  return TEXT("?");
}
UWorld::UWorld() : WorldType(EWorldType::Game), bDebugPauseExecution(0), bIsTearingDown(0) {}
UWorld* UObject::GetWorld() const
{
  return nullptr;
}
void UObject::ProcessEvent(UFunction*, void*) {}
FName::FName(const TCHAR*) {}
FName UDeveloperSettings::GetCategoryName() const
{
  return FName();
}
FName USimBridgeSettings::GetCategoryName() const
{
  return FName();
}
FSoftObjectPath::FSoftObjectPath(const FString&) {}

TUniquePtr<UE::SimBridge::IListener> UE::SimBridge::ListenAtPort(const FString&, int32, bool, FString&)
{
  return nullptr;
}

int main(int Count, char** Arguments)
{
  if (Count < 2)
  {
    std::puts("Usage: game-loop PATH [pause]");
    return 2;
  }
  std::signal(SIGTERM, [](int) { bEnds = 1; });
  bCanPause = Count > 2 && std::strcmp(Arguments[2], "pause") == 0;
  std::u16string Path;
  for (const char* At = Arguments[1]; *At != 0; ++At)
  {
    Path.push_back(static_cast<char16_t>(*At));
  }
  Settings().UnixSocketPath = FString(Path.c_str());
  FString Why;
  TUniquePtr<UE::SimBridge::FServer> Server =
    UE::SimBridge::FServer::Start(Game(), TStrongObjectPtr<USimBridgeSettings>(&Settings()), Why);
  if (!Server.IsValid())
  {
    std::puts("refused");
    return 3;
  }
  std::puts("ready");
  std::fflush(stdout);
  long Frames = 0, Still = 0;
  while (bEnds == 0)
  {
    Server->HoldTick();
    ++Frames;
    Still += bIsPaused ? 1 : 0;
    // A game that is its own goes by the clock.
    if (!bIsFixed)
    {
      FPlatformProcess::Sleep(0.002f);
    }
  }
  Server.Reset();
  const bool bIsAsBefore = !bIsFixed && FixedStep == OwnStep && !bIsPaused;
  std::printf("%s %s\n", Still > 0 ? "some frames stood still" : "no frame stood still",
    bIsAsBefore && Frames > 0 ? "and time is the game's own again" : "and time is not as before");
  return 0;
}
