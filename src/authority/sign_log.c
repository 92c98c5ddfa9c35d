#include "authority/sign_log.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/reader.h"

#define TRAILER_BYTES 4
#define PENDING_MAX (64 * 1024 * 1024)

static bool hash_record(const uint8_t before[static SHA256_BYTES],
    enum sign_log_type type, const struct bytes *parts, size_t part_count,
    uint8_t hash[static SHA256_BYTES], struct failure *why)
{
    uint8_t type_byte = (uint8_t)type;
    struct bytes all[8] = {{before, SHA256_BYTES}, {&type_byte, 1}};

    if (part_count > sizeof(all) / sizeof(*all) - 2)
        return fail_because(
            why, FAILURE_INTERNAL, "a sign log record has too many parts");
    memcpy(&all[2], parts, part_count * sizeof(*parts));
    return sha256(all, part_count + 2, hash, why);
}

/* --- reading ------------------------------------------------------------- */

static bool malformed(const char *what, uint64_t offset, struct failure *why)
{
    return fail_because(why, FAILURE_MALFORMED, "%s at offset %llu", what,
        (unsigned long long)offset);
}

static bool is_known(uint8_t type)
{
    return type >= SIGN_LOG_STARTED && type <= SIGN_LOG_LIST;
}

bool sign_log_read_record(struct bytes bytes, uint64_t offset,
    uint8_t hash[static SHA256_BYTES], struct sign_log_record *record,
    struct failure *why)
{
    struct reader reader = reader_of(bytes);
    struct sign_log_record found = {0};
    struct bytes stated = {0};
    uint32_t length = 0;
    uint32_t total = 0;
    uint8_t type = 0;

    if (!read_u32(&reader, &length, why) || !read_u8(&reader, &type, why))
        return malformed("a sign log record is cut off", offset, why);
    if (length > SIGN_LOG_PAYLOAD_MAX)
        return malformed("a sign log record is too long", offset, why);
    if (!is_known(type))
        return malformed("a sign log record of no known type", offset, why);
    if (!read_bytes(&reader, length, &found.payload, why) ||
        !read_bytes(&reader, SHA256_BYTES, &stated, why) ||
        !read_u32(&reader, &total, why))
        return malformed("a sign log record is cut off", offset, why);
    if (total != length + SIGN_LOG_FRAME_BYTES)
        return malformed("a sign log record's two lengths differ", offset, why);

    found.type = (enum sign_log_type)type;
    if (!hash_record(hash, found.type, &found.payload, 1, found.hash, why))
        return false;
    if (memcmp(found.hash, stated.start, SHA256_BYTES) != 0)
        return malformed(
            "a sign log record does not follow the one before", offset, why);

    found.end = offset + total;
    memcpy(hash, found.hash, SHA256_BYTES);
    *record = found;
    return true;
}

static bool read_at(int descriptor, uint64_t offset, uint8_t *start,
    size_t length, size_t *got, struct failure *why)
{
    *got = 0;
    while (*got < length) {
        ssize_t count = pread(
            descriptor, start + *got, length - *got, (off_t)(offset + *got));

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail_because(why, FAILURE_UNAVAILABLE,
                "the sign log can't be read: %s", strerror(errno));
        if (count == 0)
            break;
        *got += (size_t)count;
    }
    return true;
}

/* The hash that the record at the offset is chained to. */
static bool hash_before(int descriptor, uint64_t offset,
    uint8_t hash[static SHA256_BYTES], struct failure *why)
{
    uint8_t end[SHA256_BYTES + TRAILER_BYTES];
    size_t got = 0;

    if (offset == 0) {
        memset(hash, 0, SHA256_BYTES);
        return true;
    }
    if (offset < SIGN_LOG_FRAME_BYTES)
        return malformed("no sign log record ends", offset, why);
    if (!read_at(descriptor, offset - sizeof(end), end, sizeof(end), &got, why))
        return false;
    if (got != sizeof(end))
        return malformed("no sign log record ends", offset, why);
    memcpy(hash, end, SHA256_BYTES);
    return true;
}

