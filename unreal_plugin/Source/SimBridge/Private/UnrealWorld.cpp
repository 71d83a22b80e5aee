// The contract's orders on a town. Every call is of the game thread, between two ticks but for TickBegins and TickEnds.
#include "UnrealWorld.h"

#include "Engine/World.h"
#include "Misc/App.h"
#include "Misc/EngineVersion.h"

#include "Frames.h"
#include "SimBridgeLog.h"
#include "SimBridgeSettings.h"
#include "SimBridgeTown.h"

namespace UE::SimBridge
{
using simbridge::Failure;
using simbridge::Progress;

FUnrealWorld::FUnrealWorld(UWorld& InWorld, const USimBridgeSettings& InSettings)
  : Game(InWorld), Settings(InSettings), Parents(FMaterialParents::Load(InSettings)), Eyes(InWorld, InSettings)
{
}

FUnrealWorld::~FUnrealWorld() = default;

simbridge::BackendInfo FUnrealWorld::Info() const
{
  simbridge::BackendInfo Info;
  Info.name = "unreal";
  Info.version = ToUtf8(FEngineVersion::Current().ToString(EVersionComponent::Patch));
  Info.tick_s = Settings.TickSeconds;
  Info.capabilities = {"edit", "contacts", "skills", "control"};
  if (FApp::CanEverRender())
  {
    Info.capabilities.insert(Info.capabilities.end(), {"rgb", "depth", "normals"});
    if (Parents.CanShowIds())
    {
      Info.capabilities.push_back("segmentation");
    }
  }
  return Info;
}

// --- a new world -----------------------------------------------------------------------------------------------------

bool FUnrealWorld::BeginBuild(const simbridge::BuildBegin& Begin, Failure&)
{
  AbortBuild();
  Told = MakeUnique<FTownPlan>();
  Told->Begin(Begin);
  return true;
}

bool FUnrealWorld::AcceptHeights(const simbridge::HeightRows& Rows, Failure&)
{
  Told->Take(Rows);
  return true;
}

bool FUnrealWorld::AcceptMaterial(const simbridge::BuildMaterial& Material, Failure&)
{
  Told->Take(Material);
  return true;
}

bool FUnrealWorld::AcceptMesh(const simbridge::MeshPiece& Piece, Failure&)
{
  Told->Take(Piece);
  return true;
}

bool FUnrealWorld::AcceptAsset(const simbridge::BuildAsset& Asset, Failure&)
{
  Told->Take(Asset);
  return true;
}

bool FUnrealWorld::AcceptPlacements(const simbridge::BuildPlacements& Placements, Failure&)
{
  Told->Take(Placements);
  return true;
}

bool FUnrealWorld::AcceptPart(const simbridge::BuildPart& Part, Failure&)
{
  Told->Take(Part);
  return true;
}

bool FUnrealWorld::AcceptWater(const simbridge::BuildWater& Water, Failure&)
{
  Told->Take(Water);
  return true;
}

bool FUnrealWorld::AcceptLamps(const simbridge::BuildLamps& Lamps, Failure&)
{
  Told->Take(Lamps);
  return true;
}

bool FUnrealWorld::AcceptEnvironment(const simbridge::Environment& Environment, Failure&)
{
  Told->Environment.Take(Environment);
  return true;
}

bool FUnrealWorld::AcceptAgent(const simbridge::BuildAgent& Agent, Failure&)
{
  Told->Take(Agent);
  return true;
}

bool FUnrealWorld::AcceptCamera(const simbridge::Camera&, Failure&)
{
  // The core keeps them, and looks come with whole cameras.
  return true;
}

Progress FUnrealWorld::FinishBuild(Failure& Why)
{
  if (!Coming.IsValid())
  {
    // The one before stays, unseen and untouched, until the new one is whole.
    if (Present.IsValid())
    {
      Present->SetPresent(false);
    }
    Coming = MakeUnique<FTown>(Game, Settings, Parents, MoveTemp(*Told));
    Told.Reset();
  }
  const Progress How = Coming->Make(Settings.BuildBudgetSeconds, Why);
  if (How == Progress::done)
  {
    Present = MoveTemp(Coming);
    Tick = 0;
    UE_LOG(LogSimBridge, Display, TEXT("The town '%s' is here: %d things, %d parts; digest %s."), *ToFString(Present->Plan.Name),
      static_cast<int32>(Present->Plan.Things.size()), static_cast<int32>(Present->Plan.Parts.size()),
      *ToFString(Present->Plan.Digest));
  }
  else if (How == Progress::failed)
  {
    AbortBuild();
  }
  return How;
}

void FUnrealWorld::AbortBuild()
{
  Told.Reset();
  if (Coming.IsValid())
  {
    Coming.Reset();
    if (Present.IsValid())
    {
      Present->SetPresent(true);
    }
  }
}

// --- an episode ------------------------------------------------------------------------------------------------------

bool FUnrealWorld::HasTown(Failure& Why) const
{
  return Present.IsValid() || Why.Set("Refused", "No scene is loaded here. Load one first.");
}

Progress FUnrealWorld::Reset(uint64_t InSeed, Failure& Why)
{
  if (!HasTown(Why))
  {
    return Progress::failed;
  }
  // Nothing in this world is drawn by lot; the seed is part of the hash alone.
  Seed = InSeed;
  Tick = 0;
  Present->Restore();
  return Progress::done;
}

bool FUnrealWorld::Tell(simbridge::View<simbridge::AgentAction> Actions, Failure& Why)
{
  if (!HasTown(Why))
  {
    return false;
  }
  for (const simbridge::AgentAction& Action : Actions)
  {
    Present->Bodies().Begin(Action, Settings.TickSeconds);
  }
  return true;
}

void FUnrealWorld::TickBegins()
{
  if (Present.IsValid())
  {
    Present->Bodies().TickBegins(Settings.TickSeconds);
  }
}

void FUnrealWorld::TickEnds(uint64_t Now)
{
  Tick = Now;
  if (Present.IsValid())
  {
    Present->Bodies().TickEnds(Settings.TickSeconds);
  }
}

bool FUnrealWorld::Edit(const simbridge::EditPlan& Plan, Failure& Why)
{
  if (!HasTown(Why) || !Present->MayEdit(Plan, Why))
  {
    return false;
  }
  Present->Edit(Plan);
  return true;
}

bool FUnrealWorld::SetPoses(
  simbridge::View<simbridge::Text> Names, simbridge::View<double> Poses, uint64_t At, Failure& Why)
{
  if (!HasTown(Why) || !Present->SetPoses(Names, Poses, Why))
  {
    return false;
  }
  Tick = At;
  return true;
}

simbridge::WorldView FUnrealWorld::World() const
{
  simbridge::WorldView View;
  if (Present.IsValid())
  {
    Present->Bodies().Tell(View);
  }
  return View;
}

uint64_t FUnrealWorld::StateHash() const
{
  std::string Bytes;
  const uint64 Numbers[2] = {Tick, Seed};
  Bytes.append(reinterpret_cast<const char*>(Numbers), sizeof(Numbers));
  if (Present.IsValid())
  {
    Present->Bodies().Digest(Bytes);
  }
  // FNV-1a, 64 bits.
  uint64 Hash = 14695981039346656037ull;
  for (const char Byte : Bytes)
  {
    Hash = (Hash ^ static_cast<uint8>(Byte)) * 1099511628211ull;
  }
  return Hash;
}

// --- pictures --------------------------------------------------------------------------------------------------------

bool FUnrealWorld::RequestLook(const simbridge::LookRequest& Request, Failure& Why)
{
  if (!HasTown(Why))
  {
    return false;
  }
  if (!FApp::CanEverRender())
  {
    return Why.Set("NotSupported",
      "This game runs without a renderer (-nullrhi, or a dedicated server). Start it with -RenderOffscreen to have pictures.");
  }
  for (const simbridge::Modality What : Request.modalities)
  {
    if (What == simbridge::Modality::segmentation && !Parents.CanShowIds())
    {
      return Why.Set("NotSupported",
        "The materials that draw instance ids are missing in this project. Run `py simbridge_parents.py` in its editor once, "
        "and cook /SimBridge/Materials when you package it.");
    }
  }
  std::vector<FView> Views;
  for (const simbridge::Camera& Camera : Request.cameras)
  {
    FTransform Mount = FTransform::Identity;
    if (Camera.mount != "world" && !Present->Bodies().Transform(Camera.mount, Mount))
    {
      return Why.Set("UnknownBody", "Camera '" + Camera.name + "' is mounted on '" + Camera.mount + "', which is not here.");
    }
    const FTransform Placed = ToUnreal(Camera.mount_from_camera) * Mount;
    Views.push_back({Camera.name, Placed.GetLocation(), CameraToUnreal(Placed.GetRotation()), Camera.width_px,
      Camera.height_px, Camera.fov_y_rad});
  }
  if (!Views.empty())
  {
    Present->Sky().FollowViewer(Views.front().Location);
  }
  return Eyes.Look(
    Request.number, Request.tick, Views, Request.modalities, Present->Actor(), Present->Sky().Light().Ev100, Why);
}

Progress FUnrealWorld::TakeLook(uint64_t Number, simbridge::Sight& Sight, Failure& Why)
{
  return Eyes.Take(Number, Sight, Why);
}

void FUnrealWorld::DropLook(uint64_t Number)
{
  Eyes.Drop(Number);
}
}  // namespace UE::SimBridge
