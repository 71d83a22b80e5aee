// TCP through Unreal's own sockets, the same on every platform.
#include "Transport.h"

#include "Common/TcpSocketBuilder.h"
#include "HAL/PlatformTime.h"
#include "Interfaces/IPv4/IPv4Address.h"
#include "Interfaces/IPv4/IPv4Endpoint.h"
#include "SocketSubsystem.h"
#include "SocketTypes.h"
#include "Sockets.h"

namespace UE::SimBridge
{
namespace
{
void Destroy(FSocket* Socket)
{
  if (Socket != nullptr)
  {
    Socket->Close();
    ISocketSubsystem::Get(PLATFORM_SOCKETSUBSYSTEM)->DestroySocket(Socket);
  }
}

class FPortTransport final : public ITransport
{
public:
  explicit FPortTransport(FSocket* InSocket) : Socket(InSocket)
  {
    Socket->SetNonBlocking(true);
    Socket->SetNoDelay(true);
  }

  virtual ~FPortTransport() override { Destroy(Socket); }

  virtual int32 Receive(uint8* Into, int32 Most, double WaitSeconds) override
  {
    if (!Socket->Wait(ESocketWaitConditions::WaitForRead, FTimespan::FromSeconds(WaitSeconds)))
    {
      return Socket->GetConnectionState() == SCS_ConnectionError ? -1 : 0;
    }
    // A socket that is ready to be read and has nothing has been closed at the other end.
    uint32 Pending = 0;
    int32 Read = 0;
    if (!Socket->HasPendingData(Pending) || !Socket->Recv(Into, Most, Read) || Read <= 0)
    {
      return -1;
    }
    return Read;
  }

  virtual bool Send(const uint8* Bytes, int64 Count, double Deadline) override
  {
    while (Count > 0)
    {
      const int32 Piece = static_cast<int32>(FMath::Min<int64>(Count, 1 << 20));
      int32 Sent = 0;
      if (Socket->Send(Bytes, Piece, Sent) && Sent > 0)
      {
        Bytes += Sent;
        Count -= Sent;
        continue;
      }
      const ESocketErrors Error = ISocketSubsystem::Get(PLATFORM_SOCKETSUBSYSTEM)->GetLastErrorCode();
      const double Left = Deadline - FPlatformTime::Seconds();
      if ((Error != SE_EWOULDBLOCK && Error != SE_NO_ERROR) || Left <= 0.0)
      {
        return false;
      }
      Socket->Wait(ESocketWaitConditions::WaitForWrite, FTimespan::FromSeconds(FMath::Min(Left, 0.1)));
    }
    return true;
  }

  virtual void Shutdown() override { Socket->Shutdown(ESocketShutdownMode::ReadWrite); }

private:
  FSocket* Socket;
};

class FPortListener final : public IListener
{
public:
  FPortListener(FSocket* InSocket, const FString& InAddress, bool bInNeedsSecret)
    : Socket(InSocket), Address(InAddress), bNeedsSecret(bInNeedsSecret)
  {
  }

  virtual ~FPortListener() override { Destroy(Socket); }

  virtual TUniquePtr<ITransport> Accept(double WaitSeconds) override
  {
    bool bIsPending = false;
    if (!Socket->WaitForPendingConnection(bIsPending, FTimespan::FromSeconds(WaitSeconds)) || !bIsPending)
    {
      return nullptr;
    }
    FSocket* Accepted = Socket->Accept(TEXT("simbridge connection"));
    return Accepted == nullptr ? nullptr : MakeUnique<FPortTransport>(Accepted);
  }

  virtual bool NeedsSecret() const override { return bNeedsSecret; }

  virtual FString Where() const override { return FString::Printf(TEXT("%s:%d"), *Address, Socket->GetPortNo()); }

private:
  FSocket* Socket;
  FString Address;
  bool bNeedsSecret;
};
}  // namespace

TUniquePtr<IListener> ListenAtPort(const FString& Address, int32 Port, bool bNeedsSecret, FString& Why)
{
  FIPv4Address Parsed;
  if (!FIPv4Address::Parse(Address, Parsed))
  {
    Why = FString::Printf(TEXT("'%s' is no IPv4 address. Give four numbers, 127.0.0.1 for this computer alone."), *Address);
    return nullptr;
  }
  if (Parsed.A != 127 && !bNeedsSecret)
  {
    Why = FString::Printf(TEXT("%s can be reached from elsewhere. Name a TokenFile, or bind to 127.0.0.1."), *Address);
    return nullptr;
  }
  FSocket* Socket = FTcpSocketBuilder(TEXT("simbridge listener"))
                      .AsReusable()
                      .AsNonBlocking()
                      .BoundToEndpoint(FIPv4Endpoint(Parsed, static_cast<uint16>(Port)))
                      .Listening(8)
                      .Build();
  if (Socket == nullptr)
  {
    Why = FString::Printf(TEXT("Nothing can listen at %s:%d; somebody else may. Give -SimBridgePort= another, or 0."),
      *Address, Port);
    return nullptr;
  }
  return MakeUnique<FPortListener>(Socket, Address, bNeedsSecret);
}
}  // namespace UE::SimBridge
