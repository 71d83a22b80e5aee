// Weather changed.
#include "Sky.h"

namespace simbridge {
namespace {

struct Word {
  Text name;
  double cloud_cover, rain, snowfall;
};
constexpr Word kWords[] = {{"clear", 0.2, 0, 0},   {"overcast", 0.95, 0, 0}, {"rain", 1, 0.6, 0},
                           {"storm", 1, 0.95, 0}, {"fog", 1, 0, 0},         {"snow", 1, 0, 0.5}};

}  // namespace

Environment Sky::Seen() const {
  Environment made = numbers;
  made.season = season;
  made.weather = weather;
  return made;
}

void Sky::Take(const Environment& environment) {
  season.assign(environment.season);
  weather.assign(environment.weather);
  numbers = environment;
  numbers.season = numbers.weather = Text();
}

bool IsWeather(Text word) {
  for (const Word& known : kWords) {
    if (known.name == word) return true;
  }
  return false;
}

Text AllWeathers() { return "clear, overcast, rain, storm, fog, snow"; }

void Change(Sky& sky, const WeatherChange& change) {
  if (change.weather) {
    sky.weather.assign(*change.weather);
    for (const Word& known : kWords) {
      if (known.name != *change.weather) continue;
      sky.numbers.cloud_cover = known.cloud_cover;
      sky.numbers.rain = known.rain;
      sky.numbers.snowfall = known.snowfall;
    }
  }
  if (change.time_of_day_h) sky.numbers.time_of_day_h = *change.time_of_day_h;
  if (change.visibility_m) sky.numbers.visibility_m = *change.visibility_m;
  if (change.wetness) sky.numbers.wetness = *change.wetness;
  if (change.snow_cover) sky.numbers.snow_cover = *change.snow_cover;
  if (change.lamps_lit) sky.numbers.lamps_lit = *change.lamps_lit;
}

}  // namespace simbridge
