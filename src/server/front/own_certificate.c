#include "server/front/own_certificate.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "server/front/own_certificate_parts.h"
#include "x509/request.h"

#define RETRY_MS 2000
#define RETRY_MS_MAX (INT64_C(3600) * 1000)
#define RETRY_MS_IN_NEED (INT64_C(60) * 1000)

void own_certificate_free(struct own_certificate *own)
{
    if (own == NULL)
        return;
    for (size_t i = 0; i < own->name_count; i++)
        free(own->names[i]);
    private_key_free(own->key);
    private_key_free(own->next);
    buffer_free(&own->ders);
    free(own);
}

/* --- names ---------------------------------------------------------------- */

static bool append_names(const struct own_certificate *own,
    struct buffer *names, struct failure *why)
{
    for (size_t i = 0; i < own->name_count; i++) {
        if (!general_name_read(own->names[i], names, why))
            return false;
    }
    return true;
}

static bool copy_names(struct own_certificate *own, const char *const *names,
    size_t count, struct failure *why)
{
    for (size_t i = 0; i < own->name_count; i++)
        free(own->names[i]);
    own->name_count = 0;
    for (size_t i = 0; i < count; i++) {
        own->names[i] = strdup(names[i]);
        if (own->names[i] == NULL)
            return fail_because(why, FAILURE_INTERNAL, "out of memory");
        own->name_count++;
    }
    return true;
}

bool own_certificate_name(struct own_certificate *own, const char *const *names,
    size_t count, struct failure *why)
{
    RELEASED(buffer) encoded = BUFFER("names", REQUEST_MAX);

    if (count == 0 || count > OWN_NAMES_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "a TLS listener has 1 to %d names of its own, not %zu",
            OWN_NAMES_MAX, count);
    for (size_t i = 0; i < count; i++) {
        if (!general_name_read(names[i], &encoded, why))
            return false;
    }
    own->names_answered = false;
    own->ask_again_ms = 0;
    return copy_names(own, names, count, why);
}

/* Is this encoded name among those of the certificate?  A DNS name of ours is
 * compared as it is written. */
static bool has_name(struct der_reader names, struct bytes wanted)
{
    struct failure unread = {0};
    struct bytes whole = {0};
    struct der_reader contents = {0};
    uint8_t tag = 0;

    while (!der_at_end(&names)) {
        if (!der_read_any(&names, &tag, &contents, &whole, &unread))
            return false;
        if (bytes_equal(whole, wanted))
            return true;
    }
    return false;
}

/* The first of our names that the certificate lacks, or NULL. */
static const char *lacking_name(const struct own_certificate *own)
{
    RELEASED(buffer) wanted = BUFFER("a name", REQUEST_MAX);
    struct certificate certificate = {0};
    struct extension alternative = {0};
    struct der_reader names = {0};
    struct failure unread = {0};
    bool found = false;

    if (!certificate_read(own->chain[0], &certificate, &unread) ||
        !extensions_find(certificate.tbs.extensions, OID_SUBJECT_ALT_NAME,
            &alternative, &found, &unread) ||
        !found || !extension_general_names(alternative.value, &names, &unread))
        return own->names[0];
    for (size_t i = 0; i < own->name_count; i++) {
        buffer_clear(&wanted);
        if (!general_name_read(own->names[i], &wanted, &unread) ||
            !has_name(names, buffer_view(&wanted)))
            return own->names[i];
    }
    return NULL;
}

/* --- what it is good for -------------------------------------------------- */

