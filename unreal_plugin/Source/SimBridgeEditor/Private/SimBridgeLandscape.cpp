// A landscape from a height map and weight maps, through ALandscape::Import, on 5.3 to 5.7.

#include "SimBridgeEditorLibrary.h"

#include "AssetRegistry/AssetRegistryModule.h"
#include "Editor.h"
#include "Engine/World.h"
#include "ImageCore.h"
#include "ImageUtils.h"
#include "Landscape.h"
#include "LandscapeInfo.h"
#include "LandscapeLayerInfoObject.h"
#include "LandscapeProxy.h"
#include "Misc/App.h"
#include "Misc/EngineVersionComparison.h"
#include "UObject/Package.h"

namespace
{

constexpr int32 LargestSize = 8129;

bool ReadHeights(const FString& File, int32 Size, TArray<uint16>& Heights, FString& Error)
{
	FImage Image;
	if (!FImageUtils::LoadImage(*File, Image))
	{
		Error = FString::Printf(TEXT("%s cannot be read as an image."), *File);
		return false;
	}
	if (Image.Format != ERawImageFormat::G16 || Image.SizeX != Size || Image.SizeY != Size)
	{
		Error = FString::Printf(
			TEXT("%s is %d by %d pixels, %s; %d by %d grey pixels of 16 bits were expected."), *File, int32(Image.SizeX),
			int32(Image.SizeY), ERawImageFormat::GetName(Image.Format), Size, Size);
		return false;
	}
	const TArrayView64<uint16> Samples = Image.AsG16();
	Heights.Append(Samples.GetData(), Size * Size);
	return true;
}

bool ReadWeights(const FString& File, int32 Size, TArray<uint8>& Weights, FString& Error)
{
	FImage Image;
	if (!FImageUtils::LoadImage(*File, Image))
	{
		Error = FString::Printf(TEXT("%s cannot be read as an image."), *File);
		return false;
	}
	if (Image.SizeX != Size || Image.SizeY != Size)
	{
		Error = FString::Printf(
			TEXT("%s is %d by %d pixels; %d by %d were expected."), *File, int32(Image.SizeX), int32(Image.SizeY), Size, Size);
		return false;
	}
	if (Image.Format != ERawImageFormat::G8)
	{
		// The same gamma space on both sides: the numbers stay what they are.
		Image.ChangeFormat(ERawImageFormat::G8, Image.GammaSpace);
	}
	const TArrayView64<uint8> Samples = Image.AsG8();
	Weights.Append(Samples.GetData(), Size * Size);
	return true;
}

/** The asset that stands for a layer; its own name is numbered, so that no two layers meet in one. */
ULandscapeLayerInfoObject* MakeLayer(FName LayerName, int32 Index, const FString& Folder)
{
	FString AssetName = FString::Printf(TEXT("LI_%02d_"), Index);
	for (const TCHAR Letter : LayerName.ToString())
	{
		AssetName.AppendChar(FChar::IsAlnum(Letter) ? Letter : TEXT('_'));
	}
	UPackage* Package = CreatePackage(*(Folder / AssetName));
	ULandscapeLayerInfoObject* Layer = NewObject<ULandscapeLayerInfoObject>(Package, FName(*AssetName), RF_Public | RF_Standalone);
#if UE_VERSION_OLDER_THAN(5, 7, 0)
	Layer->LayerName = LayerName;
#else
	Layer->SetLayerName(LayerName, false);
#endif
	FAssetRegistryModule::AssetCreated(Layer);
	Package->MarkPackageDirty();
	return Layer;
}

/** Import paints the layers' weights; which asset stands for which layer has to be told to the landscape as well. */
void RegisterLayer(ALandscape& Landscape, ULandscapeInfo& Info, FName LayerName, ULandscapeLayerInfoObject* Layer)
{
#if UE_VERSION_OLDER_THAN(5, 5, 0)
	Landscape.EditorLayerSettings.Add(FLandscapeEditorLayerSettings(Layer));
#else
	if (Landscape.HasTargetLayer(LayerName))
	{
		Landscape.UpdateTargetLayer(LayerName, FLandscapeTargetLayerSettings(Layer));
	}
	else
	{
		Landscape.AddTargetLayer(LayerName, FLandscapeTargetLayerSettings(Layer));
	}
#endif
	const int32 Index = Info.GetLayerInfoIndex(LayerName);
	if (Index != INDEX_NONE)
	{
		Info.Layers[Index].LayerInfoObj = Layer;
	}
}

} // namespace

