// A town as it was told: owned copies of all pieces, kept until the world of it is made, and for every reset after.
#pragma once

#include "SimBridge/BuildPieces.h"
#include "SimBridge/HeightField.h"
#include "SimBridge/Water.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace UE::SimBridge
{
template <typename T>
std::vector<T> Copied(const simbridge::View<T>& Told)
{
  return std::vector<T>(Told.begin(), Told.end());
}

inline std::vector<std::string> Copied(const simbridge::View<simbridge::Text>& Told)
{
  std::vector<std::string> All;
  All.reserve(Told.size);
  for (const simbridge::Text& One : Told)
  {
    All.emplace_back(One);
  }
  return All;
}

struct FPlannedMaterial
{
  std::string Name, Pattern;
  simbridge::Vec3 BaseColor, Emission;
  double Roughness = 0.9, Metallic = 0.0;
  bool bGlowsAtNight = false;
};

/// All pieces of one mesh joined: indices count from its first vertex; Normals is empty for flat faces.
struct FPlannedMesh
{
  std::string Name;
  std::vector<float> Vertices, Normals;
  std::vector<int32_t> Triangles;
  /// Of each triangle, an index into Materials.
  std::vector<uint16_t> Material;
  std::vector<std::string> Materials;
};

struct FPlannedCollider
{
  simbridge::ColliderShape Shape = simbridge::ColliderShape::box;
  simbridge::Vec3 Size;
  simbridge::Pose Pose;
  std::vector<float> Points;
};

struct FPlannedAsset
{
  std::string Name, Kind, Semantic;
  std::vector<std::string> Meshes;
  std::vector<FPlannedCollider> Colliders;
  simbridge::Vec3 Size;
  double Mass = 0.0;
  bool bIsMovable = false;
  simbridge::Role Role = simbridge::Role::fixed;
};

struct FPlannedThing
{
  std::string Name;
  /// An index into FTownPlan::Assets; -1 for the unseen walker that an agent without a placement is.
  int32_t Asset = -1;
  simbridge::Pose Pose;
  simbridge::Vec3 Scale{1, 1, 1};
  int32_t Id = 0;
  bool bIsAgent = false;
};

struct FPlannedPart
{
  std::string Name, Kind, Semantic, Mesh;
  std::vector<FPlannedCollider> Colliders;
  int32_t Id = 0;
};

struct FPlannedLamp
{
  std::string Owner;
  simbridge::Vec3 Position, Color;
  double Lumens = 0.0, Range = 0.0;
};

/// simbridge::Environment with words of its own.
struct FPlannedEnvironment
{
  std::string Season = "summer", Weather = "clear";
  simbridge::Environment Numbers;

  void Take(const simbridge::Environment& Told)
  {
    Season.assign(Told.season);
    Weather.assign(Told.weather);
    Numbers = Told;
    // Views end with the call that they came with.
    Numbers.season = simbridge::Text();
    Numbers.weather = simbridge::Text();
  }
};

struct FTownPlan
{
  std::string Name, Digest;
  double MinX = 0, MinY = 0, MaxX = 0, MaxY = 0;

  simbridge::HeightField Ground;
  /// Names of the materials of its surface.
  std::vector<std::string> Surfaces;

  std::vector<FPlannedMaterial> Materials;
  std::vector<FPlannedMesh> Meshes;
  std::unordered_map<std::string, int32_t> MeshOf;
  std::vector<FPlannedAsset> Assets;
  std::unordered_map<std::string, int32_t> AssetOf;
  std::vector<FPlannedThing> Things;
  std::unordered_map<std::string, int32_t> ThingOf;
  std::vector<FPlannedPart> Parts;
  std::vector<simbridge::Water> Waters;
  std::vector<FPlannedLamp> Lamps;
  FPlannedEnvironment Environment;

  /// The terrain is the first row of the scene's table of instances.
  static constexpr int32_t TerrainId = 1;

  void Begin(const simbridge::BuildBegin& Told);
  void Take(const simbridge::HeightRows& Told);
  void Take(const simbridge::BuildMaterial& Told);
  void Take(const simbridge::MeshPiece& Told);
  void Take(const simbridge::BuildAsset& Told);
  void Take(const simbridge::BuildPlacements& Told);
  void Take(const simbridge::BuildPart& Told);
  void Take(const simbridge::BuildWater& Told);
  void Take(const simbridge::BuildLamps& Told);
  void Take(const simbridge::BuildAgent& Told);

  /// The level of the water at a place [m]; minus infinity where there is none.
  double WaterAt(double X, double Y) const;

  /// How far from the shore a place on the water is [m]; negative on land.
  double ReachAt(double X, double Y) const;
};
}  // namespace UE::SimBridge
