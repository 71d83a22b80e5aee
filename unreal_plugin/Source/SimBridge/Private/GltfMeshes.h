// Meshes from .glb files through glTFRuntime, where the project has that plug-in.
#pragma once

#include "CoreMinimal.h"

class UStaticMesh;

namespace UE::SimBridge
{
/// The whole file as one mesh, nodes joined. Null where it cannot be had; the log says why.
UStaticMesh* LoadGltfMesh(const FString& File);
}  // namespace UE::SimBridge