ALandscape* USimBridgeEditorLibrary::ImportLandscape(
	const FString& HeightmapFile, int32 Size, int32 SectionsPerComponent, int32 QuadsPerSection, FVector Location,
	FVector Scale, UMaterialInterface* Material, const TArray<FName>& LayerNames, const TArray<FString>& WeightFiles,
	const FString& LayerFolder, FString& Error)
{
	Error.Empty();
	const int32 ComponentQuads = SectionsPerComponent * QuadsPerSection;
	if (ComponentQuads < 1 || Size < 2 || Size > LargestSize || (Size - 1) % ComponentQuads != 0)
	{
		Error = FString::Printf(
			TEXT("%d vertices a side do not divide into components of %d quads, or are more than %d."), Size,
			ComponentQuads, LargestSize);
		return nullptr;
	}
	if (LayerNames.Num() != WeightFiles.Num())
	{
		Error = FString::Printf(TEXT("There are %d layers, but %d weight maps."), LayerNames.Num(), WeightFiles.Num());
		return nullptr;
	}
	UWorld* World = GEditor ? GEditor->GetEditorWorldContext().World() : nullptr;
	if (!World)
	{
		Error = TEXT("No level is open in the editor.");
		return nullptr;
	}
	TArray<uint16> Heights;
	if (!ReadHeights(HeightmapFile, Size, Heights, Error))
	{
		return nullptr;
	}
	TArray<FLandscapeImportLayerInfo> Layers;
	for (int32 Index = 0; Index < LayerNames.Num(); ++Index)
	{
		TArray<uint8> Weights;
		if (!ReadWeights(WeightFiles[Index], Size, Weights, Error))
		{
			return nullptr;
		}
		FLandscapeImportLayerInfo& Layer = Layers.AddDefaulted_GetRef();
		Layer.LayerName = LayerNames[Index];
		Layer.LayerData = MoveTemp(Weights);
		Layer.SourceFilePath = WeightFiles[Index];
	}
	for (int32 Index = 0; Index < Layers.Num(); ++Index)
	{
		Layers[Index].LayerInfo = MakeLayer(LayerNames[Index], Index, LayerFolder);
	}

	ALandscape* Landscape = World->SpawnActor<ALandscape>(Location, FRotator::ZeroRotator);
	if (!Landscape)
	{
		Error = TEXT("The level took no landscape.");
		return nullptr;
	}
#if UE_VERSION_OLDER_THAN(5, 7, 0)
	// Without edit layers, which from 5.7 on every landscape has.
	Landscape->bCanHaveLayersContent = false;
#endif
	Landscape->LandscapeMaterial = Material;
	Landscape->SetActorRelativeScale3D(Scale);

	// The key of both maps is that of a landscape without edit layers, or of the first of them.
	TMap<FGuid, TArray<uint16>> HeightsByLayer;
	HeightsByLayer.Add(FGuid(), MoveTemp(Heights));
	TMap<FGuid, TArray<FLandscapeImportLayerInfo>> PaintByLayer;
	PaintByLayer.Add(FGuid(), Layers);
	Landscape->Import(
		FGuid::NewGuid(), 0, 0, Size - 1, Size - 1, SectionsPerComponent, QuadsPerSection, HeightsByLayer, *HeightmapFile,
		PaintByLayer, ELandscapeImportAlphamapType::Additive
#if !UE_VERSION_OLDER_THAN(5, 5, 0)
		, TArrayView<const FLandscapeLayer>()
#endif
	);

	ULandscapeInfo* Info = Landscape->GetLandscapeInfo();
	if (!Info)
	{
		Error = TEXT("The import left no landscape info; see the output log above this line.");
		World->DestroyActor(Landscape);
		return nullptr;
	}
	Info->UpdateLayerInfoMap(Landscape);
	for (const FLandscapeImportLayerInfo& Layer : Layers)
	{
		RegisterLayer(*Landscape, *Info, Layer.LayerName, Layer.LayerInfo);
	}
	Landscape->RegisterAllComponents();
#if !UE_VERSION_OLDER_THAN(5, 7, 0)
	// Edit layers are merged by the graphics card in a later frame; a commandlet may have none.
	if (FApp::CanEverRender())
	{
		Landscape->ForceLayersFullUpdate();
	}
#endif
	Landscape->RecreateCollisionComponents();
	Landscape->PostEditChange();
	Landscape->MarkPackageDirty();
	return Landscape;
}
