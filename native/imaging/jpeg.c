#include "imaging.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <jpeglib.h>

// A progressive file may hold thousands of nearly empty scans, each of which costs a pass over the picture.
enum { MAX_SCANS = 500 };

typedef struct {
    struct jpeg_error_mgr base;
    jmp_buf escape;
} error_manager;

typedef struct {
    struct jpeg_source_mgr base;
    int ended;      // more was asked for than there is
} memory_source;

static void on_error(j_common_ptr cinfo) { longjmp(((error_manager *)cinfo->err)->escape, 1); }

static void on_message(j_common_ptr cinfo, int level)
{
    if (level < 0) cinfo->err->num_warnings++;
}

static void nothing(j_decompress_ptr cinfo) { (void)cinfo; }

static boolean at_end(j_decompress_ptr cinfo)
{
    static const JOCTET end_of_image[2] = { 0xFF, JPEG_EOI };
    ((memory_source *)cinfo->src)->ended = 1;
    cinfo->src->next_input_byte = end_of_image;
    cinfo->src->bytes_in_buffer = 2;
    return TRUE;
}

static void skip(j_decompress_ptr cinfo, long count)
{
    if (count <= 0) return;
    if ((size_t)count >= cinfo->src->bytes_in_buffer) { at_end(cinfo); return; }
    cinfo->src->next_input_byte += count;
    cinfo->src->bytes_in_buffer -= (size_t)count;
}

static void watch_scans(j_common_ptr cinfo)
{
    if (cinfo->is_decompressor && ((j_decompress_ptr)cinfo)->input_scan_number > MAX_SCANS) on_error(cinfo);
}

static void open_memory(j_decompress_ptr cinfo, memory_source *source, const uint8_t *data, size_t size)
{
    source->base.next_input_byte = data;
    source->base.bytes_in_buffer = size;
    source->base.init_source = nothing;
    source->base.fill_input_buffer = at_end;
    source->base.skip_input_data = skip;
    source->base.resync_to_restart = jpeg_resync_to_restart;
    source->base.term_source = nothing;
    source->ended = 0;
    cinfo->src = &source->base;
}

static void set_errors(error_manager *errors)
{
    jpeg_std_error(&errors->base);
    errors->base.error_exit = on_error;
    errors->base.emit_message = on_message;
}

int si_jpeg_info(const uint8_t *data, size_t size, si_info *info)
{
    struct jpeg_decompress_struct cinfo;
    error_manager errors;
    memory_source source;
    set_errors(&errors);
    cinfo.err = &errors.base;
    if (setjmp(errors.escape)) {
        jpeg_destroy_decompress(&cinfo);
        return SI_ERROR;
    }
    jpeg_create_decompress(&cinfo);
    open_memory(&cinfo, &source, data, size);
    jpeg_read_header(&cinfo, TRUE);
    info->format = SI_JPEG;
    info->width = (int32_t)cinfo.image_width;
    info->height = (int32_t)cinfo.image_height;
    info->gray = cinfo.jpeg_color_space == JCS_GRAYSCALE;
    info->bits = cinfo.data_precision;
    jpeg_destroy_decompress(&cinfo);
    return SI_OK;
}

// Four inks, stored inverted as Adobe's programs do: 255 is no ink, so a colour is ink times black.
static void cmyk_to_rgba(const uint8_t *from, uint8_t *to, size_t width)
{
    for (size_t x = 0; x < width; x++, from += 4, to += 4) {
        for (int c = 0; c < 3; c++) to[c] = (uint8_t)((from[c] * from[3] + 127) / 255);
        to[3] = 255;
    }
}

