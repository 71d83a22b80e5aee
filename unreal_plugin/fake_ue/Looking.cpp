// Looks at the fake world: drawn when they are asked for, handed over as late as a renderer would.
#include <chrono>
#include <cstdio>

#include "FakeWorld.h"
#include "Png.h"

namespace simbridge::fake {
namespace {

constexpr size_t kMostWaiting = 64;

double Now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// FOLDER/TICK-CAMERA.png; a file that cannot be written is told once a picture on stderr, and nothing else.
void Keep(const std::string& folder, uint64_t tick, const Camera& camera, const Picture& picture) {
  char number[24];
  std::snprintf(number, sizeof number, "%08llu", static_cast<unsigned long long>(tick));
  std::string path = folder + "/" + number + "-";
  for (char letter : camera.name) path += letter == '/' || letter == '\\' || letter == ':' ? '-' : letter;
  path += ".png";
  const std::vector<uint8_t> png = EncodePng(picture.bytes, camera.width_px, camera.height_px);
  std::FILE* file = std::fopen(path.c_str(), "wb");
  const bool is_written = file != nullptr && std::fwrite(png.data(), 1, png.size(), file) == png.size();
  if ((file != nullptr && std::fclose(file) != 0) || !is_written) std::fprintf(stderr, "%s cannot be written.\n", path.c_str());
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
  for (const Picture& picture : made.sight.pictures) {
    if (settings_.pictures.empty() || picture.modality != Modality::rgb) continue;
    Keep(settings_.pictures, tick_, cameras[picture.camera], picture);
  }
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
