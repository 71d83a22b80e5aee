// What is told after an order: the engine, the scene, the state, the hash, and what was seen.
#pragma once

#include "BuildReader.h"
#include "Looks.h"
#include "Messages.h"
#include "SimBridge/WorldBackend.h"

namespace simbridge {

struct ReportTerms {
  const IWorldBackend& backend;
  const bridge_v1_Order& order;
  Moment now;
  uint64_t names_version = 0;
  /// After `open`; after the end of a build: what was told.
  bool tells_engine = false;
  const Town* told = nullptr;
  bool has_world = false, has_begun = false;
};

/// The report's bytes, in the arena; false when they have no room there.
bool PutReport(Arena& arena, const ReportTerms& terms, Looks& looks, Bytes& bytes);

}  // namespace simbridge
