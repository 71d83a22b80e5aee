// Changes taken one by one on a draft that holds only the names they touch.
#include "Transaction.h"

#include "Fields.h"

namespace simbridge {
namespace {

constexpr double kLeastScale = 0.01, kMostScale = 100;

bool Quote(Failure& failure, const char* kind, Text name, const std::string& rest) {
  return failure.Set(kind, "'" + std::string(name) + "' " + rest);
}

}  // namespace

Transaction::Transaction(const Roster& roster, const Sky& sky, const Bounds& bounds, View<AgentView> who)
    : roster_(roster), sky_(sky), bounds_(bounds), next_id_(roster.NextId()) {
  for (const AgentView& agent : who) {
    for (const std::string& held : agent.holding) taken_[held] = agent.name;
    if (!agent.riding.empty()) {
      taken_[agent.riding] = agent.name;
      mounted_[agent.name] = agent.riding;
    }
    if (agent.doing == "sit") mounted_.emplace(agent.name, Text("its seat"));
  }
}

bool Transaction::Take(Arena&, const bridge_v1_Change& change, size_t index, Failure& failure) {
  const char* what = "";
  bool is_taken = false;
  switch (change.which_what) {
    case bridge_v1_Change_spawn_tag:
      what = "spawn";
      is_taken = TakeSpawn(change.what.spawn, failure);
      break;
    case bridge_v1_Change_move_tag:
      what = "move";
      is_taken = TakeMove(change.what.move, failure);
      break;
    case bridge_v1_Change_remove_tag:
      what = "remove";
      is_taken = TakeRemove(change.what.remove, failure);
      break;
    case bridge_v1_Change_paint_tag:
      what = "paint";
      is_taken = TakePaint(change.what.paint, failure);
      break;
    case bridge_v1_Change_weather_tag:
      what = "weather";
      is_taken = TakeWeather(change.what.weather, failure);
      break;
    case bridge_v1_Change_resize_tag:
      what = "resize";
      is_taken = TakeResize(change.what.resize, failure);
      break;
    case bridge_v1_Change_hide_tag:
      what = "hide";
      is_taken = TakeHide(change.what.hide, failure);
      break;
    default:
      failure.Set("InvalidInput", "holds no change; expected spawn, move, remove, paint, weather, resize or hide.");
      return Under(failure, "changes[" + std::to_string(index) + "] ");
  }
  if (is_taken) return true;
  const bool is_field = !failure.message.empty() && (failure.message[0] == '.' || failure.message[0] == ' ');
  return Under(failure, "changes[" + std::to_string(index) + "]." + what + (is_field ? "" : ": "));
}

Transaction::Draft* Transaction::Touch(Text name) {
  const auto found = index_.find(name);
  if (found != index_.end()) return &drafts_[found->second];
  Draft draft;
  draft.name = name;
  const RosterEntry* entry = roster_.Find(name);
  if (entry != nullptr) {
    draft.entry = *entry;
    draft.was_present = draft.is_present = entry->is_present;
    if (entry->asset >= 0) draft.asset = roster_.asset(entry->asset).name;
  }
  index_.emplace(name, drafts_.size());
  drafts_.push_back(draft);
  return &drafts_.back();
}

bool Transaction::Knows(Text name, Draft*& draft, bool may_be_part, Failure& failure) {
  if (!CheckName(name, failure)) return Under(failure, ".name");
  const auto found = index_.find(name);
  const RosterEntry* entry = found == index_.end() ? roster_.Present(name) : nullptr;
  const bool is_there = found == index_.end() ? entry != nullptr : drafts_[found->second].is_present;
  const EntryKind kind = !is_there ? EntryKind::thing : entry ? entry->kind : drafts_[found->second].entry.kind;
  if (!is_there || kind == EntryKind::water) {
    return failure.Set("UnknownBody", roster_.Unknown("thing", name, [](const RosterEntry& known) {
      return known.kind == EntryKind::thing;
    }));
  }
  if (kind == EntryKind::part && !may_be_part) {
    return Quote(failure, "InvalidChange", name, "is built where it stands. Only placed things can be moved.");
  }
  draft = Touch(name);
  return true;
}

bool Transaction::IsOnMap(const Pose& pose, Failure& failure) const {
  const double x = pose.position.x, y = pose.position.y;
  if (x >= bounds_.min_x_m && x <= bounds_.max_x_m && y >= bounds_.min_y_m && y <= bounds_.max_y_m) return true;
  return failure.Set("InvalidChange", "(" + Written(x) + ", " + Written(y) + ") lies off the map, which spans (" +
                                          Written(bounds_.min_x_m) + ", " + Written(bounds_.min_y_m) + ") to (" +
                                          Written(bounds_.max_x_m) + ", " + Written(bounds_.max_y_m) + "). Move it in.");
}

bool Transaction::TakeSpawn(const bridge_v1_Spawn& spawn, Failure& failure) {
  const Text name = TextOf(spawn.name), asset_name = TextOf(spawn.asset);
  if (!CheckName(name, failure)) return Under(failure, ".name");
  if (name.find('/') != Text::npos || name == "world" || name == "terrain") {
    return Quote(failure, "InvalidChange", name, "cannot be a name. Leave out '/', and do not call it world or terrain.");
  }
  if (!CheckName(asset_name, failure)) return Under(failure, ".asset");
  Draft* draft = Touch(name);
  if (draft->is_present) {
    return failure.Set("NameTaken", "there is a '" + std::string(name) + "' already. Choose another name, or remove it first.");
  }
  const int32_t index = roster_.AssetIndex(asset_name);
  if (index < 0) {
    std::vector<Text> names;
    for (const RosterAsset& known : roster_.assets()) names.push_back(known.name);
    return failure.Set("UnknownName", Roster::UnknownName("asset", asset_name, std::move(names)));
  }
  const RosterAsset& asset = roster_.asset(index);
  const bool was_here = draft->entry.id != 0;
  if (was_here && draft->entry.kind != EntryKind::thing) {
    return Quote(failure, "InvalidChange", name, "was a part of the town before. Choose another name.");
  }
  if (was_here && draft->entry.asset != index) {
    return Quote(failure, "InvalidChange", name,
                 "was another thing before, not a " + asset.kind + ". Choose another name.");
  }
  if (spawn.is_agent && (asset.role == Role::free || asset.role == Role::fixed || asset.role == Role::door)) {
    return failure.Set("InvalidChange", "a " + asset.kind + " cannot act. Spawn it without is_agent.");
  }
  Pose pose;
  if (!ReadPose(spawn.has_pose, spawn.pose, pose, failure)) return Under(failure, ".pose");
  if (!IsOnMap(pose, failure)) return false;
  Vec3 scale = was_here ? draft->entry.scale : Vec3{1, 1, 1};
  if (spawn.has_scale && !ReadVector(true, spawn.scale, kLeastScale, kMostScale, scale, failure)) {
    return Under(failure, ".scale");
  }
  if (!was_here) {
    draft->entry = RosterEntry();
    draft->entry.is_original = false;
    draft->entry.asset = index;
    draft->entry.role = asset.role;
    draft->entry.id = next_id_++;
  }
  draft->entry.scale = scale;
  draft->asset = asset.name;
  draft->entry.is_agent = spawn.is_agent;
  draft->is_present = draft->is_spawned = true;
  draft->is_moved = draft->is_painted = draft->is_resized = draft->is_shown_anew = false;
  draft->pose = pose;
  return true;
}

bool Transaction::IsFree(Text name, const Draft& draft, Failure& failure) const {
  if (draft.is_spawned) return true;
  const auto taker = taken_.find(name);
  if (taker != taken_.end() && draft.entry.role == Role::free) {
    return Quote(failure, "InvalidChange", name,
                 "is held by '" + std::string(taker->second) + "'. Let it be put down first.");
  }
  const auto mount = mounted_.find(name);
  if (mount == mounted_.end()) return true;
  return Quote(failure, "InvalidChange", name, "is on '" + std::string(mount->second) + "'. Move that, or let it get off.");
}

bool Transaction::TakeResize(const bridge_v1_Resize& resize, Failure& failure) {
  const Text name = TextOf(resize.name);
  Draft* draft = nullptr;
  Vec3 scale;
  if (!Knows(name, draft, false, failure) || !IsFree(name, *draft, failure)) return false;
  if (!ReadVector(resize.has_scale, resize.scale, kLeastScale, kMostScale, scale, failure)) return Under(failure, ".scale");
  draft->entry.scale = scale;
  draft->is_resized = !draft->is_spawned;
  return true;
}

bool Transaction::TakeHide(const bridge_v1_Hide& hide, Failure& failure) {
  Draft* draft = nullptr;
  if (!Knows(TextOf(hide.name), draft, true, failure)) return false;
  draft->is_hidden = hide.is_hidden;
  draft->is_shown_anew = true;
  return true;
}

bool Transaction::TakeMove(const bridge_v1_Move& move, Failure& failure) {
  const Text name = TextOf(move.name);
  Draft* draft = nullptr;
  Pose pose;
  if (!Knows(name, draft, false, failure)) return false;
  if (!IsFree(name, *draft, failure)) return false;
  if (!ReadPose(move.has_pose, move.pose, pose, failure)) return Under(failure, ".pose");
  if (!IsOnMap(pose, failure)) return false;
  draft->pose = pose;
  draft->is_moved = true;
  return true;
}

bool Transaction::TakeRemove(const bridge_v1_Remove& remove, Failure& failure) {
  const Text name = TextOf(remove.name);
  Draft* draft = nullptr;
  if (!Knows(name, draft, true, failure)) return false;
  const auto taker = taken_.find(name);
  if (!draft->is_spawned && taker != taken_.end()) {
    // Whoever was taken away earlier in the batch has let go.
    const auto gone = index_.find(taker->second);
    if (gone == index_.end() || drafts_[gone->second].is_present) {
      return Quote(failure, "InvalidChange", name,
                   "is in use by '" + std::string(taker->second) + "'. Let it be put down or left first.");
    }
  }
  if (draft->was_present) draft->is_removed = true;
  draft->is_present = draft->is_spawned = draft->is_moved = draft->is_painted = false;
  draft->is_resized = draft->is_shown_anew = false;
  return true;
}

bool Transaction::TakePaint(const bridge_v1_Paint& paint, Failure& failure) {
  Draft* draft = nullptr;
  Vec3 color;
  if (!Knows(TextOf(paint.name), draft, true, failure)) return false;
  if (!ReadVector(paint.has_color, paint.color, 0, 1, color, failure)) return Under(failure, ".color");
  draft->color = color;
  draft->is_painted = true;
  return true;
}

bool Transaction::TakeWeather(const bridge_v1_Weather& weather, Failure& failure) {
  WeatherChange change;
  if (weather.weather.last != nullptr) {
    const Text word = TextOf(weather.weather);
    if (!IsWeather(word)) {
      return failure.Set("InvalidInput", ".weather is '" + std::string(word.substr(0, 40)) + "'; expected one of " +
                                             std::string(AllWeathers()) + ".");
    }
    change.weather = word;
  }
  const struct {
    bool is_there;
    double value, least, most;
    const char* path;
    std::optional<double>* target;
  } numbers[] = {
      {weather.has_time_of_day_h, weather.time_of_day_h, 0, 24, ".time_of_day_h", &change.time_of_day_h},
      {weather.has_visibility_m, weather.visibility_m, 1, 1e6, ".visibility_m", &change.visibility_m},
      {weather.has_wetness, weather.wetness, 0, 1, ".wetness", &change.wetness},
      {weather.has_snow_cover, weather.snow_cover, 0, 1, ".snow_cover", &change.snow_cover},
  };
  for (const auto& number : numbers) {
    if (!number.is_there) continue;
    if (!CheckNumber(number.value, number.least, number.most, failure)) return Under(failure, number.path);
    *number.target = number.value;
  }
  if (weather.has_lamps_lit) change.lamps_lit = weather.lamps_lit;
  Change(sky_, change);
  changes_sky_ = true;
  return true;
}

EditPlan Transaction::Plan() {
  for (const Draft& draft : drafts_) {
    if (draft.is_removed) removes_.push_back(draft.name);
    if (draft.is_spawned) {
      spawns_.push_back({draft.name, draft.asset, draft.pose, draft.entry.scale, draft.entry.id, draft.entry.is_agent});
    } else if (draft.is_moved) {
      moves_.push_back({draft.name, draft.pose});
    }
    if (draft.is_resized) resizes_.push_back({draft.name, draft.entry.scale});
    if (draft.is_painted) paints_.push_back({draft.name, draft.color});
    if (draft.is_shown_anew) hides_.push_back({draft.name, draft.is_hidden});
  }
  EditPlan plan;
  plan.removes = removes_;
  plan.spawns = spawns_;
  plan.moves = moves_;
  plan.resizes = resizes_;
  plan.paints = paints_;
  plan.hides = hides_;
  plan.changes_environment = changes_sky_;
  plan.environment = sky_.Seen();
  return plan;
}

void Transaction::Commit(Roster& roster, Sky& sky) const {
  for (const Draft& draft : drafts_) {
    RosterEntry* entry = roster.Edit(draft.name);
    if (entry != nullptr) {
      entry->is_present = draft.is_present;
      entry->is_agent = draft.entry.is_agent;
      entry->scale = draft.entry.scale;
    } else if (draft.entry.id != 0) {
      RosterEntry made = draft.entry;
      made.is_present = draft.is_present;
      roster.Add(draft.name, made);
    }
  }
  if (changes_sky_) sky = sky_;
}

}  // namespace simbridge
