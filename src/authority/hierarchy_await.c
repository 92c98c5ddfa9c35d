#include "authority/hierarchy.h"

#include <stdio.h>
#include <string.h>

#include "authority/event.h"
#include "base/clock.h"
#include "base/json.h"

/* --- a key that waits ---------------------------------------------------- */

struct awaiting {
    const struct caller *caller;
    const char *name;
    struct bytes request;
    char key_sha256[SHA256_TEXT];
    int64_t follows;
};

static bool await_in_store(
    struct authority *authority, void *context, struct failure *why)
{
    const struct awaiting *awaiting = context;
    const struct awaited_row row = {.name = awaiting->name,
        .key_sha256 = awaiting->key_sha256,
        .request = awaiting->request,
        .made_at = clock_now(),
        .crl_shards = authority->configuration->crl_shards,
        .follows = awaiting->follows};

    return store_await_authority(authority->store, &row, why) &&
           journal_event(authority->store,
               &(struct event){.kind = EVENT_AUTHORITY_REQUESTED,
                   .caller = awaiting->caller,
                   .object = awaiting->name,
                   .more = json_pack("{s:s,s:I}", "key_sha256",
                       awaiting->key_sha256, "follows",
                       (json_int_t)awaiting->follows)},
               why);
}

bool hierarchy_await(struct authority *authority, const struct caller *caller,
    const char *name, struct bytes der, int64_t follows, struct failure *why)
{
    struct awaiting awaiting = {
        .caller = caller, .name = name, .request = der, .follows = follows};
    struct public_key_parts parts = {0};
    struct request request = {0};

    if (!check_authority_name(name, why) || !request_read(der, &request, why) ||
        !request_verify(&request, &parts, why) ||
        !sha256_text(request.key.whole, awaiting.key_sha256, why))
        return false;
    for (size_t i = 0; i < authority->issuer_count; i++) {
        if (strcmp(authority->issuers[i].name, name) == 0)
            return fail_because(why, FAILURE_CONFLICT,
                "an authority \"%s\" is here already", name);
    }
    return authority_write(authority, await_in_store, &awaiting, why);
}

/* --- what stands above --------------------------------------------------- */

struct reading_above {
    struct buffer *above;
    struct bytes wanted; /* the name of whom the last one was signed by */
    bool has_found;
};

/* What was read is a view of the row: of the copy it stays good. */
static bool take_above(
    struct reading_above *reading, struct bytes der, struct failure *why)
{
    struct certificate certificate = {0};
    size_t from = reading->above->length;

    if (!buffer_append(reading->above, der, why) ||
        !certificate_read(
            (struct bytes){reading->above->start + from, der.length},
            &certificate, why))
        return false;
    reading->wanted = certificate.tbs.issuer;
    reading->has_found = true;
    return true;
}

static bool take_if_wanted(
    void *context, const struct cross_certificate *row, struct failure *why)
{
    struct reading_above *reading = context;
    struct certificate certificate = {0};

    if (reading->has_found || strcmp(row->kind, ABOVE_CHAIN) != 0)
        return true;
    if (!certificate_read(row->certificate, &certificate, why))
        return false;
    return !bytes_equal(certificate.tbs.subject, reading->wanted) ||
           take_above(reading, row->certificate, why);
}

/* Upwards by names, as they were checked when they came in. */
static bool read_above(struct authority *authority,
    struct authority_issuer *issuer, struct failure *why)
{
    struct reading_above reading = {.above = &issuer->above,
        .wanted = issuer->certificate.tbs.issuer,
        .has_found = true};

    issuer->above =
        BUFFER("certificates above", HIERARCHY_CHAIN_MAX * CERTIFICATE_MAX);
    for (int depth = 0; reading.has_found && depth < HIERARCHY_CHAIN_MAX;
         depth++) {
        reading.has_found = false;
        if (!store_list_cross_certificates(
                authority->store, take_if_wanted, &reading, why))
            return false;
    }
    return true;
}

static bool take_awaited(
    void *context, const struct awaited_row *row, struct failure *why)
{
    struct authority *authority = context;

    (void)why;
    if (row->follows == 0)
        (void)snprintf(
            authority->awaited, sizeof(authority->awaited), "%s", row->name);
    return true;
}

bool hierarchy_read_above(struct authority *authority, struct failure *why)
{
    for (size_t i = 0; i < authority->issuer_count; i++) {
        struct authority_issuer *issuer = &authority->issuers[i];

        if (issuer->parent == issuer->id && !issuer_is_root(issuer) &&
            !read_above(authority, issuer, why))
            return false;
    }
    return store_list_awaited(authority->store, take_awaited, authority, why);
}
