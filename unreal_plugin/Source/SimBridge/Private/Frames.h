// Unreal's side of the border: left-handed, Y to the right, centimetres. A position is 100 (x, -y, z), a quaternion
// (w, -x, y, -z); a triangle that is counter-clockwise from outside in metres faces outside in Unreal in the same order.
#pragma once

#include "CoreMinimal.h"

#include "SimBridge/Values.h"

#include <string>

namespace UE::SimBridge
{
constexpr double CentimetresPerMetre = 100.0;

inline FVector ToUnreal(const simbridge::Vec3& Metres)
{
  return FVector(Metres.x, -Metres.y, Metres.z) * CentimetresPerMetre;
}

/// A direction or a share along axes: turned, not scaled.
inline FVector DirectionToUnreal(const simbridge::Vec3& Direction)
{
  return FVector(Direction.x, -Direction.y, Direction.z);
}

inline FQuat ToUnreal(const simbridge::Quat& Rotation)
{
  return FQuat(-Rotation.x, Rotation.y, -Rotation.z, Rotation.w);
}

inline FTransform ToUnreal(const simbridge::Pose& Pose, const simbridge::Vec3& Scale = {1, 1, 1})
{
  return FTransform(ToUnreal(Pose.rotation), ToUnreal(Pose.position), FVector(Scale.x, Scale.y, Scale.z));
}

inline simbridge::Vec3 FromUnreal(const FVector& Centimetres)
{
  return {Centimetres.X / CentimetresPerMetre, -Centimetres.Y / CentimetresPerMetre, Centimetres.Z / CentimetresPerMetre};
}

inline simbridge::Vec3 DirectionFromUnreal(const FVector& Direction)
{
  return {Direction.X, -Direction.Y, Direction.Z};
}

inline simbridge::Quat FromUnreal(const FQuat& Rotation)
{
  return {Rotation.W, -Rotation.X, Rotation.Y, -Rotation.Z};
}

inline simbridge::Pose FromUnreal(const FTransform& Transform)
{
  return {FromUnreal(Transform.GetLocation()), FromUnreal(Transform.GetRotation())};
}

/// A rotation rate is a pseudovector: what mirrors an axis turns it round as well.
inline simbridge::Vec3 SpinFromUnreal(const FVector& RadiansPerSecond)
{
  return {-RadiansPerSecond.X, RadiansPerSecond.Y, -RadiansPerSecond.Z};
}

inline simbridge::Pose PoseOf(const double* Seven)
{
  return {{Seven[0], Seven[1], Seven[2]}, {Seven[3], Seven[4], Seven[5], Seven[6]}};
}

/// Unreal's camera looks along X, right is Y, up is Z; ours looks along z, right is x, down is y.
inline FQuat CameraToUnreal(const FQuat& WorldFromCamera)
{
  const FVector Right = WorldFromCamera.RotateVector(FVector(1, 0, 0));
  const FVector Up = WorldFromCamera.RotateVector(FVector(0, 1, 0));
  const FVector Ahead = WorldFromCamera.RotateVector(FVector(0, 0, 1));
  return FMatrix(Ahead, Right, Up, FVector::ZeroVector).ToQuat();
}

inline FString ToFString(simbridge::Text Words)
{
  return FString(UTF8_TO_TCHAR(std::string(Words).c_str()));
}

inline std::string ToUtf8(const FString& Words)
{
  return std::string(TCHAR_TO_UTF8(*Words));
}
}  // namespace UE::SimBridge
