#include "authority/journal.h"

#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/json.h"

#define CHECKPOINT_AGE_MS 60000

static bool tell(struct store *store, const char *kind, const char *actor,
    const char *object, const char *detail, struct failure *why)
{
    const struct journal_event event = {.at_ms = clock_now_ms(),
        .kind = kind,
        .actor = actor,
        .object = object,
        .detail = detail};

    return store_journal(store, &event, why);
}

static void serial_of(
    const struct issuance *issuance, char text[static SERIAL_TEXT])
{
    serial_print((struct bytes){issuance->serial, SERIAL_BYTES}, text);
}

/* Profiles and authorities have names of letters, digits and - _ . alone, so
 * the hot path needs no JSON library. */
bool journal_issuance(
    struct store *store, const struct issuance *issuance, struct failure *why)
{
    RELEASED(buffer) detail = BUFFER("journal detail", 1024);
    char serial[SERIAL_TEXT];
    const char *text = NULL;

    serial_of(issuance, serial);
    return buffer_print(&detail, why,
               "{\"profile\":\"%s\",\"authority\":\"%s\"}",
               issuance->rule->profile->name, issuance->issuer->name) &&
           buffer_as_text(&detail, &text, why) &&
           tell(store,
               issuance->rule->profile->is_authority ? "established" : "issued",
               issuance->enrolment->actor, serial, text, why);
}

static bool tell_json(struct store *store, const char *kind, const char *actor,
    const char *object, json_t *object_of_details, struct failure *why)
{
    SCOPED(json_t) *details = object_of_details;
    RELEASED(buffer) detail = BUFFER("journal detail", 64 * 1024);
    const char *text = NULL;

    if (details == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return json_append(&detail, details, why) &&
           buffer_as_text(&detail, &text, why) &&
           tell(store, kind, actor, object, text, why);
}

/* A name that is no UTF-8 can't be told as it is. */
static json_t *text_or_null(const char *text)
{
    json_t *value = text == NULL ? NULL : json_string(text);

    return value != NULL ? value : json_null();
}

bool journal_refusal(
    struct store *store, const struct issuance *issuance, struct failure *why)
{
    const struct enrolment *enrolment = issuance->enrolment;
    const char *profile = enrolment->profile;

    return tell_json(store, "refused", enrolment->actor,
        profile == NULL ? "" : profile,
        json_pack("{s:o,s:i,s:o}", "profile", text_or_null(profile), "kind",
            (int)issuance->why.kind, "reason",
            text_or_null(issuance->why.reason)),
        why);
}

bool journal_twin(
    struct store *store, const struct issuance *issuance, struct failure *why)
{
    char serial[SERIAL_TEXT];

    serial_of(issuance, serial);
    return tell_json(store, "revoked", "keeper", serial,
        json_pack("{s:s,s:s}", "reason", "superseded", "because",
            "its idempotency key had its certificate already"),
        why);
}

bool journal_recovered(
    struct store *store, struct bytes serial, bool sealed, struct failure *why)
{
    char text[SERIAL_TEXT];

    serial_print(serial, text);
    return tell_json(store, "recovered", "keeper", text,
        json_pack("{s:b,s:s}", "signed", (int)sealed, "because",
            "signed but never recorded, so never delivered; revoked"),
        why);
}

/* --- checkpoints --------------------------------------------------------- */

static bool hex_of(struct bytes bytes, struct buffer *text, struct failure *why)
{
    if (!buffer_reserve(text, 2 * bytes.length + 1, why))
        return false;
    hex_print(bytes, (char *)text->start);
    text->length = 2 * bytes.length;
    return true;
}

bool journal_checkpoint(struct store *store, struct bytes statement,
    struct bytes signature, struct failure *why)
{
    RELEASED(buffer) stated = BUFFER("checkpoint", 1024);
    RELEASED(buffer) signed_text = BUFFER("signature", 16 * 1024);
    const char *statement_text = NULL;
    const char *signature_text = NULL;

    if (!hex_of(statement, &stated, why) ||
        !hex_of(signature, &signed_text, why) ||
        !buffer_as_text(&stated, &statement_text, why) ||
        !buffer_as_text(&signed_text, &signature_text, why))
        return false;
    return tell_json(store, "checkpoint", "signer", "journal",
        json_pack("{s:s,s:s}", "statement", statement_text, "signature",
            signature_text),
        why);
}

static bool record_checkpoint(struct authority *authority,
    struct bytes statement, struct bytes signature, int64_t sequence,
    struct failure *why)
{
    struct store *store = authority->store;
    int64_t now_ms = clock_now_ms();

    if (store_begin(store, why) &&
        journal_checkpoint(store, statement, signature, why) &&
        store_set_number(store, CHECKPOINT_SEQUENCE, sequence + 1, why) &&
        store_set_number(store, CHECKPOINT_MS, now_ms, why)) {
        authority->checkpoint_seq = sequence + 1;
        authority->checkpoint_ms = now_ms;
        authority->events_at_most = 0;
        return authority_commit(authority, why);
    }
    store_roll_back(store);
    return false;
}

static bool is_due(const struct authority *authority, int64_t sequence)
{
    if (sequence == authority->checkpoint_seq)
        return false;
    return sequence - authority->checkpoint_seq >= JOURNAL_CHECKPOINT_EVENTS ||
           clock_now_ms() - authority->checkpoint_ms >= CHECKPOINT_AGE_MS;
}

static bool may_be_due(const struct authority *authority)
{
    return authority->events_at_most >= JOURNAL_CHECKPOINT_EVENTS ||
           clock_now_ms() - authority->checkpoint_ms >= CHECKPOINT_AGE_MS;
}

static bool checkpoint_if_due_locked(
    struct authority *authority, struct failure *why)
{
    RELEASED(buffer) statement = BUFFER("checkpoint", 1024);
    RELEASED(buffer) signature = BUFFER("signature", 8 * 1024);
    uint8_t hash[SHA256_BYTES];
    int64_t sequence = 0;

    if (!may_be_due(authority))
        return true;
    if (!store_journal_head(authority->store, &sequence, hash, why))
        return false;
    authority->events_at_most = sequence - authority->checkpoint_seq;
    if (!is_due(authority, sequence))
        return true;
    return signer_client_checkpoint(authority->signer, 0, (uint64_t)sequence,
               (struct bytes){hash, SHA256_BYTES}, &statement, &signature,
               why) &&
           record_checkpoint(authority, buffer_view(&statement),
               buffer_view(&signature), sequence, why);
}

bool journal_checkpoint_if_due(struct authority *authority, struct failure *why)
{
    bool ok;

    (void)pthread_mutex_lock(&authority->writing);
    ok = authority->is_broken || checkpoint_if_due_locked(authority, why);
    (void)pthread_mutex_unlock(&authority->writing);
    return ok;
}
