// What Unreal's module works out without Unreal, held against numbers worked by hand. Prints a line for each that fails.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "Daylight.h"
#include "Pixels.h"
#include "TownPlan.h"
#include "Triangles.h"

using namespace UE::SimBridge;

namespace
{
int Failed = 0;

void Expect(bool bIsTrue, const char* What)
{
  if (!bIsTrue)
  {
    ++Failed;
    std::printf("not so: %s\n", What);
  }
}

void ExpectNear(double Found, double Wanted, double Tolerance, const char* What)
{
  if (!(std::fabs(Found - Wanted) <= Tolerance))
  {
    ++Failed;
    std::printf("not so: %s: %.9g, not %.9g\n", What, Found, Wanted);
  }
}

template <typename T>
std::vector<uint8_t> Bytes(const std::vector<T>& Values)
{
  std::vector<uint8_t> Made(sizeof(T) * Values.size());
  std::memcpy(Made.data(), Values.data(), Made.size());
  return Made;
}

template <typename T>
T At(const std::vector<uint8_t>& Bytes, size_t Index)
{
  T Value;
  std::memcpy(&Value, Bytes.data() + sizeof(T) * Index, sizeof(T));
  return Value;
}

double AreaOf(const FFlatSurface& Surface, bool& bAllUp)
{
  double Sum = 0.0;
  for (size_t Corner = 0; Corner + 2 < Surface.Triangles.size(); Corner += 3)
  {
    const double* A = &Surface.Points[2 * static_cast<size_t>(Surface.Triangles[Corner])];
    const double* B = &Surface.Points[2 * static_cast<size_t>(Surface.Triangles[Corner + 1])];
    const double* C = &Surface.Points[2 * static_cast<size_t>(Surface.Triangles[Corner + 2])];
    const double Area = 0.5 * ((B[0] - A[0]) * (C[1] - A[1]) - (B[1] - A[1]) * (C[0] - A[0]));
    bAllUp = bAllUp && Area > 0.0;
    Sum += Area;
  }
  return Sum;
}

/// A ring of corners at radii that a small generator draws; the same for the same seed.
std::vector<double> Star(double X, double Y, double Radius, int Corners, uint32_t& Seed)
{
  std::vector<double> Ring;
  for (int Corner = 0; Corner < Corners; ++Corner)
  {
    Seed = Seed * 1664525u + 1013904223u;
    const double Out = Radius * (0.6 + 0.4 * (Seed >> 8) / 16777216.0);
    const double Angle = 2.0 * 3.14159265358979 * Corner / Corners;
    Ring.push_back(X + Out * std::cos(Angle));
    Ring.push_back(Y + Out * std::sin(Angle));
  }
  return Ring;
}

double AreaOfRing(const std::vector<double>& Ring)
{
  double Twice = 0.0;
  const size_t Count = Ring.size() / 2;
  for (size_t Here = 0, Before = Count - 1; Here < Count; Before = Here++)
  {
    Twice += Ring[2 * Before] * Ring[2 * Here + 1] - Ring[2 * Here] * Ring[2 * Before + 1];
  }
  return std::fabs(0.5 * Twice);
}

void WaterIsCoveredWhole()
{
  bool bAllUp = true;
  const std::vector<double> Square{0, 0, 10, 0, 10, 10, 0, 10};
  // Clockwise rims are turned round; two islands in a row, corners at the same height.
  const std::vector<double> Turned{0, 10, 10, 10, 10, 0, 0, 0};
  const std::vector<std::vector<double>> Islands{{2, 2, 4, 2, 4, 4, 2, 4}, {6, 2, 8, 2, 8, 4, 6, 4}};
  ExpectNear(AreaOf(Triangulated(Square, {}), bAllUp), 100.0, 1e-9, "a square's triangles cover it");
  ExpectNear(AreaOf(Triangulated(Turned, Islands), bAllUp), 92.0, 1e-9, "islands are left out of the water");
  Expect(Triangulated(Square, {}).Triangles.size() == 6, "a square is two triangles");
  uint32_t Seed = 7;
  for (int Case = 0; Case < 60; ++Case)
  {
    const std::vector<double> Rim = Star(0, 0, 100, 9 + 3 * Case, Seed);
    std::vector<std::vector<double>> Holes;
    double Wanted = AreaOfRing(Rim);
    for (int Hole = 0; Hole < Case % 9; ++Hole)
    {
      Holes.push_back(Star(14.0 * (Hole % 3 - 1), 14.0 * (Hole / 3 - 1), 6, 3 + Case % 7, Seed));
      Wanted -= AreaOfRing(Holes.back());
    }
    ExpectNear(AreaOf(Triangulated(Rim, Holes), bAllUp), Wanted, 1e-6 * Wanted, "a lake with islands is covered whole");
  }
  Expect(bAllUp, "all triangles face up");
}

void PixelsBecomeTheContracts()
{
  Expect(RgbOfBgra({3, 2, 1, 255, 6, 5, 4, 0}) == std::vector<uint8_t>{1, 2, 3, 4, 5, 6}, "blue comes last");
  // 1234 cm are 12.34 m; the far end of Unreal's depth is nothing, and so is what was never written.
  const std::vector<uint8_t> Depth = DepthOfCentimetres(Bytes<float>({1234.0f, 1.0e8f, 0.0f}));
  ExpectNear(At<float>(Depth, 0), 12.34, 1e-5, "depth is in metres");
  Expect(std::isinf(At<float>(Depth, 1)) && std::isinf(At<float>(Depth, 2)), "nothing is infinitely far");
  // Unreal's Y points right: a wall that faces right faces -Y in the world.
  const std::vector<uint8_t> Normals =
    NormalsOfUnreal(Bytes<float>({0, 0.99f, 0, 1, 0, 0, 1, 1}), Bytes<float>({5.0f, std::numeric_limits<float>::infinity()}));
  ExpectNear(At<float>(Normals, 1), -1.0, 0.0, "normals are mirrored and of unit length");
  Expect(At<float>(Normals, 5) == 0.0f, "the sky has no normal");
  // The same wall and a floor, packed into 0 to 1: (0, 1, 0) is (0.5, 1, 0.5).
  const std::vector<uint8_t> Unpacked =
    NormalsOfUnreal(Bytes<float>({0.5f, 1, 0.5f, 1, 0.5f, 0.5f, 1, 1}), Bytes<float>({5.0f, 5.0f}));
  ExpectNear(At<float>(Unpacked, 1), -1.0, 1e-6, "packed normals are unpacked");
  ExpectNear(At<float>(Unpacked, 5), 1.0, 1e-6, "a packed floor faces up");
  // 70,000 = 112 + 17 * 256 + 1 * 65536; half floats round each byte by less than half.
  const std::vector<uint8_t> Ids =
    IdsOfColors(Bytes<float>({112.0f / 255 + 0.0004f, 17.0f / 255 - 0.0004f, 1.0f / 255, 1, 0, 0, 0, 0}));
  Expect(At<int32_t>(Ids, 0) == 70000 && At<int32_t>(Ids, 1) == 0, "colours are ids again");
}

void TheSunIsWhereItIs()
{
  FPlannedEnvironment Noon;
  Noon.Season = "summer";
  Noon.Numbers.time_of_day_h = 12.0;
  Noon.Numbers.latitude_rad = 0.0;
  Noon.Numbers.visibility_m = 1000.0;
  // On the equator in summer the noon sun stands 22 degrees north of the zenith.
  const FDaylight High = DaylightOf(Noon);
  ExpectNear(High.ToSun.x, 0.0, 1e-12, "the noon sun is neither east nor west");
  ExpectNear(High.ToSun.y, std::sin(22.0 * 3.14159265358979 / 180.0), 1e-12, "the northern summer's sun is north");
  ExpectNear(High.SunLux, 110000.0, 1e-6, "full sun through a clear sky");
  ExpectNear(High.Night, 0.0, 0.0, "noon is no night");
  // 5 % of contrast are left at the meteorological range.
  ExpectNear(std::exp(-High.ExtinctionPerMetre * 1000.0), 0.05, 1e-12, "visibility");
  FPlannedEnvironment Morning = Noon;
  Morning.Numbers.time_of_day_h = 7.0;
  // Five hours before noon are 75 degrees: cos 22 sin 75 = 0.8956.
  ExpectNear(DaylightOf(Morning).ToSun.x, 0.8956, 1e-4, "the morning sun is in the east");
  FPlannedEnvironment Midnight = Noon;
  Midnight.Numbers.time_of_day_h = 0.0;
  Expect(DaylightOf(Midnight).SunLux == 0.0 && DaylightOf(Midnight).Night == 1.0, "midnight is dark");
  FPlannedEnvironment Grey = Noon;
  Grey.Weather = "overcast";
  Grey.Numbers.cloud_cover = 1.0;
  ExpectNear(DaylightOf(Grey).Ev100, 12.0, 1e-9, "a closed cover takes two and a half stops");
}

void PiecesAreJoined()
{
  FTownPlan Plan;
  simbridge::BuildBegin Begin;
  Begin.terrain_rows = Begin.terrain_columns = 2;
  Begin.terrain_cell_m = 10.0;
  Plan.Begin(Begin);
  const float Heights[4] = {0, 1, 2, 4};
  const uint8_t Surface[4] = {0, 0, 0, 0};
  simbridge::HeightRows Rows;
  Rows.rows = 2;
  Rows.heights_m = {Heights, 4};
  Rows.surface = {Surface, 4};
  Plan.Take(Rows);
  // On the diagonal from south-west (0 m) to north-east (4 m) the middle is at 2 m.
  ExpectNear(Plan.Ground.Height(5.0, 5.0), 2.0, 1e-6, "the ground between four points");

  const float Triangle[9] = {0, 0, 0, 1, 0, 0, 0, 1, 0};
  const int32_t Corners[3] = {0, 1, 2};
  const uint16_t Material[1] = {0};
  const simbridge::Text Brick("brick"), Slate("slate");
  simbridge::MeshPiece Piece;
  Piece.name = "house";
  Piece.vertices_m = {Triangle, 9};
  Piece.triangles = {Corners, 3};
  Piece.material = {Material, 1};
  Piece.materials = {&Brick, 1};
  Plan.Take(Piece);
  Piece.materials = {&Slate, 1};
  Plan.Take(Piece);
  const FPlannedMesh& House = Plan.Meshes.at(0);
  Expect(Plan.Meshes.size() == 1 && House.Vertices.size() == 18, "pieces of one name are one mesh");
  Expect(House.Triangles == std::vector<int32_t>{0, 1, 2, 3, 4, 5}, "indices count on");
  Expect(House.Material == std::vector<uint16_t>{0, 1} && House.Materials[1] == "slate", "each piece's materials are found");

  const double Outline[8] = {0, 0, 10, 0, 10, 10, 0, 10};
  const double Island[8] = {4, 4, 6, 4, 6, 6, 4, 6};
  const simbridge::View<double> Hole(Island, 8);
  simbridge::BuildWater Water;
  Water.name = "pond";
  Water.outline = {Outline, 8};
  Water.holes = {&Hole, 1};
  Water.level_m = -1.5;
  Plan.Take(Water);
  ExpectNear(Plan.WaterAt(1.0, 1.0), -1.5, 0.0, "the water's level");
  Expect(std::isinf(Plan.WaterAt(5.0, 5.0)) && std::isinf(Plan.WaterAt(11.0, 5.0)), "no water on islands and ashore");
  ExpectNear(Plan.ReachAt(1.0, 5.0), 1.0, 1e-9, "one metre from the shore");

  simbridge::BuildAgent Agent;
  Agent.name = "ann";
  Agent.kind = "courier";
  Agent.pose.position = {3, 4, 5};
  Plan.Take(Agent);
  Expect(Plan.Things.size() == 1 && Plan.Things[0].Asset == -1 && Plan.Things[0].bIsAgent, "an agent without a placement");
}
}  // namespace

int main()
{
  WaterIsCoveredWhole();
  PixelsBecomeTheContracts();
  TheSunIsWhereItIs();
  PiecesAreJoined();
  return Failed == 0 ? 0 : 1;
}
