// The C side of the SkiaSharp stand-in: JPEG, PNG and WebP in memory, decoded and encoded with the libraries that the system has.
// C, because libjpeg and libpng report errors by longjmp, which must never cross a managed frame.
#pragma once
#include <stddef.h>
#include <stdint.h>

// The numbers of SKCodecResult.
enum { SI_OK = 0, SI_INCOMPLETE = 1, SI_ERROR = 2, SI_CONVERSION = 3, SI_PARAMETERS = 5, SI_INVALID = 6, SI_INTERNAL = 8 };

// The numbers of SKEncodedImageFormat.
enum { SI_JPEG = 3, SI_PNG = 4, SI_WEBP = 6 };

// Pixel layouts: bytes R,G,B,A (never premultiplied), one grey byte, native-endian 16-bit R,G,B,A.
enum { SI_RGBA8 = 0, SI_GRAY8 = 1, SI_RGBA16 = 2 };

typedef struct {
    int32_t format, width, height;
    int32_t gray;      // stored without colour
    int32_t alpha;     // has transparency
    int32_t bits;      // a channel
} si_info;

#define SI_API __attribute__((visibility("default")))

int si_jpeg_info(const uint8_t *data, size_t size, si_info *info);
int si_jpeg_decode(const uint8_t *data, size_t size, int layout, uint8_t *pixels, size_t stride);
int si_jpeg_encode(const uint8_t *pixels, int layout, int width, int height, size_t stride, int quality, int subsampling, uint8_t **out, size_t *out_size);

int si_png_info(const uint8_t *data, size_t size, si_info *info);
int si_png_decode(const uint8_t *data, size_t size, int layout, uint8_t *pixels, size_t stride);
int si_png_encode(const uint8_t *pixels, int layout, int opaque, int width, int height, size_t stride, int level, int filters, uint8_t **out, size_t *out_size);

int si_webp_info(const uint8_t *data, size_t size, si_info *info);
int si_webp_decode(const uint8_t *data, size_t size, int layout, uint8_t *pixels, size_t stride);
int si_webp_encode(const uint8_t *pixels, int opaque, int width, int height, size_t stride, float quality, int lossless, uint8_t **out, size_t *out_size);
