// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

struct FEngineShowFlags
{
  void SetLighting(bool);
  void SetFog(bool);
  void SetAtmosphere(bool);
  void SetVolumetricFog(bool);
  void SetCloud(bool);
  void SetPostProcessing(bool);
  void SetBloom(bool);
  void SetEyeAdaptation(bool);
  void SetTonemapper(bool);
  void SetMotionBlur(bool);
  void SetDepthOfField(bool);
  void SetAntiAliasing(bool);
  void SetTemporalAA(bool);
  void SetLumenGlobalIllumination(bool);
  void SetLumenReflections(bool);
  void SetScreenSpaceReflections(bool);
  void SetAmbientOcclusion(bool);
  void SetDynamicShadows(bool);
  void SetDecals(bool);
  void SetParticles(bool);
};
