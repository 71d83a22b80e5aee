// The settings of one run: the project's, and what the command line says instead.
#include "SimBridgeSettings.h"

#include "Misc/CommandLine.h"
#include "Misc/Parse.h"
#include "UObject/Package.h"

#include "SimBridgeLog.h"

FName USimBridgeSettings::GetCategoryName() const
{
  return FName(TEXT("Plugins"));
}

USimBridgeSettings* USimBridgeSettings::ForThisRun()
{
  // A copy: the project's own defaults, which the editor may save, stay what they are.
  USimBridgeSettings* Mine = DuplicateObject<USimBridgeSettings>(GetDefault<USimBridgeSettings>(), GetTransientPackage());
  const TCHAR* Line = FCommandLine::Get();
  if (FParse::Param(Line, TEXT("SimBridge")))
  {
    Mine->bListen = true;
  }
  if (FParse::Param(Line, TEXT("NoSimBridge")))
  {
    Mine->bListen = false;
  }
  FParse::Value(Line, TEXT("SimBridgeBind="), Mine->BindAddress);
  FParse::Value(Line, TEXT("SimBridgeTokenFile="), Mine->TokenFile);
  FParse::Value(Line, TEXT("SimBridgeUnix="), Mine->UnixSocketPath);
  FParse::Value(Line, TEXT("SimBridgePort="), Mine->Port);
  FParse::Value(Line, TEXT("SimBridgeTick="), Mine->TickSeconds);
  FParse::Value(Line, TEXT("SimBridgeSubsteps="), Mine->SubstepsPerTick);
  FParse::Value(Line, TEXT("SimBridgeHold="), Mine->HoldSeconds);
  FParse::Value(Line, TEXT("SimBridgeExposure="), Mine->ExposureBias);
  if (FParse::Param(Line, TEXT("SimBridgeNoToken")))
  {
    Mine->bAllowNoToken = true;
  }

  const USimBridgeSettings* Usual = GetDefault<USimBridgeSettings>();
  if (Mine->Port < 0 || Mine->Port > 65535)
  {
    UE_LOG(LogSimBridge, Error, TEXT("Port %d is none. Give -SimBridgePort= a number from 0 to 65535; %d is taken."),
      Mine->Port, Usual->Port);
    Mine->Port = Usual->Port;
  }
  if (!(Mine->TickSeconds >= 0.001f && Mine->TickSeconds <= 0.1f))
  {
    UE_LOG(LogSimBridge, Error, TEXT("A tick of %g s cannot be. Give -SimBridgeTick= 0.001 to 0.1; %g is taken."),
      Mine->TickSeconds, Usual->TickSeconds);
    Mine->TickSeconds = Usual->TickSeconds;
  }
  Mine->SubstepsPerTick = FMath::Clamp(Mine->SubstepsPerTick, 1, 16);
  Mine->HoldSeconds = FMath::Clamp(Mine->HoldSeconds, 0.001f, 1.0f);
  return Mine;
}
