#ifndef AUTHORITY_SIGN_LOG_H
#define AUTHORITY_SIGN_LOG_H

#include "base/bytes.h"
#include "crypto/digest.h"

/*
 * The signer's own log: what it is about to sign is in here, durable, before it
 * signs.  Records are only ever added; each carries the hash of the one before.
 *
 *     record: length of the payload (4 bytes), type (1), payload,
 *             SHA-256(hash before, type, payload) (32), length of all (4)
 *
 * Numbers are big-endian.  The hash before the first record is 32 zeros.  The
 * length at the end lets a reader start at the end.
 */
enum sign_log_type {
    SIGN_LOG_STARTED = 1, /* time (8) */
    SIGN_LOG_INTENT = 2,  /* time (8), SHA-256 of the key's SPKI (32), draft */
    SIGN_LOG_SIGNED = 3,  /* length of the serial (1), serial, signature */
    SIGN_LOG_REFUSED = 4, /* time (8), the reason's words */
    SIGN_LOG_CHECKPOINT =
        5,            /* length of the statement (2), statement, signature */
    SIGN_LOG_LIST = 6 /* the intent of a revocation list: time (8), SHA-256 of
                         the key's SPKI (32), number (8), number of the base or
                         0 (8), entries (8), SHA-256 of the to-be-signed list
                         (32); its result is a SIGNED without a serial */
};

#define SIGN_LOG_PAYLOAD_MAX (128 * 1024)
#define SIGN_LOG_FRAME_BYTES (4 + 1 + SHA256_BYTES + 4)

struct sign_log_record {
    enum sign_log_type type;
    struct bytes payload;
    uint64_t end; /* offset of the byte behind the record */
    uint8_t hash[SHA256_BYTES];
};

/* --- writing: the signer alone ------------------------------------------- */

struct sign_log {
    int descriptor; /* the signer's; open for reading and appending */
    uint64_t size;  /* bytes written */
    uint8_t hash[SHA256_BYTES];
    struct buffer pending;
};

/*
 * Takes over an open log.  A tail that is no whole record was never synced, so
 * nothing was signed on it: it is cut off, and *torn says how many bytes.
 * A log that is damaged before its tail is FAILURE_CONFLICT.
 */
MUST_CHECK bool sign_log_open(
    int descriptor, struct sign_log *log, uint64_t *torn, struct failure *why);
void sign_log_free(struct sign_log *log);

/* Now, as records carry it. */
#define SIGN_LOG_TIME_BYTES 8
void sign_log_stamp(uint8_t stamp[static SIGN_LOG_TIME_BYTES]);

/* Adds a record to what the next write writes. */
MUST_CHECK bool sign_log_add(struct sign_log *log, enum sign_log_type type,
    const struct bytes *parts, size_t part_count, struct failure *why);

/* Both are final when they fail: the log's end is unknown from then on, and
 * its owner must stop (properties 18). */
MUST_CHECK bool sign_log_write(struct sign_log *log, struct failure *why);
MUST_CHECK bool sign_log_sync(struct sign_log *log, struct failure *why);

/* --- reading ------------------------------------------------------------- */

/*
 * Reads the record at the start of bytes.  *hash: of the record before,
 * updated. FAILURE_MALFORMED: cut off, too long, or a hash that does not fit;
 * the reason names offset (that of bytes.start in the file).
 */
MUST_CHECK bool sign_log_read_record(struct bytes bytes, uint64_t offset,
    uint8_t hash[static SHA256_BYTES], struct sign_log_record *record,
    struct failure *why);

typedef bool sign_log_visitor(
    void *context, const struct sign_log_record *record, struct failure *why);

/* Visits the records from an offset (0, or a record's end) to the end. */
MUST_CHECK bool sign_log_visit(int descriptor, uint64_t from,
    sign_log_visitor *visit, void *context, struct failure *why);

/* The parts of a payload; views. */
struct sign_log_intent {
    int64_t time;
    struct bytes key_sha256;
    struct bytes draft;
};
MUST_CHECK bool sign_log_intent_read(
    struct bytes payload, struct sign_log_intent *intent, struct failure *why);

struct sign_log_list {
    int64_t time;
    struct bytes key_sha256;
    uint64_t number;
    uint64_t base_number; /* 0: complete */
    uint64_t entries;
    struct bytes body_sha256;
};
MUST_CHECK bool sign_log_list_read(
    struct bytes payload, struct sign_log_list *list, struct failure *why);

struct sign_log_signed {
    struct bytes serial; /* length 0: of a revocation list */
    struct bytes signature;
};
MUST_CHECK bool sign_log_signed_read(
    struct bytes payload, struct sign_log_signed *result, struct failure *why);

#endif
