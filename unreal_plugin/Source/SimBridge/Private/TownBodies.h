// Everything that moves: made as actors, led a tick at a time by the core's rules, and told back where it is.
#pragma once

#include "CoreMinimal.h"

#include "SimBridge/Doings.h"
#include "SimBridge/Motion.h"
#include "SimBridge/WorldBackend.h"

#include "SimBridgeThing.h"
#include "TownInstances.h"
#include "TownPlan.h"

#include <map>

class ACharacter;
class ASimBridgeTown;
class UMaterialInterface;
class USimBridgeSettings;
class UStaticMesh;

namespace UE::SimBridge
{
class FTownBodies final : public simbridge::IDoingWorld, public IBumps
{
public:
  FTownBodies(const FTownPlan& InPlan, const FTownMaterials& InMaterials, FTownInstances& InInstances, ASimBridgeTown& InTown,
    const USimBridgeSettings& InSettings);

  /// Makes a body. One that was there before under this name is the same again, somewhere else.
  void Add(const FPlannedThing& Thing, UStaticMesh* Mesh, bool bIsOfTown);
  void Move(const std::string& Name, const simbridge::Pose& To);
  void Remove(const std::string& Name);
  void Paint(const std::string& Name, const simbridge::Vec3& Color);
  void Resize(const std::string& Name, const simbridge::Vec3& Scale);
  void Hide(const std::string& Name, bool bIsHidden);
  bool IsThere(const std::string& Name) const;

  /// Everybody where the plan says, at rest, with nothing in hand.
  void Restore();
  void Weather(const simbridge::Environment& Environment) { Footing = simbridge::FootingIn(Environment); }

  /// Orders of agents, before any tick.
  void Begin(const simbridge::AgentAction& Action, double Tick) { Doings.Begin(Action, Tick); }
  void TickBegins(double Tick);
  void TickEnds(double Tick);

  /// A puppet's pose: no movement of its own until the next reset.
  bool SetPose(const std::string& Name, const simbridge::Pose& Pose);

  /// The world's columns; good until the next change.
  void Tell(simbridge::WorldView& View);
  bool Transform(const std::string& Name, FTransform& Found) const;
  void Digest(std::string& Bytes) const;
  simbridge::Doings& Skills() { return Doings; }

  /// What a component belongs to that is no actor of a body: parts and the terrain.
  void NameComponent(const UPrimitiveComponent& Component, const std::string& Name)
  {
    ByComponent.emplace(&Component, Name);
  }

  // What doings ask, and do.
  virtual bool Facts(simbridge::Text Name, simbridge::ThingFacts& Found) const override;
  virtual std::vector<simbridge::Text> NamesOf(simbridge::Role Role, simbridge::Text Kind) const override;
  virtual double SurfaceBelow_m(const simbridge::Vec3& Point, simbridge::Text Without) const override;
  virtual bool IsClear(const simbridge::Vec3& From, const simbridge::Vec3& To, simbridge::Text Without) const override;
  virtual double WaterLevel_m(double X, double Y) const override { return Plan.WaterAt(X, Y); }
  virtual void Attach(simbridge::Text Name, simbridge::Text Carrier, const simbridge::Pose& Offset) override;
  virtual void Detach(simbridge::Text Name, const simbridge::Pose& Pose) override;
  virtual void Tell(simbridge::Text Body, const simbridge::Order& Order) override;
  virtual void SwingDoor(simbridge::Text Door, double Target) override;

  virtual void Bumped(AActor& One, AActor* Other, UPrimitiveComponent* OtherPart, int32 OtherItem, const FVector& Where,
    const FVector& Impulse) override;

private:
  struct FBody
  {
    std::string Name;
    int32 Asset = -1, Id = 0;
    simbridge::Role Role = simbridge::Role::walker;
    bool bIsAgent = false, bIsOfTown = true, bIsThere = true, bIsCarried = false, bIsPuppet = false, bIsHidden = false;
    /// Where it was first; of a door that was moved, where it hangs now.
    simbridge::Pose First, Closed;
    simbridge::Vec3 FirstScale{1, 1, 1}, Scale{1, 1, 1};
    simbridge::WalkerSize Walker{0.28, 1.75};

    AActor* Actor = nullptr;
    UStaticMeshComponent* Seen = nullptr;
    UStaticMeshComponent* Twin = nullptr;
    /// Of an asset's own actor: Chaos' vehicle movement, told by its functions' names.
    UActorComponent* Engine = nullptr;

    simbridge::Order Order;
    simbridge::Course Course;
    double Pitch = 0.0, Roll = 0.0, DoorAngle = 0.0, DoorTarget = 0.0;
    simbridge::Pose Now, Before;
    simbridge::Vec3 Speed, Spin;
  };

  FBody* Find(simbridge::Text Name);
  const FBody* Find(simbridge::Text Name) const;
  const FPlannedAsset* AssetOf(const FBody& Body) const;
  simbridge::Vec3 SizeOf(const FBody& Body) const;
  double MassOf(const FBody& Body) const;

  void MakeActor(FBody& Body, UStaticMesh* Mesh);
  void MakeFigure(FBody& Body, UStaticMesh* Mesh, AActor& Owner, UStaticMeshComponent* Figure);
  void Put(FBody& Body, const simbridge::Pose& Pose);
  void SetScale(FBody& Body, const simbridge::Vec3& Scale);
  void SetSolid(FBody& Body, bool bIsSolid);
  simbridge::Pose Read(const FBody& Body) const;
  void ListNames();

  void LeadWalker(FBody& Body, double Tick);
  void LeadWheels(FBody& Body, double Tick);
  void LeadBoat(FBody& Body, double Tick);
  void LeadDoor(FBody& Body, double Tick);
  void DriveEngine(FBody& Body) const;
  void Stop(FBody& Body) const;
  /// Moves a led body as far as nothing is in its way.
  void Sweep(FBody& Body, const simbridge::Pose& To);
  bool GroundBelow(const simbridge::Vec3& Point, const FBody& Body, double& Height) const;
  bool Trace(const FVector& From, const FVector& To, simbridge::Text Without, FHitResult& Hit) const;
  std::string NameOf(const AActor* Actor, const UPrimitiveComponent* Part, int32 Item) const;

  const FTownPlan& Plan;
  const FTownMaterials& Materials;
  FTownInstances& Instances;
  ASimBridgeTown& Town;
  const USimBridgeSettings& Settings;
  simbridge::Footing Footing;
  simbridge::Doings Doings;

  std::vector<std::unique_ptr<FBody>> Bodies;
  std::unordered_map<std::string, FBody*> ByName;
  std::unordered_map<const AActor*, FBody*> ByActor;
  std::unordered_map<const UPrimitiveComponent*, std::string> ByComponent;

  /// The columns that are told, rows in the order of Rows.
  std::vector<FBody*> Rows;
  std::vector<std::string> Names;
  uint64 NamesRevision = 0;
  bool bNamesAreOld = true;
  std::vector<double> Poses, Velocities;
  /// What touched during the tick, the strongest of each pair.
  std::map<std::pair<std::string, std::string>, simbridge::ContactView> Touched;
  std::vector<simbridge::ContactView> Contacts;
  double LastTick = 0.02;
};
}  // namespace UE::SimBridge
