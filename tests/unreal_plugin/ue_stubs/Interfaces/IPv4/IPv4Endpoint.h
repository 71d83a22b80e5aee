// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "Interfaces/IPv4/IPv4Address.h"

struct FIPv4Endpoint
{
  FIPv4Endpoint(const FIPv4Address&, uint16 Port);
};
