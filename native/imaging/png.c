#include "imaging.h"
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <png.h>

typedef struct {
    const uint8_t *next;
    size_t left;
    int ended;
} memory_source;

typedef struct {
    uint8_t *bytes;
    size_t size, room;
} memory_sink;

static void on_error(png_structp png, png_const_charp message) { (void)message; png_longjmp(png, 1); }
static void on_warning(png_structp png, png_const_charp message) { (void)png; (void)message; }

static void read_memory(png_structp png, png_bytep to, size_t count)
{
    memory_source *source = png_get_io_ptr(png);
    if (count > source->left) {
        source->ended = 1;
        png_error(png, "end");
    }
    memcpy(to, source->next, count);
    source->next += count;
    source->left -= count;
}

static void write_memory(png_structp png, png_bytep from, size_t count)
{
    memory_sink *sink = png_get_io_ptr(png);
    if (sink->room - sink->size < count) {
        size_t room = sink->room * 2 + count + 4096;
        uint8_t *bytes = realloc(sink->bytes, room);
        if (!bytes) png_error(png, "memory");
        sink->bytes = bytes;
        sink->room = room;
    }
    memcpy(sink->bytes + sink->size, from, count);
    sink->size += count;
}

static void flush_nothing(png_structp png) { (void)png; }

static png_structp open_reader(memory_source *source, png_infop *info)
{
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
    if (!png) return NULL;
    *info = png_create_info_struct(png);
    if (!*info) { png_destroy_read_struct(&png, NULL, NULL); return NULL; }
    png_set_read_fn(png, source, read_memory);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);   // the caller looks at the size before it allocates anything
    return png;
}

int si_png_info(const uint8_t *data, size_t size, si_info *out)
{
    memory_source source = { data, size, 0 };
    png_infop info = NULL;
    png_structp png = open_reader(&source, &info);
    if (!png) return SI_INTERNAL;
    if (setjmp(png_jmpbuf(png))) {
        png_destroy_read_struct(&png, &info, NULL);
        return source.ended ? SI_INCOMPLETE : SI_ERROR;
    }
    png_read_info(png, info);
    int type = png_get_color_type(png, info);
    out->format = SI_PNG;
    out->width = (int32_t)png_get_image_width(png, info);
    out->height = (int32_t)png_get_image_height(png, info);
    out->bits = png_get_bit_depth(png, info);
    out->alpha = (type & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(png, info, PNG_INFO_tRNS) != 0;
    out->gray = (type & (PNG_COLOR_MASK_COLOR | PNG_COLOR_MASK_PALETTE)) == 0;
    png_destroy_read_struct(&png, &info, NULL);
    return SI_OK;
}

// Asks libpng for exactly the layout: palette and low bit depths expanded, tRNS to alpha, 16 bits rounded to 8 or kept.
static int set_transforms(png_structp png, png_infop info, int layout)
{
    int type = png_get_color_type(png, info);
    int gray = (type & (PNG_COLOR_MASK_COLOR | PNG_COLOR_MASK_PALETTE)) == 0;
    int alpha = (type & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(png, info, PNG_INFO_tRNS) != 0;
    if (layout == SI_GRAY8) {
        if (!gray || alpha) return 0;
        png_set_expand_gray_1_2_4_to_8(png);
        png_set_scale_16(png);
        return 1;
    }
    if (layout == SI_RGBA16) {
        const uint16_t one = 1;
        png_set_expand_16(png);
        if (*(const uint8_t *)&one) png_set_swap(png);
        png_set_gray_to_rgb(png);
        png_set_add_alpha(png, 0xFFFF, PNG_FILLER_AFTER);
        return 1;
    }
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_gray_to_rgb(png);
    png_set_add_alpha(png, 0xFF, PNG_FILLER_AFTER);
    return 1;
}

int si_png_decode(const uint8_t *data, size_t size, int layout, uint8_t *pixels, size_t stride)
{
    memory_source source = { data, size, 0 };
    png_infop info = NULL;
    png_structp png = open_reader(&source, &info);
    if (!png) return SI_INTERNAL;
    volatile int complete = 0;
    if (setjmp(png_jmpbuf(png))) {
        png_destroy_read_struct(&png, &info, NULL);
        return complete ? SI_OK : source.ended ? SI_INCOMPLETE : SI_ERROR;
    }
    png_read_info(png, info);
    if (!set_transforms(png, info, layout)) { png_destroy_read_struct(&png, &info, NULL); return SI_CONVERSION; }
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    png_uint_32 height = png_get_image_height(png, info);
    if (png_get_rowbytes(png, info) > stride) { png_destroy_read_struct(&png, &info, NULL); return SI_PARAMETERS; }
    for (int pass = 0; pass < passes; pass++)
        for (png_uint_32 y = 0; y < height; y++) png_read_row(png, pixels + stride * y, NULL);
    complete = 1;   // what follows the pixels is of no use here
    png_destroy_read_struct(&png, &info, NULL);
    return SI_OK;
}

int si_png_encode(const uint8_t *pixels, int layout, int opaque, int width, int height, size_t stride, int level, int filters, uint8_t **out, size_t *out_size)
{
    memory_sink sink = { NULL, 0, 0 };
    png_infop info = NULL;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
    if (!png) return SI_INTERNAL;
    info = png_create_info_struct(png);
    if (!info || setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        free(sink.bytes);
        return SI_ERROR;
    }
    png_set_write_fn(png, &sink, write_memory, flush_nothing);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    int type = layout == SI_GRAY8 ? PNG_COLOR_TYPE_GRAY : opaque ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_RGBA;
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, 8, type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(png, level);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, filters);
    png_write_info(png, info);
    if (layout != SI_GRAY8 && opaque) png_set_filler(png, 0, PNG_FILLER_AFTER);
    for (int y = 0; y < height; y++) png_write_row(png, pixels + stride * (size_t)y);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    *out = sink.bytes;
    *out_size = sink.size;
    return SI_OK;
}
