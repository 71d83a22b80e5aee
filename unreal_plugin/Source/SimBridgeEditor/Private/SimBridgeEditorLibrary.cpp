// The functions for Python that are no more than a few calls: navigation bounds and a dialog.

#include "SimBridgeEditorLibrary.h"

#include "ActorFactories/ActorFactory.h"
#include "Builders/CubeBuilder.h"
#include "DesktopPlatformModule.h"
#include "Editor.h"
#include "Engine/World.h"
#include "Framework/Application/SlateApplication.h"
#include "IDesktopPlatform.h"
#include "Misc/Paths.h"
#include "NavMesh/NavMeshBoundsVolume.h"
#include "NavigationSystem.h"

ANavMeshBoundsVolume* USimBridgeEditorLibrary::SpawnNavMeshBounds(FVector Middle, FVector HalfSize)
{
	UWorld* World = GEditor ? GEditor->GetEditorWorldContext().World() : nullptr;
	if (!World)
	{
		return nullptr;
	}
	ANavMeshBoundsVolume* Volume = World->SpawnActor<ANavMeshBoundsVolume>(Middle, FRotator::ZeroRotator);
	if (!Volume)
	{
		return nullptr;
	}
	// A volume that is spawned by code has no brush, and so no extent, until one is built for it.
	UCubeBuilder* Builder = NewObject<UCubeBuilder>();
	Builder->X = static_cast<float>(2.0 * HalfSize.X);
	Builder->Y = static_cast<float>(2.0 * HalfSize.Y);
	Builder->Z = static_cast<float>(2.0 * HalfSize.Z);
	UActorFactory::CreateBrushForVolumeActor(Volume, Builder);
	Volume->SetActorLocation(Middle);
	if (UNavigationSystemV1* Navigation = FNavigationSystem::GetCurrent<UNavigationSystemV1>(World))
	{
		Navigation->OnNavigationBoundsUpdated(Volume);
	}
	Volume->MarkPackageDirty();
	return Volume;
}

FString USimBridgeEditorLibrary::PickFolder(const FString& Title)
{
	FString Folder;
	IDesktopPlatform* Platform = FDesktopPlatformModule::Get();
	if (!Platform || !FSlateApplication::IsInitialized())
	{
		return Folder;
	}
	const void* Window = FSlateApplication::Get().FindBestParentWindowHandleForDialogs(nullptr);
	return Platform->OpenDirectoryDialog(Window, Title, FPaths::ProjectDir(), Folder) ? Folder : FString();
}
