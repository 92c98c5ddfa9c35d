#include "server/front/own.h"

#include "base/log.h"
#include "base/refusal.h"
#include "server/front/tls.h"
#include "server/front_protocol.h"

#define CERTIFY_MS 60000

bool own_is_ready(const struct front *front)
{
    return tls_listener_ready(front->tls);
}

static void take_certificate(void *asker, const struct frame *answer)
{
    struct front *front = asker;
    struct failure why = {0};

    if (answer == NULL) {
        tls_listener_refused(front->tls);
    } else if (answer->type != FRONT_CERTIFIED) {
        (void)fail_as_told(&why, answer->body, "keeper");
        log_event(LOG_LEVEL_WARNING, "own-certificate-refused", "why",
            why.reason, NULL);
        tls_listener_refused(front->tls);
    } else if (!tls_listener_certified(front->tls, answer->body, &why)) {
        log_event(LOG_LEVEL_ERROR, "own-certificate-unusable", "why",
            why.reason, NULL);
    } else {
        log_event(LOG_LEVEL_INFO, "own-certificate-renewed", "listener",
            listener_name(front->listener), NULL);
    }
}

static void certify(struct front *front)
{
    RELEASED(buffer)
    message = BUFFER("a request for a certificate", FRONT_REQUEST_MAX);
    struct failure why = {0};
    uint64_t question = 0;
    bool wanted = false;

    if (!link_is_connected(front->link))
        return;
    if (!tls_listener_certify(front->tls, &message, &wanted, &why)) {
        log_event(LOG_LEVEL_ERROR, "own-certificate-not-asked", "why",
            why.reason, NULL);
        return;
    }
    if (wanted && !link_ask(front->link, FRONT_CERTIFY, buffer_view(&message),
                      CERTIFY_MS, front, take_certificate, &question, &why))
        tls_listener_refused(front->tls);
}

void own_look(struct front *front)
{
    struct failure why = {0};

    if (!tls_listener_look(front->tls, &why))
        log_event(LOG_LEVEL_WARNING, "client-trust-not-read", "why", why.reason,
            NULL);
    if (front->statuses != NULL &&
        !tls_listener_staple_from(front->tls, front->statuses, &why))
        log_event(
            LOG_LEVEL_WARNING, "staple-not-read", "why", why.reason, NULL);
    certify(front);
}
