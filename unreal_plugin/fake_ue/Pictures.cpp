// Rays through pixels, the nearest triangle, and flat light on it.
#include "Pictures.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "Bvh.h"
#include "SimBridge/Geometry.h"

namespace simbridge::fake {
namespace {

constexpr uint32_t kTileCells = 64;
constexpr float kNothing = std::numeric_limits<float>::infinity();

/// A mesh that rays can hit; triangles as a corner and two edges.
struct Shape {
  Bvh tree;
  std::vector<float> corners;  // (m,9)
  std::vector<int32_t> material;
};

/// Where a triangle is hit before `nearest`, as Moeller and Trumbore have it (1997); negative for a miss.
float Hit(const Ray& ray, const float* t, float nearest) {
  const float px = ray.direction[1] * t[8] - ray.direction[2] * t[7];
  const float py = ray.direction[2] * t[6] - ray.direction[0] * t[8];
  const float pz = ray.direction[0] * t[7] - ray.direction[1] * t[6];
  const float area = t[3] * px + t[4] * py + t[5] * pz;
  if (area == 0) return -1;
  const float inverse = 1 / area;
  const float sx = ray.origin[0] - t[0], sy = ray.origin[1] - t[1], sz = ray.origin[2] - t[2];
  const float u = (sx * px + sy * py + sz * pz) * inverse;
  if (u < 0 || u > 1) return -1;
  const float qx = sy * t[5] - sz * t[4], qy = sz * t[3] - sx * t[5], qz = sx * t[4] - sy * t[3];
  const float v = (ray.direction[0] * qx + ray.direction[1] * qy + ray.direction[2] * qz) * inverse;
  if (v < 0 || u + v > 1) return -1;
  const float at = (t[6] * qx + t[7] * qy + t[8] * qz) * inverse;
  return at > 1e-4f && at < nearest ? at : -1;
}

Shape MakeShape(View<float> vertices, View<int32_t> triangles, std::vector<int32_t> material) {
  Shape shape;
  const auto vertex = [&](int32_t index) {
    const float* v = vertices.data + 3 * static_cast<size_t>(index);
    return Vec3{v[0], v[1], v[2]};
  };
  std::vector<Box> boxes(triangles.size / 3);
  shape.corners.reserve(9 * boxes.size());
  for (size_t index = 0; index < boxes.size(); ++index) {
    const Vec3 a = vertex(triangles[3 * index]), b = vertex(triangles[3 * index + 1]), c = vertex(triangles[3 * index + 2]);
    for (const Vec3& point : {a, b, c}) boxes[index].Add(point);
    for (const Vec3& part : {a, b - a, c - a}) {
      for (double share : {part.x, part.y, part.z}) shape.corners.push_back(static_cast<float>(share));
    }
  }
  shape.tree = Bvh(boxes);
  shape.material = std::move(material);
  return shape;
}

/// What a pixel shows.
struct Found {
  float distance = kNothing;
  int32_t thing = -1, triangle = -1;  // thing: -1 nothing, -2 the ground, -3 - n water n
  uint32_t tile = 0;                  // of the ground
};

/// A thing made ready for a ray: where a point of the world is in its own frame.
struct Stood {
  const Seen* seen;
  const Shape* shape;
  Pose pose;
  Vec3 scale;
  /// Its frame is the world's.
  bool is_plain;

  Ray Into(const Vec3& from, const Vec3& way) const {
    if (is_plain) return Ray(from, way);
    const Quat back = Inverse(pose.rotation);
    const Vec3 origin = Rotate(back, from - pose.position), direction = Rotate(back, way);
    const auto over = [this](const Vec3& v) { return Vec3{v.x / scale.x, v.y / scale.y, v.z / scale.z}; };
    return Ray(over(origin), over(direction));
  }
};

double Within01(double value) { return value < 0 ? 0 : value > 1 ? 1 : value; }
Vec3 Mixed(const Vec3& a, const Vec3& b, double share) { return a * (1 - share) + b * share; }

/// sRGB of linear light, looked up: a table of 4,096 steps is within one of 255.
class SrgbTable {
 public:
  SrgbTable() {
    for (int step = 0; step <= kSteps; ++step) {
      const double value = static_cast<double>(step) / kSteps;
      const double shown = value <= 0.0031308 ? 12.92 * value : 1.055 * std::pow(value, 1 / 2.4) - 0.055;
      shown_[step] = static_cast<uint8_t>(std::lround(255 * shown));
    }
  }
  uint8_t operator()(double linear) const { return shown_[static_cast<int>(Within01(linear) * kSteps + 0.5)]; }

