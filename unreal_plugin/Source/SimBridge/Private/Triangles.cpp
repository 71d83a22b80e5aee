// Ear clipping: each hole is joined to the rim by a bridge of two coinciding edges, then corners are cut off one by one.
#include "Triangles.h"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace UE::SimBridge
{
namespace
{
struct FPoint
{
  double X = 0, Y = 0;
};

double Turn(const FPoint& A, const FPoint& B, const FPoint& C)
{
  return (B.X - A.X) * (C.Y - A.Y) - (B.Y - A.Y) * (C.X - A.X);
}

bool IsSame(const FPoint& A, const FPoint& B)
{
  return A.X == B.X && A.Y == B.Y;
}

bool IsInTriangle(const FPoint& P, const FPoint& A, const FPoint& B, const FPoint& C)
{
  return Turn(A, B, P) >= 0 && Turn(B, C, P) >= 0 && Turn(C, A, P) >= 0;
}

/// A ring without repeated points, counter-clockwise if asked, else clockwise.
std::vector<FPoint> Cleaned(const std::vector<double>& Ring, bool bCounterClockwise)
{
  std::vector<FPoint> Points;
  for (size_t At = 0; At + 1 < Ring.size(); At += 2)
  {
    const FPoint Point{Ring[At], Ring[At + 1]};
    if (Points.empty() || !IsSame(Points.back(), Point))
    {
      Points.push_back(Point);
    }
  }
  while (Points.size() > 1 && IsSame(Points.front(), Points.back()))
  {
    Points.pop_back();
  }
  double Area = 0;
  for (size_t At = 0, Before = Points.size() - 1; At < Points.size(); Before = At++)
  {
    Area += Points[Before].X * Points[At].Y - Points[At].X * Points[Before].Y;
  }
  if ((Area > 0) != bCounterClockwise)
  {
    std::reverse(Points.begin(), Points.end());
  }
  return Points;
}

/// Which corner of the rim a hole's easternmost point sees; the rim's size if it lies outside.
size_t SeenFrom(const FPoint& M, const std::vector<FPoint>& Rim)
{
  const size_t Count = Rim.size();
  double Nearest = std::numeric_limits<double>::infinity();
  size_t Seen = Count;
  FPoint Hit;
  for (size_t At = 0; At < Count; ++At)
  {
    const FPoint& A = Rim[At];
    const FPoint& B = Rim[(At + 1) % Count];
    // Edges that go up are those with the inside to their west.
    if (!(A.Y <= M.Y && B.Y > M.Y))
    {
      continue;
    }
    const double X = A.X + (M.Y - A.Y) * (B.X - A.X) / (B.Y - A.Y);
    if (X >= M.X && X < Nearest)
    {
      Nearest = X;
      Hit = {X, M.Y};
      Seen = A.X > B.X ? At : (At + 1) % Count;
    }
  }
  if (Seen == Count)
  {
    return Count;
  }
  // A corner that juts into the triangle between them hides that one: of those, the one seen at the flattest angle.
  const FPoint P = Rim[Seen];
  size_t Best = Seen;
  double Flattest = std::numeric_limits<double>::infinity();
  // Where the ray meets that very corner there is no such triangle.
  for (size_t At = 0; At < Count && Hit.Y != P.Y; ++At)
  {
    const FPoint& R = Rim[At];
    const bool bIsIn = P.Y >= M.Y ? IsInTriangle(R, M, Hit, P) : IsInTriangle(R, M, P, Hit);
    if (IsSame(R, P) || R.X <= M.X || R.X > P.X || !bIsIn)
    {
      continue;
    }
    const double Slope = (R.Y > M.Y ? R.Y - M.Y : M.Y - R.Y) / (R.X - M.X);
    const bool bIsReflex = Turn(Rim[(At + Count - 1) % Count], R, Rim[(At + 1) % Count]) <= 0;
    if (bIsReflex && Slope < Flattest)
    {
      Flattest = Slope;
      Best = At;
    }
  }
  // Bridges double their corners: take the copy from whose inside the hole is seen.
  for (size_t At = 0; At < Count; ++At)
  {
    const FPoint& Before = Rim[(At + Count - 1) % Count];
    const FPoint& After = Rim[(At + 1) % Count];
    if (!IsSame(Rim[At], Rim[Best]))
    {
      continue;
    }
    const bool bIsConvex = Turn(Before, Rim[At], After) > 0;
    const bool bLeftOfFirst = Turn(Before, Rim[At], M) > 0;
    const bool bLeftOfSecond = Turn(Rim[At], After, M) > 0;
    if (bIsConvex ? (bLeftOfFirst && bLeftOfSecond) : (bLeftOfFirst || bLeftOfSecond))
    {
      return At;
    }
  }
  return Best;
}

bool IsEar(const std::vector<FPoint>& Points, const std::vector<int32_t>& Left, size_t At)
{
  const size_t Count = Left.size();
  const FPoint& A = Points[static_cast<size_t>(Left[(At + Count - 1) % Count])];
  const FPoint& B = Points[static_cast<size_t>(Left[At])];
  const FPoint& C = Points[static_cast<size_t>(Left[(At + 1) % Count])];
  if (Turn(A, B, C) <= 0)
  {
    return false;
  }
  return std::none_of(Left.begin(), Left.end(),
    [&](int32_t Other)
    {
      const FPoint& P = Points[static_cast<size_t>(Other)];
      return !IsSame(P, A) && !IsSame(P, B) && !IsSame(P, C) && IsInTriangle(P, A, B, C);
    });
}
}  // namespace

FFlatSurface Triangulated(const std::vector<double>& Rim, const std::vector<std::vector<double>>& Holes)
{
  std::vector<FPoint> Ring = Cleaned(Rim, true);
  std::vector<std::vector<FPoint>> Inner;
  for (const std::vector<double>& Hole : Holes)
  {
    std::vector<FPoint> Points = Cleaned(Hole, false);
    if (Points.size() < 3)
    {
      continue;
    }
    const auto East = std::max_element(Points.begin(), Points.end(), [](const FPoint& A, const FPoint& B) { return A.X < B.X; });
    std::rotate(Points.begin(), East, Points.end());
    Inner.push_back(std::move(Points));
  }
  std::sort(Inner.begin(), Inner.end(),
    [](const std::vector<FPoint>& A, const std::vector<FPoint>& B) { return A.front().X > B.front().X; });
  for (const std::vector<FPoint>& Hole : Inner)
  {
    const size_t At = SeenFrom(Hole.front(), Ring);
    if (At == Ring.size())
    {
      continue;
    }
    std::vector<FPoint> Bridge(Hole);
    Bridge.push_back(Hole.front());
    Bridge.push_back(Ring[At]);
    Ring.insert(Ring.begin() + static_cast<std::ptrdiff_t>(At) + 1, Bridge.begin(), Bridge.end());
  }

  FFlatSurface Made;
  std::vector<int32_t> Left;
  for (const FPoint& Point : Ring)
  {
    Left.push_back(static_cast<int32_t>(Left.size()));
    Made.Points.push_back(Point.X);
    Made.Points.push_back(Point.Y);
  }
  size_t At = 0, Tried = 0;
  while (Left.size() > 2 && Tried <= Left.size())
  {
    const size_t Count = Left.size();
    At %= Count;
    const FPoint& A = Ring[static_cast<size_t>(Left[(At + Count - 1) % Count])];
    const FPoint& B = Ring[static_cast<size_t>(Left[At])];
    const FPoint& C = Ring[static_cast<size_t>(Left[(At + 1) % Count])];
    const bool bIsFlat = Turn(A, B, C) == 0;
    if (bIsFlat || IsEar(Ring, Left, At))
    {
      if (!bIsFlat)
      {
        Made.Triangles.insert(Made.Triangles.end(), {Left[(At + Count - 1) % Count], Left[At], Left[(At + 1) % Count]});
      }
      Left.erase(Left.begin() + static_cast<std::ptrdiff_t>(At));
      Tried = 0;
      // Going on two corners further makes rounder triangles than fans do.
      At += 1;
    }
    else
    {
      ++At;
      ++Tried;
    }
  }
  return Made;
}
}  // namespace UE::SimBridge
