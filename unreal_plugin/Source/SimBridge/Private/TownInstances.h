// Everything that stands where it was put: instances of static meshes, thousands in one component, each with an id.
#pragma once

#include "CoreMinimal.h"

#include "TownMaterials.h"
#include "TownPlan.h"

class ASimBridgeTown;
class UInstancedStaticMeshComponent;
class UPrimitiveComponent;
class UStaticMesh;
class UStaticMeshComponent;

namespace UE::SimBridge
{
/// Four floats an instance: the paint's red, green and blue, and whether there is any. The twin's: the id's three bytes.
class FTownInstances
{
public:
  FTownInstances(const FTownMaterials& InMaterials, ASimBridgeTown& InTown) : Materials(InMaterials), Town(InTown) {}

  struct FOne
  {
    std::string Name;
    FTransform Place;
    int32 Id = 0;
  };

  /// Many copies of one mesh at once. Those of the town itself are there again after every Restore.
  void Add(int32 Asset, UStaticMesh& Mesh, const TArray<FOne>& All, bool bIsOfTown);

  bool Knows(const std::string& Name) const { return ByName.find(Name) != ByName.end(); }
  bool IsThere(const std::string& Name) const;
  FTransform Place(const std::string& Name) const;

  void Move(const std::string& Name, const FTransform& To);
  /// Puts it out of everybody's sight; its number stays its own, so that no other moves up.
  void Remove(const std::string& Name);
  void Paint(const std::string& Name, const simbridge::Vec3& Color);
  void Resize(const std::string& Name, const FVector& Scale);
  /// One instance cannot be made invisible: a hidden one is away, and an unseen mesh stands where it would be touched.
  void Hide(const std::string& Name, bool bIsHidden);

  /// Everything of the town where it was told, unpainted; what came later is gone.
  void Restore();

  /// Hands what was changed to the renderer; once after a batch.
  void Show();

  /// Whose instance a component's item is: what a trace has hit. Empty for none of these.
  std::string NameAt(const UPrimitiveComponent* Component, int32 Item) const;

private:
  struct FKind
  {
    UInstancedStaticMeshComponent* Seen = nullptr;
    UInstancedStaticMeshComponent* Twin = nullptr;
    std::vector<std::string> Names;
    bool bIsDirty = false;
  };

  struct FThing
  {
    int32 Kind = 0, Index = 0;
    FTransform First, Now;
    /// What is touched in the place of a hidden one.
    UStaticMeshComponent* Ghost = nullptr;
    bool bIsOfTown = true, bIsThere = true, bIsPainted = false;
  };

  int32 KindOf(int32 Asset, UStaticMesh& Mesh);
  void Put(FThing& Thing, const FTransform& To);
  void Unpaint(FThing& Thing);
  void SetHidden(FThing& Thing, bool bIsHidden);

  const FTownMaterials& Materials;
  ASimBridgeTown& Town;
  std::vector<FKind> Kinds;
  std::unordered_map<int32, int32> KindByAsset;
  std::unordered_map<std::string, FThing> ByName;
};
}  // namespace UE::SimBridge
