#include "cli/ceremony_call.h"

#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "cli/passphrase.h"
#include "cli/terminal.h"
#include "cli/unlocking.h"
#include "x509/name.h"

void ceremony_call_free(struct ceremony_call *ceremony)
{
    configuration_free(ceremony->settings);
    if (ceremony->authorities != NULL)
        authorities_free(ceremony->authorities);
    free(ceremony->authorities);
    descriptor_close(&ceremony->ceremony.passphrase);
    descriptor_close(&ceremony->ceremony.root_passphrase);
}

bool ceremony_call_read(struct ceremony_call *ceremony, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;

    if (ceremony->authorities == NULL)
        ceremony->authorities = calloc(1, sizeof(*ceremony->authorities));
    if (ceremony->authorities == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    authorities_free(ceremony->authorities);
    return place_open_store(&ceremony->ceremony.place, &store, why) &&
           authorities_read(store, ceremony->authorities, why);
}

bool ceremony_call_begin(
    struct call *call, struct ceremony_call *ceremony, struct failure *why)
{
    struct ceremony *begun = &ceremony->ceremony;

    begun->passphrase = begun->root_passphrase = -1;
    begun->root_folder = call_text(call, "root-dir");
    return call_place(call, &begun->place, why) &&
           place_read_settings(&begun->place, NULL, &ceremony->settings, why) &&
           passphrase_given(call, "passphrase-file", &begun->passphrase, why) &&
           passphrase_given(
               call, "root-passphrase-file", &begun->root_passphrase, why) &&
           (call_given(call, "dry-run") || ceremony_settle(begun, why)) &&
           ceremony_call_read(ceremony, why);
}

bool ceremony_call_ask(struct call *call, const struct ceremony_call *ceremony,
    uint16_t question, struct bytes fields, json_t **facts, struct failure *why)
{
    const struct client_need need = {.ceremony = true};
    SCOPED_STRUCT(client) *client = NULL;
    SCOPED(json_t) *told = NULL;

    if (!call_client(call, &ceremony->ceremony.place, &need, &client, why))
        return false;
    if (!client_call(client, question, fields, -1, &told, why)) {
        if (why->kind == FAILURE_UNAVAILABLE)
            advise(call,
                "roots kept apart are opened by keys/unlock-root, or give "
                "--root-dir DIR and --root-passphrase-file FILE");
        return false;
    }
    client_close(KEEP(client, &client));
    if (!ceremony_settle(&ceremony->ceremony, why))
        return false;
    *facts = KEEP(json_t, &told);
    return true;
}

bool ceremony_call_kind(struct call *call, struct bytes certificate,
    const struct key_algorithm **algorithm, struct failure *why)
{
    const char *word = call_text(call, "key");
    struct public_key_parts parts = {0};
    struct certificate read = {0};

    if (word == NULL && certificate.length > 0) {
        if (!certificate_read(certificate, &read, why) ||
            !spki_parts(&read.tbs.key, &parts, why))
            return false;
        *algorithm = parts.algorithm;
        return true;
    }
    *algorithm = key_algorithm_named(word == NULL ? "p256" : word);
    return *algorithm != NULL || fail_key_kind(call, why);
}

bool ceremony_call_subject(struct call *call,
    const struct ceremony_call *ceremony, const char *name,
    struct buffer *subject, struct failure *why)
{
    const char *given = call_text(call, "subject");
    RELEASED(buffer) common_name = BUFFER("name", 1024);
    const char *text = NULL;

    if (given != NULL)
        return name_read(given, subject, why);
    return buffer_print(&common_name, why, "%s%s%s", ceremony->settings->name,
               ceremony->settings->name[0] == '\0' ? "" : " ", name) &&
           buffer_as_text(&common_name, &text, why) &&
           name_of_common_name(text, subject, why);
}

static bool need_passphrase(struct call *call, struct ceremony_call *ceremony,
    bool kept_apart, struct failure *why)
{
    int *descriptor = kept_apart ? &ceremony->ceremony.root_passphrase
                                 : &ceremony->ceremony.passphrase;
    struct failure absent = {0};

    if (ceremony_has_passphrase(&ceremony->ceremony, kept_apart, &absent))
        return true;
    if (terminal_is_there() && !call->json)
        return passphrase_ask(
            "Passphrase of the new key: ", true, descriptor, why);
    return fail_because(why, absent.kind, "%s", absent.reason);
}

bool ceremony_call_make_key(struct call *call, struct ceremony_call *ceremony,
    const struct ceremony_key *key, struct buffer *request, bool *is_new,
    struct failure *why)
{
    struct failure missing = {0};

    if (!key_algorithm_probe(key->algorithm, &missing)) {
        advise(call, "%.200s", missing.reason);
        return fail_key_kind(call, why);
    }
    return need_passphrase(call, ceremony, key->kept_apart, why) &&
           ceremony_make_key(&ceremony->ceremony, key, request, is_new, why);
}

const struct authority_known *ceremony_call_named(
    const struct ceremony_call *ceremony, const char *name)
{
    for (size_t i = 0; i < ceremony->authorities->count; i++) {
        if (strcmp(ceremony->authorities->rows[i].name, name) == 0)
            return &ceremony->authorities->rows[i];
    }
    return NULL;
}

bool ceremony_call_path_length(
    struct call *call, int *given, struct failure *why)
{
    const char *text = call_text(call, "path-length");
    char *end = NULL;
    long number;

    *given = -1;
    if (text == NULL)
        return true;
    number = strtol(text, &end, 10);
    if (end == text || *end != '\0' || number < 0 ||
        number > PROFILE_PATH_LENGTH_MAX)
        return fail_usage(call, why,
            "--path-length takes a number from 0 to %d",
            PROFILE_PATH_LENGTH_MAX);
    *given = (int)number;
    return true;
}

bool ceremony_call_lifetime(
    struct call *call, int64_t *lifetime_s, struct failure *why)
{
    const char *text = call_text(call, "lifetime");
    struct failure cause = {0};

    *lifetime_s = 0;
    if (text == NULL)
        return true;
    if (!duration_read(text, lifetime_s, &cause))
        return fail_usage(call, why, "--lifetime: %.160s", cause.reason);
    return *lifetime_s > 0 ||
           fail_usage(call, why, "--lifetime: %.20s is no time at all", text);
}

void ceremony_call_notices(const struct call *call, const json_t *facts)
{
    const char *line = json_string_value(json_object_get(facts, "notices"));

    while (line != NULL && *line != '\0') {
        size_t length = strcspn(line, "\n");

        notice(call, "%.*s", (int)length, line);
        line += length + (line[length] == '\n' ? 1 : 0);
    }
}
