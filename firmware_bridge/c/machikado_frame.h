/* Frames on the serial line, the microcontroller's half of framing.py.
 *
 * Rules it keeps, the same as the Python half (vectors.json holds both to them):
 * - Sequence 0 belongs to the HELLO that a boot begins with; then 1 to 65535, and after that 1 again.
 * - Nothing is delivered whose checksum, version and sequence are not right; all else raises exactly one counter.
 * - After any garbage, the first delimiter brings the decoder back in step.
 * - No allocation, no recursion, no state outside the structs; time is linear in the bytes given.
 *
 * C99, needs 8-bit bytes; works on either byte order. The decoder takes about 500 bytes of RAM.
 */
#ifndef MACHIKADO_FRAME_H
#define MACHIKADO_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define MK_FRAME_VERSION 1u
#define MK_HELLO_TYPE 1u
#define MK_MAX_PAYLOAD_BYTES 246u
#define MK_MAX_BODY_BYTES 254u    /* header 4, payload, checksum 4 */
#define MK_MAX_STUFFED_BYTES 255u /* one code byte more */
#define MK_MAX_WIRE_BYTES 256u    /* and the delimiter */
#define MK_REMEMBERED_FRAMES 16u
#define MK_MAX_MEASURABLE_STEP 32767u

#ifdef __cplusplus
extern "C" {
#endif

/* The encoder numbers the frames of one boot; all zero is its beginning. */
typedef struct {
    uint16_t next_sequence;
} mk_encoder;

/* One intact, new frame; lost_before frames before it never arrived intact. */
typedef struct {
    uint8_t message_type;
    uint8_t restarted;
    uint16_t sequence;
    uint16_t lost_before;
    uint16_t payload_bytes;
    uint8_t payload[MK_MAX_PAYLOAD_BYTES];
} mk_frame;

typedef struct {
    uint32_t frames;
    uint32_t lost;
    uint32_t duplicates;
    uint32_t restarts;
    uint32_t crc_errors;
    uint32_t cobs_errors;
    uint32_t too_long;
    uint32_t too_short;
    uint32_t cut;
    uint32_t version_unknown;
    uint32_t refused;
    uint32_t withheld;
} mk_counters;

typedef struct {
    mk_counters counters;
    uint8_t chunk[MK_MAX_STUFFED_BYTES];
    uint16_t chunk_bytes;
    uint8_t overflown;
    /* what numbers have come, as SequenceJudge in sequence.py */
    uint8_t heard;
    uint8_t hello_heard;
    uint16_t last_sequence;
    uint32_t boot_id;
    uint32_t withheld_in_a_row;
    uint16_t recent_sequence[MK_REMEMBERED_FRAMES];
    uint32_t recent_checksum[MK_REMEMBERED_FRAMES];
    uint8_t recent_count;
    uint8_t recent_next;
} mk_decoder;

/* IEEE CRC-32 (as zlib's crc32) of `size` bytes. */
uint32_t mk_crc32(const uint8_t *bytes, size_t size);

/* Write one frame of any version and sequence to `wire` (MK_MAX_WIRE_BYTES); returns its size, 0 if it is too long. */
size_t mk_encode_frame(uint8_t version, uint8_t message_type, uint16_t sequence, const uint8_t *payload,
                       size_t payload_bytes, uint8_t *wire);

/* Write the next frame of this boot to `wire` (MK_MAX_WIRE_BYTES); returns its size, 0 if it is too long or if it is
 * the boot's first and no HELLO. */
size_t mk_encode(mk_encoder *encoder, uint8_t message_type, const uint8_t *payload, size_t payload_bytes,
                 uint8_t *wire);

void mk_decoder_init(mk_decoder *decoder);

/* Take one received byte; returns 1 when it completed a frame, which is then in *frame, else 0. */
int mk_decoder_take(mk_decoder *decoder, uint8_t byte, mk_frame *frame);

/* Say that bytes before and after this moment do not belong together. */
void mk_decoder_break_line(mk_decoder *decoder);

/* Whether frames are withheld because the numbers went back without a HELLO. */
int mk_decoder_awaiting_hello(const mk_decoder *decoder);

#ifdef __cplusplus
}
#endif

#endif
