#include "authority/authorities.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/control_protocol.h"
#include "authority/lists.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/message.h"
#include "protocols/rest/certificates.h"
#include "store/store_revocations.h"

/* --- reading ------------------------------------------------------------- */

struct reading {
    struct authorities *all;
};

static void reading_free(struct reading *reading)
{
    if (reading->all != NULL)
        authorities_free(reading->all);
    free(reading->all);
}

/* They are too many for the stack of a worker. */
static bool read_all(
    struct rest_call *call, struct reading *reading, struct failure *why)
{
    reading->all = calloc(1, sizeof(*reading->all));
    if (reading->all == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return authorities_read(call->exchange->store, reading->all, why);
}

bool rest_list_authorities(struct rest_call *call, struct failure *why)
{
    RELEASED(reading) reading = {0};
    SCOPED(json_t) *facts = NULL;
    json_t *array = NULL;

    if (!read_all(call, &reading, why) ||
        !authorities_to_json(reading.all, &array, why))
        return false;
    facts = json_pack("{s:o}", "authorities", array);
    return rest_answer_facts(call, facts, why);
}

/* --- one ----------------------------------------------------------------- */

static bool answer_details(struct rest_call *call,
    const struct authority_known *authority, struct failure *why)
{
    SCOPED(json_t) *value = authority_to_json(authority);
    SCOPED(json_t) *more = json_pack("{s:s,s:s,s:s,s:o}", "serial",
        authority->facts.serial, "issuer", authority->facts.issuer,
        "not_before", authority->facts.not_before, "certificate",
        certificate_to_json(buffer_view(&authority->certificate)));

    if (value == NULL || more == NULL || json_object_update(value, more) != 0)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return rest_answer_facts(call, value, why);
}

/* Its chain goes on with who issued it. */
static const struct authority_issuer *above(
    const struct authority *authority, const char *name)
{
    for (size_t i = 0; i < authority->issuer_count; i++) {
        const struct authority_issuer *issuer = &authority->issuers[i];

        if (strcmp(issuer->name, name) == 0)
            return issuer->parent == issuer->id
                       ? NULL
                       : authority_by_id(authority, issuer->parent);
    }
    return NULL;
}

bool rest_show_authority(struct rest_call *call, struct failure *why)
{
    RELEASED(reading) reading = {0};
    const struct authority_known *found = NULL;
    enum rest_form form = FORM_JSON;

    if (!read_all(call, &reading, why) ||
        !authorities_find(reading.all, call->argument, &found, why) ||
        !rest_choose_form(call, &form, why))
        return false;
    if (form == FORM_JSON)
        return answer_details(call, found, why);
    return rest_answer_certificate(call, form, buffer_view(&found->certificate),
        above(call->exchange->authority, call->argument), why);
}

/* --- lists --------------------------------------------------------------- */

struct telling {
    struct rest_call *call;
    json_t *lists;
    bool found;
};

static const char *name_of(int kind)
{
    if (kind == CRL_COMPLETE)
        return "complete";
    return kind == CRL_DELTA ? "delta" : "shard";
}

/* INTERFACES.md: where they are served. */
static json_t *address_of(
    const struct rest_call *call, const char *name, int kind)
{
    const char *url = call->exchange->authority->configuration->url;
    char address[700];

    if (*url == '\0')
        return json_null();
    if (kind >= 0)
        (void)snprintf(
            address, sizeof(address), "%s/crl/%s/%d.crl", url, name, kind);
    else
        (void)snprintf(address, sizeof(address), "%s/crl/%s%s.crl", url, name,
            kind == CRL_DELTA ? "-delta" : "");
    return json_string(address);
}

static json_t *list_to_json(
    const struct rest_call *call, const char *name, const struct crl_row *row)
{
    char this_update[CLOCK_TEXT], next_update[CLOCK_TEXT];
    char sha256[SHA256_TEXT];
    json_t *value;

    clock_print(row->this_update, this_update);
    clock_print(row->next_update, next_update);
    hex_print((struct bytes){row->sha256, SHA256_BYTES}, sha256);
    value =
        json_pack("{s:s,s:I,s:s,s:s,s:I,s:s,s:o}", "list", name_of(row->kind),
            "number", (json_int_t)row->number, "this_update", this_update,
            "next_update", next_update, "entries", (json_int_t)row->entries,
            "sha256", sha256, "address", address_of(call, name, row->kind));
    if (value != NULL && row->kind >= 0)
        (void)json_object_set_new(value, "shard", json_integer(row->kind));
    return value;
}

static bool tell_list(struct telling *telling,
    const struct authority_row *authority, int kind, struct failure *why)
{
    struct crl_row row = {0};
    bool found = false;

    if (!store_crl(telling->call->exchange->store, authority->id, kind, &row,
            &found, why))
        return false;
    row.kind = kind;
    return !found ||
           json_array_append_new(telling->lists,
               list_to_json(telling->call, authority->name, &row)) == 0 ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

static bool tell_lists(
    void *context, const struct authority_row *row, struct failure *why)
{
    struct telling *telling = context;

    if (strcmp(row->name, telling->call->argument) != 0)
        return true;
    telling->found = true;
    if (!tell_list(telling, row, CRL_COMPLETE, why) ||
        !tell_list(telling, row, CRL_DELTA, why))
        return false;
    for (int shard = 0; row->crl_shards > 1 && shard < row->crl_shards;
         shard++) {
        if (!tell_list(telling, row, shard, why))
            return false;
    }
    return true;
}

static bool fail_unknown(const struct rest_call *call, struct failure *why)
{
    return fail_because(why, FAILURE_NOT_FOUND,
        "there is no authority \"%.64s\" here; GET /authorities lists them",
        call->argument);
}

bool rest_show_lists(struct rest_call *call, struct failure *why)
{
    SCOPED(json_t) *lists = json_array();
    struct telling telling = {.call = call, .lists = lists};
    SCOPED(json_t) *facts =
        json_pack("{s:s,s:O}", "authority", call->argument, "lists", lists);

    return store_list_authorities(
               call->exchange->store, tell_lists, &telling, why) &&
           (telling.found || fail_unknown(call, why)) &&
           rest_answer_facts(call, facts, why);
}

bool rest_publish_list(struct rest_call *call, struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", 1024);

    if (strlen(call->argument) >= PROFILE_NAME_MAX)
        return fail_unknown(call, why);
    return message_add_text(
               &question, CONTROL_AUTHORITY, call->argument, why) &&
           rest_ask(call, &question, why);
}
