// SPDX-License-Identifier: Apache-2.0
// clang-format off
#include <cstddef>
#include <cstdio>
// jpeglib.h needs the two above, and jerror.h needs it.
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <csetjmp>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "engine/base/text.h"
#include "engine/pictures/codecs.h"
#include "engine/pictures/orientation.h"

namespace pinxit {
namespace {

constexpr int64_t best_jpeg_ratio = 5000;
constexpr int64_t most_pixels_kept = 50'000'000;  // libjpeg keeps all coefficients to find the best coding
constexpr int exif_marker = JPEG_APP0 + 1, profile_marker = JPEG_APP0 + 2;

/// libjpeg leaves through a long jump; `run` makes an exception of it once no frame of libjpeg's is left.
struct Jpeg {
  jpeg_error_mgr errors;  // first: libjpeg's pointer to it is a pointer to this
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX] = "";

  jpeg_error_mgr* handler();
  template <class Calls>
  [[gnu::noinline]] void run(Calls&& calls) {  // calls libjpeg only: nothing in it may need destruction
    if (setjmp(jump)) throw LibraryError(message);
    calls();
  }
};

void on_error(j_common_ptr jpeg) {
  auto* state = reinterpret_cast<Jpeg*>(jpeg->err);
  jpeg->err->format_message(jpeg, state->message);
  std::longjmp(state->jump, 1);
}

/// libjpeg goes on after damage with grey blocks and a warning; here that is an error.
void on_message(j_common_ptr jpeg, int level) {
  if (level >= 0) return;
  switch (jpeg->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:  // cameras leave some bytes between segments, and the picture is whole
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
    case JWRN_NOT_SEQUENTIAL:
    case JWRN_BOGUS_ICC:
      return;
    default:
      on_error(jpeg);
  }
}

jpeg_error_mgr* Jpeg::handler() {
  jpeg_std_error(&errors);
  errors.error_exit = on_error;
  errors.emit_message = on_message;
  return &errors;
}

struct JpegReader : Jpeg {
  explicit JpegReader(FILE* file) {
    jpeg.err = handler();
    run([&] {
      jpeg_create_decompress(&jpeg);
      jpeg_stdio_src(&jpeg, file);
      jpeg_save_markers(&jpeg, exif_marker, 0xFFFF);
      jpeg_save_markers(&jpeg, profile_marker, 0xFFFF);
    });
  }
  ~JpegReader() { jpeg_destroy_decompress(&jpeg); }
  jpeg_decompress_struct jpeg{};
};

struct JpegWriter : Jpeg {
  explicit JpegWriter(FILE* file) {
    jpeg.err = handler();
    run([&] {
      jpeg_create_compress(&jpeg);
      jpeg_stdio_dest(&jpeg, file);
    });
  }
  ~JpegWriter() { jpeg_destroy_compress(&jpeg); }
  jpeg_compress_struct jpeg{};
};

std::vector<uint8_t> profile_of(JpegReader& reader) {
  JOCTET* data = nullptr;
  unsigned size = 0;
  bool has_segment = false, found = false;
  for (auto* marker = reader.jpeg.marker_list; marker; marker = marker->next)
    has_segment |= marker->marker == profile_marker && marker->data_length >= 12 &&
                   std::memcmp(marker->data, "ICC_PROFILE", 12) == 0;
  reader.run([&] { found = jpeg_read_icc_profile(&reader.jpeg, &data, &size); });
  if (has_segment && !found)
    unsupported(_("its color profile is damaged"), _("Open it in GIMP, assign a profile and export it again."));
  std::vector<uint8_t> profile(data, data + size);
  std::free(data);
  return profile;
}

int orientation_of(const jpeg_decompress_struct& jpeg) {
  constexpr size_t prefix = 6;
  for (auto* marker = jpeg.marker_list; marker; marker = marker->next)
    if (marker->marker == exif_marker && marker->data_length > prefix &&
        std::memcmp(marker->data, "Exif\0", prefix) == 0)
      return exif_orientation(marker->data + prefix, marker->data_length - prefix);
  return 1;
}

void decode(FILE* file, PictureSink& sink) {
  JpegReader reader(file);
  jpeg_decompress_struct& jpeg = reader.jpeg;
  reader.run([&] { jpeg_read_header(&jpeg, TRUE); });
  if (jpeg.num_components == 4 || jpeg.jpeg_color_space == JCS_CMYK || jpeg.jpeg_color_space == JCS_YCCK)
    unsupported(_("it is for printing (CMYK)"), _("Convert it to RGB in GIMP and export it again."));
  FileFacts facts;
  facts.width = jpeg.image_width;
  facts.height = jpeg.image_height;
  facts.grey = jpeg.num_components == 1;
  facts.profile = profile_of(reader);
  facts.orientation = orientation_of(jpeg);
  check_claim(facts, file_bytes(file), best_jpeg_ratio);
  jpeg.out_color_space = facts.grey ? JCS_GRAYSCALE : JCS_RGB;
  reader.run([&] { jpeg_start_decompress(&jpeg); });
  if (size_t(jpeg.output_components) != facts.channels()) damaged(_("its header is broken"));

  const int64_t height = facts.height;
  std::vector<uint8_t> samples(facts.row_bytes());
  JSAMPLE* row = samples.data();
  sink.begin(std::move(facts));
  for (int64_t y = 0; y < height; ++y) {
    reader.run([&] { jpeg_read_scanlines(&jpeg, &row, 1); });
    sink.row(y, row);
  }
  reader.run([&] { jpeg_finish_decompress(&jpeg); });
}

}  // namespace

void read_jpeg(FILE* file, PictureSink& sink) {
  try {
    decode(file, sink);
  } catch (const LibraryError& problem) {
    damaged(format_text(_("the JPEG data is damaged (%s)"), problem.what()));
  }
}

void write_jpeg(FILE* file, PictureRows& rows, int quality) {
  const FileFacts& facts = rows.facts();
  if (facts.width > JPEG_MAX_DIMENSION || facts.height > JPEG_MAX_DIMENSION)
    throw PictureProblem(ErrorCode::file_unwritable,
                         format_text(_("JPEG holds at most %ld pixels a side"), long(JPEG_MAX_DIMENSION)),
                         _("Choose PNG or TIFF."));
  try {
    JpegWriter writer(file);
    jpeg_compress_struct& jpeg = writer.jpeg;
    writer.run([&] {
      jpeg.image_width = JDIMENSION(facts.width);
      jpeg.image_height = JDIMENSION(facts.height);
      jpeg.input_components = int(facts.channels());
      jpeg.in_color_space = facts.grey ? JCS_GRAYSCALE : JCS_RGB;
      jpeg_set_defaults(&jpeg);
      jpeg_set_quality(&jpeg, quality, TRUE);
      jpeg.optimize_coding = facts.width * facts.height < most_pixels_kept;
      if (quality >= 90)
        jpeg.comp_info[0].h_samp_factor = jpeg.comp_info[0].v_samp_factor = 1;  // full colour resolution
      jpeg_start_compress(&jpeg, TRUE);
      if (!facts.profile.empty()) jpeg_write_icc_profile(&jpeg, facts.profile.data(), unsigned(facts.profile.size()));
    });
    for (int64_t y = 0; y < facts.height; ++y) {
      JSAMPLE* row = static_cast<JSAMPLE*>(const_cast<void*>(rows.row(y)));
      writer.run([&] { jpeg_write_scanlines(&jpeg, &row, 1); });
    }
    writer.run([&] { jpeg_finish_compress(&jpeg); });
  } catch (const LibraryError& problem) {
    unwritable(problem.what());
  }
}

}  // namespace pinxit
