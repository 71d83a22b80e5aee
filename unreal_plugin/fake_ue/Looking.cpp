// Looks at the fake world: drawn when they are asked for, handed over as late as a renderer would.
#include <chrono>

#include "FakeWorld.h"

namespace simbridge::fake {
namespace {

constexpr size_t kMostWaiting = 64;

double Now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

bool FakeWorld::RequestLook(const LookRequest& request, Failure& failure) {
  if (looks_.size() >= kMostWaiting) {
    return failure.Set("OverQuota", std::to_string(kMostWaiting) + " looks are under way already. Take them first.");
  }
  std::vector<Camera> cameras(request.cameras.begin(), request.cameras.end());
  for (Camera& camera : cameras) {
    if (camera.mount == "world") continue;
    camera.mount_from_camera = Compose(At(IndexOf(camera.mount)).pose, camera.mount_from_camera);
  }
  std::vector<Seen> things;
  for (const Body& body : bodies_) {
    if (!body.is_present || body.is_hidden || body.mesh < 0) continue;
    things.push_back({body.mesh, body.id, body.pose, body.scale, body.paint, body.is_painted});
  }
  Waiting made;
  made.number = request.number;
  made.ready_s = Now_s() + settings_.latency_s;
  made.sight.tick = tick_;
  Draw(*gallery_, things, environment_, cameras, request.modalities, made.sight.pictures);
  looks_.push_back(std::move(made));
  return true;
}

Progress FakeWorld::TakeLook(uint64_t number, Sight& sight, Failure& failure) {
  for (size_t index = 0; index < looks_.size(); ++index) {
    if (looks_[index].number != number) continue;
    if (settings_.latency_s > 0 && Now_s() < looks_[index].ready_s) return Progress::pending;
    sight = std::move(looks_[index].sight);
    looks_.erase(looks_.begin() + static_cast<std::ptrdiff_t>(index));
    return Progress::done;
  }
  failure.Set("EngineFailed", "The world was reset while its pictures were made. Observe again.");
  return Progress::failed;
}

void FakeWorld::DropLook(uint64_t number) {
  for (size_t index = 0; index < looks_.size(); ++index) {
    if (looks_[index].number != number) continue;
    looks_.erase(looks_.begin() + static_cast<std::ptrdiff_t>(index));
    return;
  }
}

}  // namespace simbridge::fake
