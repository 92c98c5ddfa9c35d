#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "authority/certificate_row.h"
#include "authority/control_protocol.h"
#include "authority/serial_number.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/message.h"
#include "cli/authorities.h"
#include "cli/output.h"
#include "cli/revocation.h"
#include "cli/unlocking.h"
#include "x509/certificate.h"
#include "x509/input.h"

/* Which certificate is meant. */
struct target {
    const char *text;
    uint8_t contents[21]; /* of the INTEGER: a zero in front where the number
                             would look negative (X.690, 8.3) */
    struct bytes serial;
    bool is_file;
    uint8_t sha256[SHA256_BYTES]; /* of the certificate in the file */
};

/* --- the operand --------------------------------------------------------- */

static void set_contents(struct target *target, struct bytes contents)
{
    memcpy(target->contents, contents.start, contents.length);
    target->serial = (struct bytes){target->contents, contents.length};
}

static bool take_certificate(
    struct target *target, struct bytes der, struct failure *why)
{
    struct certificate certificate = {0};

    if (!certificate_read(der, &certificate, why) ||
        !sha256(&der, 1, target->sha256, why))
        return false;
    if (certificate.tbs.serial.length > sizeof(target->contents))
        return fail_because(why, FAILURE_NOT_FOUND,
            "the certificate in %.80s was not issued here: its serial has more "
            "than 20 bytes",
            target->text);
    set_contents(target, certificate.tbs.serial);
    target->is_file = true;
    return true;
}

static bool read_file(struct target *target, struct failure *why)
{
    RELEASED(buffer) file = BUFFER("certificate", PEM_MAX);
    RELEASED(buffer) der = BUFFER("certificate", CERTIFICATE_MAX);

    return file_read(target->text, &file, why) &&
           input_certificate(buffer_view(&file), target->text, &der, why) &&
           take_certificate(target, buffer_view(&der), why);
}

/* What can be a serial is one: a file with such a name is ./NAME. */
static bool read_target(
    struct call *call, struct target *target, struct failure *why)
{
    struct serial_number number = {0};

    target->text = call->options.operands[0];
    if (serial_number_read(target->text, &number, why)) {
        set_contents(target, serial_number_view(&number));
        return true;
    }
    if (access(target->text, F_OK) == 0)
        return read_file(target, why);
    advise(call, "give a serial, as `chancery list` shows them, or a file with "
                 "the certificate");
    return fail_because(why,
        strpbrk(target->text, "./") != NULL ? FAILURE_NOT_FOUND : why->kind,
        "\"%.80s\" is neither a serial number in hexadecimal nor a file",
        target->text);
}

/* --- the beginning of a serial ------------------------------------------- */

/* A serial that nobody has may be the beginning of one that is there.  Who may
 * not read the store asks with the serial as it is. */
static bool resolve(
    const struct place *place, struct target *target, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    struct serial_number found = {0};
    struct failure cause = {0};

    if (target->is_file || !place_open_store(place, &store, &cause))
        return true;
    if (!serial_number_find(store, target->text, &found, &cause))
        return cause.kind != FAILURE_CONFLICT ||
               fail_because(why, cause.kind, "%s", cause.reason);
    set_contents(target, serial_number_view(&found));
    return true;
}

/* --- --dry-run ----------------------------------------------------------- */

struct rehearsal {
    struct call *call;
    const struct target *target;
    uint16_t verb;
};

static bool would_change(uint16_t verb, enum certificate_status status)
{
    if (verb == CONTROL_REVOKE)
        return status != CERTIFICATE_REVOKED;
    return verb == CONTROL_HOLD ? status == CERTIFICATE_VALID
                                : status == CERTIFICATE_HELD;
}

static bool check_same(const struct target *target,
    const struct certificate_row *row, struct failure *why)
{
    uint8_t digest[SHA256_BYTES];

    if (!target->is_file)
        return true;
    if (!sha256(&row->der, 1, digest, why))
        return false;
    return memcmp(digest, target->sha256, sizeof(digest)) == 0 ||
           fail_because(why, FAILURE_NOT_FOUND,
               "the certificate was not issued here: another one has its "
               "serial");
}

static bool rehearse_row(
    void *context, const struct certificate_row *row, struct failure *why)
{
    RELEASED(facts) facts = {0};
    SCOPED(json_t) *value = NULL;
    const struct rehearsal *rehearsal = context;
    bool changes = would_change(rehearsal->verb, row->status);

    if (!check_same(rehearsal->target, row, why) ||
        !facts_read(row->der, row->sealed, &facts, why))
        return false;
    if (rehearsal->call->json) {
        value = certificate_row_to_json(row, &facts);
        if (value == NULL || json_object_set_new(value, "would_change",
                                 json_boolean(changes)) != 0)
            return fail_because(why, FAILURE_INTERNAL, "out of memory");
        return output_json(value, why);
    }
    (void)printf("%s  %s  ", facts.serial, certificate_row_status(row));
    if (!print_shown(*facts.subject == '\0' ? "(empty)" : facts.subject, why))
        return false;
    return puts(changes ? "\nIt would be changed; nothing was."
                        : "\nNothing would change.") >= 0;
}

static bool rehearse(struct call *call, const struct place *place,
    uint16_t verb, const struct target *target, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    struct rehearsal rehearsal = {call, target, verb};

    return place_open_store(place, &store, why) &&
           store_certificate_by_serial(
               store, target->serial, rehearse_row, &rehearsal, why);
}

/* --- asking -------------------------------------------------------------- */

bool revocation_reason_of(
    struct call *call, enum revocation_reason *reason, struct failure *why)
{
    const char *text = call_text(call, "reason");
    struct failure cause = {0};

