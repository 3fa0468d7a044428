#include "imaging.h"
#include <stdlib.h>
#include <string.h>

static int format_of(const uint8_t *d, size_t n)
{
    if (n >= 3 && d[0] == 0xFF && d[1] == 0xD8 && d[2] == 0xFF) return SI_JPEG;
    if (n >= 8 && memcmp(d, "\x89PNG\r\n\x1a\n", 8) == 0) return SI_PNG;
    if (n >= 12 && memcmp(d, "RIFF", 4) == 0 && memcmp(d + 8, "WEBP", 4) == 0) return SI_WEBP;
    return 0;
}

// Reads the header only.
SI_API int semsam_image_info(const uint8_t *data, size_t size, si_info *info)
{
    memset(info, 0, sizeof *info);
    switch (format_of(data, size)) {
    case SI_JPEG: return si_jpeg_info(data, size, info);
    case SI_PNG: return si_png_info(data, size, info);
    case SI_WEBP: return si_webp_info(data, size, info);
    default: return SI_INVALID;
    }
}

// Decodes into the caller's pixels: info's height rows of stride bytes. What was missing stays as it was.
SI_API int semsam_image_decode(const uint8_t *data, size_t size, int layout, uint8_t *pixels, size_t stride)
{
    switch (format_of(data, size)) {
    case SI_JPEG: return si_jpeg_decode(data, size, layout, pixels, stride);
    case SI_PNG: return si_png_decode(data, size, layout, pixels, stride);
    case SI_WEBP: return si_webp_decode(data, size, layout, pixels, stride);
    default: return SI_INVALID;
    }
}

// subsampling: 0 is 4:2:0, 1 is 4:2:2, 2 is 4:4:4. The result is given back with semsam_image_free.
SI_API int semsam_image_encode_jpeg(const uint8_t *pixels, int layout, int width, int height, size_t stride, int quality, int subsampling, uint8_t **out, size_t *out_size)
{
    return si_jpeg_encode(pixels, layout, width, height, stride, quality, subsampling, out, out_size);
}

SI_API int semsam_image_encode_png(const uint8_t *pixels, int layout, int opaque, int width, int height, size_t stride, int level, int filters, uint8_t **out, size_t *out_size)
{
    return si_png_encode(pixels, layout, opaque, width, height, stride, level, filters, out, out_size);
}

SI_API int semsam_image_encode_webp(const uint8_t *pixels, int opaque, int width, int height, size_t stride, float quality, int lossless, uint8_t **out, size_t *out_size)
{
    return si_webp_encode(pixels, opaque, width, height, stride, quality, lossless, out, out_size);
}

SI_API void semsam_image_free(void *p) { free(p); }
