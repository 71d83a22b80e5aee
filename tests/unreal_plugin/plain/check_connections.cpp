// The module's sockets and threads, run: a Unix socket that answers what it hears, until those who talk have gone.
// Arguments: a path, and how many have to come and go. Prints "ready" when it listens.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "Connections.h"
#include "HAL/PlatformTime.h"
#include "SimBridgeLog.h"

DEFINE_LOG_CATEGORY(LogSimBridge);

using namespace UE::SimBridge;

/// What the system says of errors is not looked at here.
const TCHAR* UeStubFromUtf8(const ANSICHAR*)
{
  return TEXT("?");
}

int main(int Count, char** Arguments)
{
  if (Count != 3)
  {
    std::puts("Usage: check-connections PATH VISITORS");
    return 2;
  }
  std::u16string Path;
  for (const char* At = Arguments[1]; *At != 0; ++At)
  {
    Path.push_back(static_cast<char16_t>(*At));
  }
  FString Why;
  TUniquePtr<IListener> Listener = ListenAtPath(FString(Path.c_str()), Why);
  if (!Listener.IsValid())
  {
    std::puts("refused");
    return 3;
  }
  FConnections Connections;
  Connections.Listen(MoveTemp(Listener));
  std::puts("ready");
  std::fflush(stdout);
  int Came = 0, Went = 0;
  const int Wanted = std::atoi(Arguments[2]);
  const double Until = FPlatformTime::Seconds() + 60.0;
  while (Went < Wanted && FPlatformTime::Seconds() < Until)
  {
    Connections.WaitForWords(0.05);
    FHeard What;
    while (Connections.Next(What))
    {
      switch (What.Kind)
      {
        case FHeard::EKind::Opened:
          ++Came;
          break;
        case FHeard::EKind::Bytes:
        {
          Connections.Taken(What.Bytes.Num());
          Connections.Send(What.Connection, What.Bytes.GetData(), static_cast<size_t>(What.Bytes.Num()));
          // Whoever says q last wants the connection to be closed after the answer.
          if (What.Bytes.Last() == 'q')
          {
            Connections.Close(What.Connection);
          }
          break;
        }
        case FHeard::EKind::Closed:
          ++Went;
          break;
      }
    }
  }
  std::printf("%d came, %d went, %d are here\n", Came, Went, Connections.Num());
  return Went == Wanted ? 0 : 1;
}
