// Reports written.
#include "Reports.h"

#include "Fields.h"

namespace simbridge {
namespace {

constexpr size_t kMostContacts = 4096;

Bytes BytesOfNumbers(View<double> numbers) {
  return Bytes(reinterpret_cast<const uint8_t*>(numbers.data), numbers.size * sizeof(double));
}

bool PutTensor(Arena& arena, bridge_v1_Tensor& tensor, View<double> numbers, uint32_t rows, uint32_t columns) {
  const uint32_t shape[2] = {rows, columns};
  tensor = {};
  tensor.element_type = bridge_v1_ElementType_ELEMENT_TYPE_FLOAT64;
  return PutNumbers(arena, tensor.shape, View<uint32_t>(shape, columns == 0 ? 1 : 2)) &&
         Put(arena, tensor.data, BytesOfNumbers(numbers));
}

bridge_v1_Pose MessageOf(const Pose& pose) {
  const Vec3& at = pose.position;
  const Quat& turn = pose.rotation;
  return {at.x, at.y, at.z, turn.w, turn.x, turn.y, turn.z};
}

bool PutAgent(Arena& arena, const AgentView& agent, sb_list_t& list) {
  bridge_v1_AgentState made = {};
  Bytes bytes;
  bool fits = Put(arena, made.name, Text(agent.name));
  if (!agent.riding.empty()) fits = fits && Put(arena, made.riding, Text(agent.riding));
  for (const std::string& held : agent.holding) fits = fits && Put(arena, made.holding, Text(held));
  if (!agent.doing.empty()) fits = fits && Put(arena, made.doing, Text(agent.doing));
  if (!agent.failure.empty()) fits = fits && Put(arena, made.failure, Text(agent.failure).substr(0, kMostTextBytes));
  return fits && Encode(arena, bridge_v1_AgentState_fields, &made, bytes) && Put(arena, list, bytes);
}

bool PutCamera(Arena& arena, const Camera& camera, sb_list_t& list) {
  bridge_v1_Camera made = {};
  Bytes bytes;
  if (!Put(arena, made.name, Text(camera.name)) || !Put(arena, made.mount, Text(camera.mount))) return false;
  made.has_mount_from_camera = true;
  made.mount_from_camera = MessageOf(camera.mount_from_camera);
  made.width_px = camera.width_px;
  made.height_px = camera.height_px;
  made.fov_y_rad = camera.fov_y_rad;
  return Encode(arena, bridge_v1_Camera_fields, &made, bytes) && Put(arena, list, bytes);
}

bool PutContacts(Arena& arena, View<ContactView> contacts, bridge_v1_WorldState& state) {
  const uint32_t touches = static_cast<uint32_t>(contacts.size < kMostContacts ? contacts.size : kMostContacts);
  double* positions = arena.TakeRow<double>(3 * touches);
  double* forces = arena.TakeRow<double>(touches);
  if (positions == nullptr || forces == nullptr) return false;
  for (uint32_t index = 0; index < touches; ++index) {
    const ContactView& contact = contacts[index];
    if (!Put(arena, state.contacts.names, Text(contact.one)) || !Put(arena, state.contacts.names, Text(contact.other))) {
      return false;
    }
    positions[3 * index] = contact.position_m.x;
    positions[3 * index + 1] = contact.position_m.y;
    positions[3 * index + 2] = contact.position_m.z;
    forces[index] = contact.force_n;
  }
  state.has_contacts = state.contacts.has_positions = state.contacts.has_forces = true;
  return PutTensor(arena, state.contacts.positions, View<double>(positions, 3 * touches), touches, 3) &&
         PutTensor(arena, state.contacts.forces, View<double>(forces, touches), touches, 0);
}

bool PutState(Arena& arena, const ReportTerms& terms, bridge_v1_WorldState& state) {
  const WorldView world = terms.backend.World();
  state.has_moment = true;
  state.moment = {terms.now.epoch, terms.now.tick, terms.now.time_s, terms.now.revision};
  state.names_version = terms.names_version;
  const uint32_t count = static_cast<uint32_t>(world.names.size);
  if (terms.order.known_names != terms.names_version) {
    for (const std::string& name : world.names) {
      if (!Put(arena, state.names, Text(name))) return false;
    }
  }
  state.has_poses = true;
  if (!PutTensor(arena, state.poses, world.poses, count, 7)) return false;
  if (world.velocities.size > 0 || count == 0) {
    state.has_velocities = true;
    if (!PutTensor(arena, state.velocities, world.velocities, count, 6)) return false;
  }
  if (!PutContacts(arena, world.contacts, state)) return false;
  for (const AgentView& agent : world.agents) {
    if (!PutAgent(arena, agent, state.agents)) return false;
  }
  return true;
}

bool PutEngine(Arena& arena, const BackendInfo& info, bridge_v1_EngineInfo& engine) {
  engine.tick_s = info.tick_s;
  for (const std::string& word : info.capabilities) {
    if (!Put(arena, engine.capabilities, Text(word))) return false;
  }
  return Put(arena, engine.name, Text(info.name)) && Put(arena, engine.version, Text(info.version));
}

bool PutScene(Arena& arena, const Town& town, bridge_v1_SceneSummary& scene) {
  for (const std::string& agent : town.agents) {
    if (!Put(arena, scene.agents, Text(agent))) return false;
  }
  for (const Camera& camera : town.cameras) {
    if (!PutCamera(arena, camera, scene.cameras)) return false;
  }
  return Put(arena, scene.scene_digest, Text(town.digest));
}

}  // namespace

bool PutReport(Arena& arena, const ReportTerms& terms, Looks& looks, Bytes& bytes) {
  bridge_v1_Report report = {};
  report.number = terms.order.number;
  const BackendInfo info = terms.tells_engine ? terms.backend.Info() : BackendInfo();  // outlives the report
  report.has_engine = terms.tells_engine;
  if (terms.tells_engine && !PutEngine(arena, info, report.engine)) return false;
  report.has_scene = terms.told != nullptr;
  report.scene.epoch = terms.order.epoch;
  if (terms.told != nullptr && !PutScene(arena, *terms.told, report.scene)) return false;
  report.has_state = terms.order.wants_state && terms.has_begun;
  if (report.has_state && !PutState(arena, terms, report.state)) return false;
  if (terms.order.wants_hash && terms.has_world) report.state_hash = terms.backend.StateHash();
  return looks.Tell(arena, terms.now, report.seen) && Encode(arena, bridge_v1_Report_fields, &report, bytes);
}

}  // namespace simbridge
