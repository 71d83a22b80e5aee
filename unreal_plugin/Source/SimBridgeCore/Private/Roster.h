// Who and what there is: every name of a world with its asset, its role and its id, now and at the beginning.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "SimBridge/BuildPieces.h"

namespace simbridge {

struct RosterAsset {
  std::string name, kind, semantic;
  Role role = Role::fixed;
};

enum class EntryKind : uint8_t { thing, part, water };

struct RosterEntry {
  EntryKind kind = EntryKind::thing;
  Role role = Role::fixed;
  bool is_agent = false, was_agent = false, is_present = true, is_original = true;
  /// Index of its asset; -1 for parts, waters and agents without a placement.
  int32_t asset = -1;
  int32_t id = 0;
  Vec3 scale{1, 1, 1}, first_scale{1, 1, 1};

  bool moves() const { return role != Role::fixed && role != Role::door; }
};

class Roster {
 public:
  /// Each returns false where the name, or the id, is taken.
  bool AddAsset(RosterAsset asset);
  bool Add(Text name, const RosterEntry& entry);

  /// Index of an asset by name, -1 for none.
  int32_t AssetIndex(Text name) const;
  const RosterAsset& asset(int32_t index) const { return assets_[static_cast<size_t>(index)]; }
  const std::vector<RosterAsset>& assets() const { return assets_; }

  /// What bears or bore a name in this episode; null for none.
  const RosterEntry* Find(Text name) const;
  /// The same, if it is there now.
  const RosterEntry* Present(Text name) const;
  RosterEntry* Edit(Text name);

  /// The next id for something spawned, beginning after the last one told.
  int32_t NextId() const { return next_id_; }
  void TakeId() { ++next_id_; }

  /// The beginning again: what was spawned is forgotten, its ids are free.
  void Reset();
  /// All names have been told: ids of what is spawned begin after theirs.
  void Close() { first_free_id_ = next_id_; }

  size_t size() const { return entries_.size(); }

  /// "No WHAT named 'NAME'. Did you mean 'NEAR'? Available: A, B and 12 more." of the names for which `counts` holds.
  template <typename Counts>
  std::string Unknown(Text what, Text name, Counts counts) const {
    std::vector<Text> names;
    for (const auto& [known, entry] : entries_) {
      if (entry.is_present && counts(entry)) names.push_back(known);
    }
    return UnknownName(what, name, std::move(names));
  }
  static std::string UnknownName(Text what, Text name, std::vector<Text> names);

 private:
  std::vector<RosterAsset> assets_;
  std::unordered_map<std::string, int32_t> asset_by_name_;
  std::unordered_map<std::string, RosterEntry> entries_;
  std::unordered_map<int32_t, bool> ids_;
  int32_t next_id_ = 1, first_free_id_ = 1;
};

}  // namespace simbridge
