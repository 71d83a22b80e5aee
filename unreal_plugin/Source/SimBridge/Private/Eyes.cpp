// Scene captures drawn between two ticks, while the game thread holds the world: no picture can be of another tick.
#include "Eyes.h"

#include "Engine/World.h"
#include "RenderingThread.h"

#include "Frames.h"
#include "Pixels.h"
#include "SimBridgeSettings.h"
#include "SimBridgeTown.h"

#include <algorithm>

namespace UE::SimBridge
{
using simbridge::Modality;
using simbridge::Progress;

namespace
{
EPixelFormat FormatOf(Modality What)
{
  switch (What)
  {
    case Modality::rgb:
      return PF_B8G8R8A8;
    case Modality::depth:
      return PF_R32_FLOAT;
    default:
      return PF_A32B32G32R32F;
  }
}

ESceneCaptureSource SourceOf(Modality What)
{
  switch (What)
  {
    case Modality::rgb:
      return SCS_FinalColorLDR;
    case Modality::depth:
      return SCS_SceneDepth;
    case Modality::normals:
      return SCS_Normal;
    default:
      return SCS_SceneColorHDRNoAlpha;
  }
}

/// Nothing may come between an id's colour and the picture: no light, air, lens, or mixture of neighbouring pixels.
void ShowColorsAlone(FEngineShowFlags& Flags)
{
  Flags.SetLighting(false);
  Flags.SetFog(false);
  Flags.SetAtmosphere(false);
  Flags.SetVolumetricFog(false);
  Flags.SetCloud(false);
  Flags.SetPostProcessing(false);
  Flags.SetBloom(false);
  Flags.SetEyeAdaptation(false);
  Flags.SetTonemapper(false);
  Flags.SetMotionBlur(false);
  Flags.SetDepthOfField(false);
  Flags.SetAntiAliasing(false);
  Flags.SetTemporalAA(false);
  Flags.SetLumenGlobalIllumination(false);
  Flags.SetLumenReflections(false);
  Flags.SetScreenSpaceReflections(false);
  Flags.SetAmbientOcclusion(false);
  Flags.SetDynamicShadows(false);
  Flags.SetDecals(false);
  Flags.SetParticles(false);
}
}  // namespace

FEyes::~FEyes()
{
  // What is on its way is let go on the render thread first.
  FlushRenderingCommands();
  Looks.clear();
  Eyes.clear();
  if (AActor* There = Holder.Get())
  {
    There->Destroy();
  }
}

void FEyes::Prepare(FEye& Eye) const
{
  USceneCaptureComponent2D& Capture = *Eye.Capture;
  UTextureRenderTarget2D& Target = *Eye.Target;
  Target.ClearColor = FLinearColor::Black;
  Target.bAutoGenerateMips = false;
  Target.TargetGamma = Eye.Modality == Modality::rgb ? 2.2f : 1.0f;
  Target.InitCustomFormat(Eye.Width, Eye.Height, FormatOf(Eye.Modality), Eye.Modality != Modality::rgb);
  Target.UpdateResourceImmediate(true);

  Capture.TextureTarget = &Target;
  Capture.CaptureSource = SourceOf(Eye.Modality);
  Capture.bCaptureEveryFrame = false;
  Capture.bCaptureOnMovement = false;
  Capture.bAlwaysPersistRenderingState = Eye.Modality == Modality::rgb;
  Capture.bOverride_CustomNearClippingPlane = true;
  Capture.CustomNearClippingPlane = 2.0f;
  if (Eye.Modality == Modality::segmentation)
  {
    Capture.PrimitiveRenderMode = ESceneCapturePrimitiveRenderMode::PRM_UseShowOnlyList;
    ShowColorsAlone(Capture.ShowFlags);
    return;
  }
  Capture.PrimitiveRenderMode = ESceneCapturePrimitiveRenderMode::PRM_RenderScenePrimitives;
  Capture.ShowFlags.SetMotionBlur(false);
  if (Eye.Modality != Modality::rgb)
  {
    Capture.ShowFlags.SetAntiAliasing(false);
    Capture.ShowFlags.SetTemporalAA(false);
    Capture.ShowFlags.SetParticles(false);
    return;
  }
  // One exposure for all cameras of a moment, none that follows what happens to be in view.
  Capture.PostProcessBlendWeight = 1.0f;
  FPostProcessSettings& Lens = Capture.PostProcessSettings;
  Lens.bOverride_AutoExposureMethod = true;
  Lens.AutoExposureMethod = AEM_Manual;
  Lens.bOverride_AutoExposureApplyPhysicalCameraExposure = true;
  Lens.AutoExposureApplyPhysicalCameraExposure = 0;
  Lens.bOverride_AutoExposureBias = true;
  Lens.bOverride_VignetteIntensity = true;
  Lens.VignetteIntensity = 0.0f;
  Lens.bOverride_MotionBlurAmount = true;
  Lens.MotionBlurAmount = 0.0f;
}

FEyes::FEye* FEyes::EyeFor(const FView& View, Modality What, FPending& For, simbridge::Failure& Failure)
{
  FEye* Oldest = nullptr;
  for (const std::unique_ptr<FEye>& Eye : Eyes)
  {
    if (Eye->bIsBusy)
    {
      continue;
    }
    if (Eye->Camera == View.Name && Eye->Modality == What && Eye->Width == View.Width && Eye->Height == View.Height)
    {
      Eye->bIsBusy = true;
      For.Eyes.push_back(Eye.get());
      return Eye.get();
    }
    if (Oldest == nullptr || Eye->LastLook < Oldest->LastLook)
    {
      Oldest = Eye.get();
    }
  }
  if (Eyes.size() >= static_cast<size_t>(Settings.MostCaptures))
  {
    if (Oldest == nullptr)
    {
      Failure.Set("OverQuota",
        "All " + std::to_string(Eyes.size()) + " captures are in use. Ask for fewer cameras or modalities at once, or raise "
        "MostCaptures in the project's settings for simbridge.");
      return nullptr;
    }
    Oldest->Capture->DestroyComponent();
    Eyes.erase(std::find_if(Eyes.begin(), Eyes.end(), [&](const std::unique_ptr<FEye>& One) { return One.get() == Oldest; }));
  }
  if (!Holder.IsValid())
  {
    FActorSpawnParameters Spawning;
    Spawning.ObjectFlags |= RF_Transient;
    AActor* Made = World.SpawnActor<AActor>(AActor::StaticClass(), FTransform::Identity, Spawning);
    USceneComponent* Root = NewObject<USceneComponent>(Made);
    Made->SetRootComponent(Root);
    ASimBridgeTown::Adopt(*Made, *Root);
    Holder = Made;
  }
  std::unique_ptr<FEye> Eye = std::make_unique<FEye>();
  Eye->Camera = View.Name;
  Eye->Modality = What;
  Eye->Width = View.Width;
  Eye->Height = View.Height;
  Eye->Capture.Reset(NewObject<USceneCaptureComponent2D>(Holder.Get()));
  Eye->Target.Reset(NewObject<UTextureRenderTarget2D>(Holder.Get()));
  Prepare(*Eye);
  ASimBridgeTown::Adopt(*Holder, *Eye->Capture);
  Eye->bIsBusy = true;
  For.Eyes.push_back(Eye.get());
  Eyes.push_back(std::move(Eye));
  return Eyes.back().get();
}

FEyes::FEye* FEyes::Draw(const FView& View, Modality What, const ASimBridgeTown& Town, double Ev100, FPending& For,
  simbridge::Failure& Failure)
{
  FEye* Eye = EyeFor(View, What, For, Failure);
  if (Eye == nullptr)
  {
    return nullptr;
  }
  USceneCaptureComponent2D& Capture = *Eye->Capture;
  Capture.SetWorldLocationAndRotation(View.Location, View.Rotation);
  const double Across = FMath::Tan(0.5 * View.FovY) * View.Width / View.Height;
  Capture.FOVAngle = static_cast<float>(FMath::RadiansToDegrees(2.0 * FMath::Atan(Across)));
  if (Eye->TwinsOf != &Town || Eye->TwinChanges != Town.TwinChanges())
  {
    TArray<TWeakObjectPtr<UPrimitiveComponent>> Twins;
    for (UPrimitiveComponent* Twin : Town.Twins)
    {
      Twins.Add(Twin);
    }
    (What == Modality::segmentation ? Capture.ShowOnlyComponents : Capture.HiddenComponents) = MoveTemp(Twins);
    Eye->TwinsOf = &Town;
    Eye->TwinChanges = Town.TwinChanges();
  }
  int32 Draws = 1;
  if (What == Modality::rgb)
  {
    Capture.PostProcessSettings.AutoExposureBias = static_cast<float>(-Ev100) + Settings.ExposureBias;
    Draws += Eye->LastLook == 0 ? Settings.WarmUpCaptures : 0;
  }
  for (int32 At = 0; At < Draws; ++At)
  {
    Capture.CaptureScene();
  }
  Eye->LastLook = LooksSoFar;
  Eye->Picture.Begin(*Eye->Target);
  return Eye;
}

bool FEyes::Look(uint64 Number, uint64 Tick, const std::vector<FView>& Views, simbridge::View<Modality> Modalities,
  const ASimBridgeTown& Town, double Ev100, simbridge::Failure& Failure)
{
  ++LooksSoFar;
  FPending Pending;
  Pending.Tick = Tick;
  for (size_t Camera = 0; Camera < Views.size(); ++Camera)
  {
    FEye* Depth = nullptr;
    const bool bHasDepth = std::find(Modalities.begin(), Modalities.end(), Modality::depth) != Modalities.end();
    const bool bHasNormals = std::find(Modalities.begin(), Modalities.end(), Modality::normals) != Modalities.end();
    if (bHasDepth || bHasNormals)
    {
      Depth = Draw(Views[Camera], Modality::depth, Town, Ev100, Pending, Failure);
    }
    for (const Modality What : Modalities)
    {
      FEye* Eye = What == Modality::depth ? Depth : Draw(Views[Camera], What, Town, Ev100, Pending, Failure);
      Pending.Glances.push_back({static_cast<uint32>(Camera), What, Eye, What == Modality::normals ? Depth : nullptr});
      if (Failure)
      {
        Free(Pending);
        return false;
      }
    }
  }
  // When this returns the render thread has drawn all of them and the card has the work: whatever ticks next, they show this.
  FlushRenderingCommands();
  Looks.emplace(Number, std::move(Pending));
  return true;
}

void FEyes::Free(const FPending& Pending)
{
  for (FEye* Eye : Pending.Eyes)
  {
    Eye->bIsBusy = false;
  }
}

Progress FEyes::Take(uint64 Number, simbridge::Sight& Sight, simbridge::Failure& Failure)
{
  const auto Found = Looks.find(Number);
  if (Found == Looks.end())
  {
    Failure.Set("EngineFailed", "Look " + std::to_string(Number) + " was never begun. This is a fault of the plug-in.");
    return Progress::failed;
  }
  FPending& Pending = Found->second;
  bool bIsHere = true;
  for (FEye* Eye : Pending.Eyes)
  {
    if (Eye->Picture.HasFailed())
    {
      Failure.Set("EngineFailed",
        "The picture of camera '" + Eye->Camera + "' did not come back from the graphics card. Is the game run with -nullrhi? "
        "Run it with -RenderOffscreen instead.");
      Free(Pending);
      Looks.erase(Found);
      return Progress::failed;
    }
    bIsHere = Eye->Picture.Poll() && bIsHere;
  }
  if (!bIsHere)
  {
    return Progress::pending;
  }
  Sight.tick = Pending.Tick;
  Sight.pictures.clear();
  for (const FGlance& Glance : Pending.Glances)
  {
    simbridge::Picture Picture;
    Picture.camera = Glance.Camera;
    Picture.modality = Glance.Modality;
    const std::vector<uint8>& Bytes = Glance.Eye->Picture.Bytes();
    switch (Glance.Modality)
    {
      case Modality::rgb:
        Picture.bytes = RgbOfBgra(Bytes);
        break;
      case Modality::depth:
        Picture.bytes = DepthOfCentimetres(Bytes);
        break;
      case Modality::segmentation:
        Picture.bytes = IdsOfColors(Bytes);
        break;
      case Modality::normals:
        Picture.bytes = NormalsOfUnreal(Bytes, DepthOfCentimetres(Glance.Depth->Picture.Bytes()));
        break;
    }
    Sight.pictures.push_back(std::move(Picture));
  }
  Free(Pending);
  Looks.erase(Found);
  return Progress::done;
}

void FEyes::Drop(uint64 Number)
{
  const auto Found = Looks.find(Number);
  if (Found != Looks.end())
  {
    Free(Found->second);
    Looks.erase(Found);
  }
}
}  // namespace UE::SimBridge
