// Writes orders and pieces of the proving ground as files, for a fuzzer to begin with: simbridge-fuzz-seeds FOLDER.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <string>

#include "Bench.h"

namespace {

using namespace simbridge;

bool WriteFile(const std::string& path, View<uint8_t> bytes) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return false;
  const bool is_written = std::fwrite(bytes.data, 1, bytes.size, file) == bytes.size;
  return std::fclose(file) == 0 && is_written;
}

}  // namespace

int main(int count, char** words) {
  doctest::Context context;
  if (count != 2) return 2;
  const std::string folder = words[1];
  tests::Bench bench;
  int number = 0;
  bool is_written = true;
  context.setAsDefaultForAssertsOutOfTestCases();
  const auto save = [&](const std::function<void(bridge_v1_Order&)>& write) {
    bridge_v1_Order order = {};
    order.number = 1;
    order.wants_state = order.wants_hash = true;
    write(order);
    Bytes bytes;
    is_written = Encode(bench.arena, bridge_v1_Order_fields, &order, bytes) && is_written;
    is_written = WriteFile(folder + "/order-" + std::to_string(number++), bytes) && is_written;
    bench.arena.Clear();
  };
  int piece_number = 0;
  for (const auto& piece : bench.Pieces()) {
    save([&](bridge_v1_Order& order) {
      order.which_what = bridge_v1_Order_build_tag;
      piece(order.what.build);
    });
    bridge_v1_Build build = {};
    Bytes bytes;
    piece(build);
    is_written = Encode(bench.arena, bridge_v1_Build_fields, &build, bytes) && is_written;
    std::vector<uint8_t> seed{static_cast<uint8_t>(piece_number)};
    seed.insert(seed.end(), bytes.begin(), bytes.end());
    is_written = WriteFile(folder + "/piece-" + std::to_string(piece_number++), seed) && is_written;
    bench.arena.Clear();
  }
  for (pb_size_t what : {bridge_v1_Order_reset_tag, bridge_v1_Order_stand_still_tag, bridge_v1_Order_close_tag,
                         bridge_v1_Order_load_tag, bridge_v1_Order_take_back_tag, bridge_v1_Order_open_tag}) {
    save([what](bridge_v1_Order& order) { order.which_what = what; });
  }
  for (const char* verb : {"pick_up", "ride", "sit", "open", "put_down"}) {
    save([&](bridge_v1_Order& order) {
      order.which_what = bridge_v1_Order_advance_tag;
      order.what.advance.ticks = 60;
      bridge_v1_Advance_ActionsEntry entry = {};
      bench.Write(entry.key, "walker-1");
      entry.has_value = true;
      entry.value.which_motion = bridge_v1_Action_skill_tag;
      bench.Write(entry.value.motion.skill.verb, verb);
      bench.Write(order.what.advance.actions, bridge_v1_Advance_ActionsEntry_fields, entry);
    });
  }
  save([&](bridge_v1_Order& order) {
    order.which_what = bridge_v1_Order_edit_tag;
    bridge_v1_Change spawn = {}, paint = {}, remove = {}, hide = {};
    spawn.which_what = bridge_v1_Change_spawn_tag;
    bench.Write(spawn.what.spawn.name, "new");
    bench.Write(spawn.what.spawn.asset, "walker");
    spawn.what.spawn.has_pose = true;
    spawn.what.spawn.pose = bench.PoseAt(3, 3, 1);
    paint.which_what = bridge_v1_Change_paint_tag;
    bench.Write(paint.what.paint.name, "wall-1");
    paint.what.paint.has_color = true;
    remove.which_what = bridge_v1_Change_remove_tag;
    bench.Write(remove.what.remove.name, "crate-1");
    hide.which_what = bridge_v1_Change_hide_tag;
    bench.Write(hide.what.hide.name, "walker-2");
    hide.what.hide.is_hidden = true;
    for (const bridge_v1_Change* change : {&spawn, &paint, &hide, &remove}) {
      bench.Write(order.what.edit.changes, bridge_v1_Change_fields, *change);
    }
  });
  save([&](bridge_v1_Order& order) {
    order.which_what = bridge_v1_Order_stand_still_tag;
    bridge_v1_Look look = {};
    bench.Write(look.names, "view");
    const uint32_t all[] = {1, 2, 3, 4};
    is_written = PutNumbers(bench.arena, look.modalities, View<uint32_t>(all, 4)) && is_written;
    bench.Write(order.looks, bridge_v1_Look_fields, look);
  });
  save([&](bridge_v1_Order& order) {
    order.which_what = bridge_v1_Order_set_poses_tag;
    bench.Write(order.what.set_poses.names, "walker-1");
    order.what.set_poses.has_poses = true;
    order.what.set_poses.poses = bench.Tensor(std::vector<double>{1, 2, 3, 1, 0, 0, 0}, {1, 7});
  });
  return is_written ? 0 : 1;
}
