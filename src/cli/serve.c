#include "server/serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/authorities.h"
#include "cli/output.h"
#include "cli/passphrase.h"

#define URL_ROOM 300

static const char *const titles[LISTENER_KINDS] = {
    [LISTENER_PUBLIC] = "pages, REST",
    [LISTENER_PLAIN] = "lists, OCSP",
    [LISTENER_ADMIN] = "administration",
    [LISTENER_MTLS] = "client certificates",
};

/* How somebody on this machine reaches it, or by the name that was declared. */
static void print_url(const struct serve_facts *facts, enum listener listener,
    char url[static URL_ROOM])
{
    const struct serve_address *address = &facts->addresses[listener];
    const struct serve_settings *settings = &facts->configuration->serve;
    const char *host = address->host;
    bool is_all =
        host[0] == 0 || strcmp(host, "::") == 0 || strcmp(host, "0.0.0.0") == 0;
    bool is_v6;

    if (is_all)
        host = settings->name_count > 0 ? settings->names[0] : "localhost";
    is_v6 = strchr(host, ':') != NULL;
    (void)snprintf(url, URL_ROOM, "%s://%s%s%s:%u/",
        listener == LISTENER_PLAIN ? "http" : "https", is_v6 ? "[" : "", host,
        is_v6 ? "]" : "", address->port);
}

static json_t *listeners_to_json(const struct serve_facts *facts)
{
    json_t *array = json_array();

    for (unsigned int i = 0; array != NULL && i < LISTENER_KINDS; i++) {
        enum listener listener = (enum listener)i;
        char address[SERVE_ADDRESS_TEXT], url[URL_ROOM];

        if (facts->addresses[i].port == 0)
            continue;
        serve_address_print(&facts->addresses[i], address);
        print_url(facts, listener, url);
        (void)json_array_append_new(array,
            json_pack("{s:s, s:s, s:s}", "listener", listener_name(listener),
                "address", address, "url", url));
    }
    return array;
}

/* Those that others trust: without one of our own, the highest there is. */
static bool is_root(const struct authority_known *row)
{
    return strcmp(row->facts.subject, row->facts.issuer) == 0;
}

static bool has_root(const struct authorities *authorities)
{
    for (size_t i = 0; i < authorities->count; i++) {
        if (is_root(&authorities->rows[i]))
            return true;
    }
    return false;
}

static json_t *roots_to_json(const struct authorities *authorities)
{
    bool has = has_root(authorities);
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < authorities->count; i++) {
        const struct authority_known *row = &authorities->rows[i];

        if (!has || is_root(row))
            (void)json_array_append_new(
                array, json_pack("{s:o, s:s}", "subject",
                           json_of_text(row->facts.subject), "sha256",
                           row->facts.sha256));
    }
    return array;
}

static bool print_roots(
    const struct authorities *authorities, struct failure *why)
{
    bool has = has_root(authorities);

    for (size_t i = 0; i < authorities->count; i++) {
        const struct authority_known *row = &authorities->rows[i];
        char fingerprint[FINGERPRINT_TEXT];

        if (has && !is_root(row))
            continue;
        fingerprint_print(row->facts.sha256, fingerprint);
        (void)printf("%s ", has ? "Root" : "Authority");
        if (!print_shown(row->facts.subject, why))
            return false;
        (void)printf("\n  SHA-256 %s\n", fingerprint);
    }
    return true;
}

static bool print_facts(const struct serve_facts *facts,
    const struct authorities *authorities, struct failure *why)
{
    (void)printf("Serving ");
    if (!print_shown(facts->place->directory, why))
        return false;
    (void)printf("\n");
    for (unsigned int i = 0; i < LISTENER_KINDS; i++) {
        char address[SERVE_ADDRESS_TEXT], url[URL_ROOM];

        if (facts->addresses[i].port == 0)
            continue;
        serve_address_print(&facts->addresses[i], address);
        print_url(facts, (enum listener)i, url);
        (void)printf("  %-32s %s (%s)\n", url, titles[i], address);
    }
    if (!print_roots(authorities, why))
        return false;
    if (facts->is_locked)
        (void)printf("Locked: nothing is issued until `chancery unlock`.\n");
    return true;
}

static bool tell(
    const struct serve_facts *facts, void *context, struct failure *why)
{
    const struct call *call = context;
    SCOPED_STRUCT(store) *store = NULL;
    RELEASED(authorities) authorities = {0};
    SCOPED(json_t) *value = NULL;

    if (!place_open_store(facts->place, &store, why) ||
        !authorities_read(store, &authorities, why))
        return false;
    if (!call->json)
        return print_facts(facts, &authorities, why) && output_finish(why);
    value = json_pack("{s:o, s:b, s:o, s:o}", "directory",
        json_of_text(facts->place->directory), "locked", (int)facts->is_locked,
        "listeners", listeners_to_json(facts), "roots",
        roots_to_json(&authorities));
    return output_json(value, why) && output_finish(why);
}

static bool take_addresses(struct call *call, struct serve_plan *plan,
    struct serve_address addresses[static SERVE_LISTENERS], struct failure *why)
{
    for (unsigned int i = 0; i < SERVE_LISTENERS; i++) {
        const char *option = serve_listener_key((enum serve_listener)i);
        const char *text = call_text(call, option);
        const char *fault;

        if (text == NULL)
            continue;
        fault = serve_address_fault(text, &addresses[i]);
        if (fault != NULL)
            return fail_usage(call, why, "--%s: %s", option, fault);
        plan->given[i] = &addresses[i];
    }
    return true;
}

bool run_serve(struct call *call, struct failure *why)
{
    SCOPED_DESCRIPTOR int passphrase = -1;
    struct serve_address addresses[SERVE_LISTENERS] = {0};
    struct serve_plan plan = {.passphrase = -1,
        .credentials = getenv("CREDENTIALS_DIRECTORY"),
        .tell = tell,
        .context = call};
    struct place place = {0};

    if (!take_addresses(call, &plan, addresses, why) ||
        !call_place(call, &place, why) ||
        !passphrase_given(call, "passphrase-file", &passphrase, why))
        return false;
    plan.directory = place.directory;
    plan.passphrase = passphrase;
    plan.units = call_text(call, "units");
    return serve_run(&plan, why);
}
