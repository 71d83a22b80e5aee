// The bench's orders and its proving ground.
#include "Bench.h"

#include <cstring>

namespace simbridge::tests {

void Bench::Feed(uint64_t connection, const std::vector<uint8_t>& bytes) { conductor.Hear(connection, bytes); }

Answer Bench::Ask(const std::function<void(bridge_v1_Order&)>& write, uint64_t connection, int rounds) {
  bridge_v1_Order order = {};
  order.number = ++number;
  order.epoch = 7;
  order.wants_state = true;
  write(order);
  Bytes bytes;
  CHECK(Encode(arena, bridge_v1_Order_fields, &order, bytes));
  Feed(connection, Framed(FrameKind::message, bytes));
  arena.Clear();
  return Wait(connection, rounds);
}

Answer Bench::Wait(uint64_t connection, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    conductor.Pump(static_cast<double>(now++));
    while (conductor.WantsTick()) {
      conductor.TickBegins();
      conductor.TickEnds();
      if (!conductor.IsBusy()) break;  // real time: one tick a round
    }
  }
  return Take(connection);
}

Answer Bench::Take(uint64_t connection) {
  Answer answer;
  std::vector<uint8_t>& box = mail.sent[connection];
  if (box.size() < kHeaderBytes) return answer;
  uint32_t length = 0;
  std::memcpy(&length, box.data(), 4);
  REQUIRE(box.size() >= kHeaderBytes + length);
  const uint8_t kind = box[4];
  payload.assign(box.begin() + kHeaderBytes, box.begin() + kHeaderBytes + length);
  box.erase(box.begin(), box.begin() + kHeaderBytes + length);
  answer.is_there = true;
  if (kind == 1) {
    const std::string text(payload.begin(), payload.end());
    const size_t first = text.find('\n'), second = text.find('\n', first + 1);
    CHECK(text.substr(first + 1, second - first - 1) == "engine");
    answer.failure = {text.substr(0, first), text.substr(second + 1)};
    return answer;
  }
  CHECK(kind == 0);
  read.Clear();
  CHECK(Decode(read, payload, bridge_v1_Report_fields, &answer.report));
  return answer;
}

Answer Bench::Open() {
  return Ask([this](bridge_v1_Order& order) {
    order.which_what = bridge_v1_Order_open_tag;
    Write(order.what.open.engine, "unreal");
  });
}

Answer Bench::Reset() {
  return Ask([](bridge_v1_Order& order) {
    order.which_what = bridge_v1_Order_reset_tag;
    order.what.reset.seed = 3;
  });
}

Answer Bench::Build(const std::function<void(bridge_v1_Build&)>& piece) {
  return Ask([&](bridge_v1_Order& order) {
    order.which_what = bridge_v1_Order_build_tag;
    piece(order.what.build);
  });
}

Answer Bench::Advance(uint32_t ticks, const std::function<void(bridge_v1_Action&)>& act, Text agent) {
  return Ask([&](bridge_v1_Order& order) {
    order.which_what = bridge_v1_Order_advance_tag;
    order.what.advance.ticks = ticks;
    order.wants_hash = true;
    if (!act) return;
    bridge_v1_Advance_ActionsEntry entry = {};
    Write(entry.key, agent);
    entry.has_value = true;
    act(entry.value);
    Write(order.what.advance.actions, bridge_v1_Advance_ActionsEntry_fields, entry);
  });
}

Answer Bench::Edit(const std::vector<std::function<void(bridge_v1_Change&)>>& changes) {
  return Ask([&](bridge_v1_Order& order) {
    order.which_what = bridge_v1_Order_edit_tag;
    order.wants_hash = true;
    for (const auto& write : changes) {
      bridge_v1_Change change = {};
      write(change);
      Write(order.what.edit.changes, bridge_v1_Change_fields, change);
    }
  });
}

void Bench::Begin() {
  CHECK(Open().report.has_engine);
  for (const auto& piece : Pieces()) {
    const Answer answer = Build(piece);
    REQUIRE(answer.is_there);
    INFO(answer.failure.message);
    REQUIRE(!answer.failure);
  }
  REQUIRE(Reset().report.has_state);
}

