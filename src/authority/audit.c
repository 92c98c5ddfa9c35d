#include "authority/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authority/audit_ledger.h"
#include "authority/journal.h"
#include "authority/sign_log.h"
#include "base/hex.h"
#include "base/json.h"
#include "base/reader.h"
#include "crypto/public_key.h"
#include "x509/certificate.h"

/* --- what is gathered ---------------------------------------------------- */

struct signer {
    char name[PROFILE_NAME_MAX];
    char sha256[SHA256_TEXT]; /* of the certificate */
    EVP_PKEY *key;
    const struct signature_algorithm *algorithm;
    bool has_signed;
};

#define SIGNERS_MAX 64

/* A checkpoint of the journal: its event, and the SHA-256 of statement and
 * signature. */
struct told_checkpoint {
    int64_t seq;
    uint8_t sha256[SHA256_BYTES];
};

/* A checkpoint of the sign log, as far as it is still to be compared. */
struct signed_checkpoint {
    int64_t journal_seq, at;
    uint8_t journal_hash[SHA256_BYTES];
};

struct audit {
    struct store *store;
    struct audit_report *report;
    struct ledger *ledger;
    bool revocations_fit;
    struct failure lost; /* why they don't */
    struct signer signers[SIGNERS_MAX];
    size_t signer_count, last_signer;
    struct buffer told;    /* struct told_checkpoint each */
    size_t told_found;     /* of them, met in the sign log */
    struct buffer signeds; /* struct signed_checkpoint each */
    int64_t taken_in;      /* bytes of the sign log */
    uint64_t log_end;
    uint8_t log_hash[SHA256_BYTES];
};

#define CHECKPOINTS_BYTES ((size_t)512 * 1024 * 1024)

static void audit_free(struct audit *audit)
{
    for (size_t i = 0; i < audit->signer_count; i++)
        EVP_PKEY_free(audit->signers[i].key);
    ledger_free(audit->ledger);
    buffer_free(&audit->told);
    buffer_free(&audit->signeds);
}

/* --- who may sign -------------------------------------------------------- */

static bool take_authority(
    void *context, const struct authority_row *row, struct failure *why)
{
    struct audit *audit = context;
    struct signer *signer = &audit->signers[audit->signer_count];
    struct public_key_parts parts = {0};
    struct certificate certificate = {0};

    if (audit->signer_count == SIGNERS_MAX)
        return true;
    *signer = (struct signer){0};
    if (!certificate_read(row->certificate, &certificate, why) ||
        !spki_parts(&certificate.tbs.key, &parts, why) ||
        !sha256_text(row->certificate, signer->sha256, why) ||
        !public_key_make(&parts, &signer->key, why))
        return false;
    signer->algorithm = parts.algorithm->signs_with;
    (void)snprintf(signer->name, sizeof(signer->name), "%s", row->name);
    audit->signer_count++;
    return true;
}

/* --- the journal --------------------------------------------------------- */

static bool take_hex(const json_t *details, const char *key, struct buffer *to,
    struct failure *why)
{
    const char *text = json_string_value(json_object_get(details, key));
    size_t length = 0;

    if (text == NULL || !buffer_reserve(to, strlen(text) / 2, why) ||
        !hex_read(text, to->start + to->length, to->capacity - to->length,
            &length, why))
        return fail_because(why, FAILURE_CONFLICT, "it has no %s", key);
    to->length += length;
    return true;
}

/* SHA-256 over statement and signature, one behind the other. */
static bool hash_told(
    const char *detail, uint8_t sha[static SHA256_BYTES], struct failure *why)
{
    RELEASED(buffer) both = BUFFER("checkpoint", 64 * 1024);
    SCOPED(json_t) *details = NULL;
    struct bytes view;

    if (!json_read(bytes_of_text(detail), "checkpoint", &details, why) ||
        !take_hex(details, "statement", &both, why) ||
        !take_hex(details, "signature", &both, why))
        return false;
    view = buffer_view(&both);
    return sha256(&view, 1, sha, why);
}

static bool take_told(
    struct audit *audit, const struct journal_event *event, struct failure *why)
{
    struct told_checkpoint told = {.seq = event->seq};

