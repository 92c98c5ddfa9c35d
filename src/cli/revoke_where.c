#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authority/certificate_row.h"
#include "authority/control_protocol.h"
#include "authority/query.h"
#include "base/message.h"
#include "cli/authorities.h"
#include "cli/output.h"
#include "cli/revocation.h"
#include "cli/terminal.h"
#include "cli/unlocking.h"

/* Rows that are shown before anything is done. */
#define SHOWN_FIRST 10

/* --- what would be revoked ----------------------------------------------- */

struct tally {
    bool json;
    int64_t count, left_out;
    json_t *first;    /* rows */
    json_t *profiles; /* how many of each */
};

static void tally_free(struct tally *tally)
{
    json_decref(tally->first);
    json_decref(tally->profiles);
}

static bool count_row(
    void *context, const struct certificate_row *row, struct failure *why)
{
    RELEASED(facts) facts = {0};
    struct tally *tally = context;
    json_int_t known =
        json_integer_value(json_object_get(tally->profiles, row->profile));

    tally->count++;
    if (json_object_set_new(
            tally->profiles, row->profile, json_integer(known + 1)) != 0)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    if (json_array_size(tally->first) == SHOWN_FIRST)
        return true;
    return facts_read(row->der, row->sealed, &facts, why) &&
           (json_array_append_new(
                tally->first, certificate_row_to_json(row, &facts)) == 0 ||
               fail_because(why, FAILURE_INTERNAL, "out of memory"));
}

static bool take_tally(const struct place *place, const struct query *query,
    struct tally *tally, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    struct query_walk walk = {.query = query, .to_revoke = true};

    tally->first = json_array();
    tally->profiles = json_object();
    if (!place_open_store(place, &store, why) ||
        !query_walk(store, &walk, count_row, tally, why))
        return false;
    tally->left_out = walk.authorities_left_out;
    return true;
}

/* --- telling ------------------------------------------------------------- */

static bool print_row(const json_t *row, struct failure *why)
{
    const char *subject = json_text(row, "subject");
    const char *name =
        json_string_value(json_array_get(json_object_get(row, "names"), 0));

    (void)printf("%-34s  %-7s  %-11s  ", json_text(row, "serial"),
        json_text(row, "status"), json_text(row, "profile"));
    return print_shown(
               *subject == '\0' && name != NULL ? name : subject, why) &&
           putchar('\n') >= 0;
}

static bool print_tally(const struct tally *tally, struct failure *why)
{
    const json_t *row = NULL;
    const json_t *count = NULL;
    const char *profile = NULL;
    size_t index = 0;

    (void)printf("%" PRId64 "%s found.\n", tally->count,
        tally->count == 1 ? " certificate is" : " certificates are");
    json_object_foreach((json_t *)(uintptr_t)tally->profiles, profile, count)(
        void) printf("%12lld  of profile %s\n",
        (long long)json_integer_value(count), profile);
    if (tally->left_out > 0)
        (void)printf("%" PRId64 " certificates of authorities are left out: "
                     "those are revoked by their serial alone.\n",
            tally->left_out);
    json_array_foreach(tally->first, index, row)
    {
        if (!print_row(row, why))
            return false;
    }
    if (tally->count > SHOWN_FIRST)
        (void)printf("... and %" PRId64 " more\n", tally->count - SHOWN_FIRST);
    return true;
}

static bool tell_tally(
    const struct tally *tally, const char *query, struct failure *why)
{
    SCOPED(json_t) *value = NULL;

    if (!tally->json)
        return print_tally(tally, why) && puts("Nothing was changed.") >= 0;
    value = json_pack("{s:s,s:I,s:O,s:I,s:O}", "query", query, "count",
        (json_int_t)tally->count, "profiles", tally->profiles,
        "authorities_left_out", (json_int_t)tally->left_out, "first",
        tally->first);
    return output_json(value, why);
}

/* --- may it be done? ----------------------------------------------------- */

static bool check_expected(
    struct call *call, const struct tally *tally, struct failure *why)
{
    const char *expect = call_text(call, "expect");
    size_t digits = expect == NULL ? 0 : strspn(expect, "0123456789");

    if (expect == NULL)
        return true;
    if (digits == 0 || digits > 15 || expect[digits] != '\0')
        return fail_usage(call, why, "--expect takes a number");
    if (strtoll(expect, NULL, 10) == tally->count)
        return true;
    return fail_because(why, FAILURE_CONFLICT,
        "the query finds %" PRId64 " certificates, not %s; nothing is revoked",
        tally->count, expect);
}

static bool agree(
    struct call *call, const struct tally *tally, struct failure *why)
{
    bool yes = false;

