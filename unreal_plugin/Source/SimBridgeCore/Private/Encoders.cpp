// Headers before bytes.
#include "SimBridge/Encoders.h"

namespace simbridge {
namespace {

constexpr size_t kNpyAlignment = 64, kBmpHeader = 14 + 40;

struct ElementWord {
  const char* descr;
  size_t bytes;
};

ElementWord WordOf(Element element) {
  switch (element) {
    case Element::uint8: return {"|u1", 1};
    case Element::int32: return {"<i4", 4};
    case Element::float32: return {"<f4", 4};
    default: return {"<f8", 8};
  }
}

void PutWord(std::vector<uint8_t>& bytes, uint32_t word, int octets) {
  for (int octet = 0; octet < octets; ++octet) bytes.push_back(static_cast<uint8_t>(word >> (8 * octet)));
}

}  // namespace

std::vector<uint8_t> EncodeNpy(View<uint8_t> bytes, Element element, View<uint32_t> shape) {
  const ElementWord word = WordOf(element);
  std::string sides;
  uint64_t size = word.bytes;
  for (uint32_t side : shape) {
    sides += std::to_string(side) + (shape.size == 1 ? "," : ", ");
    if (side != 0 && size > UINT64_MAX / side) return {};
    size *= side;
  }
  if (size != bytes.size) return {};
  if (shape.size > 1) sides.resize(sides.size() - 2);
  std::string header = std::string("{'descr': '") + word.descr + "', 'fortran_order': False, 'shape': (" + sides + "), }";
  const size_t head = 10 + header.size() + 1;
  header.append((kNpyAlignment - head % kNpyAlignment) % kNpyAlignment, ' ');
  header += '\n';
  std::vector<uint8_t> file{0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
  PutWord(file, static_cast<uint32_t>(header.size()), 2);
  file.insert(file.end(), header.begin(), header.end());
  file.insert(file.end(), bytes.begin(), bytes.end());
  return file;
}

std::vector<uint8_t> EncodeBmp(View<uint8_t> rgb, uint32_t width_px, uint32_t height_px) {
  const uint64_t pixels = static_cast<uint64_t>(width_px) * height_px;
  if (pixels > (uint64_t{1} << 28) || rgb.size != 3 * pixels) return {};
  std::vector<uint8_t> file{'B', 'M'};
  file.reserve(kBmpHeader + 4 * static_cast<size_t>(pixels));
  PutWord(file, static_cast<uint32_t>(kBmpHeader + 4 * pixels), 4);
  PutWord(file, 0, 4);
  PutWord(file, kBmpHeader, 4);
  PutWord(file, 40, 4);
  PutWord(file, width_px, 4);
  PutWord(file, ~height_px + 1, 4);  // negative: the first row is the top one
  PutWord(file, 1, 2);
  PutWord(file, 32, 2);
  PutWord(file, 0, 4);
  PutWord(file, static_cast<uint32_t>(4 * pixels), 4);
  for (int field = 0; field < 4; ++field) PutWord(file, 0, 4);
  for (size_t pixel = 0; pixel < pixels; ++pixel) {
    const uint8_t* at = rgb.data + 3 * pixel;
    for (uint8_t octet : {at[2], at[1], at[0], uint8_t{255}}) file.push_back(octet);
  }
  return file;
}

}  // namespace simbridge
