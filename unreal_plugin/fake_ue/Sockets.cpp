// Sockets by poll.
#include "Sockets.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace simbridge::fake {
namespace {

constexpr size_t kReadBytes = size_t{1} << 18, kMostUnsentBytes = size_t{256} << 20;
#if defined(MSG_NOSIGNAL)
constexpr int kSendFlags = MSG_NOSIGNAL;
#else
constexpr int kSendFlags = 0;
#endif

void MakeNonBlocking(int socket) {
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL, 0) | O_NONBLOCK);
  fcntl(socket, F_SETFD, FD_CLOEXEC);
}

/// Whether nobody answers at a socket's file, which is ours to replace.
bool IsStale(const std::string& path, const sockaddr_un& place) {
  struct stat found = {};
  if (lstat(path.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode) || found.st_uid != getuid()) return false;
  const int probe = socket(AF_UNIX, SOCK_STREAM, 0);
  const bool is_refused =
      connect(probe, reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0 && errno == ECONNREFUSED;
  close(probe);
  return is_refused;
}

}  // namespace

Sockets::~Sockets() {
  for (const auto& connection : connections_) close(connection->socket);
  if (listener_ >= 0) close(listener_);
  for (int end : pipe_) {
    if (end >= 0) close(end);
  }
  if (!path_.empty()) unlink(path_.c_str());
}

bool Sockets::MakeWaker() {
  if (pipe(pipe_) != 0) return false;
  MakeNonBlocking(pipe_[0]);
  MakeNonBlocking(pipe_[1]);
  return true;
}

bool Sockets::ListenAt(const std::string& host, int port, std::string& address, std::string& why) {
  addrinfo hints = {}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (code != 0) {
    why = "No host '" + host + "': " + gai_strerror(code) + ". Give --host an address of this computer.";
    return false;
  }
  for (const addrinfo* place = found; place != nullptr && listener_ < 0; place = place->ai_next) {
    listener_ = socket(place->ai_family, place->ai_socktype, place->ai_protocol);
    if (listener_ < 0) continue;
    const int yes = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener_, place->ai_addr, place->ai_addrlen) == 0 && listen(listener_, 16) == 0) break;
    why = std::strerror(errno);
    close(listener_);
    listener_ = -1;
  }
  freeaddrinfo(found);
  if (listener_ < 0) {
    why = "Port " + std::to_string(port) + " of " + host + " cannot be listened at: " + why + ". Give another --port, or 0.";
    return false;
  }
  MakeNonBlocking(listener_);
  sockaddr_storage bound = {};
  socklen_t size = sizeof bound;
  getsockname(listener_, reinterpret_cast<sockaddr*>(&bound), &size);
  const bool is_v6 = bound.ss_family == AF_INET6;
  const uint16_t number = ntohs(is_v6 ? reinterpret_cast<sockaddr_in6*>(&bound)->sin6_port
                                      : reinterpret_cast<sockaddr_in*>(&bound)->sin_port);
  address = (host.find(':') != std::string::npos ? "[" + host + "]" : host) + ":" + std::to_string(number);
  return true;
}

bool Sockets::ListenAt(const std::string& path, std::string& address, std::string& why) {
  sockaddr_un place = {};
  place.sun_family = AF_UNIX;
  if (path.size() >= sizeof place.sun_path) {
    why = "The path '" + path + "' is longer than a socket's may be (" + std::to_string(sizeof place.sun_path - 1) + " bytes).";
    return false;
  }
  std::memcpy(place.sun_path, path.data(), path.size());
  listener_ = socket(AF_UNIX, SOCK_STREAM, 0);
  const mode_t before = umask(0177);
  int code = bind(listener_, reinterpret_cast<const sockaddr*>(&place), sizeof place);
  if (code != 0 && errno == EADDRINUSE && IsStale(path, place)) {
    unlink(path.c_str());
    code = bind(listener_, reinterpret_cast<const sockaddr*>(&place), sizeof place);
  }
  umask(before);
  if (code != 0 || listen(listener_, 16) != 0) {
    why = "The socket '" + path + "' cannot be listened at: " + std::strerror(errno) + ". Give another --unix.";
    close(listener_);
    listener_ = -1;
    return false;
  }
  MakeNonBlocking(listener_);
  is_unix_ = true;
  path_ = path;
  address = "unix:" + path;
  return true;
}

