// A listening socket and its connections, without blocking: POSIX, Linux first.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "SimBridge/Conductor.h"

namespace simbridge::fake {

class Sockets final : public IConnections {
 public:
  Sockets() = default;
  ~Sockets() override;
  Sockets(const Sockets&) = delete;
  Sockets& operator=(const Sockets&) = delete;

  /// Listens; port 0 takes any. `address` is what clients connect to. False with the reason.
  bool ListenAt(const std::string& host, int port, std::string& address, std::string& why);
  /// The same at the path of a Unix socket; one that nobody answers at, and that is ours, is replaced.
  bool ListenAt(const std::string& path, std::string& address, std::string& why);

  /// What wakes a Wait from a signal handler.
  int waker() const { return pipe_[1]; }
  bool MakeWaker();

  /// Waits until something can be done, and does it: accepts, reads what the conductor wants, writes what waits.
  void Wait(Conductor& conductor, int timeout_ms, double now_s);

  void Send(uint64_t connection, View<uint8_t> bytes) override;
  void Close(uint64_t connection) override;

 private:
  struct Connection {
    uint64_t number = 0;
    int socket = -1;
    std::vector<uint8_t> unsent;
    size_t sent = 0;
    bool closes = false, is_broken = false;
  };

  void Accept(Conductor& conductor, double now_s);
  void Read(Conductor& conductor, Connection& connection);
  void Write(Connection& connection);

  int listener_ = -1, pipe_[2] = {-1, -1};
  bool is_unix_ = false;
  std::string path_;
  uint64_t last_number_ = 0;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<uint8_t> room_;
};

}  // namespace simbridge::fake
