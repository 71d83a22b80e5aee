// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"

namespace ESocketWaitConditions
{
enum Type
{
  WaitForRead,
  WaitForWrite,
  WaitForReadOrWrite
};
}
namespace ESocketReceiveFlags
{
enum Type
{
  None = 0
};
}
enum ESocketConnectionState
{
  SCS_NotConnected,
  SCS_Connected,
  SCS_ConnectionError
};
enum class ESocketShutdownMode
{
  Read,
  Write,
  ReadWrite
};
enum ESocketErrors
{
  SE_NO_ERROR,
  SE_EWOULDBLOCK,
  SE_ECONNRESET
};
