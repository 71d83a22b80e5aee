// What single fields must be, as bridge/codec/fields.py has it: numbers finite and in reach, names printable.
//
// Each says what is wrong without saying where; `Under` puts the field's path before it.
#pragma once

#include <string>

#include "Messages.h"
#include "SimBridge/Values.h"

namespace simbridge {

constexpr size_t kMostNameBytes = 200;
constexpr size_t kMostTextBytes = 2000;
constexpr double kFarthest_m = 1e6;

/// "changes[3].spawn.name" and the like before what is wrong; returns false.
bool Under(Failure& failure, std::string path);

/// Not empty, at most 200 bytes of UTF-8, without characters that hide or move what is shown.
bool CheckName(Text name, Failure& failure);
/// Possibly empty, at most `most` bytes of UTF-8, without control characters.
bool CheckText(Text text, Failure& failure, size_t most = kMostTextBytes);
/// Names of a repeated field, each valid; in the arena.
bool ReadNames(Arena& arena, const sb_list_t& list, View<Text>& names, Failure& failure);
bool CheckNumber(double value, double least, double most, Failure& failure);

/// A pose within 1,000 km whose quaternion is of length 1 within 0.001; it is normalised.
bool ReadPose(bool is_there, const bridge_v1_Pose& message, Pose& pose, Failure& failure);
/// The same for numbers that came as (7,).
bool ReadPose(const double* seven, Pose& pose, Failure& failure);
bool ReadVector(bool is_there, const bridge_v1_Vector3& message, double least, double most, Vec3& vector,
                Failure& failure);
bool ReadCamera(const bridge_v1_Camera& message, Camera& camera, Failure& failure);

/// An array of `rows` by `columns` (0: any number of rows), copied to where it is aligned. `columns` 1 is shape (rows,).
template <typename T>
bool ReadArray(Arena& arena, bool is_there, const bridge_v1_Tensor& tensor, size_t rows, size_t columns, View<T>& array,
               Failure& failure);

/// Whether all numbers are finite and none is larger.
bool CheckFinite(View<double> numbers, double most, Failure& failure);
bool CheckFinite(View<float> numbers, double most, Failure& failure);

/// "1.5", "-0.1", "nan": short, the same everywhere.
std::string Written(double value);
/// Names for an error, at most ten of them.
std::string Listed(View<Text> names);

}  // namespace simbridge
