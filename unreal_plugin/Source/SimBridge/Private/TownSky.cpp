// Unreal's sky by components of the town's actor: physical units, so that lamps and the sun keep their proportion.
#include "TownSky.h"

#include "Components/DirectionalLightComponent.h"
#include "Components/ExponentialHeightFogComponent.h"
#include "Components/PointLightComponent.h"
#include "Components/SkyAtmosphereComponent.h"
#include "Components/SkyLightComponent.h"
#include "Components/VolumetricCloudComponent.h"
#include "Engine/World.h"
#include "Materials/MaterialParameterCollection.h"
#include "Materials/MaterialParameterCollectionInstance.h"

#include "Frames.h"
#include "SimBridgeLog.h"
#include "SimBridgeSettings.h"
#include "SimBridgeTown.h"

namespace UE::SimBridge
{
namespace
{
/// Along a level line of sight Unreal's fog leaves exp2(-ln 2 * density / 1000) of the light a centimetre.
float FogDensityOf(double ExtinctionPerMetre)
{
  constexpr double Ln2 = 0.69314718055994531;
  return static_cast<float>(1000.0 * ExtinctionPerMetre / CentimetresPerMetre / (Ln2 * Ln2));
}

FLinearColor Linear(const simbridge::Vec3& Color)
{
  return FLinearColor(static_cast<float>(Color.x), static_cast<float>(Color.y), static_cast<float>(Color.z), 1.0f);
}
}  // namespace

FTownSky::FTownSky(ASimBridgeTown& InTown, const FMaterialParents& InParents, const USimBridgeSettings& InSettings)
  : Town(InTown), Parents(InParents), Settings(InSettings)
{
}

void FTownSky::Make(const FTownPlan& Plan)
{
  Sun = NewObject<UDirectionalLightComponent>(&Town);
  Sun->SetAtmosphereSunLight(true);
  Sun->SetCastShadows(true);
  ASimBridgeTown::Adopt(Town, *Sun);

  // The atmosphere's ground is at sea level, which is the world's origin.
  USkyAtmosphereComponent* Atmosphere = NewObject<USkyAtmosphereComponent>(&Town);
  Atmosphere->TransformMode = ESkyAtmosphereTransformMode::PlanetTopAtAbsoluteWorldOrigin;
  ASimBridgeTown::Adopt(Town, *Atmosphere);

  SkyLight = NewObject<USkyLightComponent>(&Town);
  SkyLight->bRealTimeCapture = true;
  ASimBridgeTown::Adopt(Town, *SkyLight);

  Air = NewObject<UExponentialHeightFogComponent>(&Town);
  ASimBridgeTown::Adopt(Town, *Air);

  Clouds = NewObject<UVolumetricCloudComponent>(&Town);
  ASimBridgeTown::Adopt(Town, *Clouds);

  MakeLamps(Plan);
  Change(Plan.Environment);
}

void FTownSky::MakeLamps(const FTownPlan& Plan)
{
  for (const FPlannedLamp& Told : Plan.Lamps)
  {
    UPointLightComponent* Lamp = NewObject<UPointLightComponent>(&Town);
    Lamp->SetIntensityUnits(ELightUnits::Lumens);
    Lamp->SetIntensity(static_cast<float>(Told.Lumens));
    Lamp->SetLightColor(Linear(Told.Color), false);
    Lamp->SetAttenuationRadius(static_cast<float>(Told.Range * CentimetresPerMetre));
    // Hundreds of lamps with shadows are more than a card keeps up with.
    Lamp->SetCastShadows(false);
    ASimBridgeTown::Adopt(Town, *Lamp);
    Lamp->SetWorldLocation(ToUnreal(Told.Position));
    Lamps.Add(Lamp);
  }
}

void FTownSky::Change(const FPlannedEnvironment& Environment)
{
  Daylight = DaylightOf(Environment);
  const simbridge::Vec3 Down{-Daylight.ToSun.x, -Daylight.ToSun.y, -Daylight.ToSun.z};
  // A light shines along its own X axis.
  Sun->SetWorldRotation(FRotationMatrix::MakeFromX(DirectionToUnreal(Down)).ToQuat());
  Sun->SetIntensity(static_cast<float>(Daylight.SunLux));
  Sun->SetLightColor(Linear(Daylight.SunColor), false);
  Sun->SetVisibility(Daylight.SunLux > 0.0);

  Air->SetFogDensity(FogDensityOf(Daylight.ExtinctionPerMetre));
  Air->SetFogHeightFalloff(0.002f);
  Air->SetFogMaxOpacity(1.0f);
  Clouds->SetVisibility(Environment.Numbers.cloud_cover > 0.05);
  for (UPointLightComponent* Lamp : Lamps)
  {
    Lamp->SetVisibility(Environment.Numbers.lamps_lit);
  }
  SetSurfaces(Environment);
  Fall(Rain, Settings.RainActor, Environment.Numbers.rain > 0.0);
  Fall(Snow, Settings.SnowActor, Environment.Numbers.snowfall > 0.0);
}

void FTownSky::SetSurfaces(const FPlannedEnvironment& Environment) const
{
  UWorld* World = Town.GetWorld();
  if (Parents.Weather == nullptr || World == nullptr)
  {
    return;
  }
  UMaterialParameterCollectionInstance* Values = World->GetParameterCollectionInstance(Parents.Weather);
  const simbridge::Environment& Numbers = Environment.Numbers;
  const FVector Wind = DirectionToUnreal({-FMath::Cos(Numbers.wind_from_rad), -FMath::Sin(Numbers.wind_from_rad), 0.0});
  struct FNumber
  {
    const TCHAR* Name;
    double Value;
  };
  const FNumber All[] = {{TEXT("Wetness"), Numbers.wetness}, {TEXT("Snow"), Numbers.snow_cover},
    {TEXT("Rain"), Numbers.rain}, {TEXT("Snowfall"), Numbers.snowfall}, {TEXT("Night"), Daylight.Night},
    {TEXT("WindX"), Wind.X * Numbers.wind_m_s}, {TEXT("WindY"), Wind.Y * Numbers.wind_m_s}};
  for (const FNumber& One : All)
  {
    if (!Values->SetScalarParameterValue(FName(One.Name), static_cast<float>(One.Value)))
    {
      UE_LOG(LogSimBridge, Warning, TEXT("The collection %s has no scalar %s. Make it anew with `py simbridge_parents.py`."),
        *Parents.Weather->GetPathName(), One.Name);
    }
  }
}

void FTownSky::Fall(TWeakObjectPtr<AActor>& Actor, const FSoftClassPath& Class, bool bIsWanted)
{
  if (AActor* There = Actor.Get())
  {
    There->SetActorHiddenInGame(!bIsWanted);
    return;
  }
  UClass* Loaded = bIsWanted && Class.IsValid() ? Class.TryLoadClass<AActor>() : nullptr;
  if (Loaded != nullptr)
  {
    AActor* Made = Town.GetWorld()->SpawnActor<AActor>(Loaded, FTransform::Identity);
    Actor = Made;
    Town.Bodies.Add(Made);
  }
}

void FTownSky::FollowViewer(const FVector& Viewer)
{
  for (const TWeakObjectPtr<AActor>& Falling : {Rain, Snow})
  {
    if (AActor* There = Falling.Get())
    {
      There->SetActorLocation(Viewer);
    }
  }
}
}  // namespace UE::SimBridge
