// Declarations of Unreal that the editor module uses, in our own words, with the signatures that Epic documents.
//
// A stub proves no more than that the module is C++ and calls what is declared here as it is declared here: it finds a
// wrong argument, not a wrong belief about Unreal. UE_STUB_MINOR is the version of Unreal 5 whose differences it has.

#pragma once

#include <cstdint>

using int32 = std::int32_t;
using int64 = std::int64_t;
using uint8 = std::uint8_t;
using uint16 = std::uint16_t;
using TCHAR = char16_t;

#define TEXT(Literal) u##Literal
#define INDEX_NONE -1
#define SIMBRIDGEEDITOR_API
#define UCLASS(...)
#define UFUNCTION(...)
#define GENERATED_BODY()
#define IMPLEMENT_MODULE(Class, Name) Class Made##Name;
#define UE_VERSION_OLDER_THAN(Major, Minor, Patch) (5 < (Major) || (5 == (Major) && UE_STUB_MINOR < (Minor)))

class FDefaultModuleImpl {};

template <class T> struct TRemoveReference { using Type = T; };
template <class T> struct TRemoveReference<T&> { using Type = T; };
template <class T> typename TRemoveReference<T>::Type&& MoveTemp(T&& Value)
{
	return static_cast<typename TRemoveReference<T>::Type&&>(Value);
}

template <class T> class TArray
{
public:
	TArray() = default;
	TArray(TArray&&) = default;
	TArray(const TArray&) = default;
	TArray& operator=(TArray&&) = default;
	TArray& operator=(const TArray&) = default;
	int32 Num() const;
	T& operator[](int32 Index);
	const T& operator[](int32 Index) const;
	void Append(const T* Items, int32 Count);
	int32 Add(const T& Item);
	T& AddDefaulted_GetRef();
	T* begin();
	T* end();
	const T* begin() const;
	const T* end() const;
};
template <class T> class TArrayView {};
template <class T> class TArrayView64
{
public:
	T* GetData() const;
	int64 Num() const;
};
template <class K, class V> class TMap
{
public:
	V& Add(const K& Key, V&& Value);
	V& Add(const K& Key, const V& Value);
};

class FString
{
public:
	FString() = default;
	FString(const TCHAR* Text);
	const TCHAR* operator*() const;
	void Empty();
	FString& AppendChar(TCHAR Letter);
	template <class... Types> static FString Printf(const TCHAR* Format, Types... Arguments);
	FString operator/(const FString& Other) const;
	const TCHAR* begin() const;
	const TCHAR* end() const;
};
class FName
{
public:
	explicit FName(const TCHAR* Text);
	FName() = default;
	FString ToString() const;
};
struct FChar { static bool IsAlnum(TCHAR Letter); };
struct FVector { double X, Y, Z; };
struct FRotator { static const FRotator ZeroRotator; };
struct FGuid { static FGuid NewGuid(); };

enum EObjectFlags { RF_Public = 1, RF_Standalone = 2 };
constexpr EObjectFlags operator|(EObjectFlags A, EObjectFlags B) { return EObjectFlags(int(A) | int(B)); }

class UObject
{
public:
	bool MarkPackageDirty() const;
	virtual void PostEditChange();
};
class UPackage : public UObject {};
UPackage* CreatePackage(const TCHAR* Name);
template <class T> T* NewObject();
template <class T> T* NewObject(UObject* Outer, FName Name, EObjectFlags Flags);
class UBlueprintFunctionLibrary : public UObject {};
class UMaterialInterface : public UObject {};

class AActor : public UObject
{
public:
	bool SetActorLocation(const FVector& Location);
	void SetActorRelativeScale3D(FVector Scale);
	virtual void RegisterAllComponents();
};
class UWorld : public UObject
{
public:
	template <class T> T* SpawnActor(const FVector& Location, const FRotator& Rotation);
	bool DestroyActor(AActor* Actor);
};
struct FWorldContext { UWorld* World() const; };
class UEditorEngine : public UObject
{
public:
	FWorldContext& GetEditorWorldContext(bool bEnsureIsGWorld = false);
};
extern UEditorEngine* GEditor;

class UBrushBuilder : public UObject {};
class UCubeBuilder : public UBrushBuilder
{
public:
	float X, Y, Z;
};
class AVolume : public AActor {};
class ANavMeshBoundsVolume : public AVolume {};
class UActorFactory : public UObject
{
public:
	static void CreateBrushForVolumeActor(AVolume* NewActor, UBrushBuilder* BrushBuilder);
};
class UNavigationSystemV1 : public UObject
{
public:
	void OnNavigationBoundsUpdated(ANavMeshBoundsVolume* NavVolume);
};
namespace FNavigationSystem { template <class T> T* GetCurrent(UWorld* World); }

