#include <stdio.h>
#include <stdlib.h>

#include "cli/authorities.h"
#include "cli/output.h"
#include "store/store.h"
#include "x509/pem.h"

static bool read_authorities(
    struct call *call, struct authorities *authorities, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    struct place place = {0};

    return call_place(call, &place, why) &&
           place_open_store(&place, &store, why) &&
           authorities_read(store, authorities, why);
}

/* What it is good for now. */
static const char *use_of(const struct authority_known *authority)
{
    if (authority->state != AUTHORITY_ACTIVE)
        return authority_state_name(authority->state);
    return authority->issues ? "issues" : "kept apart";
}

static bool print_line(
    const struct authority_known *authority, struct failure *why)
{
    const struct facts *facts = &authority->facts;

    (void)printf("%-12s ", authority->name);
    if (!print_shown(facts->subject, why))
        return false;
    (void)printf("\n             %s, %s, until %s\n             sha256 %s\n",
        facts->key, use_of(authority), facts->not_after, facts->sha256);
    return true;
}

static bool print_list(
    bool json, const struct authorities *authorities, struct failure *why)
{
    SCOPED(json_t) *array = NULL;

    if (json)
        return authorities_to_json(authorities, &array, why) &&
               output_json(array, why);
    for (size_t i = 0; i < authorities->count; i++) {
        if (!print_line(&authorities->rows[i], why))
            return false;
    }
    return true;
}

static bool print_one(
    bool json, const struct authority_known *authority, struct failure *why)
{
    SCOPED(json_t) *array = NULL;

    if (!json)
        return print_line(authority, why);
    array = json_pack("[o]", authority_to_json(authority));
    return output_json(array, why);
}

static bool print_awaited(
    void *context, const struct awaited_row *row, struct failure *why)
{
    (void)context;
    (void)why;
    (void)printf("%-12s waits for its certificate: give the answer to "
                 "`chancery ca install FILE`\n",
        row->name);
    return true;
}

/* Keys whose requests are with other authorities. */
static bool print_waiting(struct call *call, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    struct place place = {0};

    return call->json ||
           (call_place(call, &place, why) &&
               place_open_store(&place, &store, why) &&
               store_list_awaited(store, print_awaited, NULL, why));
}

bool run_ca_list(struct call *call, struct failure *why)
{
    RELEASED(authorities) authorities = {0};
    const struct authority_known *found = NULL;
    const char *name = call_text(call, "ca");

    if (!read_authorities(call, &authorities, why))
        return false;
    if (name == NULL)
        return print_list(call->json, &authorities, why) &&
               print_waiting(call, why);
    return authorities_find(&authorities, name, &found, why) &&
           print_one(call->json, found, why);
}

static bool print_facts(const struct authority_known *authority,
    const char *file, struct failure *why)
{
    SCOPED(json_t) *value = authority_to_json(authority);
    SCOPED(json_t) *more = json_pack("{s:s, s:s, s:s, s:o, s:o}", "serial",
        authority->facts.serial, "issuer", authority->facts.issuer,
        "not_before", authority->facts.not_before, "certificate",
        certificate_to_json(buffer_view(&authority->certificate)), "file",
        file == NULL ? json_null() : json_of_text(file));

    if (value == NULL || more == NULL || json_object_update(value, more) != 0)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return output_json(value, why);
}

static bool print_certificate(struct call *call,
    const struct authority_known *authority, struct failure *why)
{
    RELEASED(buffer) pem = BUFFER("certificate", PEM_MAX);
    struct bytes der = buffer_view(&authority->certificate);
    const char *file = call_text(call, "out");
    struct bytes written = der;

    if (!certificate_print(der, &pem, why))
        return false;
    if (!call_given(call, "der"))
        written = buffer_view(&pem);
    if (file != NULL && !output_file_write(call, file, written, 0644, why))
        return false;
    if (call->json)
        return print_facts(authority, file, why);
    return file != NULL || output_bytes(written, why);
}

bool run_ca_show(struct call *call, struct failure *why)
{
    RELEASED(authorities) authorities = {0};
    const struct authority_known *found = NULL;
    const char *file = call_text(call, "out");

    if (file != NULL && !output_file_check(call, file, why))
        return false;
    return read_authorities(call, &authorities, why) &&
           authorities_find(&authorities, call_text(call, "ca"), &found, why) &&
           print_certificate(call, found, why);
}
