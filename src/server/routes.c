#include "server/pages/pages.h"
#include "server/route.h"
#include "server/web/health.h"

#define PUBLIC LISTENER_BIT(LISTENER_PUBLIC)
#define PLAIN LISTENER_BIT(LISTENER_PLAIN)
#define ADMIN LISTENER_BIT(LISTENER_ADMIN)
#define MTLS LISTENER_BIT(LISTENER_MTLS)
/* Over TLS; and whatever anybody may have, people with a certificate may. */
#define TLS (PUBLIC | ADMIN | MTLS)
#define EVERYWHERE (TLS | PLAIN)

#define OCSP_QUESTION_BYTES (64 * 1024)
#define UPLOAD_BYTES (256 * 1024)

/* What DIR/publish holds, for everybody. */
#define PUBLISHED(given_path, any_case)                                        \
    {                                                                          \
        .path = (given_path), .is_any_case = (any_case),                       \
        .methods = EXCHANGE_GET, .listeners = EVERYWHERE, .place = ROUTE_FILE, \
        .ways = WAY_ANYONE, .manner = MANNER_PAGE                              \
    }
#define BY_FRONT(given_path)                                               \
    {                                                                      \
        .path = (given_path), .methods = EXCHANGE_GET,                     \
        .listeners = EVERYWHERE, .place = ROUTE_FRONT, .ways = WAY_ANYONE, \
        .manner = MANNER_TEXT                                              \
    }
#define OCSP(given_path)                                               \
    {                                                                  \
        .path = (given_path), .methods = EXCHANGE_GET | EXCHANGE_POST, \
        .listeners = EVERYWHERE, .body_max = OCSP_QUESTION_BYTES,      \
        .place = ROUTE_OCSP, .ways = WAY_ANYONE, .manner = MANNER_OCSP \
    }

static const struct route table[] = {
    /* What is published. */
    PUBLISHED("/roots", false),
    PUBLISHED("/roots.pem", false),
    PUBLISHED("/roots.mobileconfig", false),
    PUBLISHED("/root/*", false),
    PUBLISHED("/intermediates.pem", false),
    PUBLISHED("/ca/*", false),
    PUBLISHED("/crl/*", false),
    /* The old server's addresses; before all else below /certsrv/. */
    PUBLISHED("/certsrv/CertEnroll/*", true),
    PUBLISHED("/CertEnroll/*", true),

    /* Status. */
    OCSP("/ocsp"),
    OCSP("/ocsp/*"),

    /* Pages. */
    {.path = "/",
        .methods = EXCHANGE_GET,
        .listeners = EVERYWHERE,
        .place = ROUTE_KEEPER,
        .ways = WAY_ANYONE,
        .manner = MANNER_PAGE,
        .door = DOOR_WEB,
        .handler = page_home},
    {.path = "/status",
        .methods = EXCHANGE_GET | EXCHANGE_POST,
        .listeners = TLS,
        .body_max = UPLOAD_BYTES,
        .place = ROUTE_KEEPER,
        .ways = WAY_ANYONE,
        .manner = MANNER_PAGE,
        .door = DOOR_WEB,
        .handler = page_status},

    /* About the server itself. */
    BY_FRONT("/version"),
    BY_FRONT("/style.css"),
    {.path = "/health",
        .methods = EXCHANGE_GET,
        .listeners = EVERYWHERE,
        .place = ROUTE_KEEPER,
        .ways = WAY_ANYONE,
        .manner = MANNER_PROBLEM,
        .door = DOOR_API,
        .handler = health_tell},

    {.path = NULL},
};

const struct route *routes(void)
{
    return table;
}
