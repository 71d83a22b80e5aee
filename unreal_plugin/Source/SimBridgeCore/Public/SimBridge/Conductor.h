// Orders in, reports out: connections are heard, one of them commands, and a world behind IWorldBackend does as told.
//
// Everything is called from the thread that ticks the world. Nothing blocks: an order that takes ticks, or pictures that
// take frames, is answered by a later Pump. The host's loop is: Hear what came; Pump; while WantsTick: TickBegins, a tick
// of the world, TickEnds; Pump again.
#pragma once

#include <memory>

#include "SimBridge/TickGate.h"
#include "SimBridge/WorldBackend.h"

namespace simbridge {

/// The host's sockets. Bytes are to be copied or sent before Send returns.
class IConnections {
 public:
  virtual ~IConnections() = default;
  virtual void Send(uint64_t connection, View<uint8_t> bytes) = 0;
  /// After everything that was sent.
  virtual void Close(uint64_t connection) = 0;
};

struct ConductorSettings {
  /// 32 bytes that both ends know, or none: then whoever can connect is heard.
  std::vector<uint8_t> secret;
  Pace pace = Pace::lockstep;
  /// How long pictures may take, and how long a connection may keep silent about its secret.
  double look_patience_s = 20, secret_patience_s = 10;
};

class SIMBRIDGECORE_API Conductor {
 public:
  Conductor(IWorldBackend& backend, IConnections& connections, ConductorSettings settings);
  ~Conductor();
  Conductor(const Conductor&) = delete;
  Conductor& operator=(const Conductor&) = delete;

  /// A connection; one that is trusted (a Unix socket of the same user) need not show the secret.
  void Opened(uint64_t connection, bool is_trusted, double now_s);
  void Hear(uint64_t connection, View<uint8_t> bytes);
  /// Whether more of it should be read now: it stops where a whole message waits, so that memory has a bound.
  bool WantsMore(uint64_t connection) const;
  void Closed(uint64_t connection);

  /// Does what can be done now; `now_s` is of any monotonic clock. True if something was done.
  bool Pump(double now_s);

  /// Whether the world may begin a tick; and what is told around it.
  bool WantsTick() const;
  void TickBegins();
  void TickEnds();
  uint64_t tick() const;

  /// Whether an order is under way: the host need not sleep.
  bool IsBusy() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace simbridge