    if (!hash_told(event->detail, told.sha256, why))
        return fail_because(why, FAILURE_CONFLICT,
            "event %" PRId64 " holds no checkpoint", event->seq);
    return buffer_append(&audit->told,
        (struct bytes){(const uint8_t *)&told, sizeof(told)}, why);
}

static bool take_event(
    void *context, const struct journal_event *event, struct failure *why)
{
    struct audit *audit = context;
    enum event_kind kind = EVENT_KINDS;

    audit->report->broken_seq = event->seq;
    if (!event_named(event->kind, &kind))
        return fail_because(why, FAILURE_CONFLICT,
            "event %" PRId64 " is of no kind that this program knows",
            event->seq);
    if (!(kind == EVENT_CHECKPOINT
                ? take_told(audit, event, why)
                : ledger_take_event(audit->ledger, kind, event, why)))
        return false;
    audit->report->events = event->seq;
    audit->report->broken_seq = event->seq + 1;
    return true;
}

static bool take_row(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct audit *audit = context;

    audit->report->certificates++;
    return ledger_take_row(audit->ledger, row, why);
}

/* All of it as it is at one moment, while the keeper goes on. */
static bool read_store(struct audit *audit, struct failure *why)
{
    const struct certificate_filter all = {0};
    struct store *store = audit->store;
    int64_t events = 0;

    audit->report->broken_seq = 1;
    if (!store_number(store, SIGN_LOG_TAKEN_IN, &audit->taken_in, why) ||
        !store_list_authorities(store, take_authority, audit, why) ||
        !store_follow_journal(store, take_event, audit, &events, why))
        return false;
    audit->report->broken_seq = 0;
    if (!store_list_certificates(store, &all, take_row, audit, why))
        return false;
    audit->revocations_fit = store_check_revocations(store, &audit->lost);
    return true;
}

/* --- the sign log -------------------------------------------------------- */

static bool is_signed_by(
    struct signer *signer, struct bytes statement, struct bytes signature)
{
    struct failure no = {0};

    if (!signature_verify(
            signer->key, signer->algorithm, statement, signature, &no))
        return false;
    signer->has_signed = true;
    return true;
}

/* Mostly it is the one that signed the last. */
static bool is_signed(
    struct audit *audit, struct bytes statement, struct bytes signature)
{
    for (size_t i = 0; i < audit->signer_count; i++) {
        size_t place = (audit->last_signer + i) % audit->signer_count;

        if (is_signed_by(&audit->signers[place], statement, signature)) {
            audit->last_signer = place;
            return true;
        }
    }
    return false;
}

static bool read_parts(struct bytes payload, struct bytes *statement,
    struct bytes *signature, struct failure *why)
{
    struct reader reader = reader_of(payload);
    uint16_t length = 0;

    return read_u16(&reader, &length, why) &&
           read_bytes(&reader, length, statement, why) &&
           read_bytes(&reader, reader_left(&reader), signature, why);
}

static bool stands_where_it_says(
    const struct audit *audit, const struct checkpoint *checkpoint)
{
    return checkpoint->log_size == audit->log_end &&
           memcmp(checkpoint->log_hash, audit->log_hash, SHA256_BYTES) == 0;
}

static const struct told_checkpoint *next_told(const struct audit *audit)
{
    size_t at = audit->told_found * sizeof(struct told_checkpoint);

    return at == audit->told.length
               ? NULL
               : (const struct told_checkpoint *)(const void
                         *)(audit->told.start + at);
}

static bool meet_told(struct audit *audit, struct bytes statement,
    struct bytes signature, struct failure *why)
{
    const struct bytes parts[] = {statement, signature};
    const struct told_checkpoint *told = next_told(audit);
    uint8_t digest[SHA256_BYTES];

    if (!sha256(parts, 2, digest, why))
        return false;
    if (told != NULL && memcmp(told->sha256, digest, SHA256_BYTES) == 0)
        audit->told_found++;
    return true;
}

