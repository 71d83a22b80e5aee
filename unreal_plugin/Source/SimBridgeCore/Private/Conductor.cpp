// Orders carried out one after another, each to its report or its error.
#include "SimBridge/Conductor.h"

#include <cstring>

#include "ActionReader.h"
#include "BuildReader.h"
#include "Fields.h"
#include "Framing.h"
#include "Looks.h"
#include "Messages.h"
#include "Reports.h"
#include "Transaction.h"

namespace simbridge {
namespace {

constexpr size_t kArenaBytes = size_t{512} << 20;
constexpr size_t kMostConnections = 64, kMostTables = 16;
constexpr int kMostOrdersAtOnce = 256;

}  // namespace

struct Conductor::Inside {
  enum class Phase : uint8_t { idle, building, resetting, ticking, looking };

  struct Peer {
    uint64_t number = 0;
    Framer framer;
    bool is_in = false, is_gone = false;
    double opened_s = 0;
  };

  Inside(IWorldBackend& world, IConnections& sockets, ConductorSettings how)
      : backend(world), connections(sockets), settings(std::move(how)), build(world), gate(settings.pace), looks(world) {}

  IWorldBackend& backend;
  IConnections& connections;
  ConductorSettings settings;
  std::vector<std::unique_ptr<Peer>> peers;
  uint64_t commander = 0;
  size_t next_peer = 0;

  // The order under way.
  Phase phase = Phase::idle;
  uint64_t asker = 0;
  std::vector<uint8_t> payload;
  Arena arena{kArenaBytes};
  bridge_v1_Order order = {};
  bool tells_scene = false, tells_engine = false;
  double looks_since_s = 0;

  // The world as orders have left it.
  bool is_open = false, has_begun = false, is_puppet = false;
  std::unique_ptr<Town> town;
  BuildReader build;
  TickGate gate;
  Looks looks;
  uint64_t revision = 0, names_version = 0, names_revision = 0;
  double puppet_time_s = 0, tick_s = 0.02;
  std::vector<std::pair<uint64_t, std::vector<std::string>>> tables;

  Peer* PeerOf(uint64_t number) {
    for (const auto& peer : peers) {
      if (peer->number == number) return peer.get();
    }
    return nullptr;
  }

  void End(Peer& peer) {
    peer.is_gone = true;
    connections.Close(peer.number);
  }

  void Reply(const std::vector<uint8_t>& bytes) {
    phase = Phase::idle;
    looks.Clear();
    Peer* peer = PeerOf(asker);
    if (peer != nullptr && !peer->is_gone) connections.Send(asker, bytes);
    arena.Clear();
    payload.clear();
    if (payload.capacity() > (size_t{1} << 20)) payload.shrink_to_fit();
  }

  void Refuse(const Failure& failure) { Reply(FramedError(failure)); }

  // --- connections -----------------------------------------------------------------------------------------------

  /// What a new connection shows: half of the secret.
  void Admit(Peer& peer, double now_s) {
    if (peer.is_in || peer.is_gone) return;
    const size_t half = kSecretBytes / 2;
    std::vector<uint8_t> shown;
    if (!peer.framer.TakePlain(half, shown)) {
      if (now_s - peer.opened_s > settings.secret_patience_s) End(peer);
      return;
    }
    if (!IsSame(shown, View<uint8_t>(settings.secret.data(), half))) {
      End(peer);
      return;
    }
    connections.Send(peer.number, View<uint8_t>(settings.secret.data() + half, settings.secret.size() - half));
    peer.is_in = true;
  }