/* A window on the file that always begins at a record. */
struct window {
    int descriptor;
    uint64_t offset;
    struct buffer bytes;
    uint8_t hash[SHA256_BYTES];
};

#define WINDOW_BYTES ((size_t)4 * (SIGN_LOG_PAYLOAD_MAX + SIGN_LOG_FRAME_BYTES))

static bool window_fill(struct window *window, struct failure *why)
{
    size_t got = 0;

    buffer_clear(&window->bytes);
    if (!buffer_reserve(&window->bytes, WINDOW_BYTES, why) ||
        !read_at(window->descriptor, window->offset, window->bytes.start,
            WINDOW_BYTES, &got, why))
        return false;
    window->bytes.length = got;
    return true;
}

/* Visits what is whole in the window.  *passed: how many bytes that was. */
static bool window_visit(struct window *window, sign_log_visitor *visit,
    void *context, size_t *passed, struct failure *why)
{
    const size_t record_max = SIGN_LOG_PAYLOAD_MAX + SIGN_LOG_FRAME_BYTES;
    bool is_last = window->bytes.length < WINDOW_BYTES;

    *passed = 0;
    while (*passed < window->bytes.length) {
        struct bytes rest = {
            window->bytes.start + *passed, window->bytes.length - *passed};
        struct sign_log_record record = {0};

        if (!is_last && rest.length < record_max)
            break;
        if (!sign_log_read_record(
                rest, window->offset + *passed, window->hash, &record, why) ||
            !visit(context, &record, why))
            return false;
        *passed += (size_t)(record.end - window->offset - *passed);
    }
    return true;
}

bool sign_log_visit(int descriptor, uint64_t from, sign_log_visitor *visit,
    void *context, struct failure *why)
{
    RELEASED(buffer) bytes = BUFFER("sign log window", WINDOW_BYTES);
    struct window window = {.descriptor = descriptor, .offset = from};
    size_t passed = 0;
    bool ok = false;

    if (!hash_before(descriptor, from, window.hash, why))
        return false;
    window.bytes = bytes;
    do {
        ok = window_fill(&window, why) &&
             window_visit(&window, visit, context, &passed, why);
        window.offset += passed;
    } while (ok && window.bytes.length == WINDOW_BYTES);
    bytes = window.bytes;
    return ok;
}

bool sign_log_intent_read(
    struct bytes payload, struct sign_log_intent *intent, struct failure *why)
{
    struct reader reader = reader_of(payload);
    struct sign_log_intent found = {0};
    uint64_t time = 0;

    if (!read_u64(&reader, &time, why) ||
        !read_bytes(&reader, SHA256_BYTES, &found.key_sha256, why) ||
        !read_bytes(&reader, reader_left(&reader), &found.draft, why))
        return false;
    found.time = (int64_t)time;
    *intent = found;
    return true;
}

bool sign_log_list_read(
    struct bytes payload, struct sign_log_list *list, struct failure *why)
{
    struct reader reader = reader_of(payload);
    struct sign_log_list found = {0};
    uint64_t time = 0;

    if (!read_u64(&reader, &time, why) ||
        !read_bytes(&reader, SHA256_BYTES, &found.key_sha256, why) ||
        !read_u64(&reader, &found.number, why) ||
        !read_u64(&reader, &found.base_number, why) ||
        !read_u64(&reader, &found.entries, why) ||
        !read_bytes(&reader, SHA256_BYTES, &found.body_sha256, why))
        return false;
    if (!reader_at_end(&reader))
        return fail_because(why, FAILURE_MALFORMED,
            "a list's record of the sign log is too long");
    found.time = (int64_t)time;
    *list = found;
    return true;
}

bool sign_log_signed_read(
    struct bytes payload, struct sign_log_signed *result, struct failure *why)
{
    struct reader reader = reader_of(payload);
    struct sign_log_signed found = {0};
    uint8_t length = 0;

