#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "authority/sign_log.h"

/*
 * A sign log as a hostile disk would give it back: read record by record, in a
 * walk, and as a signer opens it.
 */
static void insist(bool holds)
{
    if (!holds)
        abort();
}

static bool take_record(
    void *context, const struct sign_log_record *record, struct failure *why)
{
    uint64_t *end = context;
    struct sign_log_intent intent = {0};
    struct sign_log_signed result = {0};

    insist(record->end == *end + record->payload.length + SIGN_LOG_FRAME_BYTES);
    *end = record->end;
    if (sign_log_intent_read(record->payload, &intent, why))
        insist(
            intent.key_sha256.length == SHA256_BYTES &&
            8 + SHA256_BYTES + intent.draft.length == record->payload.length);
    if (sign_log_signed_read(record->payload, &result, why))
        insist(1 + result.serial.length + result.signature.length ==
               record->payload.length);
    return true;
}

static uint64_t read_records(struct bytes bytes)
{
    uint8_t hash[SHA256_BYTES] = {0};
    struct sign_log_record record = {0};
    struct failure why = {0};
    uint64_t end = 0;

    while (end < bytes.length) {
        struct bytes rest = {bytes.start + end, bytes.length - end};

        if (!sign_log_read_record(rest, end, hash, &record, &why))
            break;
        insist(take_record(&end, &record, &why));
    }
    return end;
}

/* What open leaves is whole, and a record can be added to it. */
static void open_and_go_on(int descriptor, uint64_t whole)
{
    struct sign_log log = {.descriptor = -1};
    struct failure why = {0};
    uint64_t torn = 0;
    uint64_t end = 0;

    if (!sign_log_open(descriptor, &log, &torn, &why)) {
        insist(why.kind == FAILURE_CONFLICT);
        sign_log_free(&log);
        return;
    }
    insist(log.size >= whole);
    /* The end was whole, whatever lies before it. */
    if (log.size > whole) {
        sign_log_free(&log);
        return;
    }
    insist(sign_log_add(&log, SIGN_LOG_STARTED,
        &(struct bytes){(const uint8_t *)"12345678", 8}, 1, &why));
    insist(lseek(descriptor, 0, SEEK_END) >= 0);
    insist(sign_log_write(&log, &why));
    insist(sign_log_visit(descriptor, 0, take_record, &end, &why));
    insist(end == whole + 8 + SIGN_LOG_FRAME_BYTES);
    sign_log_free(&log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bytes bytes = {data, size};
    struct failure why = {0};
    uint64_t whole = read_records(bytes);
    uint64_t end = 0;
    int descriptor = memfd_create("sign.log", MFD_CLOEXEC);

    insist(descriptor >= 0 && write(descriptor, data, size) == (ssize_t)size);
    insist(sign_log_visit(descriptor, 0, take_record, &end, &why) ==
           (whole == size));
    insist(end == whole);
    open_and_go_on(descriptor, whole);
    return 0;
}