  /// Takes the next order that waits; the one who commands comes first. False if none does.
  bool TakeNext(double now_s) {
    const size_t count = peers.size();
    for (size_t tried = 0; tried < count; ++tried) {
      Peer& peer = *peers[(next_peer + tried) % count];
      Admit(peer, now_s);
      if (!peer.is_in || peer.is_gone) continue;
      FrameKind kind = FrameKind::message;
      Failure failure;
      const Framer::Heard heard = peer.framer.Take(kind, payload, failure);
      if (heard == Framer::Heard::nothing) continue;
      next_peer = (next_peer + tried + 1) % count;
      asker = peer.number;
      if (heard == Framer::Heard::damaged) {
        Refuse(failure);
        End(peer);
      } else if (kind == FrameKind::look) {
        Reply(Framed(FrameKind::lapsed, Bytes()));  // nobody has leave to look without an order
      } else {
        Carry(now_s);
      }
      return true;
    }
    return false;
  }

  // --- orders ----------------------------------------------------------------------------------------------------

  void Carry(double now_s) {
    order = {};
    tells_scene = tells_engine = false;
    Failure failure;
    if (!Decode(arena, payload, bridge_v1_Order_fields, &order)) {
      failure.Set("DamagedData", std::to_string(payload.size()) + " bytes are no Order. Install the same simbridge at both ends.");
      Refuse(failure);
      return;
    }
    if (!Begin(failure)) {
      Refuse(failure);
      return;
    }
    if (phase == Phase::idle) StartLooking(now_s);
    Continue(now_s);
  }

  bool Begin(Failure& failure) {
    const bool is_look = order.which_what == bridge_v1_Order_stand_still_tag;
    const bool may_open = commander == 0 && order.which_what == bridge_v1_Order_open_tag;
    if (asker != commander && !is_look && !may_open) {
      return failure.Set("Refused", commander == 0 ? "No engine is open here. The first order opens one."
                                                   : "Another connection commands this world. Wait until it is closed, or only look.");
    }
    if (!is_open && order.which_what != bridge_v1_Order_open_tag) {
      return failure.Set("EngineFailed", "No engine is open here. The first order opens one.");
    }
    switch (order.which_what) {
      case bridge_v1_Order_open_tag: return Open(failure);
      case bridge_v1_Order_build_tag: return Build(failure);
      case bridge_v1_Order_reset_tag: return Reset(failure);
      case bridge_v1_Order_advance_tag: return Advance(failure);
      case bridge_v1_Order_edit_tag: return Edit(failure);
      case bridge_v1_Order_set_poses_tag: return SetPoses(failure);
      case bridge_v1_Order_stand_still_tag:
      case bridge_v1_Order_take_back_tag: return true;
      case bridge_v1_Order_close_tag:
        Shut();
        return true;
      case bridge_v1_Order_load_tag:
      case bridge_v1_Order_read_tag:
        return failure.Set("NotSupported",
                           "This engine reads no scene folders. Tell it the scene by build orders, as simbridge's engine "
                           "'unreal' does.");
      default:
        return failure.Set("InvalidInput", "An order says nothing of what to do. Install the same simbridge at both ends.");
    }
  }

  bool Open(Failure& failure) {
    if (!CheckText(TextOf(order.what.open.engine), failure, kMostNameBytes)) return Under(failure, "open.engine");
    if (!CheckText(TextOf(order.what.open.options_json), failure)) return Under(failure, "open.options_json");
    if (order.what.open.has_gateway) {
      return failure.Set("NotSupported", "This engine serves no clients of other protocols. Serve them where its world is told from.");
    }
    Shut();
    commander = asker;
    is_open = tells_engine = true;
    tick_s = backend.Info().tick_s;
    return true;
  }

  /// The world is nobody's any more.
  void Shut() {
    build.Abort();
    is_open = has_begun = is_puppet = false;
    town.reset();
    tables.clear();
    gate.Begin(0, false);
    commander = 0;
  }

  bool Build(Failure& failure) {
    bool is_end = false;
    if (!build.Take(arena, order.what.build, is_end, failure)) return false;
    if (is_end) phase = Phase::building;
    return true;
  }

  bool HasWorld(Failure& failure) const {
    return town != nullptr || failure.Set("EngineFailed", "There is no world yet. Tell a scene by build orders first.");
  }

