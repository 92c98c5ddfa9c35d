#include "server/status_signer.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/refusal.h"
#include "base/sandbox.h"
#include "crypto/start.h"
#include "server/role_lock.h"
#include "server/status_signer_state.h"

#define PARENT_DESCRIPTOR 3

enum parent_state { STARTING = 1 << 0, SERVING = 1 << 1 };

static const struct channel_rule parent_rules[] = {
    {STATUS_ISSUER, "issuer", CERTIFICATE_MAX + 1024, STARTING, 0},
    {STATUS_START, "start", 64, STARTING, 1},
    {STATUS_KEEPER, "keeper", 0, SERVING, 1},
    {0},
};

/* --- the parent's channel ------------------------------------------------- */

static bool take_keeper(
    struct status_signer *signer, struct frame *frame, struct failure *why)
{
    if (frame->descriptor_count != 1)
        return fail_because(
            why, FAILURE_MALFORMED, "a keeper without a channel");
    return status_signer_listen(
        signer, descriptor_keep(&frame->descriptors[0]), why);
}

static bool take_issuer(
    struct status_signer *signer, struct bytes message, struct failure *why)
{
    struct reader reader = reader_of(message);
    char name[PROFILE_NAME_MAX] = "";
    struct bytes certificate = {0};

    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why))
            return false;
        if (field.tag == STATUS_FIELD_ISSUER)
            certificate = field.value;
        if (field.tag == STATUS_FIELD_NAME &&
            !field_text(&field, name, sizeof(name), why))
            return false;
    }
    return status_signer_add(signer, name, certificate, why);
}

/* Keys are made, and have signed, before the role is locked in: what OpenSSL
 * opens at its first use is open then. */
static bool start(struct status_signer *signer, struct failure *why)
{
    struct frame frame = {0};

    for (;;) {
        if (!channel_receive(signer->parent, -1, &frame, why))
            return false;
        if (frame.type == STATUS_START)
            break;
        if (!take_issuer(signer, frame.body, why))
            return false;
    }
    if (!take_keeper(signer, &frame, why) ||
        !role_lock_in(SANDBOX_KEYS, NULL, why))
        return false;
    channel_enter(signer->parent, SERVING);
    return channel_answer(
        signer->parent, STATUS_READY, frame.id, (struct bytes){0}, why);
}

/* False: it has closed, or broke the rules. */
static bool serve_parent(struct status_signer *signer, struct failure *why)
{
    struct frame frame = {0};
    bool ok;

    if (!channel_receive(signer->parent, -1, &frame, why))
        return false;
    ok = take_keeper(signer, &frame, why);
    frame_close_descriptors(&frame);
    return ok;
}

/* --- the process ---------------------------------------------------------- */

static bool serve(struct status_signer *signer, struct failure *why)
{
    for (;;) {
        struct pollfd polled[] = {
            {.fd = channel_descriptor(signer->parent), .events = POLLIN},
            {.fd = signer->keeper == NULL ? -1
                                          : channel_descriptor(signer->keeper),
                .events = POLLIN},
        };

        if (poll(polled, 2, -1) < 0) {
            if (errno == EINTR)
                continue;
            return fail_because(why, FAILURE_INTERNAL, "poll failed");
        }
        if (polled[0].revents != 0 && !serve_parent(signer, why))
            return why->kind == FAILURE_NOT_FOUND;
        if (polled[0].revents == 0 && polled[1].revents != 0)
            status_signer_answer(signer);
    }
}

static void say_why_not(
    struct status_signer *signer, const struct failure *refusal)
{
    RELEASED(buffer) answer = BUFFER("status signer's answer", 4096);
    struct failure why = {0};

    if (!refusal_write(&answer, refusal, &why) ||
        !channel_send(signer->parent, STATUS_FAILED, 0, buffer_view(&answer),
            NULL, 0, 0, &why))
        log_event(LOG_LEVEL_ERROR, "not-started", "why", refusal->reason, NULL);
}

static void status_signer_free(struct status_signer *signer)
{
    status_signer_release(signer);
    channel_free(signer->keeper);
    channel_free(signer->parent);
    free(signer);
}

DEFINE_SCOPED_STRUCT(status_signer, status_signer_free)

int status_signer_main(void)
{
    SCOPED_STRUCT(status_signer) *signer = calloc(1, sizeof(*signer));
    struct failure why = {0};

    if (signer == NULL)
        return 9;
    log_open("status", LOG_LEVEL_INFO);
    if (!sandbox_keep_private(&why) || !crypto_start(&why) ||
        !channel_new(PARENT_DESCRIPTOR, parent_rules, 0, &signer->parent, &why))
        return log_event(
                   LOG_LEVEL_ERROR, "not-started", "why", why.reason, NULL),
               9;
    if (!start(signer, &why)) {
        say_why_not(signer, &why);
        return 9;
    }
    if (!serve(signer, &why)) {
        log_event(LOG_LEVEL_ERROR, "stopped", "why", why.reason, NULL);
        return 8;
    }
    return 0;
}
