// Lockstep: between two ticks the game thread waits here for orders. While nobody is connected the game runs by itself.
#include "Server.h"

#include "CoreGlobals.h"
#include "Engine/World.h"
#include "HAL/PlatformApplicationMisc.h"
#include "HAL/PlatformTime.h"
#include "Kismet/GameplayStatics.h"
#include "Misc/App.h"
#include "Misc/FileHelper.h"

#include "Frames.h"
#include "SimBridgeLog.h"
#include "SimBridgeSettings.h"

namespace UE::SimBridge
{
namespace
{
constexpr int32 SecretBytes = 32;
/// How long a wait for words lasts at most [s]: pictures on their way are looked after as often.
constexpr double Nap = 0.01, Blink = 0.001;

/// The 32 bytes of a token file of 64 hexadecimal digits.
bool ReadSecret(const FString& File, std::vector<uint8_t>& Secret, FString& Why)
{
  FString Words;
  if (!FFileHelper::LoadFileToString(Words, *File))
  {
    Why = FString::Printf(TEXT("The token file %s cannot be read. Write 64 hexadecimal digits into it."), *File);
    return false;
  }
  Words.TrimStartAndEndInline();
  Secret.clear();
  for (int32 At = 0; At + 1 < Words.Len() && CheckTCharIsHex(Words[At]) && CheckTCharIsHex(Words[At + 1]); At += 2)
  {
    Secret.push_back(static_cast<uint8_t>(16 * TCharToNibble(Words[At]) + TCharToNibble(Words[At + 1])));
  }
  if (Words.Len() != 2 * SecretBytes || static_cast<int32>(Secret.size()) != SecretBytes)
  {
    Why = FString::Printf(TEXT("The token file %s has %d characters, or others than 64 hexadecimal digits."), *File, Words.Len());
    return false;
  }
  return true;
}
}  // namespace

TUniquePtr<FServer> FServer::Start(UWorld& World, TStrongObjectPtr<USimBridgeSettings> Settings, FString& Why)
{
  simbridge::ConductorSettings Core;
  if (!Settings->TokenFile.IsEmpty() && !ReadSecret(Settings->TokenFile, Core.secret, Why))
  {
    return nullptr;
  }
  const bool bHasSecret = !Core.secret.empty();
  TArray<TUniquePtr<IListener>> Listeners;
  if (!Settings->UnixSocketPath.IsEmpty())
  {
    TUniquePtr<IListener> AtPath = ListenAtPath(Settings->UnixSocketPath, Why);
    if (!AtPath.IsValid())
    {
      return nullptr;
    }
    Listeners.Add(MoveTemp(AtPath));
  }
  if (bHasSecret || Settings->bAllowNoToken)
  {
    TUniquePtr<IListener> AtPort = ListenAtPort(Settings->BindAddress, Settings->Port, bHasSecret, Why);
    if (!AtPort.IsValid())
    {
      return nullptr;
    }
    Listeners.Add(MoveTemp(AtPort));
  }
  if (Listeners.Num() == 0)
  {
    Why = TEXT("Nobody may come in: give -SimBridgeTokenFile=FILE (64 hexadecimal digits), -SimBridgeUnix=PATH, or, on a "
               "computer of your own, -SimBridgeNoToken.");
    return nullptr;
  }
  TUniquePtr<FServer> Made(new FServer(World, MoveTemp(Settings), MoveTemp(Core)));
  for (TUniquePtr<IListener>& Listener : Listeners)
  {
    Made->Connections.Listen(MoveTemp(Listener));
  }
  return Made;
}

FServer::FServer(UWorld& InWorld, TStrongObjectPtr<USimBridgeSettings> InSettings, simbridge::ConductorSettings&& Core)
  : Game(&InWorld), Settings(MoveTemp(InSettings)), Backend(InWorld, *Settings), Conductor(Backend, *this, MoveTemp(Core))
{
}

FServer::~FServer()
{
  SetPaused(false);
  SetTime(false);
}

void FServer::Send(uint64_t Connection, simbridge::View<uint8_t> Bytes)
{
  Connections.Send(static_cast<uint32>(Connection), Bytes.data, Bytes.size);
}

void FServer::Close(uint64_t Connection)
{
  Connections.Close(static_cast<uint32>(Connection));
}

bool FServer::Serve()
{
  bool bHasHeard = false;
  FHeard What;
  while (Connections.Next(What))
  {
    bHasHeard = true;
    switch (What.Kind)
    {
      case FHeard::EKind::Opened:
        Waiting.Add(What.Connection);
        Conductor.Opened(What.Connection, !What.bNeedsSecret, FPlatformTime::Seconds());
        break;
      case FHeard::EKind::Bytes:
        Waiting.FindOrAdd(What.Connection).push_back(MoveTemp(What.Bytes));
        break;
      case FHeard::EKind::Closed:
        if (const std::deque<TArray<uint8>>* Unheard = Waiting.Find(What.Connection))
        {
          for (const TArray<uint8>& Bytes : *Unheard)
          {
            Connections.Taken(Bytes.Num());
          }
        }
        Waiting.Remove(What.Connection);
        Conductor.Closed(What.Connection);
        break;
    }
  }
  for (TPair<uint32, std::deque<TArray<uint8>>>& One : Waiting)
  {
    while (!One.Value.empty() && Conductor.WantsMore(One.Key))
    {
      const TArray<uint8> Bytes = MoveTemp(One.Value.front());
      One.Value.pop_front();
      Connections.Taken(Bytes.Num());
      Conductor.Hear(One.Key, simbridge::View<uint8_t>(Bytes.GetData(), static_cast<size_t>(Bytes.Num())));
    }
  }
  return Conductor.Pump(FPlatformTime::Seconds()) || bHasHeard;
}

bool FServer::SetTime(bool bIsOurs)
{
  if (bIsOurs == bIsTicking)
  {
    return false;
  }
  bIsTicking = bIsOurs;
  if (bIsOurs)
  {
    bTimeWasFixed = FApp::UseFixedTimeStep();
    StepBefore = FApp::GetFixedDeltaTime();
    FApp::SetFixedDeltaTime(Settings->TickSeconds);
  }
  else
  {
    FApp::SetFixedDeltaTime(StepBefore);
  }
  FApp::SetUseFixedTimeStep(bIsOurs || bTimeWasFixed);
  return true;
}

void FServer::SetPaused(bool bPause)
{
  UWorld* World = Game.Get();
  if (bPause == bIsPaused || World == nullptr)
  {
    return;
  }
  bIsPaused = bPause;
  if (World->WorldType == EWorldType::PIE)
  {
    World->bDebugPauseExecution = bPause;
  }
  else if (!UGameplayStatics::SetGamePaused(World, bPause))
  {
    // Without a player nobody can pause a game; then nobody looks at its window either.
    bIsPaused = false;
  }
}

void FServer::HoldTick()
{
  static_assert(Blink < Nap, "what is busy is looked after more often");
  // What began in the frame before is over now.
  if (bHasBegun)
  {
    bHasBegun = false;
    Conductor.TickEnds();
  }
  double LastPump = FPlatformTime::Seconds();
  const double Until = LastPump + Settings->HoldSeconds;
  while (!IsEngineExitRequested())
  {
    const bool bHasDone = Serve();
    if (SetTime(Connections.Num() > 0))
    {
      // This frame's step was chosen before: the next one is the first that can be a tick, or the first that is free.
      SetPaused(false);
      return;
    }
    if (Conductor.WantsTick())
    {
      SetPaused(false);
      bHasBegun = true;
      Conductor.TickBegins();
      return;
    }
    if (Connections.Num() == 0)
    {
      // The game is its own again.
      SetPaused(false);
      return;
    }
    const double Now = FPlatformTime::Seconds();
    if (Now >= Until)
    {
      SetPaused(true);
      if (bIsPaused)
      {
        return;
      }
    }
    if (Now - LastPump > 0.05)
    {
      LastPump = Now;
      FPlatformApplicationMisc::PumpMessages(true);
    }
    if (!bHasDone)
    {
      Connections.WaitForWords(Conductor.IsBusy() ? Blink : Nap);
    }
  }
  SetPaused(false);
}
}  // namespace UE::SimBridge