 private:
  static constexpr int kSteps = 4096;
  uint8_t shown_[kSteps + 1];
};

/// The light of an hour and a weather.
struct Light {
  Vec3 to_sun, sun, above, below, horizon, zenith;
  double visibility_m = 1e4, wetness = 0, snow = 0;
  bool glows = false;

  explicit Light(const simbridge::Environment& sky) {
    const double hour = (sky.time_of_day_h - 12) * kHalfTurn / 12, latitude = sky.latitude_rad;
    const double declination = 0.2;  // between spring and summer: shadows at noon, no sun at midnight
    to_sun = {-std::cos(declination) * std::sin(hour),
              std::cos(latitude) * std::sin(declination) - std::sin(latitude) * std::cos(declination) * std::cos(hour),
              std::sin(latitude) * std::sin(declination) + std::cos(latitude) * std::cos(declination) * std::cos(hour)};
    to_sun = to_sun * (1 / Length(to_sun));
    const double day = Within01((to_sun.z + 0.1) / 0.35), clear = 1 - 0.85 * Within01(sky.cloud_cover);
    const Vec3 warm{1.0, 0.72, 0.45}, white{1.0, 0.97, 0.92};
    sun = Mixed(warm, white, Within01(to_sun.z / 0.4)) * (1.5 * clear * Within01(to_sun.z / 0.1));
    const Vec3 gray{0.55, 0.58, 0.62}, blue{0.20, 0.42, 0.85}, night{0.010, 0.014, 0.030};
    zenith = Mixed(night, Mixed(gray, blue, clear), day);
    horizon = Mixed(night * 2.0, Mixed(Vec3{0.62, 0.65, 0.68}, Vec3{0.62, 0.76, 0.95}, clear), day);
    above = Mixed(night * 4.0, Mixed(Vec3{0.55, 0.57, 0.6}, Vec3{0.42, 0.50, 0.62}, clear), day);
    below = Mixed(night * 2.0, Vec3{0.20, 0.19, 0.17}, day);
    visibility_m = sky.visibility_m;
    wetness = Within01(sky.wetness);
    snow = Within01(sky.snow_cover);
    glows = sky.lamps_lit || day < 0.4;
  }

  Vec3 Sky(const Vec3& way) const {
    const double up = way.z / Length(way);
    return Mixed(horizon, zenith, std::sqrt(Within01(up)));
  }
};

}  // namespace

class Gallery {
 public:
  explicit Gallery(std::shared_ptr<const Scene> scene) : scene_(std::move(scene)) {
    for (const Mesh& mesh : scene_->meshes) shapes_.push_back(MakeShape(mesh.vertices_m, mesh.triangles, mesh.material));
    const HeightField& ground = scene_->ground;
    for (uint32_t row = 0; row + 1 < ground.rows(); row += kTileCells) {
      for (uint32_t column = 0; column + 1 < ground.columns(); column += kTileCells) {
        const HeightTile tile = ground.Tile(row, column, kTileCells);
        std::vector<int32_t> material;
        for (uint8_t surface : tile.surface) material.push_back(scene_->surface_materials[surface]);
        tiles_.push_back(MakeShape(tile.vertices_m, tile.triangles, std::move(material)));
      }
    }
    std::vector<Box> boxes;
    for (const Shape& tile : tiles_) boxes.push_back(tile.tree.box());
    ground_ = Bvh(boxes);
  }

  const Scene& scene() const { return *scene_; }
  const Shape& shape(int32_t mesh) const { return shapes_[static_cast<size_t>(mesh)]; }
  const Shape& tile(uint32_t index) const { return tiles_[index]; }
  const Bvh& ground() const { return ground_; }

 private:
  std::shared_ptr<const Scene> scene_;
  std::vector<Shape> shapes_, tiles_;
  Bvh ground_;
};

std::shared_ptr<const Gallery> MakeGallery(std::shared_ptr<const Scene> scene) {
  return std::make_shared<const Gallery>(std::move(scene));
}

namespace {

/// Everything that can be seen at one moment.
class Stage {
 public:
  Stage(const Gallery& gallery, View<Seen> things) : gallery_(gallery) {
    std::vector<Box> boxes;
    for (const Seen& thing : things) {
      if (thing.mesh < 0 || gallery.shape(thing.mesh).tree.empty()) continue;
      const Shape& shape = gallery.shape(thing.mesh);
      const Box& own = shape.tree.box();
      Box box;
      for (int bits = 0; bits < 8; ++bits) {
        const Vec3 corner{bits & 1 ? own.max[0] : own.min[0], bits & 2 ? own.max[1] : own.min[1], bits & 4 ? own.max[2] : own.min[2]};
        box.Add(thing.pose.position + Rotate(thing.pose.rotation, Scaled(corner, thing.scale)));
      }
      boxes.push_back(box);
      const Vec3 &at = thing.pose.position, &scale = thing.scale;
      const bool is_plain = at.x == 0 && at.y == 0 && at.z == 0 && thing.pose.rotation.w == 1 && scale.x == 1 && scale.y == 1 && scale.z == 1;
      stood_.push_back({&thing, &shape, thing.pose, scale, is_plain});
    }
    tree_ = Bvh(boxes);
  }

