// Pictures and arrays as files of other programs: NumPy's npy, and the bmp that UnrealCV's clients read.
#pragma once

#include "SimBridge/Values.h"

namespace simbridge {

enum class Element : uint8_t { uint8, int32, float32, float64 };

/// A .npy file, version 1.0: little-endian, C order. Empty if the bytes are not those of the shape.
SIMBRIDGECORE_API std::vector<uint8_t> EncodeNpy(View<uint8_t> bytes, Element element, View<uint32_t> shape);

/// A .bmp file of 32 bits a pixel, rows from the top, alpha 255, of rgb (height, width, 3). Empty for another size.
SIMBRIDGECORE_API std::vector<uint8_t> EncodeBmp(View<uint8_t> rgb, uint32_t width_px, uint32_t height_px);

}  // namespace simbridge
