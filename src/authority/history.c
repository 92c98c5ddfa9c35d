#include "authority/history.h"

#include <stdio.h>

#include "authority/event.h"
#include "authority/event_json.h"
#include "authority/shard.h"
#include "base/clock.h"
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

static bool read_events(struct search *search, struct store *store,
    const char *serial, json_t *events, struct failure *why)
{
    struct gathering gathering = {.search = search, .store = store};

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

bool history_read(struct search *search, struct store *store,
    const struct certificate_row *row, json_t **history, struct failure *why)
{
    SCOPED(json_t) *events = json_array();
    SCOPED(json_t) *lists = json_array();
    char serial[SERIAL_TEXT];

    serial_print(row->serial, serial);
    if (!read_events(search, store, serial, events, why) ||
        !read_lists(store, row, lists, why))
        return false;
    *history = json_pack("{s:O,s:O}", "events", events, "lists", lists);
    return *history != NULL ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}
