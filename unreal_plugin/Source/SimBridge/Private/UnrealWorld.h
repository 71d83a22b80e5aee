// Unreal behind the core: what the contract orders, done to a town in one game world.
#pragma once

#include "CoreMinimal.h"

#include "SimBridge/WorldBackend.h"

#include "Eyes.h"
#include "Town.h"

class USimBridgeSettings;
class UWorld;

namespace UE::SimBridge
{
class FUnrealWorld final : public simbridge::IWorldBackend
{
public:
  FUnrealWorld(UWorld& InWorld, const USimBridgeSettings& InSettings);
  virtual ~FUnrealWorld() override;

  virtual simbridge::BackendInfo Info() const override;

  virtual bool BeginBuild(const simbridge::BuildBegin& Begin, simbridge::Failure& Failure) override;
  virtual bool AcceptHeights(const simbridge::HeightRows& Rows, simbridge::Failure& Failure) override;
  virtual bool AcceptMaterial(const simbridge::BuildMaterial& Material, simbridge::Failure& Failure) override;
  virtual bool AcceptMesh(const simbridge::MeshPiece& Piece, simbridge::Failure& Failure) override;
  virtual bool AcceptAsset(const simbridge::BuildAsset& Asset, simbridge::Failure& Failure) override;
  virtual bool AcceptPlacements(const simbridge::BuildPlacements& Placements, simbridge::Failure& Failure) override;
  virtual bool AcceptPart(const simbridge::BuildPart& Part, simbridge::Failure& Failure) override;
  virtual bool AcceptWater(const simbridge::BuildWater& Water, simbridge::Failure& Failure) override;
  virtual bool AcceptLamps(const simbridge::BuildLamps& Lamps, simbridge::Failure& Failure) override;
  virtual bool AcceptEnvironment(const simbridge::Environment& Environment, simbridge::Failure& Failure) override;
  virtual bool AcceptAgent(const simbridge::BuildAgent& Agent, simbridge::Failure& Failure) override;
  virtual bool AcceptCamera(const simbridge::Camera& Camera, simbridge::Failure& Failure) override;
  virtual simbridge::Progress FinishBuild(simbridge::Failure& Failure) override;
  virtual void AbortBuild() override;

  virtual simbridge::Progress Reset(uint64_t Seed, simbridge::Failure& Failure) override;
  virtual bool Tell(simbridge::View<simbridge::AgentAction> Actions, simbridge::Failure& Failure) override;
  virtual void TickBegins() override;
  virtual void TickEnds(uint64_t Tick) override;
  virtual bool Edit(const simbridge::EditPlan& Plan, simbridge::Failure& Failure) override;
  virtual bool SetPoses(simbridge::View<simbridge::Text> Names, simbridge::View<double> Poses, uint64_t Tick,
    simbridge::Failure& Failure) override;
  virtual simbridge::WorldView World() const override;
  virtual uint64_t StateHash() const override;

  virtual bool RequestLook(const simbridge::LookRequest& Request, simbridge::Failure& Failure) override;
  virtual simbridge::Progress TakeLook(uint64_t Number, simbridge::Sight& Sight, simbridge::Failure& Failure) override;
  virtual void DropLook(uint64_t Number) override;

private:
  bool HasTown(simbridge::Failure& Failure) const;

  UWorld& Game;
  const USimBridgeSettings& Settings;
  FMaterialParents Parents;
  FEyes Eyes;
  /// The town that is there, the plan of the next one while it is told, and the next one while it is made.
  TUniquePtr<FTown> Present;
  TUniquePtr<FTownPlan> Told;
  TUniquePtr<FTown> Coming;
  uint64 Tick = 0, Seed = 0;
};
}  // namespace UE::SimBridge
