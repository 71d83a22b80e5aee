// Project Settings > Plugins > simbridge: where to listen, how to tick, how to picture, and which assets stand for which.
#pragma once

#include "CoreMinimal.h"
#include "Engine/DeveloperSettings.h"
#include "UObject/SoftObjectPath.h"

#include "SimBridgeSettings.generated.h"

/// Every value can be given on the command line for one run: -SimBridgePort=50062 -SimBridgeUnix=/tmp/ue.sock ...
UCLASS(Config = Game, DefaultConfig, meta = (DisplayName = "simbridge"))
class SIMBRIDGE_API USimBridgeSettings : public UDeveloperSettings
{
  GENERATED_BODY()

public:
  /// Whether games of this project listen at all. -SimBridge and -NoSimBridge say otherwise for one run.
  UPROPERTY(Config, EditAnywhere, Category = "Link")
  bool bListen = true;

  /// The address of the port. Others than 127.0.0.1 need a token.
  UPROPERTY(Config, EditAnywhere, Category = "Link")
  FString BindAddress = TEXT("127.0.0.1");

  /// 0: any free one; the log says which.
  UPROPERTY(Config, EditAnywhere, Category = "Link", meta = (ClampMin = 0, ClampMax = 65535))
  int32 Port = 50061;

  /// A file with 64 hexadecimal digits, which only those who may command this game can read.
  UPROPERTY(Config, EditAnywhere, Category = "Link")
  FString TokenFile;

  /// Lets programs of this computer command the game at its port without a token.
  UPROPERTY(Config, EditAnywhere, Category = "Link")
  bool bAllowNoToken = false;

  /// Listens at this path as well (Linux, macOS); who may open the file needs no token.
  UPROPERTY(Config, EditAnywhere, Category = "Link")
  FString UnixSocketPath;

  /// What a tick is called in the contract [s]. Engines of simbridge have 0.02.
  UPROPERTY(Config, EditAnywhere, Category = "Time", meta = (ClampMin = 0.001, ClampMax = 0.1))
  float TickSeconds = 0.02f;

  /// Into how many physics steps a tick is divided; 1 leaves it whole.
  UPROPERTY(Config, EditAnywhere, Category = "Time", meta = (ClampMin = 1, ClampMax = 16))
  int32 SubstepsPerTick = 4;

  /// How long a frame is held for the next order before the window is served again [s]; the world stands still all the same.
  UPROPERTY(Config, EditAnywhere, Category = "Time", meta = (ClampMin = 0.001, ClampMax = 1.0))
  float HoldSeconds = 0.1f;

  /// How much of a town is made between two frames [s].
  UPROPERTY(Config, EditAnywhere, Category = "Time", meta = (ClampMin = 0.001, ClampMax = 1.0))
  float BuildBudgetSeconds = 0.02f;

  /// How many captures are kept ready; each camera and modality is one.
  UPROPERTY(Config, EditAnywhere, Category = "Pictures", meta = (ClampMin = 4, ClampMax = 256))
  int32 MostCaptures = 48;

  /// How often a new rgb capture is drawn before its first picture counts: exposure and temporal effects settle.
  UPROPERTY(Config, EditAnywhere, Category = "Pictures", meta = (ClampMin = 0, ClampMax = 64))
  int32 WarmUpCaptures = 4;

  /// Exposure is fixed, so that brightness means the same in every picture: EV100 compensation of the rgb captures.
  UPROPERTY(Config, EditAnywhere, Category = "Pictures")
  float ExposureBias = 0.0f;

  /// Parents of all materials; SimBridge's editor script makes them (see the plug-in's README).
  UPROPERTY(Config, EditAnywhere, Category = "Content", meta = (AllowedClasses = "/Script/Engine.MaterialInterface"))
  FSoftObjectPath SurfaceMaterial = FSoftObjectPath(TEXT("/SimBridge/Materials/M_SimBridgeSurface.M_SimBridgeSurface"));

  UPROPERTY(Config, EditAnywhere, Category = "Content", meta = (AllowedClasses = "/Script/Engine.MaterialInterface"))
  FSoftObjectPath WaterMaterial = FSoftObjectPath(TEXT("/SimBridge/Materials/M_SimBridgeWater.M_SimBridgeWater"));

  /// Unlit, colour = the instance's id: of instances (custom data 0 to 2), and of single meshes (vector "IdColor").
  UPROPERTY(Config, EditAnywhere, Category = "Content", meta = (AllowedClasses = "/Script/Engine.MaterialInterface"))
  FSoftObjectPath InstanceIdMaterial =
    FSoftObjectPath(TEXT("/SimBridge/Materials/M_SimBridgeInstanceId.M_SimBridgeInstanceId"));

  UPROPERTY(Config, EditAnywhere, Category = "Content", meta = (AllowedClasses = "/Script/Engine.MaterialInterface"))
  FSoftObjectPath SingleIdMaterial = FSoftObjectPath(TEXT("/SimBridge/Materials/M_SimBridgeSingleId.M_SimBridgeSingleId"));

  /// Scalars Wetness, Snow, Rain, Snowfall, Night, WindX and WindY, for the parents and for anybody's materials.
  UPROPERTY(Config, EditAnywhere, Category = "Content", meta = (AllowedClasses = "/Script/Engine.MaterialParameterCollection"))
  FSoftObjectPath WeatherCollection = FSoftObjectPath(TEXT("/SimBridge/Materials/MPC_SimBridgeWeather.MPC_SimBridgeWeather"));

  /// Actors that follow the first camera while it rains or snows: Niagara systems in Blueprints, say. Empty: none.
  UPROPERTY(Config, EditAnywhere, Category = "Content", meta = (MetaClass = "/Script/Engine.Actor"))
  FSoftClassPath RainActor;

  UPROPERTY(Config, EditAnywhere, Category = "Content", meta = (MetaClass = "/Script/Engine.Actor"))
  FSoftClassPath SnowActor;

  /// Static meshes of this project instead of simbridge's, by an asset's name or kind ("oak", "car"): same origin and axes.
  UPROPERTY(Config, EditAnywhere, Category = "Content", meta = (AllowedClasses = "/Script/Engine.StaticMesh"))
  TMap<FString, FSoftObjectPath> Meshes;

  /// Actor classes instead, by name or kind: characters with animation, Chaos vehicles.
  UPROPERTY(Config, EditAnywhere, Category = "Content", meta = (MetaClass = "/Script/Engine.Actor"))
  TMap<FString, FSoftClassPath> Actors;

  /// .glb files instead, by name or kind; needs the plug-in glTFRuntime.
  UPROPERTY(Config, EditAnywhere, Category = "Content")
  TMap<FString, FString> GltfFiles;

  /// These settings with the command line's words for them. Of values that cannot be used the log says so.
  static USimBridgeSettings* ForThisRun();

  virtual FName GetCategoryName() const override;
};
