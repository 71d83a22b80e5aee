// Readings counted from tick 0, so that a sensor of 30 a second has 30 in every second of 50 ticks.
#include "SimBridge/SensorSchedule.h"

#include <cmath>

namespace simbridge {
namespace {
constexpr double kSlack = 1e-9;
}

int32_t SensorSchedule::Add(double rate_hz) {
  if (!std::isfinite(rate_hz) || rate_hz <= 0) return -1;
  rates_hz_.push_back(rate_hz);
  return static_cast<int32_t>(rates_hz_.size()) - 1;
}

void SensorSchedule::Remove(int32_t sensor) {
  if (sensor >= 0 && static_cast<size_t>(sensor) < rates_hz_.size()) rates_hz_[static_cast<size_t>(sensor)] = 0;
}

std::vector<int32_t> SensorSchedule::Due(uint64_t tick) const {
  std::vector<int32_t> due;
  const double now_s = static_cast<double>(tick) * tick_s_, before_s = now_s - tick_s_;
  for (size_t sensor = 0; sensor < rates_hz_.size(); ++sensor) {
    const double rate = rates_hz_[sensor];
    if (rate == 0) continue;
    const double readings = std::floor(now_s * rate + kSlack), earlier = std::floor(before_s * rate + kSlack);
    if (tick == 0 || readings > earlier) due.push_back(static_cast<int32_t>(sensor));
  }
  return due;
}

}  // namespace simbridge