  /// The nearest thing along a ray; `is_any`: whether there is one at all.
  Found Look(const Vec3& from, const Vec3& way, bool is_any) const {
    Found found;
    const Ray ray(from, way);
    float nearest = kNothing;
    const auto down = [&](const Shape& shape, const Ray& own, int32_t thing) {
      bool is_hit = false;
      shape.tree.Walk(own, nearest, [&](uint32_t triangle, float& limit) {
        const float at = Hit(own, shape.corners.data() + 9 * size_t{triangle}, limit);
        if (at < 0) return false;
        limit = at;
        found = {at, thing, static_cast<int32_t>(triangle), 0};
        is_hit = true;
        return is_any;
      });
      return is_hit;
    };
    tree_.Walk(ray, nearest, [&](uint32_t index, float&) {
      const Stood& one = stood_[index];
      return down(*one.shape, one.Into(from, way), static_cast<int32_t>(index)) && is_any;
    });
    if (is_any && found.thing != -1) return found;
    gallery_.ground().Walk(ray, nearest, [&](uint32_t tile, float&) {
      if (!down(gallery_.tile(tile), ray, -2)) return false;
      found.tile = tile;
      return is_any;
    });
    if (is_any) return found;
    const std::vector<Water>& waters = gallery_.scene().waters;
    for (size_t water = 0; water < waters.size(); ++water) {
      const double at = (waters[water].level_m - from.z) / way.z;
      if (!(at > 1e-4 && at < found.distance)) continue;
      if (!waters[water].Contains(from.x + at * way.x, from.y + at * way.y)) continue;
      found = {static_cast<float>(at), -3 - static_cast<int32_t>(water), -1, 0};
    }
    return found;
  }

  int32_t IdOf(const Found& found) const {
    if (found.thing == -1) return 0;
    if (found.thing == -2) return 1;
    if (found.thing <= -3) return gallery_.scene().waters[static_cast<size_t>(-3 - found.thing)].id;
    return stood_[static_cast<size_t>(found.thing)].seen->id;
  }

  /// The unit normal in the world, towards the eye.
  Vec3 NormalOf(const Found& found, const Vec3& way) const {
    Vec3 normal{0, 0, 1};
    if (found.triangle >= 0) {
      const float* t = CornersOf(found);
      Vec3 first{t[3], t[4], t[5]}, second{t[6], t[7], t[8]};
      if (found.thing >= 0) {
        const Stood& one = stood_[static_cast<size_t>(found.thing)];
        first = Rotate(one.pose.rotation, Scaled(first, one.scale));
        second = Rotate(one.pose.rotation, Scaled(second, one.scale));
      }
      normal = Cross(first, second);
      normal = normal * (1 / std::fmax(Length(normal), 1e-30));
    }
    return Dot(normal, way) > 0 ? normal * -1.0 : normal;
  }

  Vec3 ColorOf(const Found& found, const Vec3& from, const Vec3& way, const Vec3& normal, const Light& light) const {
    if (found.thing == -1) return light.Sky(way);
    const Vec3 at = from + way * found.distance;
    Vec3 color;
    if (found.thing <= -3) {
      const double facing = std::fabs(way.z) / Length(way), mirror = 0.04 + 0.96 * std::pow(1 - facing, 5);
      color = Mixed(Vec3{0.02, 0.06, 0.08} * (light.above.x + light.sun.x * 0.3), light.Sky({way.x, way.y, -way.z}), mirror);
    } else {
      const int32_t number = MaterialOf(found);
      const Material* material = number < 0 ? nullptr : &gallery_.scene().materials[static_cast<size_t>(number)];
      Vec3 base = material == nullptr ? Vec3{0.5, 0.5, 0.5} : material->base_color;
      if (found.thing >= 0 && stood_[static_cast<size_t>(found.thing)].seen->is_painted) {
        base = stood_[static_cast<size_t>(found.thing)].seen->paint;
      }
      base = base * (1 - 0.3 * light.wetness);
      base = Mixed(base, {0.85, 0.87, 0.9}, light.snow * Within01(2 * normal.z - 0.6));
      Vec3 lit = Mixed(light.below, light.above, 0.5 + 0.5 * normal.z);
      const double facing = Dot(normal, light.to_sun);
      if (facing > 0 && light.sun.x > 0.01 && Look(at + normal * 0.02, light.to_sun, true).thing == -1) {
        lit = lit + light.sun * facing;
      }
      color = Scaled(base, lit);
      if (material != nullptr && (light.glows || !material->glows_at_night)) {
        const double most = std::fmax(material->emission.x, std::fmax(material->emission.y, material->emission.z));
        color = color + material->emission * (1 / (1 + most));  // however strong, it does not leave its hue
      }
    }
    const double clear = std::exp(-3.0 * found.distance * Length(way) / light.visibility_m);
    return Mixed(light.horizon, color, clear);
  }

