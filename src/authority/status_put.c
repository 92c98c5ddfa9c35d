#include "authority/status_table_parts.h"
#include "crypto/algorithm.h"

#define ALGORITHM_MAX 512

static bool make_room(
    struct status_table *table, uint64_t length, struct failure *why)
{
    const size_t *answers = table->counts.answers;
    size_t keys = answers[STATUS_RECORD_SHA1] + answers[STATUS_RECORD_SHA256];

    return (status_table_has_room(table, length) &&
               keys < table->image.slot_count / 2) ||
           status_table_renew(table, length, why);
}

static bool is_present_responder(
    const struct status_table *table, struct bytes certificate)
{
    struct status_record record = {0};
    struct failure ignored = {0};

    return table->responder != 0 &&
           status_image_record(
               &table->image, table->responder, &record, &ignored) &&
           bytes_equal(record.body, certificate);
}

bool status_table_responder(
    struct status_table *table, struct bytes certificate, struct failure *why)
{
    struct status_answer answer = {
        .kind = STATUS_RECORD_RESPONDER, .body = certificate};
    uint64_t offset = 0;

    if (certificate.length > STATUS_RESPONDER_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "a responder's certificate has more than %zu bytes",
            STATUS_RESPONDER_MAX);
    if (is_present_responder(table, certificate))
        return true;
    if (!make_room(table, status_answer_length(&answer), why) ||
        !status_table_append(table, &answer, 0, &offset, why) ||
        !status_table_flush(table, why))
        return false;
    table->responder = offset;
    return true;
}

static bool refuse(const char *what, struct failure *why)
{
    return fail_because(why, FAILURE_UNSUITABLE,
        "an OCSP answer is not put into a table: %s", what);
}

static bool check_lengths(
    const struct status_answer *answer, struct failure *why)
{
    if (answer->serial.length == 0 || answer->serial.length > STATUS_SERIAL_MAX)
        return refuse("its serial has no 1 to 20 octets", why);
    if (answer->signature.length == 0 ||
        answer->signature.length > SIGNATURE_MAX ||
        answer->algorithm.length == 0 ||
        answer->algorithm.length > ALGORITHM_MAX)
        return refuse("it has no signature, or a longer one than any", why);
    return true;
}

/* The body must say what it is put for: a mistake here would be served to
 * everybody. */
static bool check_body(const struct status_table *table, enum ocsp_id_hash kind,
    struct status_answer *answer, struct failure *why)
{
    struct ocsp_response response = {0};
    struct ocsp_single single = {0};

    if (!ocsp_body_read(answer->body, &response, why))
        return false;
    if (der_at_end(&response.singles))
        return refuse("it tells of no certificate", why);
    if (!ocsp_next_single(&response.singles, &single, why))
        return false;

    struct ocsp_question_id id = {.id = single.id, .hash = kind};
    if (!der_at_end(&response.singles) || response.nonce.length > 0)
        return refuse("it was made for one request alone", why);
    if (!status_image_is_about(&table->image, &id))
        return refuse("it tells of another issuer's certificate", why);
    if (!bytes_equal(single.id.serial, answer->serial))
        return refuse("it tells of another serial", why);
    if (single.next_update != answer->until)
        return refuse("it ends at another time", why);
    answer->since = single.this_update;
    return true;
}

static void count(struct status_table *table,
    const struct status_answer *answer, const struct status_record *replaced)
{
    struct status_counts *counts = &table->counts;

    counts->records++;
    if (replaced == NULL)
        counts->answers[answer->kind]++;
    else if (replaced->head.until == counts->earliest)
        counts->earliest_is_old = true;
    if (counts->earliest == 0 || answer->until < counts->earliest)
        counts->earliest = answer->until;
}

static bool put(struct status_table *table, const struct status_answer *answer,
    struct failure *why)
{
    struct status_record replaced = {0};
    struct status_place place = {0};
    uint64_t offset = 0;
    bool found = false;

    if (!make_room(table, status_answer_length(answer), why) ||
        !status_image_find(&table->image, answer->kind, answer->serial, &place,
            &replaced, &found, why) ||
        !status_table_append(table, answer, table->responder, &offset, why) ||
        !status_table_flush(table, why))
        return false;
    status_image_set_slot(
        &table->image, place.slot, status_slot_word(place.hash, offset));
    count(table, answer, found ? &replaced : NULL);
    return true;
}

bool status_table_put(struct status_table *table, struct bytes serial,
    enum ocsp_id_hash hash, struct bytes body, struct bytes signature,
    struct bytes algorithm, int64_t next_update, struct failure *why)
{
    struct status_answer answer = {.kind = status_kind_of(hash),
        .serial = serial,
        .body = body,
        .signature = signature,
        .algorithm = algorithm,
        .until = next_update};

    if (table->responder == 0)
        return fail_because(why, FAILURE_INTERNAL,
            "an OCSP answer is put before its responder was named");
    return check_lengths(&answer, why) &&
           check_body(table, hash, &answer, why) && put(table, &answer, why);
}