    if (!read_u8(&reader, &length, why) ||
        !read_bytes(&reader, length, &found.serial, why) ||
        !read_bytes(&reader, reader_left(&reader), &found.signature, why))
        return false;
    *result = found;
    return true;
}

/* --- writing ------------------------------------------------------------- */

/* Is the end of the file the end of a whole record? */
static bool ends_whole(
    int descriptor, uint64_t size, uint8_t hash[static SHA256_BYTES])
{
    RELEASED(buffer)
    bytes =
        BUFFER("sign log record", SIGN_LOG_PAYLOAD_MAX + SIGN_LOG_FRAME_BYTES);
    uint8_t trailer[TRAILER_BYTES];
    struct reader reader = reader_of((struct bytes){trailer, TRAILER_BYTES});
    struct sign_log_record record = {0};
    struct failure ignored = {0};
    uint32_t total = 0;
    size_t got = 0;

    if (!read_at(descriptor, size - TRAILER_BYTES, trailer, TRAILER_BYTES, &got,
            &ignored) ||
        got != TRAILER_BYTES || !read_u32(&reader, &total, &ignored))
        return false;
    if (total < SIGN_LOG_FRAME_BYTES || total > size ||
        !buffer_reserve(&bytes, total, &ignored))
        return false;
    if (!read_at(
            descriptor, size - total, bytes.start, total, &got, &ignored) ||
        got != total || !hash_before(descriptor, size - total, hash, &ignored))
        return false;
    return sign_log_read_record((struct bytes){bytes.start, total},
        size - total, hash, &record, &ignored);
}

struct extent {
    uint64_t end;
    uint8_t hash[SHA256_BYTES];
};

static bool extend(
    void *context, const struct sign_log_record *record, struct failure *why)
{
    struct extent *extent = context;

    (void)why;
    extent->end = record->end;
    memcpy(extent->hash, record->hash, SHA256_BYTES);
    return true;
}

/* What was never synced is shorter than two groups. */
#define TORN_MAX ((size_t)16 * 1024 * 1024)

/* A record that begins at the place, wherever the one before it began. */
static bool finds_record(
    struct bytes bytes, size_t place, struct sign_log_record *record)
{
    const uint8_t *start = bytes.start + place;
    struct failure ignored = {0};
    uint8_t hash[SHA256_BYTES];

    if (bytes.length - place < SIGN_LOG_FRAME_BYTES || start[0] != 0 ||
        start[1] > SIGN_LOG_PAYLOAD_MAX >> 16 || !is_known(start[4]))
        return false;
    memcpy(hash, start - TRAILER_BYTES - SHA256_BYTES, SHA256_BYTES);
    return sign_log_read_record((struct bytes){start, bytes.length - place},
        place, hash, record, &ignored);
}

/*
 * A power cut may leave any part of what was not synced.  But a draft that has
 * its result behind it was synced, and all before it: a bad record there is
 * damage.
 */
static bool holds_synced_records(struct bytes bytes)
{
    size_t place = TRAILER_BYTES + SHA256_BYTES;
    bool has_intent = false;

    while (place < bytes.length) {
        struct sign_log_record record = {0};

        if (!finds_record(bytes, place, &record)) {
            place++;
            continue;
        }
        if (record.type == SIGN_LOG_SIGNED && has_intent)
            return true;
        has_intent |=
            record.type == SIGN_LOG_INTENT || record.type == SIGN_LOG_LIST;
        place = (size_t)record.end;
    }
    return false;
}

static bool check_torn_tail(
    int descriptor, uint64_t end, uint64_t size, struct failure *why)
{
    RELEASED(buffer) tail = BUFFER("sign log's tail", TORN_MAX);
    bool is_torn = size - end <= TORN_MAX;
    size_t got = 0;

    if (is_torn) {
        if (!buffer_reserve(&tail, (size_t)(size - end), why) ||
            !read_at(
                descriptor, end, tail.start, (size_t)(size - end), &got, why))
            return false;
        is_torn = !holds_synced_records((struct bytes){tail.start, got});
    }
    return is_torn || fail_because(why, FAILURE_CONFLICT,
                          "the sign log is damaged at offset %llu of %llu",
                          (unsigned long long)end, (unsigned long long)size);
}