 private:
  const float* CornersOf(const Found& found) const {
    const Shape& shape = found.thing == -2 ? gallery_.tile(found.tile) : *stood_[static_cast<size_t>(found.thing)].shape;
    return shape.corners.data() + 9 * static_cast<size_t>(found.triangle);
  }
  int32_t MaterialOf(const Found& found) const {
    const Shape& shape = found.thing == -2 ? gallery_.tile(found.tile) : *stood_[static_cast<size_t>(found.thing)].shape;
    return shape.material[static_cast<size_t>(found.triangle)];
  }

  const Gallery& gallery_;
  std::vector<Stood> stood_;
  Bvh tree_;
};

void Put(std::vector<uint8_t>& bytes, size_t pixel, const float* values, size_t count) {
  std::memcpy(bytes.data() + pixel * count * sizeof(float), values, count * sizeof(float));
}

void DrawOne(const Stage& stage, const Light& light, const Camera& camera, uint32_t number, View<Modality> modalities,
             std::vector<Picture>& pictures) {
  const size_t pixels = size_t{camera.width_px} * camera.height_px, first = pictures.size();
  bool wants_rgb = false, wants_normals = false;
  for (Modality modality : modalities) {
    const size_t size = modality == Modality::rgb ? 3 : modality == Modality::normals ? 12 : 4;
    pictures.push_back({number, modality, std::vector<uint8_t>(pixels * size)});
    wants_rgb |= modality == Modality::rgb;
    wants_normals |= modality == Modality::normals;
  }
  static const SrgbTable Srgb;
  const double focal = 0.5 * camera.height_px / std::tan(0.5 * camera.fov_y_rad);
  const Vec3 eye = camera.mount_from_camera.position;
  for (size_t pixel = 0; pixel < pixels; ++pixel) {
    const double x = (static_cast<double>(pixel % camera.width_px) + 0.5 - 0.5 * camera.width_px) / focal;
    const double y = (static_cast<double>(pixel / camera.width_px) + 0.5 - 0.5 * camera.height_px) / focal;
    const Vec3 way = Rotate(camera.mount_from_camera.rotation, {x, y, 1});
    const Found found = stage.Look(eye, way, false);
    const Vec3 normal = wants_rgb || wants_normals ? (found.thing == -1 ? Vec3() : stage.NormalOf(found, way)) : Vec3();
    const Vec3 color = wants_rgb ? stage.ColorOf(found, eye, way, normal, light) : Vec3();
    for (size_t index = first; index < pictures.size(); ++index) {
      std::vector<uint8_t>& bytes = pictures[index].bytes;
      const float facing[3] = {static_cast<float>(normal.x), static_cast<float>(normal.y), static_cast<float>(normal.z)};
      const int32_t id = stage.IdOf(found);
      switch (pictures[index].modality) {
        case Modality::rgb:
          bytes[3 * pixel] = Srgb(color.x);
          bytes[3 * pixel + 1] = Srgb(color.y);
          bytes[3 * pixel + 2] = Srgb(color.z);
          break;
        case Modality::depth: Put(bytes, pixel, &found.distance, 1); break;
        case Modality::segmentation: std::memcpy(bytes.data() + 4 * pixel, &id, sizeof id); break;
        case Modality::normals: Put(bytes, pixel, facing, 3); break;
      }
    }
  }
}

}  // namespace

void Draw(const Gallery& gallery, View<Seen> things, const simbridge::Environment& sky, View<Camera> cameras,
          View<Modality> modalities, std::vector<Picture>& pictures) {
  const Stage stage(gallery, things);
  const Light light(sky);
  for (size_t index = 0; index < cameras.size; ++index) {
    DrawOne(stage, light, cameras[index], static_cast<uint32_t>(index), modalities, pictures);
  }
}

}  // namespace simbridge::fake