  bool HasBegun(Failure& failure) const {
    if (!HasWorld(failure)) return false;
    return has_begun || failure.Set("EngineFailed", "The world has not begun. Reset it first.");
  }

  bool Reset(Failure& failure) {
    if (!HasWorld(failure)) return false;
    phase = Phase::resetting;
    return true;
  }

  bool Advance(Failure& failure) {
    const bridge_v1_Advance& advance = order.what.advance;
    if (!HasBegun(failure)) return false;
    if (is_puppet) {
      return failure.Set("Refused", "Another engine moves this world, which only shows it. Reset it before it is to run by itself.");
    }
    if (advance.ticks < 1 || advance.ticks > kMostTicks) {
      return failure.Set("InvalidAction", "A step of " + std::to_string(advance.ticks) +
                                              " ticks was asked for. Ask for a whole number from 1 to " +
                                              std::to_string(kMostTicks) + ".");
    }
    std::vector<AgentAction> actions;
    if (!ReadActions(arena, advance.actions, town->roster, actions, failure)) return false;
    if (!actions.empty() && !backend.Tell(actions, failure)) return false;
    gate.Run(advance.ticks);
    phase = Phase::ticking;
    return true;
  }

  bool Edit(Failure& failure) {
    if (!HasBegun(failure)) return false;
    const sb_list_t& changes = order.what.edit.changes;
    if (changes.count > kMostChanges) {
      return failure.Set("InvalidChange", "A batch of " + std::to_string(changes.count) + " changes came. Send at most " +
                                              std::to_string(kMostChanges) + " at once.");
    }
    if (changes.count == 0) return true;
    Transaction batch(town->roster, town->sky, town->bounds, backend.World().agents);
    size_t index = 0;
    for (const sb_node_t* node = changes.first; node != nullptr; node = node->next, ++index) {
      bridge_v1_Change change = {};
      if (!Decode(arena, BytesOf(*node), bridge_v1_Change_fields, &change)) {
        return failure.Set("DamagedData", "changes[" + std::to_string(index) + "] is no Change.");
      }
      if (!batch.Take(arena, change, index, failure)) return false;
    }
    if (!backend.Edit(batch.Plan(), failure)) return false;
    batch.Commit(town->roster, town->sky);
    ++revision;
    return true;
  }

  bool SetPoses(Failure& failure) {
    if (!HasWorld(failure)) return false;
    const bridge_v1_SetPoses& message = order.what.set_poses;
    std::vector<std::string> told;
    const std::vector<std::string>* table = nullptr;
    for (const sb_node_t* node = message.names.first; node != nullptr; node = node->next) told.emplace_back(TextOf(*node));
    if (!told.empty()) table = &told;
    for (const auto& [version, names] : tables) {
      if (table == nullptr && message.names_version != 0 && version == message.names_version) table = &names;
    }
    if (table == nullptr && message.names_version != 0) {
      return failure.Set("InvalidInput", "set_poses has no names, and those of version " +
                                             std::to_string(message.names_version) + " are not known here. Send them.");
    }
    if (table == nullptr) table = &told;
    View<int32_t> rows;
    View<double> poses;
    if (!ReadArray(arena, message.has_rows, message.rows, 0, 1, rows, failure)) return Under(failure, "set_poses.rows");
    const size_t count = message.has_rows ? rows.size : table->size();
    std::vector<Text> names(count);
    for (size_t index = 0; index < count; ++index) {
      const int64_t row = message.has_rows ? rows[index] : static_cast<int64_t>(index);
      if (row < 0 || static_cast<size_t>(row) >= table->size()) {
        return failure.Set("InvalidInput", "set_poses.rows has the row " + std::to_string(row) + "; there are " +
                                               std::to_string(table->size()) + " names.");
      }
      names[index] = (*table)[static_cast<size_t>(row)];
      const RosterEntry* entry = town->roster.Present(names[index]);
      if (entry == nullptr || entry->kind == EntryKind::water) {
        return failure.Set("UnknownBody", town->roster.Unknown("thing", names[index].substr(0, kMostNameBytes),
                                                               [](const RosterEntry& known) { return known.moves(); }));
      }
    }
    if (!ReadArray(arena, message.has_poses, message.poses, count, 7, poses, failure)) return Under(failure, "set_poses.poses");
    double* unit = arena.TakeRow<double>(7 * count);
    if (unit == nullptr) return failure.Set("OverQuota", "set_poses has more poses than are taken at once.");
    for (size_t index = 0; index < count; ++index) {
      Pose pose;
      if (!ReadPose(poses.data + 7 * index, pose, failure)) return Under(failure, "set_poses.poses[" + std::to_string(index) + "]");
      const double seven[7] = {pose.position.x, pose.position.y, pose.position.z, pose.rotation.w,
                               pose.rotation.x, pose.rotation.y, pose.rotation.z};
      std::memcpy(unit + 7 * index, seven, sizeof seven);
    }
    if (!CheckNumber(message.time_s, 0, 1e12, failure)) return Under(failure, "set_poses.time_s");
    if (!backend.SetPoses(names, View<double>(unit, 7 * count), message.tick, failure)) return false;
    if (!told.empty() && message.names_version != 0) Remember(message.names_version, std::move(told));
    gate.Begin(message.tick, true);
    puppet_time_s = message.time_s;
    has_begun = is_puppet = true;
    return true;
  }

