// Colours in shells: the k-th has those of k^3 to (k+1)^3 whose greatest channel index is k.
#include "SimBridge/ColorMap.h"

namespace simbridge {
namespace {

/// The n-th value of a channel: 0, 255, 127, 63, 191, 31, 95 ...: ever finer halves.
uint8_t ChannelOf(uint32_t index) {
  if (index == 0) return 0;
  if (index == 1) return 255;
  uint32_t first = 2, step = 128;
  for (; index >= 2 * first - 1; first = 2 * first - 1) step /= 2;
  return static_cast<uint8_t>(step - 1 + 2 * step * (index - first));
}

}  // namespace

MaskColor MaskColorOf(uint32_t number) {
  number &= 0xFFFFFF;
  if (number == 0) return {};
  uint32_t shell = 1;
  while ((shell + 1) * (shell + 1) * (shell + 1) <= number) ++shell;
  uint32_t rest = number - shell * shell * shell;
  static constexpr bool kFixed[7][3] = {{false, false, true}, {false, true, false}, {false, true, true}, {true, false, false},
                                        {true, false, true},  {true, true, false},  {true, true, true}};
  for (const bool(&fixed)[3] : kFixed) {
    uint32_t count = 1;
    for (bool is_fixed : fixed) count *= is_fixed ? 1 : shell;
    if (rest >= count) {
      rest -= count;
      continue;
    }
    uint32_t channels[3];
    for (int channel = 2; channel >= 0; --channel) {
      channels[channel] = fixed[channel] ? shell : rest % shell;
      if (!fixed[channel]) rest /= shell;
    }
    return {ChannelOf(channels[0]), ChannelOf(channels[1]), ChannelOf(channels[2])};
  }
  return {};
}

}  // namespace simbridge
