#include "x509/crl_writer.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "crypto/algorithm.h"
#include "x509/crl.h"
#include "x509/crl_parts.h"
#include "x509/time.h"

#define PIECE_BYTES ((size_t)64 * 1024)
/* Two heads, the longest serial, a GeneralizedTime, the extension. */
#define ENTRY_MAX 64
#define TIME_ELEMENT_MAX 17
/* A head with a length of 4 bytes. */
#define HEAD_MAX 6
#define OUTER_HEAD_ROOM 16
#define EXTENSIONS_ROOM (2 * CRL_URL_MAX + 512)
#define VERSION_2 1

/* reasonCode, never critical (RFC 5280, 5.3.1): the last byte is the reason.
 */
static const uint8_t reason_extensions[] = {0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03,
    0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01, 0x00};

/* As reasons name the file. */
static const char written_name[] = "a revocation list";

struct crl_writer {
    int descriptor;
    bool is_finished;
    uint64_t entries;
    uint64_t piece_offset; /* in the file */
    size_t length;         /* of what is in the piece */
    int64_t time;          /* whose element is kept */
    size_t time_length;    /* 0: none is */
    uint8_t time_element[TIME_ELEMENT_MAX];
    uint8_t piece[PIECE_BYTES];
};

bool crl_writer_new(
    int descriptor, struct crl_writer **writer, struct failure *why)
{
    struct crl_writer *made = malloc(sizeof(*made));

    if (made == NULL)
        return fail_because(
            why, FAILURE_INTERNAL, "no memory to write a revocation list");
    made->descriptor = descriptor;
    made->is_finished = false;
    made->entries = 0;
    made->piece_offset = CRL_HEADROOM;
    made->length = 0;
    made->time_length = 0;
    *writer = made;
    return true;
}

void crl_writer_free(struct crl_writer *writer)
{
    free(writer);
}

static bool flush(struct crl_writer *writer, struct failure *why)
{
    if (!descriptor_write_at(writer->descriptor, written_name,
            (struct bytes){writer->piece, writer->length}, writer->piece_offset,
            why))
        return false;
    writer->piece_offset += writer->length;
    writer->length = 0;
    return true;
}

/* --- entries -------------------------------------------------------------- */

static bool keep_time(
    struct crl_writer *writer, int64_t time, struct failure *why)
{
    const bool is_utc = time_is_utc(time);
    size_t length;

    if (time < UTC_TIME_FROM || time > TIME_WITHOUT_END)
        return fail_because(why, FAILURE_UNSUITABLE,
            "a revocation outside the years 1950 to 9999 cannot be listed");
    length = (size_t)(time_put_digits(writer->time_element + 2, time, !is_utc) -
                      writer->time_element);
    writer->time_element[0] = is_utc ? DER_UTC_TIME : DER_GENERALIZED_TIME;
    writer->time_element[1] = (uint8_t)(length - 2);
    writer->time_length = length;
    writer->time = time;
    return true;
}

/* An entry has fewer than 128 bytes: each of its lengths is one byte. */
static void put_entry(
    struct crl_writer *writer, struct bytes serial, int reason)
{
    uint8_t *entry = writer->piece + writer->length;
    uint8_t *place = entry + 2;

    *place++ = DER_INTEGER;
    *place++ = (uint8_t)serial.length;
    memcpy(place, serial.start, serial.length);
    place += serial.length;
    /* All of it has a length that the compiler knows. */
    memcpy(place, writer->time_element, TIME_ELEMENT_MAX);
    place += writer->time_length;
    if (reason > CRL_UNSPECIFIED) {
        memcpy(place, reason_extensions, sizeof(reason_extensions));
        place += sizeof(reason_extensions);
        place[-1] = (uint8_t)reason;
    }
    entry[0] = DER_SEQUENCE;
    entry[1] = (uint8_t)(place - entry - 2);
    writer->length += (size_t)(place - entry);
}