int si_jpeg_decode(const uint8_t *data, size_t size, int layout, uint8_t *pixels, size_t stride)
{
    struct jpeg_decompress_struct cinfo;
    struct jpeg_progress_mgr progress = { .progress_monitor = watch_scans };
    error_manager errors;
    memory_source source;
    uint8_t *volatile inks = NULL;
    volatile int started = 0;
    set_errors(&errors);
    cinfo.err = &errors.base;
    source.ended = 0;
    if (setjmp(errors.escape)) {
        int ended = started && source.ended;
        jpeg_destroy_decompress(&cinfo);
        free(inks);
        return ended ? SI_INCOMPLETE : SI_ERROR;
    }
    jpeg_create_decompress(&cinfo);
    open_memory(&cinfo, &source, data, size);
    cinfo.progress = &progress;
    jpeg_read_header(&cinfo, TRUE);
    started = 1;
    int four_inks = cinfo.jpeg_color_space == JCS_CMYK || cinfo.jpeg_color_space == JCS_YCCK;
    if (layout == SI_GRAY8) {
        if (cinfo.jpeg_color_space != JCS_GRAYSCALE) { jpeg_destroy_decompress(&cinfo); return SI_CONVERSION; }
        cinfo.out_color_space = JCS_GRAYSCALE;
    } else if (layout != SI_RGBA8) {
        jpeg_destroy_decompress(&cinfo);
        return SI_CONVERSION;
    } else {
        cinfo.out_color_space = four_inks ? JCS_CMYK : JCS_EXT_RGBA;
    }
    jpeg_start_decompress(&cinfo);
    if (four_inks && !(inks = malloc((size_t)cinfo.output_width * 4))) { jpeg_destroy_decompress(&cinfo); return SI_INTERNAL; }
    while (cinfo.output_scanline < cinfo.output_height) {
        uint8_t *to = pixels + stride * cinfo.output_scanline;
        JSAMPROW row = four_inks ? inks : to;
        jpeg_read_scanlines(&cinfo, &row, 1);
        if (four_inks) cmyk_to_rgba(inks, to, cinfo.output_width);
    }
    // Whether the end was met before the last row was complete; a missing end-of-image marker alone loses nothing.
    int ended = source.ended;
    jpeg_destroy_decompress(&cinfo);
    free(inks);
    return ended ? SI_INCOMPLETE : SI_OK;
}

int si_jpeg_encode(const uint8_t *pixels, int layout, int width, int height, size_t stride, int quality, int subsampling, uint8_t **out, size_t *out_size)
{
    struct jpeg_compress_struct cinfo;
    error_manager errors;
    unsigned char *buffer = NULL;
    unsigned long length = 0;
    set_errors(&errors);
    cinfo.err = &errors.base;
    if (width < 1 || height < 1 || width > JPEG_MAX_DIMENSION || height > JPEG_MAX_DIMENSION) return SI_PARAMETERS;
    if (setjmp(errors.escape)) {    // out of memory; who owns the buffer is then unknown
        jpeg_destroy_compress(&cinfo);
        return SI_ERROR;
    }
    jpeg_create_compress(&cinfo);
    jpeg_mem_dest(&cinfo, &buffer, &length);
    cinfo.image_width = (JDIMENSION)width;
    cinfo.image_height = (JDIMENSION)height;
    cinfo.input_components = layout == SI_GRAY8 ? 1 : 4;
    cinfo.in_color_space = layout == SI_GRAY8 ? JCS_GRAYSCALE : JCS_EXT_RGBX;
    jpeg_set_defaults(&cinfo);
    jpeg_set_quality(&cinfo, quality, TRUE);
    if (layout != SI_GRAY8) {
        cinfo.comp_info[0].h_samp_factor = subsampling == 2 ? 1 : 2;
        cinfo.comp_info[0].v_samp_factor = subsampling == 0 ? 2 : 1;
    }
    cinfo.optimize_coding = TRUE;
    jpeg_start_compress(&cinfo, TRUE);
    while (cinfo.next_scanline < cinfo.image_height) {
        JSAMPROW row = (JSAMPROW)(pixels + stride * cinfo.next_scanline);
        jpeg_write_scanlines(&cinfo, &row, 1);
    }
    jpeg_finish_compress(&cinfo);
    jpeg_destroy_compress(&cinfo);
    *out = buffer;
    *out_size = length;
    return SI_OK;
}
