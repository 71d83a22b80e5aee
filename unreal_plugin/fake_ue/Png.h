// Pictures as png files, for people to look at.
#pragma once

#include "SimBridge/Values.h"

namespace simbridge::fake {

/// A .png file of rgb (height, width, 3). Empty for another size.
std::vector<uint8_t> EncodePng(View<uint8_t> rgb, uint32_t width_px, uint32_t height_px);

}  // namespace simbridge::fake
