#ifndef CLI_CEREMONY_CALL_H
#define CLI_CEREMONY_CALL_H

#include "cli/authorities.h"
#include "server/ceremony.h"

/* What the commands that change authorities share. */
struct ceremony_call {
    struct ceremony ceremony;
    struct configuration *settings;
    struct authorities *authorities; /* as they were before */
};
void ceremony_call_free(struct ceremony_call *ceremony);

/* DIR, settings, passphrases by --passphrase-file, --root-passphrase-file and
 * --root-dir, and what an interrupted command left to do. */
MUST_CHECK bool ceremony_call_begin(
    struct call *call, struct ceremony_call *ceremony, struct failure *why);

/* Reads the authorities anew. */
MUST_CHECK bool ceremony_call_read(
    struct ceremony_call *ceremony, struct failure *why);

/* Asks the clerk in a household of its own; the files follow. */
MUST_CHECK bool ceremony_call_ask(struct call *call,
    const struct ceremony_call *ceremony, uint16_t question,
    struct bytes fields, json_t **facts, struct failure *why);

/* The kind of --key, else that of an authority's certificate (length 0: p256).
 */
MUST_CHECK bool ceremony_call_kind(struct call *call, struct bytes certificate,
    const struct key_algorithm **algorithm, struct failure *why);

/* The name of --subject, else "CN=NAME-OF-THE-SETTINGS name", appended. */
MUST_CHECK bool ceremony_call_subject(struct call *call,
    const struct ceremony_call *ceremony, const char *name,
    struct buffer *subject, struct failure *why);

/* A key by its kind and passphrase; on a terminal the latter is asked for. */
MUST_CHECK bool ceremony_call_make_key(struct call *call,
    struct ceremony_call *ceremony, const struct ceremony_key *key,
    struct buffer *request, bool *is_new, struct failure *why);

/* The authority with this name, or NULL. */
const struct authority_known *ceremony_call_named(
    const struct ceremony_call *ceremony, const char *name);

/* --path-length N: *given is -1 without it. */
MUST_CHECK bool ceremony_call_path_length(
    struct call *call, int *given, struct failure *why);

/* --lifetime L: 0 without it. */
MUST_CHECK bool ceremony_call_lifetime(
    struct call *call, int64_t *lifetime_s, struct failure *why);

/* A sentence for each line of the notices. */
void ceremony_call_notices(const struct call *call, const json_t *facts);

#endif
