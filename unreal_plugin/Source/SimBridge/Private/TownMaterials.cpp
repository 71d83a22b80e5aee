// Dynamic material instances: colour, roughness and glow are parameters, so that no shader is compiled for a town.
#include "TownMaterials.h"

#include "Materials/MaterialInstanceDynamic.h"
#include "Materials/MaterialInterface.h"
#include "Materials/MaterialParameterCollection.h"
#include "UObject/SoftObjectPath.h"

#include "SimBridgeLog.h"
#include "SimBridgeSettings.h"

#include <initializer_list>

namespace UE::SimBridge
{
namespace
{
const FName ColorName(TEXT("Color"));
const FName RoughnessName(TEXT("Roughness"));
const FName MetallicName(TEXT("Metallic"));
const FName EmissionName(TEXT("Emission"));
const FName NightOnlyName(TEXT("NightOnly"));
const FName GrainsPerCmName(TEXT("GrainsPerCm"));
const FName HasGrainName(TEXT("HasGrain"));
const FName IdColorName(TEXT("IdColor"));

template <typename T>
T* LoadParent(const FSoftObjectPath& Path, const TCHAR* Without)
{
  T* Found = Cast<T>(Path.TryLoad());
  if (Found == nullptr)
  {
    UE_LOG(LogSimBridge, Warning,
      TEXT("There is no %s: %s Run `py simbridge_parents.py` in the editor once, which makes all of them."), *Path.ToString(),
      Without);
  }
  return Found;
}

/// How coarse a pattern's grain is in the parent's noise [m]; 0 for smooth things.
float GrainOf(const std::string& Pattern)
{
  static const std::unordered_map<std::string, float> Grains = {{"brick", 0.08f}, {"cobble", 0.12f}, {"stone", 0.3f},
    {"planks", 0.15f}, {"concrete", 0.5f}, {"plaster", 0.4f}, {"asphalt", 0.03f}, {"paving", 0.5f}, {"gravel", 0.04f},
    {"grass", 0.1f}, {"sand", 0.05f}, {"soil", 0.1f}, {"rock", 0.6f}, {"foliage", 0.15f}, {"bark", 0.05f},
    {"roof-tiles", 0.2f}, {"shingles", 0.2f}, {"thatch", 0.05f}, {"corrugated", 0.1f}, {"crops", 0.3f}};
  const auto Found = Grains.find(Pattern);
  return Found == Grains.end() ? 0.0f : Found->second;
}

FLinearColor Linear(const simbridge::Vec3& Color)
{
  return FLinearColor(static_cast<float>(Color.x), static_cast<float>(Color.y), static_cast<float>(Color.z), 1.0f);
}
}  // namespace

FMaterialParents FMaterialParents::Load(const USimBridgeSettings& Settings)
{
  FMaterialParents Parents;
  Parents.Surface = LoadParent<UMaterialInterface>(Settings.SurfaceMaterial, TEXT("plain colours are used."));
  if (Parents.Surface == nullptr)
  {
    // Every engine has this one; its colour is a parameter as well.
    const FSoftObjectPath Plain(TEXT("/Engine/BasicShapes/BasicShapeMaterial.BasicShapeMaterial"));
    Parents.Surface = Cast<UMaterialInterface>(Plain.TryLoad());
  }
  Parents.Water = LoadParent<UMaterialInterface>(Settings.WaterMaterial, TEXT("water is a plain colour."));
  if (Parents.Water == nullptr)
  {
    Parents.Water = Parents.Surface;
  }
  Parents.InstanceId = LoadParent<UMaterialInterface>(Settings.InstanceIdMaterial, TEXT("there are no label images."));
  Parents.SingleId = LoadParent<UMaterialInterface>(Settings.SingleIdMaterial, TEXT("there are no label images."));
  Parents.Weather =
    LoadParent<UMaterialParameterCollection>(Settings.WeatherCollection, TEXT("surfaces do not get wet or snowed on."));
  for (UObject* One : std::initializer_list<UObject*>{
         Parents.Surface, Parents.Water, Parents.InstanceId, Parents.SingleId, Parents.Weather})
  {
    if (One != nullptr)
    {
      Parents.Alive.Add(TStrongObjectPtr<UObject>(One));
    }
  }
  return Parents;
}

void FTownMaterials::Make(const FTownPlan& Plan, TArray<TObjectPtr<UObject>>& Kept)
{
  for (const FPlannedMaterial& Told : Plan.Materials)
  {
    UMaterialInstanceDynamic* Made = UMaterialInstanceDynamic::Create(Parents.Surface, &Owner);
    Made->SetVectorParameterValue(ColorName, Linear(Told.BaseColor));
    Made->SetScalarParameterValue(RoughnessName, static_cast<float>(Told.Roughness));
    Made->SetScalarParameterValue(MetallicName, static_cast<float>(Told.Metallic));
    Made->SetVectorParameterValue(EmissionName, Linear(Told.Emission));
    Made->SetScalarParameterValue(NightOnlyName, Told.bGlowsAtNight ? 1.0f : 0.0f);
    const float Grain = GrainOf(Told.Pattern);
    Made->SetScalarParameterValue(HasGrainName, Grain > 0.0f ? 1.0f : 0.0f);
    Made->SetScalarParameterValue(GrainsPerCmName, Grain > 0.0f ? 0.01f / Grain : 0.0f);
    ByName.emplace(Told.Name, Made);
    Kept.Add(Made);
  }
}

UMaterialInterface* FTownMaterials::Of(const std::string& Name) const
{
  const auto Found = ByName.find(Name);
  return Found == ByName.end() ? Parents.Surface : Found->second;
}

UMaterialInterface* FTownMaterials::Painted(UMaterialInterface* Was, const simbridge::Vec3& Color) const
{
  UMaterialInstanceDynamic* Made = UMaterialInstanceDynamic::Create(Parents.Surface, &Owner);
  if (UMaterialInstanceDynamic* Before = Cast<UMaterialInstanceDynamic>(Was))
  {
    Made->CopyParameterOverrides(Before);
  }
  Made->SetVectorParameterValue(ColorName, Linear(Color));
  return Made;
}

UMaterialInterface* FTownMaterials::MakeWater(const FTownPlan& Plan) const
{
  UMaterialInstanceDynamic* Made = UMaterialInstanceDynamic::Create(Parents.Water, &Owner);
  for (const FPlannedMaterial& Told : Plan.Materials)
  {
    if (Told.Pattern == "water")
    {
      Made->SetVectorParameterValue(ColorName, Linear(Told.BaseColor));
      return Made;
    }
  }
  Made->SetVectorParameterValue(ColorName, FLinearColor(0.02f, 0.06f, 0.08f, 1.0f));
  return Made;
}

UMaterialInterface* FTownMaterials::MakeSingleId(int32 Id) const
{
  if (Parents.SingleId == nullptr)
  {
    return nullptr;
  }
  UMaterialInstanceDynamic* Made = UMaterialInstanceDynamic::Create(Parents.SingleId, &Owner);
  Made->SetVectorParameterValue(IdColorName, ColorOfId(Id));
  return Made;
}

FLinearColor ColorOfId(int32 Id)
{
  const uint32 Bits = static_cast<uint32>(Id);
  return FLinearColor(static_cast<float>(Bits & 255u) / 255.0f, static_cast<float>((Bits >> 8) & 255u) / 255.0f,
    static_cast<float>((Bits >> 16) & 255u) / 255.0f, 1.0f);
}
}  // namespace UE::SimBridge
