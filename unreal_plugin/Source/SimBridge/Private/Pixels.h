// What comes back from the graphics card, as the contract has it. Plain C++: tested without any engine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace UE::SimBridge
{
/// Eight bits each of blue, green, red, alpha -> red, green, blue.
std::vector<uint8_t> RgbOfBgra(const std::vector<uint8_t>& Bytes);

/// Float centimetres along the optical axis -> float metres; what is as far as nothing is becomes infinity.
std::vector<uint8_t> DepthOfCentimetres(const std::vector<uint8_t>& Bytes);

/// Four floats of a normal in Unreal's frame -> three in the world's, unit; zero where depth (float metres) is infinite.
/// Normals may come as they are or packed into 0 to 1, which Unreal's documentation leaves open: they are what makes more of
/// them unit vectors.
std::vector<uint8_t> NormalsOfUnreal(const std::vector<uint8_t>& Bytes, const std::vector<uint8_t>& DepthMetres);

/// Four floats of an id's colour -> int32 ids.
std::vector<uint8_t> IdsOfColors(const std::vector<uint8_t>& Bytes);
}  // namespace UE::SimBridge