std::vector<std::function<void(bridge_v1_Build&)>> Bench::Pieces() {
  std::vector<std::function<void(bridge_v1_Build&)>> pieces;
  pieces.push_back([this](bridge_v1_Build& build) {
    build.which_piece = bridge_v1_Build_begin_tag;
    bridge_v1_BuildBegin& begin = build.piece.begin;
    Write(begin.name, "proving-ground");
    Write(begin.scene_digest, "abc");
    begin.min_x_m = begin.min_y_m = begin.terrain_origin_x_m = begin.terrain_origin_y_m = -32;
    begin.max_x_m = begin.max_y_m = 32;
    begin.terrain_rows = begin.terrain_columns = 17;
    begin.terrain_cell_m = 4;
    Write(begin.surfaces, "grass");
    begin.instances = 8;
    begin.vertices = 8;
    begin.triangles = 12;
  });
  pieces.push_back([this](bridge_v1_Build& build) {
    build.which_piece = bridge_v1_Build_heights_tag;
    bridge_v1_HeightRows& rows = build.piece.heights;
    rows.has_heights = rows.has_surface = true;
    rows.heights = Tensor(std::vector<float>(289, 1.0f), {17, 17});
    rows.surface = Tensor(std::vector<uint8_t>(289, 0), {17, 17});
  });
  pieces.push_back([this](bridge_v1_Build& build) {
    build.which_piece = bridge_v1_Build_materials_tag;
    for (Text name : {Text("grass"), Text("brick")}) {
      bridge_v1_BuildMaterial material = {};
      Write(material.name, name);
      material.has_base_color = true;
      material.base_color = name == "grass" ? bridge_v1_Vector3{0.1, 0.2, 0.05} : bridge_v1_Vector3{0.4, 0.1, 0.06};
      Write(build.piece.materials.materials, bridge_v1_BuildMaterial_fields, material);
    }
  });
  pieces.push_back([this](bridge_v1_Build& build) {
    build.which_piece = bridge_v1_Build_mesh_tag;
    bridge_v1_MeshPiece& mesh = build.piece.mesh;
    Write(mesh.name, "box");
    std::vector<float> corners;
    for (int bits = 0; bits < 8; ++bits) {
      for (float share : {bits & 1 ? 0.5f : -0.5f, bits & 2 ? 0.5f : -0.5f, bits & 4 ? 1.0f : 0.0f}) corners.push_back(share);
    }
    mesh.has_vertices = mesh.has_triangles = mesh.has_material = mesh.is_last = true;
    mesh.vertices = Tensor(corners, {8, 3});
    mesh.triangles = Tensor(std::vector<int32_t>{0, 2, 3, 0, 3, 1, 4, 5, 7, 4, 7, 6, 0, 1, 5, 0, 5, 4,
                                                 2, 6, 7, 2, 7, 3, 0, 4, 6, 0, 6, 2, 1, 3, 7, 1, 7, 5},
                            {12, 3});
    mesh.material = Tensor(std::vector<uint16_t>(12, 0), {12});
    Write(mesh.materials, "brick");
  });
  struct Told {
    const char *name, *kind, *semantic, *role;
    double x, y, z, mass_kg;
    bool is_movable;
  };
  static const Told kAssets[] = {
      {"walker", "person", "person", "walker", 0.4, 0.5, 1.75, 75, false}, {"crate", "crate", "crate", "free", 0.4, 0.4, 0.4, 5, true},
      {"cart", "car", "vehicle", "wheels", 4.0, 1.8, 1.5, 1200, false},      {"bench", "bench", "furniture", "static", 0.5, 1.6, 0.8, 30, false},
      {"door", "door", "door", "door", 0.06, 1.0, 2.0, 30, false},           {"wall", "wall", "wall", "static", 1.0, 1.0, 1.0, 1, false}};
  for (const Told& told : kAssets) {
    pieces.push_back([this, &told](bridge_v1_Build& build) {
      build.which_piece = bridge_v1_Build_asset_tag;
      bridge_v1_BuildAsset& asset = build.piece.asset;
      Write(asset.name, told.name);
      Write(asset.kind, told.kind);
      Write(asset.semantic, told.semantic);
      Write(asset.role, told.role);
      Write(asset.meshes, "box");
      asset.has_size_m = true;
      asset.size_m = {told.x, told.y, told.z};
      asset.mass_kg = told.mass_kg;
      asset.is_movable = told.is_movable;
      bridge_v1_BuildCollider collider = {};
      Write(collider.shape, "box");
      collider.has_size_m = collider.has_pose = true;
      collider.size_m = asset.size_m;
      collider.pose = PoseAt(0, 0, told.z / 2);
      Write(asset.colliders, bridge_v1_BuildCollider_fields, collider);
    });
  }
  struct Stands {
    const char *asset, *name;
    double x, y;
  };
  static const Stands kThings[] = {{"walker", "walker-1", 0, 0},   {"walker", "walker-2", 0, 8}, {"crate", "crate-1", 0.9, 0},
                                   {"cart", "cart-1", -10, -10},   {"bench", "bench-1", 0, 9},   {"door", "door-1", 1, 8},
                                   {"wall", "wall-1", 12, 0}};
  for (const Stands& thing : kThings) {
    pieces.push_back([this, &thing](bridge_v1_Build& build) {
      build.which_piece = bridge_v1_Build_placements_tag;
      bridge_v1_BuildPlacements& placements = build.piece.placements;
      Write(placements.asset, thing.asset);
      Write(placements.names, thing.name);
      placements.has_poses = placements.has_scale = true;
      placements.poses = Tensor(std::vector<double>{thing.x, thing.y, 1, 1, 0, 0, 0}, {1, 7});
      const bool is_wall = Text(thing.asset) == "wall";
      placements.scale = Tensor(is_wall ? std::vector<double>{1, 24, 3} : std::vector<double>{1, 1, 1}, {1, 3});
      placements.first_id = 2 + static_cast<int32_t>(&thing - kThings);
    });
  }
  pieces.push_back([this](bridge_v1_Build& build) {
    build.which_piece = bridge_v1_Build_environment_tag;
    bridge_v1_BuildEnvironment& environment = build.piece.environment;
    Write(environment.season, "summer");
    Write(environment.weather, "clear");
    environment.time_of_day_h = 12;
    environment.visibility_m = 1e4;
  });
  for (const char* name : {"walker-1", "walker-2"}) {
    pieces.push_back([this, name](bridge_v1_Build& build) {
      build.which_piece = bridge_v1_Build_agent_tag;
      Write(build.piece.agent.name, name);
      Write(build.piece.agent.kind, "person");
      build.piece.agent.has_pose = true;
      build.piece.agent.pose = PoseAt(0, 0, 1);
    });
  }
  pieces.push_back([this](bridge_v1_Build& build) {
    build.which_piece = bridge_v1_Build_camera_tag;
    build.piece.camera.has_camera = true;
    bridge_v1_Camera& camera = build.piece.camera.camera;
    Write(camera.name, "view");
    Write(camera.mount, "world");
    camera.has_mount_from_camera = true;
    camera.mount_from_camera = {7, -6, 2.5, 0.5, -0.5, 0.5, -0.5};  // looks along +X, at the wall
    camera.width_px = 32;
    camera.height_px = 24;
    camera.fov_y_rad = 0.8;
  });
  pieces.push_back([](bridge_v1_Build& build) { build.which_piece = bridge_v1_Build_end_tag; });
  return pieces;
}

std::vector<std::string> Bench::Names(const Answer& answer) {
  std::vector<std::string> names;
  for (const sb_node_t* node = answer.report.state.names.first; node != nullptr; node = node->next) names.emplace_back(TextOf(*node));
  return names;
}

std::vector<double> Bench::PoseOf(const Answer& answer, Text name) {
  const std::vector<std::string> names = Names(answer);
  const Bytes data = BytesOf(answer.report.state.poses.data);
  for (size_t row = 0; row < names.size(); ++row) {
    if (names[row] != name) continue;
    std::vector<double> pose(7);
    std::memcpy(pose.data(), data.data + 56 * row, 56);
    return pose;
  }
  FAIL("no body of that name in the state");
  return std::vector<double>(7, 0);
}

bridge_v1_AgentState Bench::AgentOf(const Answer& answer, Text name) {
  bridge_v1_AgentState agent = {};
  for (const sb_node_t* node = answer.report.state.agents.first; node != nullptr; node = node->next) {
    agent = {};
    CHECK(Decode(read, BytesOf(*node), bridge_v1_AgentState_fields, &agent));
    if (TextOf(agent.name) == name) return agent;
  }
  FAIL("no agent of that name in the state");
  return agent;
}

}  // namespace simbridge::tests
