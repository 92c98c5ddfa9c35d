#include "authority/journal.h"

#include <pthread.h>
#include <string.h>

#include "authority/event.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "store/store_requests.h"
#include "x509/lint/lint.h"

static void serial_of(
    const struct issuance *issuance, char text[static SERIAL_TEXT])
{
    serial_print((struct bytes){issuance->serial, SERIAL_BYTES}, text);
}

/* A name that is no UTF-8 can't be told as it is. */
static json_t *text_or_null(const char *text)
{
    json_t *value = text == NULL ? NULL : json_string(text);

    return value != NULL ? value : json_null();
}

/* --- a certificate ------------------------------------------------------- */

static unsigned int rules_on_drafts;
static pthread_once_t rules_counted = PTHREAD_ONCE_INIT;

static void count_rules(void)
{
    const struct lint_rule *rule;

    for (size_t i = 0; (rule = lint_rule_at(i)) != NULL; i++)
        rules_on_drafts += rule->on_drafts;
}

static bool append_text(struct buffer *detail, const char *key,
    const char *text, struct failure *why)
{
    SCOPED(json_t) *value = text_or_null(text);

    return buffer_print(detail, why, ",\"%s\":", key) &&
           json_append(detail, value, why);
}

/* The certificate has all of it: the first hundred characters help to find
 * it. */
#define SUBJECT_SHOWN 100

static bool append_subject(struct buffer *detail,
    const struct issuance_names *names, struct failure *why)
{
    RELEASED(buffer) subject = BUFFER("subject", REQUEST_MAX * 4);
    const char *text = NULL;

    if (names->subject.length == 0 ||
        !name_print(names->subject, &subject, why))
        return names->subject.length == 0;
    subject.length =
        text_beginning(buffer_view(&subject), SUBJECT_SHOWN).length;
    return buffer_as_text(&subject, &text, why) &&
           append_text(detail, "subject", text, why);
}

