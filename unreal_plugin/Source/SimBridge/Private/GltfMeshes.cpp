// glTFRuntime's loader, compiled in only where Build.cs found the plug-in.
#include "GltfMeshes.h"

#include "Engine/StaticMesh.h"
#include "Misc/Paths.h"
#include "Modules/ModuleManager.h"

#include "SimBridgeLog.h"

#ifndef SIMBRIDGE_WITH_GLTF
#define SIMBRIDGE_WITH_GLTF 0
#endif

#if SIMBRIDGE_WITH_GLTF
#include "glTFRuntimeAsset.h"
#include "glTFRuntimeFunctionLibrary.h"
#endif

namespace UE::SimBridge
{
UStaticMesh* LoadGltfMesh(const FString& File)
{
#if SIMBRIDGE_WITH_GLTF
  if (!FModuleManager::Get().IsModuleLoaded(FName(TEXT("glTFRuntime"))))
  {
    UE_LOG(LogSimBridge, Warning, TEXT("glTFRuntime is not enabled, so %s is not read. Enable it in Plugins."), *File);
    return nullptr;
  }
  if (!FPaths::FileExists(File))
  {
    UE_LOG(LogSimBridge, Warning, TEXT("There is no file %s. Correct GltfFiles in the settings for simbridge."), *File);
    return nullptr;
  }
  FglTFRuntimeConfig Reading;
  UglTFRuntimeAsset* Asset = UglTFRuntimeFunctionLibrary::glTFLoadAssetFromFilename(File, false, Reading);
  FglTFRuntimeStaticMeshConfig Making;
  Making.bBuildSimpleCollision = true;
  Making.bAllowCPUAccess = true;
  UStaticMesh* Made = Asset == nullptr ? nullptr : Asset->LoadStaticMeshRecursive(FString(), TArray<FString>(), Making);
  if (Made == nullptr)
  {
    UE_LOG(LogSimBridge, Warning, TEXT("%s holds no mesh that glTFRuntime can read. simbridge's own is used."), *File);
  }
  return Made;
#else
  UE_LOG(LogSimBridge, Warning,
    TEXT("%s needs the plug-in glTFRuntime. Put it beside SimBridge in Plugins/, and build the project again."), *File);
  return nullptr;
#endif
}
}  // namespace UE::SimBridge
