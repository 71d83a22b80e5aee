// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "SocketTypes.h"

class FSocket
{
public:
  virtual ~FSocket() = default;
  virtual bool Shutdown(ESocketShutdownMode) = 0;
  virtual bool Close() = 0;
  virtual bool HasPendingData(uint32& PendingDataSize) = 0;
  virtual bool WaitForPendingConnection(bool& bHasPendingConnection, const FTimespan&) = 0;
  virtual FSocket* Accept(const FString& Description) = 0;
  virtual bool Send(const uint8* Data, int32 Count, int32& BytesSent);
  virtual bool Recv(uint8* Data, int32 BufferSize, int32& BytesRead, ESocketReceiveFlags::Type = ESocketReceiveFlags::None);
  virtual bool Wait(ESocketWaitConditions::Type, FTimespan) = 0;
  virtual ESocketConnectionState GetConnectionState() = 0;
  virtual bool SetNonBlocking(bool bIsNonBlocking = true) = 0;
  virtual bool SetNoDelay(bool bIsNoDelay = true) = 0;
  virtual int32 GetPortNo() = 0;
};