  void Remember(uint64_t version, std::vector<std::string> names) {
    for (auto& [known, kept] : tables) {
      if (known != version) continue;
      kept = std::move(names);
      return;
    }
    if (tables.size() >= kMostTables) tables.erase(tables.begin());
    tables.emplace_back(version, std::move(names));
  }

  // --- what takes a while ----------------------------------------------------------------------------------------

  bool Continue(double now_s) {
    Failure failure;
    switch (phase) {
      case Phase::idle: return false;
      case Phase::building: {
        auto made = std::make_unique<Town>();
        const Progress progress = build.Finish(*made, failure);
        if (progress == Progress::pending) return false;
        if (progress == Progress::failed) {
          Refuse(failure);
          return true;
        }
        town = std::move(made);
        tables.clear();
        has_begun = is_puppet = false;
        revision = 0;
        gate.Begin(0, false);
        tells_scene = true;
        StartLooking(now_s);
        return Continue(now_s);
      }
      case Phase::resetting: {
        const Progress progress = backend.Reset(order.what.reset.seed, failure);
        if (progress == Progress::pending) return false;
        if (progress == Progress::failed) {
          Refuse(failure);
          return true;
        }
        town->roster.Reset();
        town->sky = town->first_sky;
        revision = 0;
        has_begun = true;
        is_puppet = false;
        gate.Begin(0, true);
        StartLooking(now_s);
        return Continue(now_s);
      }
      case Phase::ticking:
        if (gate.is_running()) return false;
        StartLooking(now_s);
        return Continue(now_s);
      case Phase::looking:
        if (!looks.AreDone(gate.tick())) {
          if (now_s - looks_since_s < settings.look_patience_s) return false;
          looks.GiveUp({"TooLate", "Pictures did not come within " + Written(settings.look_patience_s) +
                                       " s. Ask for fewer or smaller ones, or look at the engine's log."});
        }
        gate.LetGo();
        Report();
        return true;
    }
    return false;
  }

  void StartLooking(double now_s) {
    gate.Hold();
    looks_since_s = now_s;
    phase = Phase::looking;
    looks.Begin(arena, order.looks, town.get(), has_begun, gate.tick());
  }

  // --- reports ---------------------------------------------------------------------------------------------------

  Moment Now() const {
    const double time_s = is_puppet ? puppet_time_s : static_cast<double>(gate.tick()) * tick_s;
    return {order.epoch, gate.tick(), revision, time_s};
  }