static void say_why(struct own_certificate *own, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say_why(struct own_certificate *own, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(own->why, sizeof(own->why), format, arguments);
    va_end(arguments);
}

/* Two thirds of its life are gone. */
static bool is_old(const struct own_certificate *own, int64_t now)
{
    return now >= own->not_after - (own->not_after - own->not_before) / 3;
}

enum own_state own_certificate_state(struct own_certificate *own, int64_t now)
{
    char until[CLOCK_TEXT];
    const char *lacking = NULL;

    if (own->key == NULL) {
        say_why(own, "%s", own->damage);
        return OWN_MISSING;
    }
    clock_print(own->not_after, until);
    if (now > own->not_after) {
        say_why(own, "the certificate ended at %s", until);
        return OWN_EXPIRED;
    }
    if (is_old(own, now)) {
        say_why(own, "two thirds of its life are gone; it ends at %s", until);
        return OWN_DUE;
    }
    if (!own->names_answered)
        lacking = lacking_name(own);
    if (lacking != NULL) {
        say_why(own, "it does not name %s", lacking);
        return OWN_DUE;
    }
    own->why[0] = '\0';
    return OWN_GOOD;
}

const char *own_state_name(enum own_state state)
{
    switch (state) {
    case OWN_GOOD:
        return "good";
    case OWN_DUE:
        return "due";
    case OWN_EXPIRED:
        return "expired";
    case OWN_MISSING:
        return "missing";
    }
    return "";
}

/* --- asking --------------------------------------------------------------- */

void own_certificate_refused(struct own_certificate *own)
{
    const enum own_state state = own_certificate_state(own, clock_now());
    const int64_t most = state == OWN_MISSING || state == OWN_EXPIRED
                             ? RETRY_MS_IN_NEED
                             : RETRY_MS_MAX;
    int64_t wait = RETRY_MS;

    for (int i = 0; i < own->refusals && wait < most; i++)
        wait *= 2;
    if (wait > most)
        wait = most;
    own->refusals++;
    own->ask_again_ms = clock_monotonic_ms() + wait;
    private_key_free(own->next);
    own->next = NULL;
}

static bool make_request(
    struct own_certificate *own, struct buffer *request, struct failure *why)
{
    static const uint8_t no_subject[] = {DER_SEQUENCE, 0};
    RELEASED(buffer) names = BUFFER("names", REQUEST_MAX);

    return append_names(own, &names, why) &&
           key_generate(key_algorithm_named("p256"), &own->next, why) &&
           own_files_write_next(own, why) &&
           request_make(own->next,
               (struct bytes){no_subject, sizeof(no_subject)},
               buffer_view(&names), request, why);
}

bool own_certificate_request(struct own_certificate *own,
    struct buffer *request, bool *wanted, struct failure *why)
{
    *wanted = false;
    if (own->next != NULL || own->name_count == 0 ||
        clock_monotonic_ms() < own->ask_again_ms ||
        own_certificate_state(own, clock_now()) == OWN_GOOD)
        return true;
    if (!make_request(own, request, why)) {
        own_certificate_refused(own);
        return false;
    }
    *wanted = true;
    return true;
}

/* --- taking --------------------------------------------------------------- */

/* That the keeper answers for another request, or with what no client takes,
 * would lock everybody out: the old one is better. */
static bool check_fit(const struct own_certificate *own,
    const struct bytes *chain, size_t count, struct failure *why)
{
    const int64_t now = clock_now();
    struct certificate leaf = {0};

    if (own->next == NULL)
        return fail_because(why, FAILURE_CONFLICT,
            "a certificate for TLS came that nobody asked for");
    if (count == 0 || count > OWN_CHAIN_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "a certificate for TLS comes in a chain of 1 to %d, not %zu",
            OWN_CHAIN_MAX, count);
    if (!certificate_read(chain[0], &leaf, why) ||
        !own_files_match(own->next, &leaf, why))
        return false;
    if (now < leaf.tbs.not_before || now > leaf.tbs.not_after)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the certificate that was made for TLS is not valid now");
    return true;
}

static bool take(struct own_certificate *own, const struct bytes *chain,
    size_t count, struct failure *why)
{
    if (!check_fit(own, chain, count, why) ||
        !own_files_write(own, chain, count, why) ||
        !own_files_hold(own, chain, count, why))
        return false;
    private_key_free(own->key);
    own->key = own->next;
    own->next = NULL;
    return true;
}

bool own_certificate_take(struct own_certificate *own,
    const struct bytes *chain, size_t count, struct failure *why)
{
    const char *lacking = NULL;

    if (!take(own, chain, count, why)) {
        own_certificate_refused(own);
        return false;
    }
    own->refusals = 0;
    own->ask_again_ms = 0;
    own->names_answered = true;
    lacking = lacking_name(own);
    if (lacking != NULL)
        log_event(LOG_LEVEL_WARNING, "own-certificate-lacks-name", "file",
            own->pem_path, "name", lacking, NULL);
    return true;
}
