#include "cli/show_history.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/event.h"
#include "authority/shard.h"
#include "base/clock.h"
#include "cli/event_lines.h"
#include "cli/output.h"
#include "store/search.h"
#include "store/store_revocations.h"
#include "x509/certificate.h"

/* --- the events ---------------------------------------------------------- */

struct gathering {
    struct search *search; /* NULL: all rows are walked */
    struct store *store;
    json_t *events;
    char request[64]; /* the id of the request it came from; "" */
};

static bool add_event(
    void *context, const struct journal_event *event, struct failure *why)
{
    struct gathering *gathering = context;
    json_t *value = event_to_json(event, false);
    enum event_kind kind = EVENT_KINDS;
    const char *request = json_string_value(
        json_object_get(json_object_get(value, "detail"), "request"));

    if (event_named(event->kind, &kind))
        (void)json_object_set_new(
            value, "meaning", json_string(event_meaning(kind)));
    if (request != NULL && gathering->request[0] == '\0')
        (void)snprintf(
            gathering->request, sizeof(gathering->request), "%.63s", request);
    return json_array_append_new(gathering->events, value) == 0 ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

static bool take_number(void *context, int64_t seq, struct failure *why)
{
    struct gathering *gathering = context;

    return store_journal_event(
        gathering->store, seq, add_event, gathering, why);
}

static bool gather(
    struct gathering *gathering, const char *object, struct failure *why)
{
    return search_events(gathering->search, gathering->store, object,
        take_number, gathering, why);
}

/* The request's own events came before those of its certificate. */
static bool gather_all(struct gathering *gathering, const char *serial,
    json_t *events, struct failure *why)
{
    SCOPED(json_t) *of_certificate = json_array();
    SCOPED(json_t) *of_request = json_array();

    gathering->events = of_certificate;
    if (!gather(gathering, serial, why))
        return false;
    gathering->events = of_request;
    if (gathering->request[0] != '\0' &&
        !gather(gathering, gathering->request, why))
        return false;
    return (json_array_extend(events, of_request) == 0 &&
               json_array_extend(events, of_certificate) == 0) ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

static bool read_events(const struct place *place, struct store *store,
    const char *serial, json_t *events, struct failure *why)
{
    SCOPED_STRUCT(search) *search = NULL;
    struct gathering gathering = {.store = store};
    struct failure none = {0};
    char path[PATH_ROOM];

    if (!place_path(place, "search.db", path, why))
        return false;
    if (!search_open(path, false, &search, &none))
        search = NULL;
    gathering.search = search;
    return gather_all(&gathering, serial, events, why);
}

/* --- the lists ----------------------------------------------------------- */

struct looking {
    int64_t certificate;
    bool found;
};

static bool look(
    void *context, const struct revocation_row *row, struct failure *why)
{
    struct looking *looking = context;

    (void)why;
    looking->found |= row->certificate == looking->certificate;
    return true;
}

/* A list carries what had changed when it was made. */
static bool add_list(struct store *store, const struct certificate_row *row,
    int kind, const char *name, json_t *lists, struct failure *why)
{
    struct looking looking = {.certificate = row->id};
    struct revocation_filter later = {.authority = row->authority, .shard = -1};
    struct crl_row list = {0};
    char made[CLOCK_TEXT];
    bool found = false;

    if (!store_crl(store, row->authority, kind, &list, &found, why))
        return false;
    if (!found || list.change == 0)
        return true;
    later.after_change = list.change;
    if (!store_list_revocations(store, &later, look, &looking, why))
        return false;
    clock_print(list.this_update, made);
    return looking.found ||
           json_array_append_new(
               lists, json_pack("{s:s,s:I,s:s}", "list", name, "number",
                          (json_int_t)list.number, "made", made)) == 0 ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

struct sharding {
    int64_t authority;
    int shards;
};

static bool take_shards(
    void *context, const struct authority_row *row, struct failure *why)
{
    struct sharding *sharding = context;

    (void)why;
    if (row->id == sharding->authority)
        sharding->shards = row->crl_shards;
    return true;
}

static bool read_lists(struct store *store, const struct certificate_row *row,
    json_t *lists, struct failure *why)
{
    struct sharding sharding = {row->authority, 1};

    if (row->status == CERTIFICATE_VALID)
        return true;
    if (!store_list_authorities(store, take_shards, &sharding, why) ||
        !add_list(store, row, CRL_COMPLETE, "complete", lists, why))
        return false;
    return sharding.shards < 2 ||
           add_list(store, row, (int)crl_shard_of(row->serial, sharding.shards),
               "shard", lists, why);
}

bool history_read(const struct place *place, struct store *store,
    const struct certificate_row *row, json_t **history, struct failure *why)
{
    SCOPED(json_t) *events = json_array();
    SCOPED(json_t) *lists = json_array();
    char serial[SERIAL_TEXT];

    serial_print(row->serial, serial);
    if (!read_events(place, store, serial, events, why) ||
        !read_lists(store, row, lists, why))
        return false;
    *history = json_pack("{s:O,s:O}", "events", events, "lists", lists);
    return *history != NULL ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

/* --- for people ---------------------------------------------------------- */

static const struct {
    const char *key, *words;
} told[] = {
    {"reason", "because"},
    {"revocation_reason", "reason"},
    {"because", "because"},
    {"words", "words"},
    {"asked_by", "asked for by"},
    {"door", "by the door"},
    {"request", "request"},
    {"profile", "profile"},
    {"profile_sha256", "in the version"},
    {"authority", "authority"},
    {"approvers", "approved by"},
    {"approvals", "approvals"},
    {"lint", "lint"},
    {"sign_log", "in the sign log before byte"},
    {"renewed_by", "renewed by"},
    {"key_sha256", "key"},
};

static bool print_value(const json_t *value, struct failure *why)
{
    const json_t *member = NULL;
    size_t index = 0;

    if (json_is_integer(value))
        return printf("%" JSON_INTEGER_FORMAT, json_integer_value(value)) > 0;
    if (json_is_string(value))
        return print_shown(json_string_value(value), why);
    json_array_foreach(value, index, member)
    {
        if ((index > 0 && fputs(", ", stdout) < 0) || !print_value(member, why))
            return false;
    }
    return true;
}

static bool print_details(const json_t *details, struct failure *why)
{
    for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++) {
        const json_t *value = json_object_get(details, told[i].key);

        if (value == NULL || json_is_null(value))
            continue;
        (void)printf("    %s: ", told[i].words);
        if (!print_value(value, why))
            return false;
        (void)putchar('\n');
    }
    return true;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text == NULL ? "" : text;
}

bool history_print(const json_t *history, struct failure *why)
{
    const json_t *value = NULL;
    size_t index = 0;

    json_array_foreach(json_object_get(history, "events"), index, value)
    {
        (void)printf(
            "%s  %s, by ", text_of(value, "at"), text_of(value, "meaning"));
        if (!print_shown(text_of(value, "actor"), why))
            return false;
        (void)putchar('\n');
        if (!print_details(json_object_get(value, "detail"), why))
            return false;
    }
    json_array_foreach(json_object_get(history, "lists"), index, value)
    {
        (void)printf("%s  it is on the %s list number %" JSON_INTEGER_FORMAT
                     "\n",
            text_of(value, "made"), text_of(value, "list"),
            json_integer_value(json_object_get(value, "number")));
    }
    return true;
}
