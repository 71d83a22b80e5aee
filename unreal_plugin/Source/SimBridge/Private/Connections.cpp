// Threads of connections: one reads, one writes, so that a batch can be sent while an answer is on its way.
#include "Connections.h"

#include "HAL/PlatformProcess.h"
#include "HAL/PlatformTime.h"
#include "HAL/Runnable.h"
#include "HAL/RunnableThread.h"

#include "SimBridgeLog.h"

namespace UE::SimBridge
{
namespace
{
constexpr int32 MostConnections = 8;
constexpr int32 ReadAtOnce = 1 << 18;
/// Readers stop at so many bytes that the game thread has not taken: two of the largest messages.
constexpr int64 MostUnread = int64(128) << 20;
constexpr int64 MostUnsent = int64(256) << 20;
constexpr double SendPatience = 20.0;
constexpr double Slice = 0.05;

/// A thread that runs one function until it returns.
class FThreadOf final : public FRunnable
{
public:
  FThreadOf(TFunction<void()> InWork, const TCHAR* Name) : Work(MoveTemp(InWork))
  {
    Thread = FRunnableThread::Create(this, Name, 0, TPri_AboveNormal);
  }

  virtual ~FThreadOf() override
  {
    if (Thread != nullptr)
    {
      Thread->WaitForCompletion();
      delete Thread;
    }
  }

  virtual uint32 Run() override
  {
    Work();
    return 0;
  }

private:
  TFunction<void()> Work;
  FRunnableThread* Thread = nullptr;
};
}  // namespace

class FConnection
{
public:
  FConnection(FConnections& InAll, uint32 InNumber, TUniquePtr<ITransport> InTransport)
    : All(InAll), Number(InNumber), Transport(MoveTemp(InTransport))
  {
  }

  /// Begins to read and write; its coming was told before.
  void Start()
  {
    Reader = MakeUnique<FThreadOf>([this] { Read(); }, TEXT("simbridge reader"));
    Writer = MakeUnique<FThreadOf>([this] { Write(); }, TEXT("simbridge writer"));
  }

  ~FConnection()
  {
    End();
    Writer.Reset();
    Reader.Reset();
    --All.Connected;
  }

  void Send(const uint8* Bytes, size_t Count)
  {
    if (Unsent.load() + static_cast<int64>(Count) > MostUnsent)
    {
      UE_LOG(LogSimBridge, Warning, TEXT("Connection %u has not read %lld bytes of answers. It is closed."), Number,
        static_cast<long long>(Unsent.load()));
      End();
      return;
    }
    TArray<uint8> Copy(Bytes, static_cast<int32>(Count));
    Unsent += static_cast<int64>(Count);
    Queue.Enqueue(MoveTemp(Copy));
    ToWrite->Trigger();
  }

  void CloseWhenWritten()
  {
    bClosing = true;
    ToWrite->Trigger();
  }

private:
  void End()
  {
    bEnded = true;
    Transport->Shutdown();
    ToWrite->Trigger();
  }

  void Read()
  {
    TArray<uint8> Buffer;
    while (!bEnded)
    {
      if (All.Unread.load() > MostUnread)
      {
        FPlatformProcess::Sleep(0.001f);
        continue;
      }
      Buffer.SetNumUninitialized(ReadAtOnce);
      const int32 Count = Transport->Receive(Buffer.GetData(), ReadAtOnce, Slice);
      if (Count < 0)
      {
        break;
      }
      if (Count > 0)
      {
        All.Unread += Count;
        FHeard Said;
        Said.Connection = Number;
        Said.Bytes = TArray<uint8>(Buffer.GetData(), Count);
        All.Heard(MoveTemp(Said));
      }
    }
    bEnded = true;
    ToWrite->Trigger();
    FHeard Gone;
    Gone.Connection = Number;
    Gone.Kind = FHeard::EKind::Closed;
    All.Heard(MoveTemp(Gone));
  }