static bool refuse_entry(
    struct bytes serial, const struct crl_writer *writer, struct failure *why)
{
    if (writer->is_finished)
        return fail_because(why, FAILURE_INTERNAL,
            "an entry comes after its list was finished");
    return fail_because(why, FAILURE_UNSUITABLE,
        crl_is_serial(serial)
            ? "a reason for revocation has no meaning (RFC 5280, 5.3.1)"
            : "a serial is no positive number of at most 20 octets (RFC 5280, "
              "4.1.2.2)");
}

bool crl_writer_add(struct crl_writer *writer, struct bytes serial,
    int64_t revoked_at, int reason, struct failure *why)
{
    if (writer->is_finished || !crl_is_serial(serial) ||
        (reason > CRL_UNSPECIFIED && crl_reason_name(reason) == NULL) ||
        reason < CRL_REASON_ABSENT)
        return refuse_entry(serial, writer, why);
    if ((writer->time_length == 0 || writer->time != revoked_at) &&
        !keep_time(writer, revoked_at, why))
        return false;
    if (writer->length > PIECE_BYTES - ENTRY_MAX && !flush(writer, why))
        return false;
    put_entry(writer, serial, reason);
    writer->entries++;
    return true;
}

/* --- what stands around them ---------------------------------------------- */

static bool is_url_or_absent(const char *url)
{
    return url == NULL || crl_is_url(bytes_of_text(url));
}

/* What is wrong with the plan, or NULL. */
static const char *fault_of_plan(const struct crl_plan *plan)
{
    if (plan->issuer.length <= 2 || plan->issuer.length > CRL_ISSUER_MAX)
        return "its issuer's name is empty or has more than 3,072 bytes";
    if (plan->algorithm.length == 0 ||
        plan->algorithm.length > CRL_ALGORITHM_MAX)
        return "its signature algorithm is missing or has more than 256 bytes";
    if (plan->key_identifier.length == 0 ||
        plan->key_identifier.length > CRL_KEY_IDENTIFIER_MAX)
        return "its issuer's key identifier is missing or has more than 64 "
               "bytes (RFC 5280, 5.2.1)";
    if (plan->next_update <= plan->this_update)
        return "its nextUpdate is not after its thisUpdate (RFC 5280, 5.1.2.5)";
    if (plan->this_update < UTC_TIME_FROM ||
        plan->next_update > TIME_WITHOUT_END)
        return "its times are outside the years 1950 to 9999";
    if (!is_url_or_absent(plan->distribution_point) ||
        !is_url_or_absent(plan->freshest))
        return "a URL in it has a character that is no visible ASCII, or not 1 "
               "to 2,048 bytes";
    if (plan->base_number != 0 && plan->base_number >= plan->number)
        return "it is a delta to a list that is not older (RFC 5280, 5.2.4)";
    if (plan->base_number != 0 && plan->freshest != NULL)
        return "it is a delta and names one (RFC 5280, 5.2.6)";
    return NULL;
}

/* Of an element most of whose contents stand elsewhere. */
static void write_head_of(
    struct der_writer *writer, unsigned int tag, uint64_t length)
{
    uint8_t length_bytes = 0;

    for (uint64_t rest = length; length >= 0x80 && rest > 0; rest >>= 8) {
        der_write_byte(writer, (uint8_t)rest);
        length_bytes++;
    }
    der_write_byte(writer,
        length >= 0x80 ? (uint8_t)(0x80 | length_bytes) : (uint8_t)length);
    der_write_byte(writer, (uint8_t)tag);
}

