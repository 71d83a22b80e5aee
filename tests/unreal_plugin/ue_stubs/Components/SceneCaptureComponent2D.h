// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "Components/PrimitiveComponent.h"
#include "ShowFlags.h"

class UTextureRenderTarget2D;

enum class ESceneCapturePrimitiveRenderMode : uint8
{
  PRM_LegacySceneCapture,
  PRM_RenderScenePrimitives,
  PRM_UseShowOnlyList
};
enum EAutoExposureMethod : int
{
  AEM_Histogram,
  AEM_Basic,
  AEM_Manual
};
struct FPostProcessSettings
{
  uint8 bOverride_AutoExposureMethod : 1;
  uint8 bOverride_AutoExposureBias : 1;
  uint8 bOverride_AutoExposureApplyPhysicalCameraExposure : 1;
  uint8 bOverride_VignetteIntensity : 1;
  uint8 bOverride_MotionBlurAmount : 1;
  TEnumAsByte<EAutoExposureMethod> AutoExposureMethod;
  uint8 AutoExposureApplyPhysicalCameraExposure : 1;
  float AutoExposureBias = 0, VignetteIntensity = 0, MotionBlurAmount = 0;
  FPostProcessSettings();
};

class USceneCaptureComponent : public USceneComponent
{
public:
  ESceneCapturePrimitiveRenderMode PrimitiveRenderMode = ESceneCapturePrimitiveRenderMode::PRM_LegacySceneCapture;
  TEnumAsByte<ESceneCaptureSource> CaptureSource;
  uint8 bCaptureEveryFrame : 1;
  uint8 bCaptureOnMovement : 1;
  bool bAlwaysPersistRenderingState = false;
  TArray<TWeakObjectPtr<UPrimitiveComponent>> HiddenComponents;
  TArray<TWeakObjectPtr<UPrimitiveComponent>> ShowOnlyComponents;
  FEngineShowFlags ShowFlags;
  USceneCaptureComponent();
};

class USceneCaptureComponent2D : public USceneCaptureComponent
{
public:
  float FOVAngle = 0, CustomNearClippingPlane = 0, PostProcessBlendWeight = 0;
  uint8 bOverride_CustomNearClippingPlane : 1;
  TObjectPtr<UTextureRenderTarget2D> TextureTarget;
  FPostProcessSettings PostProcessSettings;
  USceneCaptureComponent2D();
  void CaptureScene();
};