  void Write()
  {
    TArray<uint8> Next;
    while (!bEnded)
    {
      while (!bEnded && Queue.Dequeue(Next))
      {
        Unsent -= Next.Num();
        if (!Transport->Send(Next.GetData(), Next.Num(), FPlatformTime::Seconds() + SendPatience))
        {
          End();
        }
      }
      if (bClosing)
      {
        End();
      }
      ToWrite->Wait(FTimespan::FromSeconds(Slice));
    }
  }

  FConnections& All;
  const uint32 Number;
  TUniquePtr<ITransport> Transport;
  TQueue<TArray<uint8>, EQueueMode::Spsc> Queue;
  FEventRef ToWrite{EEventMode::AutoReset};
  std::atomic<int64> Unsent{0};
  std::atomic<bool> bEnded{false};
  std::atomic<bool> bClosing{false};
  TUniquePtr<FThreadOf> Reader;
  TUniquePtr<FThreadOf> Writer;
};

class FListening
{
public:
  FListening(FConnections& InAll, TUniquePtr<IListener> InListener) : All(InAll), Listener(MoveTemp(InListener))
  {
    Thread = MakeUnique<FThreadOf>([this] { Take(); }, TEXT("simbridge listener"));
  }

  ~FListening()
  {
    bEnded = true;
    Thread.Reset();
  }

private:
  void Take()
  {
    while (!bEnded)
    {
      TUniquePtr<ITransport> Transport = Listener->Accept(Slice);
      if (Transport.IsValid())
      {
        All.Came(MoveTemp(Transport), Listener->NeedsSecret());
      }
    }
  }

  FConnections& All;
  TUniquePtr<IListener> Listener;
  std::atomic<bool> bEnded{false};
  TUniquePtr<FThreadOf> Thread;
};

FConnections::FConnections() = default;

FConnections::~FConnections()
{
  // First nobody comes in any more, then everybody goes.
  Listenings.Empty();
  FHeard Left;
  while (Next(Left))
  {
  }
  Open.Empty();
}

void FConnections::Listen(TUniquePtr<IListener> Listener)
{
  UE_LOG(LogSimBridge, Display, TEXT("simbridge listens at %s."), *Listener->Where());
  Listenings.Add(MakeUnique<FListening>(*this, MoveTemp(Listener)));
}

void FConnections::Came(TUniquePtr<ITransport> Transport, bool bNeedsSecret)
{
  if (Connected.fetch_add(1) >= MostConnections)
  {
    --Connected;
    UE_LOG(LogSimBridge, Warning, TEXT("%d are connected; another one was turned away."), MostConnections);
    return;
  }
  FHeard Opened;
  Opened.Connection = ++LastNumber;
  Opened.Kind = FHeard::EKind::Opened;
  Opened.bNeedsSecret = bNeedsSecret;
  TSharedPtr<FConnection> Arrived = MakeShared<FConnection>(*this, Opened.Connection, MoveTemp(Transport));
  Opened.Arrived = Arrived;
  // Its coming is in the queue before anything that it says.
  Heard(MoveTemp(Opened));
  Arrived->Start();
}

void FConnections::Heard(FHeard&& What)
{
  Said.Enqueue(MoveTemp(What));
  Words->Trigger();
}

bool FConnections::Next(FHeard& What)
{
  if (!Said.Dequeue(What))
  {
    return false;
  }
  switch (What.Kind)
  {
    case FHeard::EKind::Opened:
      Open.Add(What.Connection, MoveTemp(What.Arrived));
      break;
    case FHeard::EKind::Bytes:
      break;
    case FHeard::EKind::Closed:
      Open.Remove(What.Connection);
      break;
  }
  return true;
}

void FConnections::WaitForWords(double Seconds)
{
  if (Said.IsEmpty())
  {
    Words->Wait(FTimespan::FromSeconds(Seconds));
  }
}

void FConnections::Send(uint32 Connection, const uint8* Bytes, size_t Count)
{
  if (const TSharedPtr<FConnection>* Found = Open.Find(Connection))
  {
    (*Found)->Send(Bytes, Count);
  }
}

void FConnections::Close(uint32 Connection)
{
  if (const TSharedPtr<FConnection>* Found = Open.Find(Connection))
  {
    (*Found)->CloseWhenWritten();
  }
}
}  // namespace UE::SimBridge
