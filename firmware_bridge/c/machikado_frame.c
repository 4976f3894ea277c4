#include "machikado_frame.h"

#include <string.h>

#define HEADER_BYTES 4u
#define CHECKSUM_BYTES 4u
#define LAST_SEQUENCE 65535u

typedef enum { JUDGED_ACCEPTED, JUDGED_DUPLICATE, JUDGED_WITHHELD, JUDGED_REFUSED } verdict;

static void put_u32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
    at[2] = (uint8_t)(value >> 16);
    at[3] = (uint8_t)(value >> 24);
}

static uint32_t get_u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Four bits at a time: a table of 64 bytes is a fair price on a small part. */
uint32_t mk_crc32(const uint8_t *bytes, size_t size)
{
    static const uint32_t of_nibble[16] = {
        0x00000000u, 0x1db71064u, 0x3b6e20c8u, 0x26d930acu, 0x76dc4190u, 0x6b6b51f4u, 0x4db26158u, 0x5005713cu,
        0xedb88320u, 0xf00f9344u, 0xd6d6a3e8u, 0xcb61b38cu, 0x9b64c2b0u, 0x86d3d2d4u, 0xa00ae278u, 0xbdbdf21cu,
    };
    uint32_t crc = 0xffffffffu;
    size_t i;

    for (i = 0; i < size; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ of_nibble[crc & 0x0fu];
        crc = crc >> 4 ^ of_nibble[crc & 0x0fu];
    }
    return crc ^ 0xffffffffu;
}

/* A body of at most 254 bytes needs one code byte more and never a full run followed by another. */
static size_t stuff(const uint8_t *body, size_t body_bytes, uint8_t *stuffed)
{
    size_t code_at = 0;
    size_t written = 1;
    size_t i;

    for (i = 0; i < body_bytes; i++) {
        if (body[i] == 0) {
            stuffed[code_at] = (uint8_t)(written - code_at);
            code_at = written++;
        } else {
            stuffed[written++] = body[i];
        }
    }
    stuffed[code_at] = (uint8_t)(written - code_at);
    return written;
}

/* In place: what is written never overtakes what is read. Returns the body's size, or -1. */
static int unstuff(uint8_t *chunk, size_t chunk_bytes)
{
    size_t read = 0;
    size_t written = 0;

    while (read < chunk_bytes) {
        size_t code = chunk[read];
        if (read + code > chunk_bytes)
            return -1;
        memmove(chunk + written, chunk + read + 1, code - 1);
        written += code - 1;
        read += code;
        if (code != 0xffu && read < chunk_bytes)
            chunk[written++] = 0;
    }
    return (int)written;
}

size_t mk_encode_frame(uint8_t version, uint8_t message_type, uint16_t sequence, const uint8_t *payload,
                       size_t payload_bytes, uint8_t *wire)
{
    uint8_t body[MK_MAX_BODY_BYTES];
    size_t content_bytes = HEADER_BYTES + payload_bytes;
    size_t stuffed_bytes;

    if (payload_bytes > MK_MAX_PAYLOAD_BYTES)
        return 0;
    body[0] = version;
    body[1] = message_type;
    body[2] = (uint8_t)sequence;
    body[3] = (uint8_t)(sequence >> 8);
    if (payload_bytes > 0)
        memcpy(body + HEADER_BYTES, payload, payload_bytes);
    put_u32(body + content_bytes, mk_crc32(body, content_bytes));
    stuffed_bytes = stuff(body, content_bytes + CHECKSUM_BYTES, wire);
    wire[stuffed_bytes] = 0;
    return stuffed_bytes + 1;
}

size_t mk_encode(mk_encoder *encoder, uint8_t message_type, const uint8_t *payload, size_t payload_bytes,
                 uint8_t *wire)
{
    size_t size;

    if (encoder->next_sequence == 0 && message_type != MK_HELLO_TYPE)
        return 0;
    size = mk_encode_frame(MK_FRAME_VERSION, message_type, encoder->next_sequence, payload, payload_bytes, wire);
    if (size > 0)
        encoder->next_sequence = (uint16_t)(encoder->next_sequence % LAST_SEQUENCE + 1u);
    return size;
}

void mk_decoder_init(mk_decoder *decoder)
{
    memset(decoder, 0, sizeof *decoder);
}

void mk_decoder_break_line(mk_decoder *decoder)
{
    if (decoder->chunk_bytes > 0 || decoder->overflown)
        decoder->counters.cut++;
    decoder->chunk_bytes = 0;
    decoder->overflown = 0;
}

int mk_decoder_awaiting_hello(const mk_decoder *decoder)
{
    return decoder->withheld_in_a_row > 0;
}

static int is_recent(const mk_decoder *decoder, uint16_t sequence, uint32_t checksum)
{
    uint8_t i;

    for (i = 0; i < decoder->recent_count; i++)
        if (decoder->recent_sequence[i] == sequence && decoder->recent_checksum[i] == checksum)
            return 1;
    return 0;
}

