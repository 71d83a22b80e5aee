// What the hour, the season and the weather come to, without any engine: where the sun is, how bright it is, how far one sees.
#pragma once

#include "TownPlan.h"

namespace UE::SimBridge
{
struct FDaylight
{
  /// Unit vector to the sun, world frame: x east, y north.
  simbridge::Vec3 ToSun;
  /// On a surface that faces the sun [lux], and its colour (linear, the largest share is 1).
  double SunLux = 0.0;
  simbridge::Vec3 SunColor{1, 1, 1};
  /// 0 by day, 1 by night, between them in twilight.
  double Night = 0.0;
  /// What a camera is set to, as photographers' EV at ISO 100.
  double Ev100 = 14.5;
  /// What is lost along a metre of air, by the meteorological range (5 % of contrast left).
  double ExtinctionPerMetre = 0.0;
};

FDaylight DaylightOf(const FPlannedEnvironment& Environment);
}  // namespace UE::SimBridge
