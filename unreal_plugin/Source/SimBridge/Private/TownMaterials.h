// Materials of a town: one dynamic instance of a parent for each material told, and those that draw ids.
#pragma once

#include "CoreMinimal.h"
#include "UObject/StrongObjectPtr.h"

#include "TownPlan.h"

class UMaterialInstanceDynamic;
class UMaterialInterface;
class UMaterialParameterCollection;
class USimBridgeSettings;

namespace UE::SimBridge
{
/// What all materials descend from; loaded once. A parent that is missing is null, and the log says how to make it.
struct FMaterialParents
{
  UMaterialInterface* Surface = nullptr;
  UMaterialInterface* Water = nullptr;
  UMaterialInterface* InstanceId = nullptr;
  UMaterialInterface* SingleId = nullptr;
  UMaterialParameterCollection* Weather = nullptr;
  /// Nothing of them may be collected while no town is there.
  TArray<TStrongObjectPtr<UObject>> Alive;

  static FMaterialParents Load(const USimBridgeSettings& Settings);

  /// Whether label images can be drawn.
  bool CanShowIds() const { return InstanceId != nullptr && SingleId != nullptr; }
};

/// The materials of one town. What they make belongs to Owner, which keeps it from being collected.
class FTownMaterials
{
public:
  FTownMaterials(const FMaterialParents& InParents, UObject& InOwner) : Parents(InParents), Owner(InOwner) {}

  void Make(const FTownPlan& Plan, TArray<TObjectPtr<UObject>>& Kept);

  /// The material of that name; the parent itself for names that were not told.
  UMaterialInterface* Of(const std::string& Name) const;

  /// Another instance of a material, in one colour (linear).
  UMaterialInterface* Painted(UMaterialInterface* Was, const simbridge::Vec3& Color) const;

  UMaterialInterface* MakeWater(const FTownPlan& Plan) const;

  /// Unlit, in the colour that means an id.
  UMaterialInterface* MakeSingleId(int32 Id) const;

  UMaterialInterface* InstanceId() const { return Parents.InstanceId; }

private:
  FMaterialParents Parents;
  UObject& Owner;
  std::unordered_map<std::string, UMaterialInstanceDynamic*> ByName;
};

/// An id of up to 24 bits as a colour of three bytes from 0 to 1, the lowest byte in red (Pixels.h reads it back).
FLinearColor ColorOfId(int32 Id);
}  // namespace UE::SimBridge
