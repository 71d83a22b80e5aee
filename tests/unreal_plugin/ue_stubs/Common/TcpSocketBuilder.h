// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "Interfaces/IPv4/IPv4Endpoint.h"
#include "Sockets.h"

class FTcpSocketBuilder
{
public:
  FTcpSocketBuilder(const FString& Description);
  FTcpSocketBuilder AsNonBlocking();
  FTcpSocketBuilder AsReusable();
  FTcpSocketBuilder BoundToEndpoint(const FIPv4Endpoint&);
  FTcpSocketBuilder Listening(int32 MaxBacklog);
  FSocket* Build() const;
};