static bool take_checkpoint(struct audit *audit,
    const struct sign_log_record *record, struct failure *why)
{
    struct checkpoint checkpoint = {0};
    struct signed_checkpoint kept;
    struct bytes statement = {0}, signature = {0};

    if (!read_parts(record->payload, &statement, &signature, why) ||
        !checkpoint_read(statement, &checkpoint, why) ||
        !meet_told(audit, statement, signature, why))
        return false;
    if (!is_signed(audit, statement, signature))
        return fail_because(why, FAILURE_CONFLICT,
            "the checkpoint at offset %" PRIu64
            " of the sign log is signed by no authority of this store",
            audit->log_end);
    if (!stands_where_it_says(audit, &checkpoint))
        return fail_because(why, FAILURE_CONFLICT,
            "the checkpoint at offset %" PRIu64
            " of the sign log was signed for another place",
            audit->log_end);
    kept = (struct signed_checkpoint){
        .journal_seq = checkpoint.journal_seq, .at = checkpoint.at};
    memcpy(kept.journal_hash, checkpoint.journal_hash, SHA256_BYTES);
    audit->report->checkpoints++;
    return buffer_append(&audit->signeds,
        (struct bytes){(const uint8_t *)&kept, sizeof(kept)}, why);
}

/* What is about to be signed is durable; its result is not, until the next one
 * is.  For what came after the moment that the store was read at, no
 * certificate is asked. */
static bool take_intent(struct audit *audit,
    const struct sign_log_record *record, struct failure *why)
{
    struct sign_log_intent intent = {0};
    struct tbs_certificate draft = {0};

    return sign_log_intent_read(record->payload, &intent, why) &&
           tbs_certificate_read(intent.draft, &draft, why) &&
           ledger_take_intent(audit->ledger, draft.serial,
               record->end <= (uint64_t)audit->taken_in, why);
}

static bool take_record(
    void *context, const struct sign_log_record *record, struct failure *why)
{
    struct audit *audit = context;

    if (record->type == SIGN_LOG_CHECKPOINT &&
        !take_checkpoint(audit, record, why))
        return false;
    if (record->type == SIGN_LOG_INTENT && !take_intent(audit, record, why))
        return false;
    audit->log_end = record->end;
    memcpy(audit->log_hash, record->hash, SHA256_BYTES);
    return true;
}

/* A tail that is no whole record was being written when the power went, or is
 * being written now; all that was taken in is before it. */
static bool read_sign_log(
    struct audit *audit, int sign_log, struct failure *why)
{
    struct failure cause = {0};
    off_t size;

    if (!sign_log_visit(sign_log, 0, take_record, audit, &cause)) {
        if (cause.kind != FAILURE_MALFORMED) {
            *why = cause;
            return false;
        }
        if (audit->log_end < (uint64_t)audit->taken_in)
            return fail_because(why, FAILURE_CONFLICT, "%.380s", cause.reason);
    }
    audit->report->log_bytes = audit->log_end;
    size = lseek(sign_log, 0, SEEK_END);
    if (size > 0 && (uint64_t)size > audit->log_end)
        audit->report->log_torn = (uint64_t)size - audit->log_end;
    return audit->log_end >= (uint64_t)audit->taken_in ||
           fail_because(why, FAILURE_CONFLICT,
               "the sign log was cut: it ends at %" PRIu64 ", and %" PRId64
               " bytes of it are in the store",
               audit->log_end, audit->taken_in);
}

/* --- the two together ---------------------------------------------------- */

static bool check_told(const struct audit *audit, struct failure *why)
{
    const struct told_checkpoint *told = next_told(audit);

    if (told == NULL)
        return true;
    audit->report->broken_seq = told->seq;
    return fail_because(why, FAILURE_CONFLICT,
        "event %" PRId64
        " is a checkpoint that does not stand in the sign log at its place",
        told->seq);
}

static bool copy_hash(
    void *context, const struct journal_event *event, struct failure *why)
{
    (void)why;
    memcpy(context, event->hash, SHA256_BYTES);
    return true;
}