void Sockets::Accept(Conductor& conductor, double now_s) {
  for (;;) {
    const int accepted = accept(listener_, nullptr, nullptr);
    if (accepted < 0) return;  // nobody waits, or there is no room for more: they wait
    MakeNonBlocking(accepted);
    const int yes = 1;
    if (!is_unix_) setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
#if defined(SO_NOSIGPIPE)
    setsockopt(accepted, SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof yes);
#endif
    auto connection = std::make_unique<Connection>();
    connection->number = ++last_number_;
    connection->socket = accepted;
    const uint64_t number = connection->number;
    connections_.push_back(std::move(connection));
    conductor.Opened(number, is_unix_, now_s);
  }
}

void Sockets::Read(Conductor& conductor, Connection& connection) {
  room_.resize(kReadBytes);
  const ssize_t count = recv(connection.socket, room_.data(), room_.size(), 0);
  if (count > 0) {
    conductor.Hear(connection.number, View<uint8_t>(room_.data(), static_cast<size_t>(count)));
  } else if (count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) {
    connection.is_broken = true;
  }
}

void Sockets::Write(Connection& connection) {
  while (connection.sent < connection.unsent.size()) {
    const ssize_t count = send(connection.socket, connection.unsent.data() + connection.sent,
                               connection.unsent.size() - connection.sent, kSendFlags);
    if (count < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) connection.is_broken = true;
      return;
    }
    connection.sent += static_cast<size_t>(count);
  }
  connection.unsent.clear();
  connection.sent = 0;
  if (connection.unsent.capacity() > (size_t{1} << 20)) connection.unsent.shrink_to_fit();
}

void Sockets::Send(uint64_t number, View<uint8_t> bytes) {
  for (const auto& connection : connections_) {
    if (connection->number != number || connection->is_broken) continue;
    connection->unsent.insert(connection->unsent.end(), bytes.begin(), bytes.end());
    Write(*connection);
    // Who asks and never reads is not kept.
    if (connection->unsent.size() - connection->sent > kMostUnsentBytes) connection->is_broken = true;
  }
}

void Sockets::Close(uint64_t number) {
  for (const auto& connection : connections_) {
    if (connection->number == number) connection->closes = true;
  }
}

void Sockets::Wait(Conductor& conductor, int timeout_ms, double now_s) {
  std::vector<pollfd> waits;
  waits.push_back({pipe_[0], POLLIN, 0});
  waits.push_back({listener_, POLLIN, 0});
  for (const auto& connection : connections_) {
    short events = 0;
    if (!connection->closes && conductor.WantsMore(connection->number)) events |= POLLIN;
    if (connection->sent < connection->unsent.size()) events |= POLLOUT;
    waits.push_back({connection->socket, events, 0});
  }
  const int count = poll(waits.data(), static_cast<nfds_t>(waits.size()), timeout_ms);
  if (count > 0) {
    char drained[64];
    if ((waits[0].revents & POLLIN) != 0) {
      while (read(pipe_[0], drained, sizeof drained) > 0) continue;
    }
    const size_t known = connections_.size();
    for (size_t index = 0; index < known; ++index) {
      const short events = waits[index + 2].revents;
      Connection& connection = *connections_[index];
      if ((events & POLLIN) != 0) Read(conductor, connection);
      if ((events & POLLOUT) != 0) Write(connection);
      if ((events & (POLLERR | POLLNVAL)) != 0 || ((events & POLLHUP) != 0 && (events & POLLIN) == 0)) connection.is_broken = true;
    }
    if ((waits[1].revents & POLLIN) != 0) Accept(conductor, now_s);
  }
  for (size_t index = connections_.size(); index-- > 0;) {
    Connection& connection = *connections_[index];
    const bool is_over = connection.closes && connection.sent == connection.unsent.size();
    if (!connection.is_broken && !is_over) continue;
    close(connection.socket);
    const uint64_t number = connection.number;
    connections_.erase(connections_.begin() + static_cast<std::ptrdiff_t>(index));
    conductor.Closed(number);
  }
}

}  // namespace simbridge::fake
