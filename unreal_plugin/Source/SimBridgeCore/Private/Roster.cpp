// Names found, or the nearest one told.
#include "Roster.h"

#include <algorithm>

#include "Fields.h"

namespace simbridge {
namespace {

constexpr size_t kMostCompared = 2000;

/// How many letters differ, as Levenshtein counts.
size_t Distance(Text one, Text other) {
  std::vector<size_t> row(other.size() + 1);
  for (size_t column = 0; column <= other.size(); ++column) row[column] = column;
  for (size_t line = 0; line < one.size(); ++line) {
    size_t corner = row[0];
    row[0] = line + 1;
    for (size_t column = 0; column < other.size(); ++column) {
      const size_t above = row[column + 1];
      row[column + 1] =
          (std::min)({above + 1, row[column] + 1, corner + (one[line] == other[column] ? size_t{0} : size_t{1})});
      corner = above;
    }
  }
  return row[other.size()];
}

}  // namespace

bool Roster::AddAsset(RosterAsset asset) {
  const auto [place, is_new] = asset_by_name_.emplace(asset.name, static_cast<int32_t>(assets_.size()));
  (void)place;
  if (is_new) assets_.push_back(std::move(asset));
  return is_new;
}

bool Roster::Add(Text name, const RosterEntry& entry) {
  if (entry.id != 0 && !ids_.emplace(entry.id, true).second) return false;
  const bool is_new = entries_.emplace(std::string(name), entry).second;
  if (is_new && entry.id >= next_id_) next_id_ = entry.id + 1;
  return is_new;
}

int32_t Roster::AssetIndex(Text name) const {
  const auto found = asset_by_name_.find(std::string(name));
  return found == asset_by_name_.end() ? -1 : found->second;
}

const RosterEntry* Roster::Find(Text name) const {
  const auto found = entries_.find(std::string(name));
  return found == entries_.end() ? nullptr : &found->second;
}

const RosterEntry* Roster::Present(Text name) const {
  const RosterEntry* entry = Find(name);
  return entry != nullptr && entry->is_present ? entry : nullptr;
}

RosterEntry* Roster::Edit(Text name) {
  const auto found = entries_.find(std::string(name));
  return found == entries_.end() ? nullptr : &found->second;
}

void Roster::Reset() {
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (!entry->second.is_original) {
      ids_.erase(entry->second.id);
      entry = entries_.erase(entry);
      continue;
    }
    entry->second.is_present = true;
    entry->second.is_agent = entry->second.was_agent;
    entry->second.scale = entry->second.first_scale;
    ++entry;
  }
  next_id_ = first_free_id_;
}

std::string Roster::UnknownName(Text what, Text name, std::vector<Text> names) {
  std::sort(names.begin(), names.end());
  std::string made = "No " + std::string(what) + " named '" + std::string(name.substr(0, 200)) + "'.";
  Text nearest;
  size_t least = name.size() / 2 + 1;
  for (size_t index = 0; name.size() <= kMostNameBytes && index < names.size() && index < kMostCompared; ++index) {
    if (names[index].size() > name.size() + least || names[index].size() + least < name.size()) continue;
    const size_t distance = Distance(name, names[index]);
    if (distance < least) {
      least = distance;
      nearest = names[index];
    }
  }
  if (!nearest.empty()) made += " Did you mean '" + std::string(nearest) + "'?";
  return made + (names.empty() ? " There is none at all." : " Available: " + Listed(names) + ".");
}

}  // namespace simbridge
