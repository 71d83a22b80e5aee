// Png by stb_image_write (MIT, or public domain; its text is in third_party/).
#include "Png.h"

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#endif
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include "third_party/stb_image_write.h"
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

namespace simbridge::fake {

std::vector<uint8_t> EncodePng(View<uint8_t> rgb, uint32_t width_px, uint32_t height_px) {
  constexpr uint32_t kMostSide_px = 16384;
  std::vector<uint8_t> file;
  if (width_px == 0 || height_px == 0 || width_px > kMostSide_px || height_px > kMostSide_px) return file;
  if (rgb.size != size_t{3} * width_px * height_px) return file;
  const auto append = [](void* context, void* bytes, int count) {
    auto& target = *static_cast<std::vector<uint8_t>*>(context);
    const uint8_t* first = static_cast<const uint8_t*>(bytes);
    target.insert(target.end(), first, first + count);
  };
  stbi_write_png_to_func(append, &file, static_cast<int>(width_px), static_cast<int>(height_px), 3, rgb.data, 0);
  return file;
}

}  // namespace simbridge::fake
