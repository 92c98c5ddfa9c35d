#include "cli/fetched_thing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

static enum fetch_kind kind_of(enum lacking_kind kind)
{
    switch (kind) {
    case LACKING_ISSUER:
        return FETCH_ISSUER;
    case LACKING_ANSWER:
        return FETCH_ANSWER;
    case LACKING_LIST:
    case LACKING_DELTA:
        break;
    }
    return FETCH_LIST;
}

static const char *what_of(enum lacking_kind kind)
{
    static const char *const names[] = {
        [LACKING_ISSUER] = FETCHED_ISSUER,
        [LACKING_LIST] = "CRL",
        [LACKING_DELTA] = "delta CRL",
        [LACKING_ANSWER] = "OCSP answer",
    };

    return names[kind];
}

static bool copy_addresses(
    struct fetched_thing *thing, struct bytes address, struct failure *why)
{
    RELEASED(buffer) shown = BUFFER("an address", 8 * FETCH_URL_MAX);
    const char *text = "";
    struct bytes cut = address;

    if (cut.length > FETCH_URL_MAX)
        cut.length = FETCH_URL_MAX;
    if (!text_append_visible(&shown, cut, why) ||
        !buffer_as_text(&shown, &text, why))
        return false;
    thing->address = strndup((const char *)address.start, address.length);
    thing->shown = strdup(text);
    return (thing->address != NULL && thing->shown != NULL) ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

bool fetched_thing_new(const struct lacking *lacking,
    struct fetched_thing **thing, struct failure *why)
{
    SCOPED_STRUCT(fetched_thing) *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    made->kind = lacking->kind;
    made->file = -1;
    made->bytes =
        BUFFER("what was fetched", fetch_bytes_max(kind_of(lacking->kind)));
    memcpy(made->of, lacking->certificate->sha256, SHA256_BYTES);
    if (!copy_addresses(made, lacking->address, why))
        return false;
    made->told = (struct chain_fetched){.what = what_of(made->kind),
        .address = made->shown,
        .outcome = CHAIN_FETCH_LEFT,
        .reason = made->reason};
    *thing = KEEP(fetched_thing, &made);
    return true;
}

void fetched_thing_free(struct fetched_thing *thing)
{
    if (thing == NULL)
        return;
    descriptor_close(&thing->file);
    input_free(&thing->input);
    buffer_free(&thing->bytes);
    free(thing->source);
    free(thing->address);
    free(thing->shown);
    free(thing);
}

bool fetched_thing_is(
    const struct fetched_thing *thing, const struct lacking *lacking)
{
    return thing->kind == lacking->kind &&
           bytes_equal(bytes_of_text(thing->address), lacking->address) &&
           (thing->kind != LACKING_ANSWER ||
               memcmp(thing->of, lacking->certificate->sha256, SHA256_BYTES) ==
                   0);
}

/* --- what came ------------------------------------------------------------ */

static void settle(struct fetched_thing *thing,
    enum chain_fetched_outcome outcome, unsigned int milliseconds,
    const char *reason)
{
    descriptor_close(&thing->file);
    thing->is_open = false;
    thing->told.outcome = outcome;
    thing->told.milliseconds = milliseconds;
    (void)snprintf(thing->reason, sizeof(thing->reason), "%s", reason);
}

void fetched_thing_leave(struct fetched_thing *thing,
    enum chain_fetched_outcome outcome, const char *reason)
{
    settle(thing, outcome,
        (unsigned int)(clock_monotonic_ms() - thing->asked_ms), reason);
}

static enum chain_fetched_outcome outcome_of(enum failure_kind kind)
{
    switch (kind) {
    case FAILURE_MALFORMED:
        return CHAIN_FETCH_DAMAGED;
    case FAILURE_FORBIDDEN:
    case FAILURE_UNSUITABLE:
        return CHAIN_FETCH_REFUSED;
    case FAILURE_NONE:
    case FAILURE_UNAUTHENTICATED:
    case FAILURE_NOT_FOUND:
    case FAILURE_CONFLICT:
    case FAILURE_UNAVAILABLE:
    case FAILURE_INTERNAL:
        break;
    }
    return CHAIN_FETCH_UNREACHABLE;
}

static bool read_issuers(struct fetched_thing *thing, struct failure *why)
{
    if (!input_read(
            buffer_view(&thing->bytes), "what came", &thing->input, why))
        return false;
    for (size_t i = 0; i < thing->input.count; i++) {
        if (thing->input.objects[i].kind == INPUT_CERTIFICATE)
            return true;
    }
    return fail_because(
        why, FAILURE_MALFORMED, "what came holds no certificate");
}

/* RFC 9654, 2.1: a nonce that comes back is the one that was sent; responders
 * that answer from a table send none. */
static bool check_nonce(const struct fetched_thing *thing, struct failure *why)
{
    const struct status_source *source = thing->source;
    const struct bytes nonce = {thing->nonce, sizeof(thing->nonce)};

    if (source->kind != STATUS_OCSP || source->of.ocsp.nonce.length == 0 ||
        bytes_equal(source->of.ocsp.nonce, nonce))
        return true;
    return fail_because(why, FAILURE_MALFORMED,
        "the answer is to another question: its nonce is not ours (RFC 9654)");
}

/* A responder that only says why it does not answer. */
static bool check_response_status(
    const struct fetched_thing *thing, struct failure *why)
{
    const struct status_source *source = thing->source;

    if (source->kind != STATUS_OCSP ||
        source->of.ocsp.status == OCSP_SUCCESSFUL)
        return true;
    return fail_because(why, FAILURE_UNAVAILABLE, "the responder says %s",
        ocsp_response_status_name(source->of.ocsp.status));
}

/* Lists come in PEM too, now and then. */
static struct bytes list_in(struct fetched_thing *thing)
{
    const struct bytes all = buffer_view(&thing->bytes);
    struct failure unread = {0};