    *reason = REASON_UNSPECIFIED;
    if (text == NULL || (revocation_reason_read(text, reason, &cause) &&
                            revocation_reason_check(*reason, &cause)))
        return true;
    return fail_usage(call, why, "--reason: %s", cause.reason);
}

static bool write_question(const struct target *target, uint16_t verb,
    enum revocation_reason reason, struct buffer *question, struct failure *why)
{
    return message_add(question, CONTROL_SERIAL, target->serial, why) &&
           (!target->is_file ||
               message_add(question, CONTROL_HASH,
                   (struct bytes){target->sha256, SHA256_BYTES}, why)) &&
           (verb != CONTROL_REVOKE ||
               message_add_number(
                   question, CONTROL_REASON, (uint64_t)reason, why));
}

static bool ask(struct client *client, uint16_t verb,
    const struct target *target, enum revocation_reason reason, json_t **facts,
    struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", 4096);

    return write_question(target, verb, reason, &question, why) &&
           client_call(client, verb, buffer_view(&question), -1, facts, why);
}

/* --- telling ------------------------------------------------------------- */

static long long number_of(const json_t *facts, const char *key)
{
    return json_integer_value(json_object_get(facts, key));
}

static const char *entries(long long count)
{
    return count == 1 ? "entry" : "entries";
}

void tell_list(const json_t *facts)
{
    const char *list = json_text(facts, "list");
    const char *authority = json_text(facts, "authority");
    long long number = number_of(facts, "list_number");
    long long complete = number_of(facts, "list_entries");
    long long delta = number_of(facts, "delta_entries");

    if (*list == '\0')
        return;
    if (strcmp(list, "delta") == 0)
        (void)printf("Published the delta list of \"%s\": number %lld, %lld "
                     "%s, beside %lld in the complete list.\n",
            authority, number, delta, entries(delta), complete);
    else
        (void)printf("%s of \"%s\"%s: number %lld, %lld %s.\n",
            strcmp(list, "unchanged") == 0 ? "The published list"
                                           : "Published the list",
            authority, strcmp(list, "unchanged") == 0 ? " tells of it" : "",
            number, complete, entries(complete));
    (void)printf("Others may go by an older list until %s.\n",
        json_text(facts, "others_until"));
}

bool check_list(struct call *call, const json_t *facts, const char *what,
    struct failure *why)
{
    const char *reason = json_text(facts, "list_failed");

    if (*reason == '\0')
        return true;
    advise(call,
        "chancery ca crl --ca %.60s signs the list (--passphrase-file FILE "
        "where it is locked)",
        json_text(facts, "authority"));
    return fail_because(why, FAILURE_UNAVAILABLE,
        "%s is recorded, but no published list tells of it yet: %.160s", what,
        reason);
}

static const char *word_of(uint16_t verb, bool has_changed)
{
    if (verb == CONTROL_HOLD)
        return has_changed ? "Held" : "It was held already:";
    if (verb == CONTROL_UNHOLD)
        return "Released";
    return has_changed ? "Revoked" : "It was revoked already:";
}

static bool tell(
    struct call *call, uint16_t verb, const json_t *facts, struct failure *why)
{
    bool has_changed = json_is_true(json_object_get(facts, "changed"));
    const char *reason = json_text(facts, "reason");
    char what[120];

    (void)snprintf(what, sizeof(what), "the %s of %.60s",
        verb == CONTROL_REVOKE ? "revocation"
        : verb == CONTROL_HOLD ? "hold"
                               : "release",
        json_text(facts, "serial"));
    if (call->json) {
        if (!output_json(facts, why))
            return false;
    } else {
        (void)printf("%s %s, at %s", word_of(verb, has_changed),
            json_text(facts, "serial"), json_text(facts, "at"));
        if (verb == CONTROL_REVOKE)
            (void)printf(", reason %s", reason);
        (void)puts(".");
        tell_list(facts);
    }
    return check_list(call, facts, what, why);
}

/* --- the commands -------------------------------------------------------- */

static bool act(struct call *call, uint16_t verb, enum revocation_reason reason,
    struct failure *why)
{
    SCOPED_STRUCT(client) *client = NULL;
    SCOPED(json_t) *facts = NULL;
    const struct client_need need = {.signs = false};
    struct target target = {.text = ""};
    struct place place = {0};

    if (!read_target(call, &target, why) || !call_place(call, &place, why) ||
        !resolve(&place, &target, why))
        return false;
    if (call_given(call, "dry-run"))
        return rehearse(call, &place, verb, &target, why);
    return call_client(call, &place, &need, &client, why) &&
           ask(client, verb, &target, reason, &facts, why) &&
           tell(call, verb, facts, why);
}

bool run_revoke(struct call *call, struct failure *why)
{
    const char *query = call_text(call, "where");
    enum revocation_reason reason = REASON_UNSPECIFIED;

    if (!revocation_reason_of(call, &reason, why))
        return false;
    if (query != NULL && call->options.operand_count > 0)
        return fail_usage(
            call, why, "--where QUERY or a certificate is revoked, not both");
    if (query != NULL)
        return run_revoke_where(call, query, why);
    if (call->options.operand_count != 1)
        return fail_usage(call, why,
            "which certificate? give its SERIAL, a FILE, or --where QUERY");
    return act(call, CONTROL_REVOKE, reason, why);
}

bool run_hold(struct call *call, struct failure *why)
{
    return act(call, CONTROL_HOLD, REASON_CERTIFICATE_HOLD, why);
}

bool run_unhold(struct call *call, struct failure *why)
{
    return act(call, CONTROL_UNHOLD, REASON_CERTIFICATE_HOLD, why);
}
