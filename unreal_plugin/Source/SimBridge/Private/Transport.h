// One end of a stream of bytes: a TCP connection through Unreal's sockets, or a Unix socket where the system has them.
#pragma once

#include "CoreMinimal.h"

namespace UE::SimBridge
{
class ITransport
{
public:
  virtual ~ITransport() = default;

  /// How many bytes came within the wait: 0 for none yet, -1 when the other end is gone.
  virtual int32 Receive(uint8* Into, int32 Most, double WaitSeconds) = 0;

  /// Whether all of it was handed over before the deadline [FPlatformTime::Seconds].
  virtual bool Send(const uint8* Bytes, int64 Count, double Deadline) = 0;

  /// Ends the stream; a Receive or Send under way on another thread returns soon.
  virtual void Shutdown() = 0;
};

/// Where connections come in.
class IListener
{
public:
  virtual ~IListener() = default;

  /// The next connection within the wait; null for none.
  virtual TUniquePtr<ITransport> Accept(double WaitSeconds) = 0;

  /// Whether those who come in show a secret: at a port anybody of the network may knock.
  virtual bool NeedsSecret() const = 0;

  /// Where it listens, for the log.
  virtual FString Where() const = 0;
};

/// A port; 0 takes any free one. Null when it cannot be had, and Why says so.
TUniquePtr<IListener> ListenAtPort(const FString& Address, int32 Port, bool bNeedsSecret, FString& Why);

/// A Unix socket of mode 0600. A socket file that nobody listens at any more is removed first.
TUniquePtr<IListener> ListenAtPath(const FString& Path, FString& Why);
}  // namespace UE::SimBridge
