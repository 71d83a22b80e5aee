// Which sensors are due at a tick: each has its own rate, and none drifts, however its rate divides a second.
#pragma once

#include "SimBridge/Values.h"

namespace simbridge {

class SIMBRIDGECORE_API SensorSchedule {
 public:
  explicit SensorSchedule(double tick_s) : tick_s_(tick_s) {}

  /// A sensor of so many readings a second, at most one a tick; its number. A rate that is no number, or none: -1.
  int32_t Add(double rate_hz);
  void Remove(int32_t sensor);

  /// Numbers of the sensors whose next reading falls on this tick: its k-th one on the first tick at or after k / rate.
  /// All are due at tick 0.
  std::vector<int32_t> Due(uint64_t tick) const;

 private:
  double tick_s_;
  std::vector<double> rates_hz_;
};

}  // namespace simbridge
