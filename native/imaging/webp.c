#include "imaging.h"
#include <stdlib.h>
#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>

static int result_of(VP8StatusCode status)
{
    switch (status) {
    case VP8_STATUS_OK: return SI_OK;
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED: return SI_INCOMPLETE;
    case VP8_STATUS_OUT_OF_MEMORY: return SI_INTERNAL;
    case VP8_STATUS_INVALID_PARAM: return SI_PARAMETERS;
    default: return SI_ERROR;
    }
}

int si_webp_info(const uint8_t *data, size_t size, si_info *info)
{
    WebPBitstreamFeatures features;
    VP8StatusCode status = WebPGetFeatures(data, size, &features);
    if (status != VP8_STATUS_OK) return result_of(status);
    info->format = SI_WEBP;
    info->width = features.width;
    info->height = features.height;
    info->alpha = features.has_alpha || features.has_animation;   // frames of an animation need not cover the canvas
    info->bits = 8;
    return SI_OK;
}

static int decode_into(const uint8_t *data, size_t size, uint8_t *pixels, size_t bytes, size_t stride)
{
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config)) return SI_INTERNAL;
    config.output.colorspace = MODE_RGBA;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = pixels;
    config.output.u.RGBA.stride = (int)stride;
    config.output.u.RGBA.size = bytes;
    return result_of(WebPDecode(data, size, &config));
}

// The first frame of an animation, on a transparent canvas.
static int decode_first_frame(const uint8_t *data, size_t size, int width, int height, uint8_t *pixels, size_t stride)
{
    WebPData bytes = { data, size };
    WebPDemuxState state;
    WebPDemuxer *demuxer = WebPDemuxPartial(&bytes, &state);
    if (!demuxer) return SI_ERROR;
    WebPIterator frame;
    int result = SI_INCOMPLETE;
    if (WebPDemuxGetFrame(demuxer, 1, &frame)) {
        for (int y = 0; y < height; y++) memset(pixels + stride * (size_t)y, 0, (size_t)width * 4);
        int inside = frame.x_offset >= 0 && frame.y_offset >= 0 && frame.width <= width - frame.x_offset && frame.height <= height - frame.y_offset;
        uint8_t *at = pixels + stride * (size_t)frame.y_offset + (size_t)frame.x_offset * 4;
        size_t room = stride * (size_t)(frame.height - 1) + (size_t)frame.width * 4;
        result = !inside ? SI_ERROR : decode_into(frame.fragment.bytes, frame.fragment.size, at, room, stride);
        if (result == SI_OK && !frame.complete) result = SI_INCOMPLETE;
        WebPDemuxReleaseIterator(&frame);
    }
    WebPDemuxDelete(demuxer);
    return result;
}

int si_webp_decode(const uint8_t *data, size_t size, int layout, uint8_t *pixels, size_t stride)
{
    WebPBitstreamFeatures features;
    if (layout != SI_RGBA8) return SI_CONVERSION;
    VP8StatusCode status = WebPGetFeatures(data, size, &features);
    if (status != VP8_STATUS_OK) return result_of(status);
    if (features.has_animation) return decode_first_frame(data, size, features.width, features.height, pixels, stride);
    size_t room = stride * (size_t)(features.height - 1) + (size_t)features.width * 4;
    return decode_into(data, size, pixels, room, stride);
}

int si_webp_encode(const uint8_t *pixels, int opaque, int width, int height, size_t stride, float quality, int lossless, uint8_t **out, size_t *out_size)
{
    WebPConfig config;
    WebPPicture picture;
    WebPMemoryWriter writer;
    if (!WebPConfigInit(&config) || !WebPPictureInit(&picture)) return SI_INTERNAL;
    config.quality = quality;
    config.lossless = lossless;
    config.exact = lossless;    // colours under full transparency are kept too
    config.method = lossless ? 0 : 3;
    picture.use_argb = lossless;
    picture.width = width;
    picture.height = height;
    WebPMemoryWriterInit(&writer);
    picture.writer = WebPMemoryWrite;
    picture.custom_ptr = &writer;
    int ok = (opaque ? WebPPictureImportRGBX(&picture, pixels, (int)stride) : WebPPictureImportRGBA(&picture, pixels, (int)stride))
        && WebPEncode(&config, &picture);
    WebPPictureFree(&picture);
    if (!ok) {
        WebPMemoryWriterClear(&writer);
        return SI_ERROR;
    }
    *out = writer.mem;
    *out_size = writer.size;
    return SI_OK;
}
