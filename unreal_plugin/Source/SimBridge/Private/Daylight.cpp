// Solar position by declination and hour angle (each season's middle day), and tables that photographers use.
#include "Daylight.h"

#include <algorithm>
#include <cmath>

namespace UE::SimBridge
{
namespace
{
constexpr double Radians = 3.14159265358979323846 / 180.0;

double DeclinationOf(const std::string& Season)
{
  if (Season == "summer")
  {
    return 22.0 * Radians;
  }
  if (Season == "winter")
  {
    return -22.0 * Radians;
  }
  return (Season == "autumn" ? -11.5 : 11.5) * Radians;
}

/// From 0 at A to 1 at B, smoothly.
double Between(double A, double B, double X)
{
  const double Share = std::clamp((X - A) / (B - A), 0.0, 1.0);
  return Share * Share * (3.0 - 2.0 * Share);
}
}  // namespace

FDaylight DaylightOf(const FPlannedEnvironment& Environment)
{
  FDaylight Made;
  const double Declination = DeclinationOf(Environment.Season);
  const double Hour = (Environment.Numbers.time_of_day_h - 12.0) * 15.0 * Radians;
  const double Latitude = Environment.Numbers.latitude_rad;
  Made.ToSun = {-std::cos(Declination) * std::sin(Hour),
    std::cos(Latitude) * std::sin(Declination) - std::sin(Latitude) * std::cos(Declination) * std::cos(Hour),
    std::sin(Latitude) * std::sin(Declination) + std::cos(Latitude) * std::cos(Declination) * std::cos(Hour)};

  const double Up = std::asin(std::clamp(Made.ToSun.z, -1.0, 1.0));
  const double Covered = std::clamp(Environment.Numbers.cloud_cover, 0.0, 1.0);
  const double Thick = Environment.Weather == "clear" ? 0.0 : 1.0;
  // 110,000 lux through clear air at the zenith; little of it as a beam through a closed cover.
  const double Risen = Between(-0.5 * Radians, 12.0 * Radians, Up);
  const double Through = 1.0 - Covered * (Thick > 0.0 ? 0.97 : 0.6);
  Made.SunLux = 110000.0 * Risen * Through;
  const double Low = 1.0 - Between(0.0, 25.0 * Radians, Up);
  Made.SunColor = {1.0, 1.0 - 0.35 * Low, 1.0 - 0.65 * Low};
  Made.Night = 1.0 - Between(-8.0 * Radians, 3.0 * Radians, Up);

  // Full sun 14.5, a closed cover 12, sunset 9, a lit street 4.
  const double Day = 14.5 - 2.5 * Covered * Thick;
  const double Sunset = Between(-6.0 * Radians, 20.0 * Radians, Up);
  Made.Ev100 = 4.0 + (Day - 4.0) * Sunset;
  Made.ExtinctionPerMetre = std::log(20.0) / std::max(Environment.Numbers.visibility_m, 1.0);
  return Made;
}
}  // namespace UE::SimBridge
