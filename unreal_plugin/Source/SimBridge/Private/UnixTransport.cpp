// Unix sockets, which Unreal has no class for: the system's own calls, on Linux and macOS.
#include "Transport.h"

#include "HAL/PlatformTime.h"

#if PLATFORM_LINUX || PLATFORM_MAC
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#endif

namespace UE::SimBridge
{
#if PLATFORM_LINUX || PLATFORM_MAC
namespace
{
#if PLATFORM_LINUX
constexpr int SendFlags = MSG_NOSIGNAL;
#else
constexpr int SendFlags = 0;  // macOS has an option of the socket instead
#endif

/// Whether the descriptor becomes ready for the events within the wait.
bool IsReady(int File, short Events, double WaitSeconds)
{
  pollfd Asked = {File, Events, 0};
  return poll(&Asked, 1, static_cast<int>(FMath::Max(0.0, WaitSeconds) * 1000.0)) > 0;
}

class FUnixTransport final : public ITransport
{
public:
  explicit FUnixTransport(int InFile) : File(InFile)
  {
#if PLATFORM_MAC
    const int On = 1;
    setsockopt(File, SOL_SOCKET, SO_NOSIGPIPE, &On, sizeof(On));
#endif
  }

  virtual ~FUnixTransport() override { close(File); }

  virtual int32 Receive(uint8* Into, int32 Most, double WaitSeconds) override
  {
    if (!IsReady(File, POLLIN, WaitSeconds))
    {
      return 0;
    }
    const ssize_t Read = recv(File, Into, static_cast<size_t>(Most), MSG_DONTWAIT);
    if (Read < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
    {
      return 0;
    }
    return Read > 0 ? static_cast<int32>(Read) : -1;
  }

  virtual bool Send(const uint8* Bytes, int64 Count, double Deadline) override
  {
    while (Count > 0)
    {
      const ssize_t Sent = send(File, Bytes, static_cast<size_t>(Count), SendFlags | MSG_DONTWAIT);
      if (Sent > 0)
      {
        Bytes += Sent;
        Count -= Sent;
        continue;
      }
      const bool bMayTryAgain = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
      const double Left = Deadline - FPlatformTime::Seconds();
      if (!bMayTryAgain || Left <= 0.0)
      {
        return false;
      }
      IsReady(File, POLLOUT, FMath::Min(Left, 0.1));
    }
    return true;
  }

  virtual void Shutdown() override { shutdown(File, SHUT_RDWR); }

private:
  int File;
};

class FUnixListener final : public IListener
{
public:
  FUnixListener(int InFile, const FString& InPath) : File(InFile), Path(InPath) {}

  virtual ~FUnixListener() override
  {
    close(File);
    unlink(TCHAR_TO_UTF8(*Path));
  }

  virtual TUniquePtr<ITransport> Accept(double WaitSeconds) override
  {
    if (!IsReady(File, POLLIN, WaitSeconds))
    {
      return nullptr;
    }
    const int Accepted = accept(File, nullptr, nullptr);
    return Accepted < 0 ? nullptr : MakeUnique<FUnixTransport>(Accepted);
  }

  virtual bool NeedsSecret() const override { return false; }

  virtual FString Where() const override { return FString(TEXT("unix:")) + Path; }

private:
  int File;
  FString Path;
};

/// Whether a file is there that is a socket nobody answers at.
bool IsLeftOver(const sockaddr_un& Address)
{
  struct stat Found;
  if (lstat(Address.sun_path, &Found) != 0 || !S_ISSOCK(Found.st_mode) || Found.st_uid != geteuid())
  {
    return false;
  }
  const int Knock = socket(AF_UNIX, SOCK_STREAM, 0);
  if (Knock < 0)
  {
    return false;
  }
  const bool bIsRefused =
    connect(Knock, reinterpret_cast<const sockaddr*>(&Address), sizeof(Address)) != 0 && errno == ECONNREFUSED;
  close(Knock);
  return bIsRefused;
}
}  // namespace

TUniquePtr<IListener> ListenAtPath(const FString& Path, FString& Why)
{
  sockaddr_un Address = {};
  Address.sun_family = AF_UNIX;
  const FTCHARToUTF8 Narrow(*Path);
  if (Narrow.Length() <= 0 || static_cast<size_t>(Narrow.Length()) >= sizeof(Address.sun_path))
  {
    Why = FString::Printf(TEXT("The path '%s' has %d bytes; a Unix socket's has 1 to %d. Choose a shorter one."), *Path,
      Narrow.Length(), static_cast<int32>(sizeof(Address.sun_path)) - 1);
    return nullptr;
  }
  std::memcpy(Address.sun_path, Narrow.Get(), static_cast<size_t>(Narrow.Length()));
  if (IsLeftOver(Address))
  {
    unlink(Address.sun_path);
  }
  const int File = socket(AF_UNIX, SOCK_STREAM, 0);
  const mode_t Before = umask(0177);
  const bool bIsBound = File >= 0 && bind(File, reinterpret_cast<const sockaddr*>(&Address), sizeof(Address)) == 0;
  const int Error = errno;
  umask(Before);
  if (!bIsBound || listen(File, 8) != 0)
  {
    Why = FString::Printf(TEXT("Nothing can listen at %s: %s. Remove what is there, or choose another path."), *Path,
      UTF8_TO_TCHAR(std::strerror(bIsBound ? errno : Error)));
    if (File >= 0)
    {
      close(File);
    }
    return nullptr;
  }
  return MakeUnique<FUnixListener>(File, Path);
}

#else

TUniquePtr<IListener> ListenAtPath(const FString& Path, FString& Why)
{
  Why = FString::Printf(TEXT("This platform has no Unix sockets for '%s'. Use a port."), *Path);
  return nullptr;
}

#endif
}  // namespace UE::SimBridge