  bool PutReport(Bytes& bytes) {
    if (order.wants_state && has_begun) {
      const uint64_t names_now = backend.World().names_revision;
      if (names_version == 0 || names_revision != names_now) ++names_version;
      names_revision = names_now;
    }
    ReportTerms terms{backend, order, Now(), names_version};
    terms.tells_engine = tells_engine;
    terms.told = tells_scene ? town.get() : nullptr;
    terms.has_world = town != nullptr;
    terms.has_begun = has_begun;
    return simbridge::PutReport(arena, terms, looks, bytes);
  }

  void Report() {
    Bytes bytes;
    Failure failure;
    if (!PutReport(bytes) || bytes.size > kMostMessageBytes) {
      failure.Set("OverQuota", "The answer has no room in shared memory and is larger than the " +
                                   std::to_string(kMostMessageBytes) +
                                   " bytes that travel. Ask for fewer or smaller frames at a time.");
      Refuse(failure);
      return;
    }
    Reply(Framed(FrameKind::message, bytes));
  }
};

Conductor::Conductor(IWorldBackend& backend, IConnections& connections, ConductorSettings settings)
    : inside_(new Inside(backend, connections, std::move(settings))) {}

Conductor::~Conductor() { inside_->looks.Clear(); }

void Conductor::Opened(uint64_t connection, bool is_trusted, double now_s) {
  auto peer = std::make_unique<Inside::Peer>();
  peer->number = connection;
  peer->opened_s = now_s;
  peer->is_in = is_trusted || inside_->settings.secret.size() != kSecretBytes;
  if (inside_->peers.size() >= kMostConnections) {
    inside_->connections.Close(connection);
    return;
  }
  inside_->peers.push_back(std::move(peer));
}

void Conductor::Hear(uint64_t connection, View<uint8_t> bytes) {
  Inside::Peer* peer = inside_->PeerOf(connection);
  if (peer != nullptr && !peer->is_gone) peer->framer.Feed(bytes);
}

bool Conductor::WantsMore(uint64_t connection) const {
  const Inside::Peer* peer = inside_->PeerOf(connection);
  return peer != nullptr && !peer->is_gone && (peer->is_in ? !peer->framer.HasNext() : peer->framer.waiting() < kSecretBytes);
}

void Conductor::Closed(uint64_t connection) {
  Inside& inside = *inside_;
  for (size_t index = 0; index < inside.peers.size(); ++index) {
    if (inside.peers[index]->number != connection) continue;
    inside.peers.erase(inside.peers.begin() + static_cast<std::ptrdiff_t>(index));
    break;
  }
  inside.next_peer = 0;
  if (inside.commander != connection) return;
  if (inside.phase != Inside::Phase::idle && inside.asker == connection) {
    if (inside.phase == Inside::Phase::looking) inside.gate.LetGo();
    inside.phase = Inside::Phase::idle;
    inside.looks.Clear();
    inside.arena.Clear();
  }
  inside.Shut();
}

bool Conductor::Pump(double now_s) {
  bool was_done = false;
  for (int order = 0; order < kMostOrdersAtOnce; ++order) {
    const bool has_moved = inside_->phase == Inside::Phase::idle ? inside_->TakeNext(now_s) : inside_->Continue(now_s);
    if (!has_moved) return was_done;
    was_done = true;
    if (inside_->phase != Inside::Phase::idle) return true;
  }
  return was_done;
}

bool Conductor::WantsTick() const { return inside_->gate.IsOpen() && !inside_->is_puppet; }
void Conductor::TickBegins() { inside_->backend.TickBegins(); }
void Conductor::TickEnds() {
  inside_->gate.Passed();
  inside_->backend.TickEnds(inside_->gate.tick());
}
uint64_t Conductor::tick() const { return inside_->gate.tick(); }
bool Conductor::IsBusy() const { return inside_->phase != Inside::Phase::idle; }

}  // namespace simbridge