    if (thing->kind == LACKING_ANSWER || all.length == 0 ||
        all.start[0] == DER_SEQUENCE ||
        !input_read(all, "what came", &thing->input, &unread))
        return all;
    for (size_t i = 0; i < thing->input.count; i++) {
        if (thing->input.objects[i].kind == INPUT_CRL)
            return thing->input.objects[i].der;
    }
    return all;
}

static bool read_source(struct fetched_thing *thing, struct failure *why)
{
    struct status_source *source = calloc(1, sizeof(*source));

    if (source == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    status_source_read(
        list_in(thing), thing->shown, thing->kind == LACKING_ANSWER, source);
    thing->source = source;
    if (check_nonce(thing, why) && check_response_status(thing, why))
        return true;
    free(source);
    thing->source = NULL;
    return false;
}

static bool read_what_came(struct fetched_thing *thing, struct failure *why)
{
    if (lseek(thing->file, 0, SEEK_SET) != 0)
        return fail_because(
            why, FAILURE_INTERNAL, "what was fetched can't be read again");
    if (!descriptor_read(thing->file, "what was fetched", &thing->bytes, why))
        return false;
    return thing->kind == LACKING_ISSUER ? read_issuers(thing, why)
                                         : read_source(thing, why);
}

void fetched_thing_take(
    struct fetched_thing *thing, const struct validator_answer *answer)
{
    struct failure failure = answer->failure;
    char count[40];

    if (!answer->is_fetched || !read_what_came(thing, &failure)) {
        settle(thing, outcome_of(failure.kind), answer->milliseconds,
            failure.reason);
        return;
    }
    if (thing->source != NULL && thing->source->kind == STATUS_UNREADABLE) {
        settle(thing, CHAIN_FETCH_DAMAGED, answer->milliseconds,
            thing->source->of.unreadable.reason);
        return;
    }
    (void)snprintf(count, sizeof(count), "%zu bytes", thing->bytes.length);
    settle(thing, CHAIN_FETCHED, answer->milliseconds, count);
}

void fetched_thing_offer(
    const struct fetched_thing *thing, struct chain_pool *pool)
{
    for (size_t i = 0; i < thing->input.count; i++) {
        const struct input_object *object = &thing->input.objects[i];
        struct failure unread = {0};

        if (thing->kind == LACKING_ISSUER && object->kind == INPUT_CERTIFICATE)
            (void)!chain_pool_add(pool, object->der, thing->shown, &unread);
    }
}
