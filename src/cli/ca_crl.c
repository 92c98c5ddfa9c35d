#include <stdio.h>
#include <string.h>

#include "authority/control_protocol.h"
#include "base/base64.h"
#include "base/message.h"
#include "cli/authorities.h"
#include "cli/output.h"
#include "cli/revocation.h"
#include "cli/unlocking.h"
#include "store/store_revocations.h"

/* A list of more than ten million entries. */
#define LIST_MAX ((size_t)512 * 1024 * 1024)
#define PEM_LINE 64

/* Which authority, and is it kept apart?  Who may not read the store asks for
 * one that issues. */
struct wanted {
    struct place place;
    const char *name; /* NULL: the one that issues */
    bool is_apart;
};

static bool find_authority(
    struct call *call, struct wanted *wanted, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    RELEASED(authorities) authorities = {0};
    const struct authority_known *found = NULL;
    struct failure unread = {0};

    wanted->name = call_text(call, "ca");
    if (!call_place(call, &wanted->place, why))
        return false;
    if (!place_open_store(&wanted->place, &store, &unread))
        return true;
    if (!authorities_read(store, &authorities, why) ||
        !authorities_find(&authorities, wanted->name, &found, why))
        return false;
    wanted->is_apart = !found->issues;
    return true;
}

/* --- --dry-run ----------------------------------------------------------- */

struct found_row {
    const char *name; /* NULL: any that issues */
    int64_t id;
    char shown[PROFILE_NAME_MAX];
};

static bool take_row(
    void *context, const struct authority_row *row, struct failure *why)
{
    struct found_row *found = context;
    bool is_it =
        found->name == NULL ? row->issues : strcmp(found->name, row->name) == 0;

    (void)why;
    if (is_it) {
        found->id = row->id;
        (void)snprintf(found->shown, sizeof(found->shown), "%s", row->name);
    }
    return true;
}

static bool rehearse(
    struct call *call, const struct wanted *wanted, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    SCOPED(json_t) *value = NULL;
    struct found_row row = {.name = wanted->name};
    struct revocation_filter filter = {.shard = -1};
    int64_t count = 0;

    if (!place_open_store(&wanted->place, &store, why) ||
        !store_list_authorities(store, take_row, &row, why))
        return false;
    filter.authority = row.id;
    if (!store_count_revocations(store, &filter, &count, why))
        return false;
    if (!call->json)
        return printf("A list of \"%s\" would be signed, of at most %lld "
                      "entries; nothing was.\n",
                   row.shown, (long long)count) >= 0;
    value = json_pack(
        "{s:s,s:I}", "authority", row.shown, "list_entries", (json_int_t)count);
    return output_json(value, why);
}

/* --- the list as a file -------------------------------------------------- */

static bool to_pem(struct bytes der, struct buffer *pem, struct failure *why)
{
    return buffer_append_text(pem, "-----BEGIN X509 CRL-----\n", why) &&
           base64_append(pem, der, PEM_LINE, why) &&
           buffer_append_text(pem, "-----END X509 CRL-----\n", why);
}

static bool write_list(struct call *call, const struct wanted *wanted,
    const char *authority, struct failure *why)
{
    RELEASED(buffer) der = BUFFER("revocation list", LIST_MAX);
    RELEASED(buffer) pem = BUFFER("revocation list", 2 * LIST_MAX);
    const char *file = call_text(call, "out");
    bool as_der = call_given(call, "der");
    char name[PROFILE_NAME_MAX + 32], path[PATH_ROOM];

    if (file == NULL)
        return true;
    (void)snprintf(name, sizeof(name), "publish/crl/%s.crl", authority);
    return place_path(&wanted->place, name, path, why) &&
           file_read(path, &der, why) &&
           (as_der || to_pem(buffer_view(&der), &pem, why)) &&
           output_file_write(
               call, file, buffer_view(as_der ? &der : &pem), 0644, why);
}

/* --- the command --------------------------------------------------------- */

static bool ask(struct call *call, const struct wanted *wanted, json_t **facts,
    struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", 1024);
    SCOPED_STRUCT(client) *client = NULL;
    const struct client_need need = {
        .signs = true, .ceremony = wanted->is_apart};

    return (wanted->name == NULL ||
               message_add_text(
                   &question, CONTROL_AUTHORITY, wanted->name, why)) &&
           call_client(call, &wanted->place, &need, &client, why) &&
           client_call(
               client, CONTROL_CRL, buffer_view(&question), -1, facts, why);
}

static bool tell(struct call *call, json_t *facts, struct failure *why)
{
    const char *file = call_text(call, "out");

    if (call->json)
        return json_object_set_new(facts, "file",
                   file == NULL ? json_null() : json_of_text(file)) == 0
                   ? output_json(facts, why)
                   : fail_because(why, FAILURE_INTERNAL, "out of memory");
    tell_list(facts);
    return true;
}

bool run_ca_crl(struct call *call, struct failure *why)
{
    SCOPED(json_t) *facts = NULL;
    struct wanted wanted = {.name = NULL};
    const char *file = call_text(call, "out");

    if (call_given(call, "der") && file == NULL)
        return fail_usage(call, why, "--der goes with --out FILE");
    if ((file != NULL && !output_file_check(call, file, why)) ||
        !find_authority(call, &wanted, why))
        return false;
    if (call_given(call, "dry-run"))
        return rehearse(call, &wanted, why);
    return ask(call, &wanted, &facts, why) &&
           write_list(call, &wanted,
               json_string_value(json_object_get(facts, "authority")), why) &&
           tell(call, facts, why);
}
