// The colours of object masks: UnrealCV's colour map by number, as bridge/gateways/unrealcv/colors.py lists it.
#pragma once

#include "SimBridge/Values.h"

namespace simbridge {

struct MaskColor {
  uint8_t red = 0, green = 0, blue = 0;
};

/// The colour of the n-th actor, 0 black; 16,777,216 of them, each once, then black again.
SIMBRIDGECORE_API MaskColor MaskColorOf(uint32_t number);

}  // namespace simbridge