/* In the store as it is by now: the keeper may have gone on meanwhile. */
static bool check_signed(struct audit *audit,
    const struct signed_checkpoint *checkpoint, struct failure *why)
{
    struct audit_report *report = audit->report;
    uint8_t hash[SHA256_BYTES];
    struct failure cause = {0};

    if (!store_journal_event(
            audit->store, checkpoint->journal_seq, copy_hash, hash, &cause)) {
        *why = cause;
        report->broken_seq = report->events + 1;
        return cause.kind != FAILURE_NOT_FOUND
                   ? false
                   : fail_because(why, FAILURE_CONFLICT,
                         "the journal ends at event %" PRId64
                         ", and the signer signed for event %" PRId64
                         ": its end was cut off, or an older one put in its "
                         "place",
                         report->events, checkpoint->journal_seq);
    }
    if (memcmp(hash, checkpoint->journal_hash, SHA256_BYTES) != 0) {
        report->broken_seq = report->checkpoint_seq + 1;
        return fail_because(why, FAILURE_CONFLICT,
            "event %" PRId64
            " is not the one that the signer signed for; it or an event since "
            "%" PRId64 " was made anew",
            checkpoint->journal_seq, report->broken_seq);
    }
    if (checkpoint->journal_seq >= report->checkpoint_seq) {
        report->checkpoint_seq = checkpoint->journal_seq;
        report->checkpoint_at = checkpoint->at;
    }
    return true;
}

static bool check_all_signed(struct audit *audit, struct failure *why)
{
    size_t at = 0;

    for (; at < audit->signeds.length; at += sizeof(struct signed_checkpoint)) {
        struct signed_checkpoint checkpoint;

        memcpy(&checkpoint, audit->signeds.start + at, sizeof(checkpoint));
        if (!check_signed(audit, &checkpoint, why))
            return false;
    }
    return true;
}

/* Its own event follows each checkpoint, and stands in the sign log as well. */
static int64_t held_until(const struct audit *audit)
{
    int64_t seq = audit->report->checkpoint_seq;
    struct told_checkpoint last = {0};

    if (audit->told.length >= sizeof(last))
        memcpy(&last, audit->told.start + audit->told.length - sizeof(last),
            sizeof(last));
    return last.seq == seq + 1 ? last.seq : seq;
}

static void report_end(const struct audit *audit)
{
    struct audit_report *report = audit->report;
    int64_t held = held_until(audit);
    size_t used = 0;

    report->tail = report->events > held ? report->events - held : 0;
    for (size_t i = 0; i < audit->signer_count; i++) {
        const struct signer *signer = &audit->signers[i];

        if (signer->has_signed && used < sizeof(report->signers))
            used += (size_t)snprintf(report->signers + used,
                sizeof(report->signers) - used, "%s%s %s",
                used == 0 ? "" : "\n", signer->name, signer->sha256);
    }
}

/* The journal tells of certificates; the lists are made from other rows. */
static bool check_lists_to_come(const struct audit *audit, struct failure *why)
{
    if (!audit->revocations_fit)
        *why = audit->lost;
    return audit->revocations_fit;
}

static bool verify(struct audit *audit, int sign_log, struct failure *why)
{
    bool ok = store_hold(audit->store, why) && read_store(audit, why);

    store_roll_back(audit->store);
    return ok && read_sign_log(audit, sign_log, why) &&
           check_all_signed(audit, why) && check_told(audit, why) &&
           ledger_compare(audit->ledger, &audit->report->broken_seq, why) &&
           check_lists_to_come(audit, why);
}

bool audit_verify(struct store *store, int sign_log,
    struct audit_report *report, struct failure *why)
{
    struct audit *audit = calloc(1, sizeof(*audit));
    bool ok;

    if (audit == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    *report = (struct audit_report){0};
    audit->store = store;
    audit->report = report;
    audit->told = BUFFER("checkpoints of the journal", CHECKPOINTS_BYTES);
    audit->signeds = BUFFER("checkpoints of the sign log", CHECKPOINTS_BYTES);
    ok = ledger_new(&audit->ledger, why) && verify(audit, sign_log, why);
    report_end(audit);
    audit_free(audit);
    free(audit);
    return ok;
}
