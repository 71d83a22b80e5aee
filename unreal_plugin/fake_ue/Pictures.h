// Pictures of the fake world by rays: the meshes of a scene, made ready once, and what a camera sees of bodies now.
#pragma once

#include <memory>
#include <vector>

#include "Scene.h"
#include "SimBridge/WorldBackend.h"

namespace simbridge::fake {

class Gallery;

/// Makes a scene's meshes ready for rays.
std::shared_ptr<const Gallery> MakeGallery(std::shared_ptr<const Scene> scene);

/// Something that can be seen: a mesh, where it is, and the colour somebody gave it.
struct Seen {
  int32_t mesh = -1, id = 0;
  Pose pose;
  Vec3 scale{1, 1, 1}, paint;
  bool is_painted = false;
};

/// The pictures of some cameras, all mounted in the world, of these things at once.
void Draw(const Gallery& gallery, View<Seen> things, const simbridge::Environment& sky, View<Camera> cameras,
          View<Modality> modalities, std::vector<Picture>& pictures);

}  // namespace simbridge::fake