static verdict accept(mk_decoder *decoder, uint32_t checksum, mk_frame *frame, uint32_t lost)
{
    decoder->heard = 1;
    decoder->last_sequence = frame->sequence;
    decoder->withheld_in_a_row = 0;
    decoder->recent_sequence[decoder->recent_next] = frame->sequence;
    decoder->recent_checksum[decoder->recent_next] = checksum;
    decoder->recent_next = (uint8_t)((decoder->recent_next + 1u) % MK_REMEMBERED_FRAMES);
    if (decoder->recent_count < MK_REMEMBERED_FRAMES)
        decoder->recent_count++;
    frame->lost_before = (uint16_t)lost;
    return JUDGED_ACCEPTED;
}

/* How many frames after the last accepted one this is, round the ring of 65535; 1 when none came yet. */
static uint32_t step_to(const mk_decoder *decoder, uint16_t sequence)
{
    if (!decoder->heard)
        return 1;
    return ((uint32_t)sequence + LAST_SEQUENCE - decoder->last_sequence) % LAST_SEQUENCE;
}

static uint32_t minus_withheld(const mk_decoder *decoder, uint32_t missing)
{
    return missing > decoder->withheld_in_a_row ? missing - decoder->withheld_in_a_row : 0;
}

static verdict judge_hello(mk_decoder *decoder, uint32_t checksum, mk_frame *frame)
{
    uint32_t boot_id = get_u32(frame->payload);
    int other_boot = decoder->hello_heard && boot_id != decoder->boot_id;
    uint32_t step;

    decoder->boot_id = boot_id;
    decoder->hello_heard = 1;
    if (decoder->heard && (frame->sequence == 0 || other_boot)) {
        decoder->recent_count = 0;
        decoder->recent_next = 0;
        frame->restarted = 1;
        return accept(decoder, checksum, frame, minus_withheld(decoder, frame->sequence));
    }
    step = step_to(decoder, frame->sequence);
    if (step == 0 || step > MK_MAX_MEASURABLE_STEP)
        return accept(decoder, checksum, frame, 0);
    return accept(decoder, checksum, frame, minus_withheld(decoder, step - 1));
}

static verdict judge(mk_decoder *decoder, uint32_t checksum, mk_frame *frame)
{
    int is_hello = frame->message_type == MK_HELLO_TYPE;
    uint32_t step;

    if (is_hello ? frame->payload_bytes < 4 : frame->sequence == 0)
        return JUDGED_REFUSED;
    if (is_recent(decoder, frame->sequence, checksum))
        return JUDGED_DUPLICATE;
    if (is_hello)
        return judge_hello(decoder, checksum, frame);
    step = step_to(decoder, frame->sequence);
    if (decoder->withheld_in_a_row > 0 || step == 0 || step > MK_MAX_MEASURABLE_STEP) {
        decoder->withheld_in_a_row++;
        return JUDGED_WITHHELD;
    }
    return accept(decoder, checksum, frame, step - 1);
}

static int deliver(mk_decoder *decoder, uint32_t checksum, mk_frame *frame)
{
    switch (judge(decoder, checksum, frame)) {
    case JUDGED_REFUSED:
        decoder->counters.refused++;
        return 0;
    case JUDGED_DUPLICATE:
        decoder->counters.duplicates++;
        return 0;
    case JUDGED_WITHHELD:
        decoder->counters.withheld++;
        return 0;
    case JUDGED_ACCEPTED:
        break;
    }
    decoder->counters.frames++;
    decoder->counters.lost += frame->lost_before;
    decoder->counters.restarts += frame->restarted;
    return 1;
}

static int open_body(mk_decoder *decoder, const uint8_t *body, size_t body_bytes, mk_frame *frame)
{
    size_t content_bytes;
    uint32_t checksum;

    if (body_bytes < HEADER_BYTES + CHECKSUM_BYTES) {
        decoder->counters.too_short++;
        return 0;
    }
    content_bytes = body_bytes - CHECKSUM_BYTES;
    checksum = get_u32(body + content_bytes);
    if (mk_crc32(body, content_bytes) != checksum) {
        decoder->counters.crc_errors++;
        return 0;
    }
    if (body[0] != MK_FRAME_VERSION) {
        decoder->counters.version_unknown++;
        return 0;
    }
    frame->message_type = body[1];
    frame->restarted = 0;
    frame->sequence = (uint16_t)(body[2] | body[3] << 8);
    frame->lost_before = 0;
    frame->payload_bytes = (uint16_t)(content_bytes - HEADER_BYTES);
    memcpy(frame->payload, body + HEADER_BYTES, frame->payload_bytes);
    return deliver(decoder, checksum, frame);
}

int mk_decoder_take(mk_decoder *decoder, uint8_t byte, mk_frame *frame)
{
    size_t chunk_bytes = decoder->chunk_bytes;
    int body_bytes;

    if (byte != 0) {
        if (decoder->overflown || chunk_bytes == MK_MAX_STUFFED_BYTES) {
            decoder->overflown = 1;
            decoder->chunk_bytes = 0;
        } else {
            decoder->chunk[decoder->chunk_bytes++] = byte;
        }
        return 0;
    }
    decoder->chunk_bytes = 0;
    if (decoder->overflown) {
        decoder->overflown = 0;
        decoder->counters.too_long++;
        return 0;
    }
    if (chunk_bytes == 0)
        return 0;
    body_bytes = unstuff(decoder->chunk, chunk_bytes);
    if (body_bytes < 0) {
        decoder->counters.cobs_errors++;
        return 0;
    }
    return open_body(decoder, decoder->chunk, (size_t)body_bytes, frame);
}
