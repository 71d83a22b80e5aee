// The weather of a world: the words there are, and what a change makes of it, as bridge/weather.py has it.
#pragma once

#include <optional>
#include <string>

#include "SimBridge/BuildPieces.h"

namespace simbridge {

/// An environment that owns its words.
struct Sky {
  std::string season = "summer", weather = "clear";
  Environment numbers;

  /// The same with views of the words here.
  Environment Seen() const;
  void Take(const Environment& environment);
};

/// What a change of weather names; the rest stays.
struct WeatherChange {
  std::optional<Text> weather;
  std::optional<double> time_of_day_h, visibility_m, wetness, snow_cover;
  std::optional<bool> lamps_lit;
};

bool IsWeather(Text word);
/// "clear, overcast, rain, storm, fog, snow"
Text AllWeathers();

/// The sky after a change that was checked: the word brings its clouds, its rain and its snowfall.
void Change(Sky& sky, const WeatherChange& change);

}  // namespace simbridge
