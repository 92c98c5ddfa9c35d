#ifndef TESTS_UNIT_AUTHORITY_SIGN_LOG_FIXTURE_H
#define TESTS_UNIT_AUTHORITY_SIGN_LOG_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <fcntl.h>

#include "authority/sign_log.h"
#include "base/scoped.h"

static inline int new_file(void)
{
    int descriptor = memfd_create("sign.log", MFD_CLOEXEC);

    assert_true(descriptor >= 0);
    assert_int_equal(fcntl(descriptor, F_SETFL, O_APPEND), 0);
    return descriptor;
}

static inline struct sign_log opened(int descriptor)
{
    struct sign_log log = {0};
    struct failure why = {0};
    uint64_t torn = 99;

    if (!sign_log_open(descriptor, &log, &torn, &why))
        fail_msg("%s", why.reason);
    assert_int_equal(torn, 0);
    return log;
}

static inline struct bytes of(const char *text)
{
    return bytes_of_text(text);
}

static inline void add_record(
    struct sign_log *log, enum sign_log_type type, struct bytes payload)
{
    struct failure why = {0};

    if (!sign_log_add(log, type, &payload, 1, &why))
        fail_msg("%s", why.reason);
}

static inline void write_out(struct sign_log *log)
{
    struct failure why = {0};

    if (!sign_log_write(log, &why))
        fail_msg("%s", why.reason);
}

static inline off_t size_of(int descriptor)
{
    struct stat status;

    assert_int_equal(fstat(descriptor, &status), 0);
    return status.st_size;
}

static inline void flip(int descriptor, off_t offset)
{
    uint8_t byte;

    assert_int_equal(pread(descriptor, &byte, 1, offset), 1);
    byte ^= 0x10;
    /* pwrite(2): a descriptor with O_APPEND writes at the end. */
    assert_int_equal(fcntl(descriptor, F_SETFL, 0), 0);
    assert_int_equal(pwrite(descriptor, &byte, 1, offset), 1);
    assert_int_equal(fcntl(descriptor, F_SETFL, O_APPEND), 0);
}

/* What a visit saw. */
struct seen {
    size_t count;
    enum sign_log_type types[400];
    uint64_t ends[400];
    size_t lengths[400];
    uint8_t first[400];
    size_t refuse_at;
};

static inline bool see(
    void *context, const struct sign_log_record *record, struct failure *why)
{
    struct seen *seen = context;

    assert_true(seen->count < 400);
    if (seen->refuse_at != 0 && seen->count + 1 == seen->refuse_at)
        return fail_because(why, FAILURE_FORBIDDEN, "seen enough");
    seen->types[seen->count] = record->type;
    seen->lengths[seen->count] = record->payload.length;
    seen->first[seen->count] =
        record->payload.length == 0 ? 0 : record->payload.start[0];
    seen->ends[seen->count++] = record->end;
    return true;
}

static inline void visit_all(int descriptor, uint64_t from, struct seen *seen)
{
    struct failure why = {0};

    if (!sign_log_visit(descriptor, from, see, seen, &why))
        fail_msg("%s", why.reason);
}

/* STARTED, INTENT, SIGNED, REFUSED, CHECKPOINT. */
static inline void write_five(struct sign_log *log)
{
    add_record(log, SIGN_LOG_STARTED, of("12345678"));
    add_record(log, SIGN_LOG_INTENT, of("an intent"));
    add_record(log, SIGN_LOG_SIGNED, of("a signature"));
    add_record(log, SIGN_LOG_REFUSED, of("a refusal"));
    add_record(log, SIGN_LOG_CHECKPOINT, of("a checkpoint"));
    write_out(log);
}

#endif
