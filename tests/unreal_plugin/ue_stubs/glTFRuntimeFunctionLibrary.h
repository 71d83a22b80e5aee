// Stand-in for glTFRuntime's header: what simbridge uses of it. Not glTFRuntime.
#pragma once

#include "CoreMinimal.h"

class UglTFRuntimeAsset;
struct FglTFRuntimeConfig
{
};

class UglTFRuntimeFunctionLibrary
{
public:
  static UglTFRuntimeAsset* glTFLoadAssetFromFilename(
    const FString& Filename, const bool bPathRelativeToContent, const FglTFRuntimeConfig&);
};