class IDesktopPlatform
{
public:
	virtual bool OpenDirectoryDialog(const void* Window, const FString& Title, const FString& Default, FString& Out) = 0;
};
struct FDesktopPlatformModule { static IDesktopPlatform* Get(); };
class SWidget;
template <class T> class TSharedPtr { public: TSharedPtr(decltype(nullptr)) {} };
class FSlateApplication
{
public:
	static bool IsInitialized();
	static FSlateApplication& Get();
	const void* FindBestParentWindowHandleForDialogs(const TSharedPtr<SWidget>& InWidget);
};
struct FApp { static bool CanEverRender(); };
struct FPaths { static FString ProjectDir(); };

namespace ERawImageFormat { enum Type : uint8 { G8, G16, BGRA8 }; const TCHAR* GetName(Type Format); }
enum class EGammaSpace : uint8 { Linear, sRGB };
struct FImage
{
	int32 SizeX, SizeY;
	ERawImageFormat::Type Format;
	EGammaSpace GammaSpace;
	void ChangeFormat(ERawImageFormat::Type NewFormat, EGammaSpace NewGammaSpace);
	TArrayView64<uint8> AsG8();
	TArrayView64<uint16> AsG16();
};
struct FImageUtils { static bool LoadImage(const TCHAR* Filename, FImage& OutImage); };
struct FAssetRegistryModule { static void AssetCreated(UObject* Asset); };

class ULandscapeLayerInfoObject : public UObject
{
public:
#if UE_STUB_MINOR < 7
	FName LayerName;
#else
	void SetLayerName(const FName& Name, bool bInModify);
#endif
};
struct FLandscapeImportLayerInfo
{
	FName LayerName;
	ULandscapeLayerInfoObject* LayerInfo;
	FString SourceFilePath;
	TArray<uint8> LayerData;
};
struct FLandscapeInfoLayerSettings { ULandscapeLayerInfoObject* LayerInfoObj; };
class ALandscapeProxy;
class ULandscapeInfo : public UObject
{
public:
	TArray<FLandscapeInfoLayerSettings> Layers;
	bool UpdateLayerInfoMap(ALandscapeProxy* Proxy = nullptr, bool bInvalidate = false);
	int32 GetLayerInfoIndex(FName LayerName, ALandscapeProxy* Owner = nullptr) const;
};
enum class ELandscapeImportAlphamapType : uint8 { Additive, Layered };
struct FLandscapeLayer {};
#if UE_STUB_MINOR < 5
struct FLandscapeEditorLayerSettings
{
	explicit FLandscapeEditorLayerSettings(ULandscapeLayerInfoObject* LayerInfo, const FString& FilePath = FString());
};
#else
struct FLandscapeTargetLayerSettings
{
	explicit FLandscapeTargetLayerSettings(ULandscapeLayerInfoObject* LayerInfo, const FString& FilePath = FString());
};
#endif
class ALandscapeProxy : public AActor
{
public:
	UMaterialInterface* LandscapeMaterial;
	ULandscapeInfo* GetLandscapeInfo() const;
	void RecreateCollisionComponents();
#if UE_STUB_MINOR < 5
	TArray<FLandscapeEditorLayerSettings> EditorLayerSettings;
#else
	bool HasTargetLayer(const FName& Name) const;
	bool AddTargetLayer(const FName& Name, const FLandscapeTargetLayerSettings& Settings, bool bPostEditChange = true);
	bool UpdateTargetLayer(const FName& Name, const FLandscapeTargetLayerSettings& Settings, bool bPostEditChange = true);
#endif
	void Import(
		const FGuid& InGuid, int32 InMinX, int32 InMinY, int32 InMaxX, int32 InMaxY, int32 InNumSubsections,
		int32 InSubsectionSizeQuads, const TMap<FGuid, TArray<uint16>>& InImportHeightData,
		const TCHAR* InHeightmapFileName, const TMap<FGuid, TArray<FLandscapeImportLayerInfo>>& InImportMaterialLayerInfos,
		ELandscapeImportAlphamapType InImportMaterialLayerType,
#if UE_STUB_MINOR < 5
		const TArray<FLandscapeLayer>* InImportLayers = nullptr
#else
		const TArrayView<const FLandscapeLayer>& InImportLayers
#endif
	);
};
class ALandscape : public ALandscapeProxy
{
public:
#if UE_STUB_MINOR < 7
	bool bCanHaveLayersContent;
#endif
	void ForceLayersFullUpdate();
};
