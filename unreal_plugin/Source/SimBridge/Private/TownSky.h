// Sun, sky, air, clouds, lamps, and what rain and snow do to surfaces.
#pragma once

#include "CoreMinimal.h"
#include "UObject/SoftObjectPath.h"

#include "Daylight.h"
#include "TownMaterials.h"

class AActor;
class ASimBridgeTown;
class UDirectionalLightComponent;
class UExponentialHeightFogComponent;
class UPointLightComponent;
class USimBridgeSettings;
class USkyAtmosphereComponent;
class USkyLightComponent;
class UVolumetricCloudComponent;

namespace UE::SimBridge
{
class FTownSky
{
public:
  FTownSky(ASimBridgeTown& InTown, const FMaterialParents& InParents, const USimBridgeSettings& InSettings);

  /// Lights, air and lamps; at first as the plan says.
  void Make(const FTownPlan& Plan);

  /// Another hour or weather.
  void Change(const FPlannedEnvironment& Environment);

  const FDaylight& Light() const { return Daylight; }

  /// Rain and snow fall around who looks [cm].
  void FollowViewer(const FVector& Viewer);

private:
  void MakeLamps(const FTownPlan& Plan);
  void SetSurfaces(const FPlannedEnvironment& Environment) const;
  /// Shows an actor of a class while it is wanted.
  void Fall(TWeakObjectPtr<AActor>& Actor, const FSoftClassPath& Class, bool bIsWanted);

  ASimBridgeTown& Town;
  FMaterialParents Parents;
  const USimBridgeSettings& Settings;
  FDaylight Daylight;
  UDirectionalLightComponent* Sun = nullptr;
  USkyLightComponent* SkyLight = nullptr;
  UExponentialHeightFogComponent* Air = nullptr;
  UVolumetricCloudComponent* Clouds = nullptr;
  TArray<UPointLightComponent*> Lamps;
  TWeakObjectPtr<AActor> Rain, Snow;
};
}  // namespace UE::SimBridge
