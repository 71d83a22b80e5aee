// All who are connected: threads that read and write, a queue of what they said for the game thread, and their answers.
#pragma once

#include "CoreMinimal.h"

#include "Containers/Queue.h"
#include "HAL/Event.h"

#include "Transport.h"

#include <atomic>

namespace UE::SimBridge
{
class FConnection;
class FListening;

/// Something that happened at a connection, in order: it came (with or without a secret to show), said something, or went.
struct FHeard
{
  enum class EKind : uint8
  {
    Opened,
    Bytes,
    Closed
  };

  uint32 Connection = 0;
  EKind Kind = EKind::Bytes;
  bool bNeedsSecret = false;
  TArray<uint8> Bytes;
  /// With Opened: the connection itself.
  TSharedPtr<FConnection> Arrived;
};

class FConnections
{
public:
  FConnections();
  ~FConnections();

  FConnections(const FConnections&) = delete;
  FConnections& operator=(const FConnections&) = delete;

  /// Begins to take connections in from a listener, on a thread of its own. Game thread.
  void Listen(TUniquePtr<IListener> Listener);

  /// The next thing heard; false when there is none. Bytes count as unread until they are Taken. Game thread.
  bool Next(FHeard& What);
  void Taken(int64 Count) { Unread -= Count; }

  /// Waits until something may have been heard; at most so long. Game thread.
  void WaitForWords(double Seconds);

  /// Queues an answer; the connection's own thread writes it. Who does not read for too long is let go. Game thread.
  void Send(uint32 Connection, const uint8* Bytes, size_t Count);

  /// Closes a connection after what is queued for it was written. Game thread.
  void Close(uint32 Connection);

  /// How many are connected, as far as the game thread has heard.
  int32 Num() const { return Open.Num(); }

private:
  friend class FConnection;
  friend class FListening;

  void Heard(FHeard&& What);
  void Came(TUniquePtr<ITransport> Transport, bool bNeedsSecret);

  TQueue<FHeard, EQueueMode::Mpsc> Said;
  FEventRef Words{EEventMode::AutoReset};
  /// Bytes that were read and not taken yet: readers stop while there are too many.
  std::atomic<int64> Unread{0};
  std::atomic<int32> Connected{0};

  std::atomic<uint32> LastNumber{0};
  /// Those whose coming the game thread has heard of.
  TMap<uint32, TSharedPtr<FConnection>> Open;
  TArray<TUniquePtr<FListening>> Listenings;
};
}  // namespace UE::SimBridge
