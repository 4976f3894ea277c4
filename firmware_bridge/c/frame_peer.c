/* The C half at the far end of a real line, for tests: reads stdin, writes stdout, one mode a run.
 *
 *   decode         bytes in; one line a frame out, then one line of counters at the end of input
 *   encode         lines "version type sequence payload-in-hex" in; frames out
 *   echo           frames in; a HELLO first and to every HELLO, each other frame's payload back under its own sequence
 *   number COUNT   a HELLO, then COUNT empty frames
 *   sense COUNT    a HELLO, then COUNT acceleration frames of 26 samples whose counts follow from the sample counter
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machikado_frame.h"

#define ACCELERATION_TYPE 2u
#define SAMPLES_A_FRAME 26u
#define HELLO_BYTES 24u

static mk_encoder encoder;
static mk_decoder decoder;
static mk_frame frame;

static void put_le(uint8_t *at, uint64_t value, unsigned bytes)
{
    unsigned i;

    for (i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> (8u * i));
}

static void emit(uint8_t message_type, const uint8_t *payload, size_t payload_bytes)
{
    uint8_t wire[MK_MAX_WIRE_BYTES];
    size_t size = mk_encode(&encoder, message_type, payload, payload_bytes, wire);

    if (size == 0 || fwrite(wire, 1, size, stdout) != size)
        exit(2);
    fflush(stdout);
}

/* An ADXL355-like sensor at 1 kHz and +-2 g: 3.9 ug a count is 38245935 pm/s2. */
static void emit_hello(void)
{
    uint8_t payload[HELLO_BYTES];

    put_le(payload, 0xc0ffee01u, 4);
    payload[4] = 1;
    payload[5] = 2;
    payload[6] = 3;
    payload[7] = 1;
    put_le(payload + 8, 1000000u, 4);
    put_le(payload + 12, 19613u, 4);
    put_le(payload + 16, 38245935u, 8);
    emit(MK_HELLO_TYPE, payload, sizeof payload);
}

static void print_frame(void)
{
    unsigned i;

    printf("frame %u %u %u %u ", frame.message_type, frame.sequence, frame.lost_before, frame.restarted);
    for (i = 0; i < frame.payload_bytes; i++)
        printf("%02x", frame.payload[i]);
    printf("\n");
}

static void print_counters(void)
{
    const mk_counters *c = &decoder.counters;

    printf("counters frames=%lu lost=%lu duplicates=%lu restarts=%lu crc_errors=%lu cobs_errors=%lu too_long=%lu "
           "too_short=%lu cut=%lu version_unknown=%lu refused=%lu withheld=%lu\n",
           (unsigned long)c->frames, (unsigned long)c->lost, (unsigned long)c->duplicates, (unsigned long)c->restarts,
           (unsigned long)c->crc_errors, (unsigned long)c->cobs_errors, (unsigned long)c->too_long,
           (unsigned long)c->too_short, (unsigned long)c->cut, (unsigned long)c->version_unknown,
           (unsigned long)c->refused, (unsigned long)c->withheld);
}

static void decode(void)
{
    int byte;

    while ((byte = getchar()) != EOF)
        if (mk_decoder_take(&decoder, (uint8_t)byte, &frame))
            print_frame();
    mk_decoder_break_line(&decoder);
    print_counters();
}

static void echo(void)
{
    int byte;

    emit_hello();
    while ((byte = getchar()) != EOF)
        if (mk_decoder_take(&decoder, (uint8_t)byte, &frame)) {
            if (frame.message_type == MK_HELLO_TYPE)
                emit_hello();
            else
                emit(frame.message_type, frame.payload, frame.payload_bytes);
        }
}

static void encode(void)
{
    char line[1024];
    unsigned version, type, sequence;
    int hex_at;

    while (fgets(line, sizeof line, stdin) != NULL) {
        uint8_t payload[MK_MAX_PAYLOAD_BYTES];
        uint8_t wire[MK_MAX_WIRE_BYTES];
        size_t payload_bytes = 0;
        unsigned byte;
        size_t size;

        if (sscanf(line, "%u %u %u %n", &version, &type, &sequence, &hex_at) != 3)
            exit(2);
        while (payload_bytes < sizeof payload && sscanf(line + hex_at, "%2x", &byte) == 1) {
            payload[payload_bytes++] = (uint8_t)byte;
            hex_at += 2;
        }
        size = mk_encode_frame((uint8_t)version, (uint8_t)type, (uint16_t)sequence, payload, payload_bytes, wire);
        if (size == 0 || fwrite(wire, 1, size, stdout) != size)
            exit(2);
    }
}

static void number(unsigned long count)
{
    emit_hello();
    while (count-- > 0)
        emit(9, NULL, 0);
}

/* Axis x is the sample counter, y its negative, z is 1000: what a test can check against the counter alone. */
static void sense(unsigned long count)
{
    unsigned long n, i;

    emit_hello();
    for (n = 0; n < count; n++) {
        uint8_t payload[8 + 9 * SAMPLES_A_FRAME];
        put_le(payload, n * SAMPLES_A_FRAME, 8);
        for (i = 0; i < SAMPLES_A_FRAME; i++) {
            uint32_t counter = (uint32_t)(n * SAMPLES_A_FRAME + i);
            put_le(payload + 8 + 9 * i, counter, 3);
            put_le(payload + 11 + 9 * i, 0u - counter, 3);
            put_le(payload + 14 + 9 * i, 1000u, 3);
        }
        emit(ACCELERATION_TYPE, payload, sizeof payload);
    }
}

int main(int argc, char **argv)
{
    mk_decoder_init(&decoder);
    if (argc == 2 && strcmp(argv[1], "decode") == 0)
        decode();
    else if (argc == 2 && strcmp(argv[1], "encode") == 0)
        encode();
    else if (argc == 2 && strcmp(argv[1], "echo") == 0)
        echo();
    else if (argc == 3 && strcmp(argv[1], "sense") == 0)
        sense(strtoul(argv[2], NULL, 10));
    else if (argc == 3 && strcmp(argv[1], "number") == 0)
        number(strtoul(argv[2], NULL, 10));
    else
        return 2;
    return fflush(stdout) == 0 ? 0 : 2;
}
