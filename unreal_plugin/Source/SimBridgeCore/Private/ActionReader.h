// What agents are told, read and refused: who is meant, whether the numbers mean something, what the body can do.
#pragma once

#include <vector>

#include "Messages.h"
#include "Roster.h"
#include "SimBridge/WorldBackend.h"

namespace simbridge {

constexpr uint32_t kMostTicks = 50000;

/// The actions of an order by agent, in the order of names (a map's order on the wire means nothing).
bool ReadActions(Arena& arena, const sb_list_t& entries, const Roster& roster, std::vector<AgentAction>& actions,
                 Failure& failure);

}  // namespace simbridge
