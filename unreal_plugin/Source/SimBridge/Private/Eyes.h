// A pool of scene captures: each camera and modality has one, drawn when a look is asked for and fetched when it is ready.
#pragma once

#include "CoreMinimal.h"
#include "Components/SceneCaptureComponent2D.h"
#include "Engine/TextureRenderTarget2D.h"
#include "UObject/StrongObjectPtr.h"

#include "Readback.h"

#include "SimBridge/WorldBackend.h"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

class AActor;
class ASimBridgeTown;
class UMaterialInterface;
class USimBridgeSettings;
class UWorld;

namespace UE::SimBridge
{
/// A camera where it is now, in Unreal's frame.
struct FView
{
  std::string Name;
  FVector Location;
  FQuat Rotation;
  uint32 Width = 0, Height = 0;
  double FovY = 0.0;
};

class FEyes
{
public:
  FEyes(UWorld& InWorld, const USimBridgeSettings& InSettings) : World(InWorld), Settings(InSettings) {}
  ~FEyes();

  FEyes(const FEyes&) = delete;
  FEyes& operator=(const FEyes&) = delete;

  /// Draws all views in all modalities, now, while the world stands still at `Tick`: pictures cannot show another.
  bool Look(uint64 Number, uint64 Tick, const std::vector<FView>& Views, simbridge::View<simbridge::Modality> Modalities,
    const ASimBridgeTown& Town, double Ev100, simbridge::Failure& Failure);

  simbridge::Progress Take(uint64 Number, simbridge::Sight& Sight, simbridge::Failure& Failure);
  void Drop(uint64 Number);

private:
  struct FEye
  {
    std::string Camera;
    simbridge::Modality Modality = simbridge::Modality::rgb;
    uint32 Width = 0, Height = 0;
    TStrongObjectPtr<USceneCaptureComponent2D> Capture;
    TStrongObjectPtr<UTextureRenderTarget2D> Target;
    FReadback Picture;
    const ASimBridgeTown* TwinsOf = nullptr;
    uint32 TwinChanges = 0;
    uint64 LastLook = 0;
    bool bIsBusy = false;
  };

  struct FGlance
  {
    uint32 Camera = 0;
    simbridge::Modality Modality = simbridge::Modality::rgb;
    FEye* Eye = nullptr;
    /// With normals: whose depth says where the sky is.
    FEye* Depth = nullptr;
  };

  struct FPending
  {
    uint64 Tick = 0;
    std::vector<FGlance> Glances;
    std::vector<FEye*> Eyes;
  };

  FEye* EyeFor(const FView& View, simbridge::Modality Modality, FPending& For, simbridge::Failure& Failure);
  FEye* Draw(const FView& View, simbridge::Modality Modality, const ASimBridgeTown& Town, double Ev100, FPending& For,
    simbridge::Failure& Failure);
  void Prepare(FEye& Eye) const;
  void Free(const FPending& Pending);

  UWorld& World;
  const USimBridgeSettings& Settings;
  TWeakObjectPtr<AActor> Holder;
  std::vector<std::unique_ptr<FEye>> Eyes;
  std::unordered_map<uint64, FPending> Looks;
  uint64 LooksSoFar = 0;
};
}  // namespace UE::SimBridge