static bool add_approver(void *context, const char *who, const char *actor,
    int64_t at, struct failure *why)
{
    (void)who;
    (void)at;
    return json_array_append_new(context, text_or_null(actor)) == 0 ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

/* Of one that people approved: who asked, and who they are. */
static bool append_people(struct store *store, struct buffer *detail,
    const struct enrolment *enrolment, struct failure *why)
{
    SCOPED(json_t) *approvers = NULL;

    if (enrolment->approved == 0)
        return true;
    approvers = json_array();
    return store_list_approvals(
               store, enrolment->approved, add_approver, approvers, why) &&
           append_text(detail, "request", enrolment->approved_id, why) &&
           append_text(detail, "asked_by", enrolment->asked_by, why) &&
           buffer_append_text(detail, ",\"approvers\":", why) &&
           json_append(detail, approvers, why);
}

/* Profiles and authorities have names of letters, digits and - _ . alone. */
static bool write_issuance(struct store *store, const struct issuance *issuance,
    uint64_t sign_log, struct buffer *detail, struct failure *why)
{
    char key[SHA256_TEXT], sha256[SHA256_TEXT];

    (void)pthread_once(&rules_counted, count_rules);
    return sha256_text(issuance->request.key.whole, key, why) &&
           sha256_text(buffer_view(&issuance->certificate), sha256, why) &&
           buffer_print(detail, why,
               "{\"outcome\":\"done\",\"door\":\"%s\",\"profile\":\"%s\","
               "\"profile_sha256\":\"%s\",\"authority\":\"%s\","
               "\"lint\":\"%u rules, no findings\",\"sign_log\":%llu,"
               "\"sha256\":\"%s\",\"key_sha256\":\"%s\"",
               event_door(issuance->enrolment->caller),
               issuance->rule->profile->name, issuance->rule->sha256,
               issuance->issuer->name, rules_on_drafts,
               (unsigned long long)sign_log, sha256, key) &&
           append_subject(detail, &issuance->names, why) &&
           append_people(store, detail, issuance->enrolment, why) &&
           buffer_append_byte(detail, '}', why);
}

/* The keys of authorities that are made here are made here, too. */
static bool journal_key(
    struct store *store, const struct issuance *issuance, struct failure *why)
{
    char key[SHA256_TEXT];

    if (issuance->enrolment->founds == NULL)
        return true;
    return sha256_text(issuance->request.key.whole, key, why) &&
           journal_event(store,
               &(struct event){.kind = EVENT_KEY_MADE,
                   .caller = issuance->enrolment->caller,
                   .object = issuance->enrolment->founds,
                   .more = json_pack("{s:s,s:s}", "algorithm",
                       issuance->key.algorithm->name, "key_sha256", key)},
               why);
}

bool journal_issuance(struct store *store, const struct issuance *issuance,
    uint64_t sign_log, struct failure *why)
{
    RELEASED(buffer) detail = BUFFER("journal detail", 64 * 1024);
    enum event_kind kind = issuance->rule->profile->is_authority
                               ? EVENT_ESTABLISHED
                               : EVENT_ISSUED;
    struct journal_event event = {.at_ms = clock_now_ms(),
        .kind = event_name(kind),
        .actor = issuance->enrolment->caller->actor};
    char serial[SERIAL_TEXT];

    serial_of(issuance, serial);
    event.object = serial;
    return journal_key(store, issuance, why) &&
           write_issuance(store, issuance, sign_log, &detail, why) &&
           buffer_as_text(&detail, &event.detail, why) &&
           store_journal(store, &event, why);
}

/* --- what was not issued, or not handed out ------------------------------ */

bool journal_refusal(
    struct store *store, const struct issuance *issuance, struct failure *why)
{
    const struct enrolment *enrolment = issuance->enrolment;
    const char *profile = enrolment->profile;

    return journal_event(store,
        &(struct event){.kind = EVENT_REFUSED,
            .caller = enrolment->caller,
            .object = profile == NULL ? "" : profile,
            .request = enrolment->approved_id,
            .refusal = &issuance->why,
            .more = json_pack("{s:o,s:o,s:o,s:i}", "profile",
                text_or_null(profile), "profile_sha256",
                text_or_null(
                    issuance->rule == NULL ? NULL : issuance->rule->sha256),
                "authority", text_or_null(enrolment->authority), "kind",
                (int)issuance->why.kind)},
        why);
}

bool journal_twin(
    struct store *store, const struct issuance *issuance, struct failure *why)
{
    char serial[SERIAL_TEXT], sha256[SHA256_TEXT];

    serial_of(issuance, serial);
    return sha256_text(buffer_view(&issuance->certificate), sha256, why) &&
           journal_event(store,
               &(struct event){.kind = EVENT_TWIN,
                   .object = serial,
                   .more = json_pack("{s:s,s:s,s:s}", "revocation_reason",
                       "superseded", "because",
                       "its idempotency key had its certificate already",
                       "sha256", sha256)},
               why);
}

bool journal_recovered(struct store *store, struct bytes serial,
    struct bytes der, bool sealed, struct failure *why)
{
    char text[SERIAL_TEXT], sha256[SHA256_TEXT];

    serial_print(serial, text);
    return sha256_text(der, sha256, why) &&
           journal_event(store,
               &(struct event){.kind = EVENT_RECOVERED,
                   .object = text,
                   .more = json_pack("{s:b,s:s,s:s}", "signed", (int)sealed,
                       "because",
                       "signed but never recorded, so never delivered; revoked",
                       "sha256", sha256)},
               why);
}

/* --- the moment ---------------------------------------------------------- */

static bool tell_clock(struct authority *authority, enum clock_trouble trouble,
    struct failure *why)
{
    struct failure refusal = {0};

    if (trouble == CLOCK_RIGHT ||
        clock_guard_check(&authority->clock, &refusal)) {
        authority->has_told_clock = false;
        return true;
    }
    if (authority->has_told_clock)
        return true;
    authority->has_told_clock = true;
    return journal_event(authority->store,
        &(struct event){.kind = trouble == CLOCK_BEHIND ? EVENT_CLOCK_BEHIND
                                                        : EVENT_CLOCK_JUMPED,
            .refusal = &refusal},
        why);
}

static bool tell_room(struct authority *authority, struct failure *why)
{
    struct failure refusal = {0};

    if (room_check(&authority->room, &refusal)) {
        authority->has_told_room = false;
        return true;
    }
    if (authority->has_told_room)
        return true;
    authority->has_told_room = true;
    return journal_event(authority->store,
        &(struct event){.kind = EVENT_DISK_FULL, .refusal = &refusal}, why);
}

bool journal_moment(struct authority *authority, struct failure *why)
{
    int64_t ahead_ms = 0;
    enum clock_trouble trouble = clock_guard_look(&authority->clock, &ahead_ms);

    store_correct_clock(authority->store, -ahead_ms);
    return tell_clock(authority, trouble, why) && tell_room(authority, why);
}