static bool cut_torn_tail(
    struct sign_log *log, uint64_t size, uint64_t *torn, struct failure *why)
{
    struct extent extent = {0};
    struct failure reason = {0};

    if (!sign_log_visit(log->descriptor, 0, extend, &extent, &reason) &&
        reason.kind != FAILURE_MALFORMED) {
        *why = reason;
        return false;
    }
    if (!check_torn_tail(log->descriptor, extent.end, size, why))
        return false;
    if (ftruncate(log->descriptor, (off_t)extent.end) != 0 ||
        fsync(log->descriptor) != 0)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "the sign log's torn tail can't be cut off: %s", strerror(errno));
    *torn = size - extent.end;
    log->size = extent.end;
    memcpy(log->hash, extent.hash, SHA256_BYTES);
    return true;
}

bool sign_log_open(
    int descriptor, struct sign_log *log, uint64_t *torn, struct failure *why)
{
    off_t size = lseek(descriptor, 0, SEEK_END);

    if (size < 0)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "the sign log can't be read: %s", strerror(errno));
    *log = (struct sign_log){.descriptor = descriptor,
        .size = (uint64_t)size,
        .pending = BUFFER("sign log group", PENDING_MAX)};
    *torn = 0;
    if (size == 0)
        return true;
    if (size > SIGN_LOG_FRAME_BYTES &&
        ends_whole(descriptor, log->size, log->hash))
        return true;
    return cut_torn_tail(log, (uint64_t)size, torn, why);
}

void sign_log_free(struct sign_log *log)
{
    buffer_free(&log->pending);
    descriptor_close(&log->descriptor);
}

void sign_log_stamp(uint8_t stamp[static SIGN_LOG_TIME_BYTES])
{
    uint64_t now = (uint64_t)clock_now();

    for (size_t i = 0; i < SIGN_LOG_TIME_BYTES; i++)
        stamp[i] = (uint8_t)(now >> (56 - 8 * i));
}

bool sign_log_add(struct sign_log *log, enum sign_log_type type,
    const struct bytes *parts, size_t part_count, struct failure *why)
{
    uint8_t hash[SHA256_BYTES];
    size_t length = 0;

    for (size_t i = 0; i < part_count; i++)
        length += parts[i].length;
    if (length > SIGN_LOG_PAYLOAD_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "a sign log record of %zu bytes is above the limit of %d", length,
            SIGN_LOG_PAYLOAD_MAX);
    if (!hash_record(log->hash, type, parts, part_count, hash, why) ||
        !append_u32(&log->pending, (uint32_t)length, why) ||
        !buffer_append_byte(&log->pending, (uint8_t)type, why))
        return false;
    for (size_t i = 0; i < part_count; i++) {
        if (!buffer_append(&log->pending, parts[i], why))
            return false;
    }
    if (!buffer_append(
            &log->pending, (struct bytes){hash, SHA256_BYTES}, why) ||
        !append_u32(
            &log->pending, (uint32_t)length + SIGN_LOG_FRAME_BYTES, why))
        return false;
    memcpy(log->hash, hash, SHA256_BYTES);
    return true;
}

bool sign_log_write(struct sign_log *log, struct failure *why)
{
    size_t written = 0;

    while (written < log->pending.length) {
        ssize_t count = write(log->descriptor, log->pending.start + written,
            log->pending.length - written);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail_because(why, FAILURE_UNAVAILABLE,
                "the sign log can't be written: %s", strerror(errno));
        written += (size_t)count;
    }
    log->size += written;
    buffer_clear(&log->pending);
    return true;
}

bool sign_log_sync(struct sign_log *log, struct failure *why)
{
    if (fdatasync(log->descriptor) == 0)
        return true;
    return fail_because(why, FAILURE_UNAVAILABLE,
        "the sign log can't be made durable: %s", strerror(errno));
}