/* Backwards from the entries: the order of RFC 5280, 5.1, from its end. */
static void write_front(struct der_writer *writer, const struct crl_plan *plan,
    uint64_t entries_length, uint64_t extensions_length)
{
    size_t mark = der_writer_mark(writer);

    /* 5.1.2.6: without entries the list of them is absent. */
    if (entries_length > 0)
        write_head_of(writer, DER_SEQUENCE, entries_length);
    der_write_time(writer, plan->next_update);
    der_write_time(writer, plan->this_update);
    der_write_raw(writer, plan->issuer);
    der_write_raw(writer, plan->algorithm);
    der_write_small_integer(writer, VERSION_2);
    write_head_of(writer, DER_SEQUENCE,
        mark - der_writer_mark(writer) + entries_length + extensions_length);
}

static bool write_around(struct crl_writer *writer, const struct crl_plan *plan,
    struct crl_span *tbs, struct failure *why)
{
    uint8_t front_room[CRL_HEADROOM - OUTER_HEAD_ROOM];
    uint8_t extensions_room[EXTENSIONS_ROOM];
    struct der_writer front = der_writer_in(front_room, sizeof(front_room));
    struct der_writer back =
        der_writer_in(extensions_room, sizeof(extensions_room));
    uint64_t entries_length = writer->piece_offset - CRL_HEADROOM;
    struct bytes before = {0};
    struct bytes extensions = {0};

    crl_write_extensions(&back, plan);
    if (!der_writer_take(&back, &extensions, why))
        return false;
    write_front(&front, plan, entries_length, extensions.length);
    if (!der_writer_take(&front, &before, why) ||
        !descriptor_write_at(writer->descriptor, written_name, extensions,
            writer->piece_offset, why) ||
        !descriptor_write_at(writer->descriptor, written_name, before,
            CRL_HEADROOM - before.length, why))
        return false;
    *tbs = (struct crl_span){.offset = CRL_HEADROOM - before.length,
        .length = before.length + entries_length + extensions.length,
        .entries = writer->entries};
    return true;
}

bool crl_writer_finish(struct crl_writer *writer, const struct crl_plan *plan,
    struct crl_span *tbs, struct failure *why)
{
    const char *fault = fault_of_plan(plan);

    if (writer->is_finished)
        return fail_because(
            why, FAILURE_INTERNAL, "a revocation list is finished twice");
    if (fault != NULL)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the revocation list cannot be written: %s", fault);
    if (!flush(writer, why))
        return false;
    /* With what stands around the entries: lengths have 4 bytes at most. */
    if (writer->piece_offset > UINT32_MAX - 4 * CRL_HEADROOM)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the revocation list has more than 4 GiB; split it into shards");
    if (!write_around(writer, plan, tbs, why))
        return false;
    writer->is_finished = true;
    return true;
}

bool crl_seal(int descriptor, const struct crl_span *tbs,
    struct bytes algorithm, struct bytes signature, struct crl_span *whole,
    struct failure *why)
{
    uint8_t tail_room[CRL_ALGORITHM_MAX + SIGNATURE_MAX + OUTER_HEAD_ROOM];
    uint8_t head_room[HEAD_MAX];
    struct der_writer tail = der_writer_in(tail_room, sizeof(tail_room));
    struct der_writer head = der_writer_in(head_room, sizeof(head_room));
    struct bytes before = {0};
    struct bytes behind = {0};

    der_write_bit_string(&tail, signature, 0);
    der_write_raw(&tail, algorithm);
    if (!der_writer_take(&tail, &behind, why))
        return false;
    write_head_of(&head, DER_SEQUENCE, tbs->length + behind.length);
    if (!der_writer_take(&head, &before, why))
        return false;
    if (tbs->offset < before.length)
        return fail_because(why, FAILURE_INTERNAL,
            "a revocation list has no room in front of its body");
    if (!descriptor_write_at(
            descriptor, written_name, behind, tbs->offset + tbs->length, why) ||
        !descriptor_write_at(
            descriptor, written_name, before, tbs->offset - before.length, why))
        return false;
    *whole = (struct crl_span){.offset = tbs->offset - before.length,
        .length = before.length + tbs->length + behind.length,
        .entries = tbs->entries};
    return true;
}