    if (call_given(call, "yes") || tally->count == 0)
        return true;
    if (!terminal_is_there())
        return fail_usage(call, why,
            "%" PRId64 " certificates would be revoked for good: --yes is "
            "needed where nobody can be asked",
            tally->count);
    if (!call->json && !print_tally(tally, why))
        return false;
    if (!terminal_ask_yes("Revoke them all, for good? ", &yes, why))
        return false;
    return yes || fail_because(why, FAILURE_UNAVAILABLE,
                      "nothing is revoked: the answer was no");
}

/* --- the work ------------------------------------------------------------ */

struct mass {
    struct client *client;
    const char *query;
    enum revocation_reason reason;
    int64_t count, revoked;
};

static bool ask(struct mass *mass, enum where_step step, int64_t number,
    int64_t after_id, json_t **facts, struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", 8192);

    return message_add_text(&question, CONTROL_QUERY, mass->query, why) &&
           message_add_number(
               &question, CONTROL_REASON, (uint64_t)mass->reason, why) &&
           message_add_number(&question, CONTROL_KIND, (uint64_t)step, why) &&
           message_add_number(
               &question, CONTROL_NUMBER, (uint64_t)number, why) &&
           message_add_number(&question, CONTROL_ID, (uint64_t)after_id, why) &&
           client_call(mass->client, CONTROL_REVOKE_WHERE,
               buffer_view(&question), -1, facts, why);
}

static int64_t number_of(const json_t *facts, const char *key)
{
    return json_integer_value(json_object_get(facts, key));
}

static void show_progress(const struct mass *mass)
{
    if (isatty(STDERR_FILENO))
        (void)fprintf(stderr, "\r%" PRId64 " of %" PRId64 " are revoked%s",
            mass->revoked, mass->count,
            mass->revoked >= mass->count ? "\n" : "");
}

static bool revoke_parts(struct mass *mass, int64_t until, struct failure *why)
{
    int64_t after = 0;
    bool is_last = mass->count == 0;

    while (!is_last) {
        SCOPED(json_t) *facts = NULL;

        if (!ask(mass, WHERE_GOES_ON, until, after, &facts, why))
            return false;
        mass->revoked += number_of(facts, "revoked");
        after = number_of(facts, "after");
        is_last = json_is_true(json_object_get(facts, "last"));
        show_progress(mass);
    }
    return true;
}

static bool tell(struct call *call, const struct mass *mass,
    const json_t *lists, struct failure *why)
{
    SCOPED(json_t) *value = json_pack("{s:s,s:I,s:s,s:O}", "query", mass->query,
        "revoked", (json_int_t)mass->revoked, "reason",
        revocation_reason_name(mass->reason), "lists", lists);
    const json_t *facts = NULL;
    char what[80];
    size_t index = 0;

    (void)snprintf(what, sizeof(what),
        "the revocation of %" PRId64 " certificates", mass->revoked);
    if (call->json && !output_json(value, why))
        return false;
    if (!call->json)
        (void)printf("Revoked %" PRId64 " certificates, reason %s.\n",
            mass->revoked, revocation_reason_name(mass->reason));
    json_array_foreach(lists, index, facts)
    {
        if (!call->json)
            tell_list(facts);
    }
    json_array_foreach(lists, index, facts)
    {
        if (!check_list(call, facts, what, why))
            return false;
    }
    return true;
}

static bool revoke_all(
    struct call *call, struct mass *mass, struct failure *why)
{
    SCOPED(json_t) *begun = NULL;
    SCOPED(json_t) *ended = NULL;

    return ask(mass, WHERE_BEGINS, mass->count, 0, &begun, why) &&
           revoke_parts(mass, number_of(begun, "until"), why) &&
           ask(mass, WHERE_ENDS, mass->revoked, 0, &ended, why) &&
           tell(call, mass, json_object_get(ended, "lists"), why);
}

bool run_revoke_where(struct call *call, const char *text, struct failure *why)
{
    RELEASED(tally) tally = {.json = call->json};
    SCOPED_STRUCT(client) *client = NULL;
    const struct client_need need = {.signs = false};
    struct mass mass = {.query = text};
    struct query query = {.count = 0};
    struct place place = {0};

    if (!query_read(text, &query, why)) {
        call->is_usage = true;
        return false;
    }
    if (!revocation_reason_of(call, &mass.reason, why) ||
        !call_place(call, &place, why) ||
        !take_tally(&place, &query, &tally, why) ||
        !check_expected(call, &tally, why))
        return false;
    if (call_given(call, "dry-run"))
        return tell_tally(&tally, text, why);
    if (!agree(call, &tally, why) ||
        !call_client(call, &place, &need, &client, why))
        return false;
    mass.client = client;
    mass.count = tally.count;
    return revoke_all(call, &mass, why);
}
