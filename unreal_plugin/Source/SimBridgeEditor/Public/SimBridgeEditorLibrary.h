// What the importer's Python calls: unreal.SimBridgeEditorLibrary.import_landscape and the like.

#pragma once

#include "CoreMinimal.h"
#include "Kismet/BlueprintFunctionLibrary.h"
#include "SimBridgeEditorLibrary.generated.h"

class ALandscape;
class ANavMeshBoundsVolume;
class UMaterialInterface;

UCLASS()
class SIMBRIDGEEDITOR_API USimBridgeEditorLibrary : public UBlueprintFunctionLibrary
{
	GENERATED_BODY()

public:
	/**
	 * Makes a landscape in the level that is open in the editor.
	 *
	 * @param HeightmapFile          A grey PNG image of 16 bits, Size pixels a side, row 0 at the lowest y.
	 * @param Size                   Vertices a side: a multiple of SectionsPerComponent * QuadsPerSection, plus one.
	 * @param SectionsPerComponent   1 or 2, a side.
	 * @param QuadsPerSection        7, 15, 31, 63, 127 or 255, a side.
	 * @param Location               Where vertex (0, 0) lies at the sample 32768 [cm].
	 * @param Scale                  Centimetres between vertices in x and y; in z, centimetres of 128 samples.
	 * @param Material               The landscape's material, which knows the layers by their names.
	 * @param LayerNames             The layers that are painted.
	 * @param WeightFiles            A grey PNG image of 8 bits for each layer, as large as the height map.
	 * @param LayerFolder            The content folder in which the layers' info objects are made, "/Game/...".
	 * @param Error                  Why there is no landscape; empty otherwise.
	 * @return The landscape, or nothing where something was wrong: then the level is as it was.
	 */
	UFUNCTION(BlueprintCallable, Category = "SimBridge")
	static ALandscape* ImportLandscape(
		const FString& HeightmapFile, int32 Size, int32 SectionsPerComponent, int32 QuadsPerSection, FVector Location,
		FVector Scale, UMaterialInterface* Material, const TArray<FName>& LayerNames, const TArray<FString>& WeightFiles,
		const FString& LayerFolder, FString& Error);

	/** Makes the volume in which a navigation mesh is built: an upright box of which half the size is given [cm]. */
	UFUNCTION(BlueprintCallable, Category = "SimBridge")
	static ANavMeshBoundsVolume* SpawnNavMeshBounds(FVector Middle, FVector HalfSize);

	/** Asks the user for a folder; empty if they choose none. */
	UFUNCTION(BlueprintCallable, Category = "SimBridge")
	static FString PickFolder(const FString& Title);
};
