// Pixel formats turned into the contract's arrays: rows stay in their order, from the top.
#include "Pixels.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace UE::SimBridge
{
namespace
{
/// With nothing before it, Unreal's depth is its far end, a thousand kilometres; a town ends long before fifty.
constexpr float FarCentimetres = 5.0e6f;

float FloatAt(const std::vector<uint8_t>& Bytes, size_t Index)
{
  float Value = 0.0f;
  std::memcpy(&Value, Bytes.data() + 4 * Index, sizeof(Value));
  return Value;
}

template <typename T>
void Put(std::vector<uint8_t>& Bytes, size_t Index, T Value)
{
  std::memcpy(Bytes.data() + sizeof(T) * Index, &Value, sizeof(T));
}

struct FThree
{
  float X = 0.0f, Y = 0.0f, Z = 0.0f;
};

FThree NormalAt(const std::vector<uint8_t>& Bytes, size_t Pixel, bool bIsPacked)
{
  const float Scale = bIsPacked ? 2.0f : 1.0f, Shift = bIsPacked ? 1.0f : 0.0f;
  return {Scale * FloatAt(Bytes, 4 * Pixel) - Shift, Scale * FloatAt(Bytes, 4 * Pixel + 1) - Shift,
    Scale * FloatAt(Bytes, 4 * Pixel + 2) - Shift};
}

float LengthOf(const FThree& V)
{
  return std::sqrt(V.X * V.X + V.Y * V.Y + V.Z * V.Z);
}

bool IsUnit(const FThree& V)
{
  return std::fabs(LengthOf(V) - 1.0f) < 0.03f;
}

uint32_t ByteOf(float Share)
{
  return static_cast<uint32_t>(std::clamp(std::lround(Share * 255.0f), 0L, 255L));
}
}  // namespace

std::vector<uint8_t> RgbOfBgra(const std::vector<uint8_t>& Bytes)
{
  const size_t Count = Bytes.size() / 4;
  std::vector<uint8_t> Made(3 * Count);
  for (size_t At = 0; At < Count; ++At)
  {
    Made[3 * At] = Bytes[4 * At + 2];
    Made[3 * At + 1] = Bytes[4 * At + 1];
    Made[3 * At + 2] = Bytes[4 * At];
  }
  return Made;
}

std::vector<uint8_t> DepthOfCentimetres(const std::vector<uint8_t>& Bytes)
{
  const size_t Count = Bytes.size() / 4;
  std::vector<uint8_t> Made(4 * Count);
  for (size_t At = 0; At < Count; ++At)
  {
    const float Centimetres = FloatAt(Bytes, At);
    const bool bIsSomething = Centimetres > 0.0f && Centimetres < FarCentimetres;
    Put(Made, At, bIsSomething ? Centimetres / 100.0f : std::numeric_limits<float>::infinity());
  }
  return Made;
}

std::vector<uint8_t> NormalsOfUnreal(const std::vector<uint8_t>& Bytes, const std::vector<uint8_t>& DepthMetres)
{
  const size_t Count = Bytes.size() / 16;
  size_t Plain = 0, Packed = 0;
  for (size_t At = 0; At < Count; ++At)
  {
    if (std::isfinite(FloatAt(DepthMetres, At)))
    {
      Plain += IsUnit(NormalAt(Bytes, At, false));
      Packed += IsUnit(NormalAt(Bytes, At, true));
    }
  }
  std::vector<uint8_t> Made(12 * Count);
  for (size_t At = 0; At < Count; ++At)
  {
    const FThree Normal = NormalAt(Bytes, At, Packed > Plain);
    const float Length = LengthOf(Normal);
    const bool bIsSomething = std::isfinite(FloatAt(DepthMetres, At)) && Length > 0.1f;
    Put(Made, 3 * At, bIsSomething ? Normal.X / Length : 0.0f);
    Put(Made, 3 * At + 1, bIsSomething ? -Normal.Y / Length : 0.0f);
    Put(Made, 3 * At + 2, bIsSomething ? Normal.Z / Length : 0.0f);
  }
  return Made;
}

std::vector<uint8_t> IdsOfColors(const std::vector<uint8_t>& Bytes)
{
  const size_t Count = Bytes.size() / 16;
  std::vector<uint8_t> Made(4 * Count);
  for (size_t At = 0; At < Count; ++At)
  {
    const uint32_t Id = ByteOf(FloatAt(Bytes, 4 * At)) | ByteOf(FloatAt(Bytes, 4 * At + 1)) << 8 |
      ByteOf(FloatAt(Bytes, 4 * At + 2)) << 16;
    Put(Made, At, static_cast<int32_t>(Id));
  }
  return Made;
}
}  // namespace UE::SimBridge
