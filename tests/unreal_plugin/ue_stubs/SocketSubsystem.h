// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "SocketTypes.h"

class FSocket;

class ISocketSubsystem
{
public:
  static ISocketSubsystem* Get(const FName& Name = NAME_None);
  virtual ~ISocketSubsystem() = default;
  virtual void DestroySocket(FSocket*) = 0;
  virtual ESocketErrors GetLastErrorCode() = 0;
};
