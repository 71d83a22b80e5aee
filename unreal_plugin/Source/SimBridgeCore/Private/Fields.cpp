// Fields read and refused.
#include "Fields.h"

#include <cmath>
#include <cstdio>
#include <cstring>

namespace simbridge {
namespace {

constexpr double kQuatTolerance = 1e-3;
constexpr uint32_t kMostSide_px = 16384;
constexpr double kLeastFov_rad = 0.5 * 3.14159265358979323846 / 180, kMostFov_rad = 175 * 3.14159265358979323846 / 180;

bool IsHidden(uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0x200E || code == 0x200F;
}

/// The next character of UTF-8; false for what is none (overlong, a surrogate, cut short).
bool NextCharacter(Text text, size_t& at, uint32_t& code) {
  const auto octet = [&](size_t index) { return static_cast<uint8_t>(text[index]); };
  const uint8_t first = octet(at);
  if (first < 0x80) {
    code = first;
    ++at;
    return true;
  }
  const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  if (first < 0xC2 || first > 0xF4 || text.size() - at <= static_cast<size_t>(more)) return false;
  code = first & (0x3Fu >> more);
  for (int index = 1; index <= more; ++index) {
    const uint8_t next = octet(at + static_cast<size_t>(index));
    if ((next & 0xC0) != 0x80) return false;
    code = (code << 6) | (next & 0x3Fu);
  }
  const uint32_t least = more == 1 ? 0x80 : more == 2 ? 0x800 : 0x10000;
  if (code < least || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return false;
  at += static_cast<size_t>(more) + 1;
  return true;
}

const char* NameOf(int element_type) {
  switch (element_type) {
    case bridge_v1_ElementType_ELEMENT_TYPE_UINT8: return "uint8";
    case bridge_v1_ElementType_ELEMENT_TYPE_INT32: return "int32";
    case bridge_v1_ElementType_ELEMENT_TYPE_INT64: return "int64";
    case bridge_v1_ElementType_ELEMENT_TYPE_FLOAT32: return "float32";
    case bridge_v1_ElementType_ELEMENT_TYPE_FLOAT64: return "float64";
    case bridge_v1_ElementType_ELEMENT_TYPE_UINT16: return "uint16";
    default: return "nothing known";
  }
}

template <typename T>
struct ElementOf;
template <>
struct ElementOf<uint8_t> {
  static constexpr int value = bridge_v1_ElementType_ELEMENT_TYPE_UINT8;
};
template <>
struct ElementOf<uint16_t> {
  static constexpr int value = bridge_v1_ElementType_ELEMENT_TYPE_UINT16;
};
template <>
struct ElementOf<int32_t> {
  static constexpr int value = bridge_v1_ElementType_ELEMENT_TYPE_INT32;
};
template <>
struct ElementOf<float> {
  static constexpr int value = bridge_v1_ElementType_ELEMENT_TYPE_FLOAT32;
};
template <>
struct ElementOf<double> {
  static constexpr int value = bridge_v1_ElementType_ELEMENT_TYPE_FLOAT64;
};

bool Refuse(Failure& failure, std::string why) { return failure.Set("InvalidInput", std::move(why)); }

template <typename T>
bool AllFinite(View<T> numbers, double most, Failure& failure) {
  for (size_t index = 0; index < numbers.size; ++index) {
    const double value = static_cast<double>(numbers[index]);
    if (std::isfinite(value) && std::fabs(value) <= most) continue;
    const std::string place = "[" + std::to_string(index) + "] is " + Written(value);
    if (!std::isfinite(value)) return Refuse(failure, place + "; expected a finite number.");
    return failure.Set("OutOfRange", place + "; at most " + Written(most) + " is taken.");
  }
  return true;
}

}  // namespace

std::string Written(double value) {
  char room[40];
  std::snprintf(room, sizeof room, "%g", value);
  return room;
}

std::string Listed(View<Text> names) {
  std::string made;
  for (size_t index = 0; index < names.size && index < 10; ++index) {
    if (index > 0) made += ", ";
    made.append(names[index]);
  }
  if (names.size > 10) made += " and " + std::to_string(names.size - 10) + " more";
  return made;
}

bool Under(Failure& failure, std::string path) {
  failure.message.insert(0, path);
  return false;
}

bool CheckText(Text text, Failure& failure, size_t most) {
  if (text.size() > most) {
    return Refuse(failure, " has " + std::to_string(text.size()) + " bytes; at most " + std::to_string(most) +
                               " are read.");
  }
  for (size_t at = 0; at < text.size();) {
    uint32_t code = 0;
    if (!NextCharacter(text, at, code)) return Refuse(failure, " is not UTF-8. Send text in UTF-8.");
    if (IsHidden(code)) {
      char hex[16];
      std::snprintf(hex, sizeof hex, "U+%04X", static_cast<unsigned>(code));
      return Refuse(failure, std::string(" holds the character ") + hex + ", which is not printed. Leave it out.");
    }
  }
  return true;
}

bool CheckName(Text name, Failure& failure) {
  if (name.empty()) return Refuse(failure, " is empty; expected a name.");
  return CheckText(name, failure, kMostNameBytes);
}

bool ReadNames(Arena& arena, const sb_list_t& list, View<Text>& names, Failure& failure) {
  Text* room = arena.TakeRow<Text>(list.count);
  if (room == nullptr) return failure.Set("OverQuota", " has more names than are taken at once. Send fewer in a piece.");
  size_t count = 0;
  for (const sb_node_t* node = list.first; node != nullptr; node = node->next) {
    room[count] = TextOf(*node);
    if (!CheckName(room[count], failure)) return Under(failure, "[" + std::to_string(count) + "]");
    ++count;
  }
  names = View<Text>(room, count);
  return true;
}

bool CheckNumber(double value, double least, double most, Failure& failure) {
  if (!std::isfinite(value)) return Refuse(failure, " is " + Written(value) + "; expected a finite number.");
  if (value < least || value > most) {
    return Refuse(failure, " is " + Written(value) + "; expected " + Written(least) + " to " + Written(most) + ".");
  }
  return true;
}

bool ReadPose(const double* seven, Pose& pose, Failure& failure) {
  for (int index = 0; index < 7; ++index) {
    if (!std::isfinite(seven[index])) {
      return Refuse(failure, " has the number " + Written(seven[index]) + "; expected finite numbers.");
    }
  }
  for (int index = 0; index < 3; ++index) {
    if (std::fabs(seven[index]) > kFarthest_m) {
      return failure.Set("OutOfRange", " lies at " + Written(seven[index]) + " m; worlds reach to 1e+06 m.");
    }
  }
  double w = seven[3], x = seven[4], y = seven[5], z = seven[6];
  const double length = std::sqrt(w * w + x * x + y * y + z * z);
  if (!(std::fabs(length - 1) <= kQuatTolerance)) {
    return Refuse(failure, " has a quaternion of length " + Written(length) + "; expected 1 (within 0.001).");
  }
  if (std::fabs(length - 1) >= 1e-12) {
    w /= length;
    x /= length;
    y /= length;
    z /= length;
  }
  pose.position = {seven[0], seven[1], seven[2]};
  pose.rotation = {w, x, y, z};
  return true;
}

bool ReadPose(bool is_there, const bridge_v1_Pose& message, Pose& pose, Failure& failure) {
  if (!is_there) return Refuse(failure, " is left out; expected a pose.");
  const double seven[7] = {message.x_m, message.y_m, message.z_m, message.qw, message.qx, message.qy, message.qz};
  return ReadPose(seven, pose, failure);
}

bool ReadVector(bool is_there, const bridge_v1_Vector3& message, double least, double most, Vec3& vector,
                Failure& failure) {
  if (!is_there) {
    vector = {};
  } else {
    vector = {message.x, message.y, message.z};
  }
  if (!CheckNumber(vector.x, least, most, failure)) return Under(failure, ".x");
  if (!CheckNumber(vector.y, least, most, failure)) return Under(failure, ".y");
  if (!CheckNumber(vector.z, least, most, failure)) return Under(failure, ".z");
  return true;
}

bool ReadCamera(const bridge_v1_Camera& message, Camera& camera, Failure& failure) {
  const Text name = TextOf(message.name), mount = TextOf(message.mount);
  if (!CheckName(name, failure)) return Under(failure, ".name");
  if (!CheckName(mount, failure)) return Under(failure, ".mount");
  const uint32_t sides[2] = {message.width_px, message.height_px};
  for (int index = 0; index < 2; ++index) {
    if (sides[index] >= 1 && sides[index] <= kMostSide_px) continue;
    return Refuse(failure, std::string(index == 0 ? ".width_px" : ".height_px") + " is " +
                               std::to_string(sides[index]) + "; expected 1 to " + std::to_string(kMostSide_px) + ".");
  }
  if (!CheckNumber(message.fov_y_rad, kLeastFov_rad, kMostFov_rad, failure)) return Under(failure, ".fov_y_rad");
  if (!ReadPose(message.has_mount_from_camera, message.mount_from_camera, camera.mount_from_camera, failure)) {
    return Under(failure, ".mount_from_camera");
  }
  camera.name.assign(name);
  camera.mount.assign(mount);
  camera.width_px = message.width_px;
  camera.height_px = message.height_px;
  camera.fov_y_rad = message.fov_y_rad;
  return true;
}

template <typename T>
bool ReadArray(Arena& arena, bool is_there, const bridge_v1_Tensor& tensor, size_t rows, size_t columns, View<T>& array,
               Failure& failure) {
  array = {};
  if (!is_there) return rows == 0 || Refuse(failure, " is left out; expected " + std::to_string(rows) + " rows.");
  if (tensor.element_type != ElementOf<T>::value) {
    return Refuse(failure, std::string(".element_type is ") + NameOf(tensor.element_type) + "; expected " +
                               NameOf(ElementOf<T>::value) + ".");
  }
  std::vector<uint64_t> shape;
  const size_t wanted = columns == 1 ? 1 : 2;
  if (!NumbersOf(tensor.shape, 4, shape) || shape.size() != wanted || (wanted == 2 && shape[1] != columns) ||
      (rows != 0 && shape[0] != rows)) {
    std::string found;
    for (uint64_t side : shape) found += (found.empty() ? "" : ", ") + std::to_string(side);
    return Refuse(failure, ".shape is (" + found + "); expected (" + (rows ? std::to_string(rows) : "any") +
                               (wanted == 2 ? ", " + std::to_string(columns) : "") + ").");
  }
  const Bytes data = BytesOf(tensor.data);
  const uint64_t row_bytes = static_cast<uint64_t>(columns) * sizeof(T);
  if (data.size % row_bytes != 0 || data.size / row_bytes != shape[0]) {
    return Refuse(failure, ".data has " + std::to_string(data.size) + " bytes; its shape says " +
                               std::to_string(shape[0]) + " rows of " + std::to_string(row_bytes) + ".");
  }
  const size_t count = data.size / sizeof(T);
  if (count == 0) return true;
  T* room = arena.TakeRow<T>(count);
  if (room == nullptr) return failure.Set("OverQuota", " is more than is taken at once. Send it in smaller pieces.");
  std::memcpy(room, data.data, data.size);
  array = View<T>(room, count);
  return true;
}

template bool ReadArray(Arena&, bool, const bridge_v1_Tensor&, size_t, size_t, View<uint8_t>&, Failure&);
template bool ReadArray(Arena&, bool, const bridge_v1_Tensor&, size_t, size_t, View<uint16_t>&, Failure&);
template bool ReadArray(Arena&, bool, const bridge_v1_Tensor&, size_t, size_t, View<int32_t>&, Failure&);
template bool ReadArray(Arena&, bool, const bridge_v1_Tensor&, size_t, size_t, View<float>&, Failure&);
template bool ReadArray(Arena&, bool, const bridge_v1_Tensor&, size_t, size_t, View<double>&, Failure&);

bool CheckFinite(View<double> numbers, double most, Failure& failure) { return AllFinite(numbers, most, failure); }
bool CheckFinite(View<float> numbers, double most, Failure& failure) { return AllFinite(numbers, most, failure); }

}  // namespace simbridge
