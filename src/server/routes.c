#include "protocols/certsrv/certsrv.h"
#include "protocols/ocsp/ocsp.h"
#include "protocols/rest/rest.h"
#include "server/admin/admin.h"
#include "server/pages/pages.h"
#include "server/route.h"
#include "server/watch/health.h"
#include "server/watch/metrics.h"

#define PUBLIC LISTENER_BIT(LISTENER_PUBLIC)
#define PLAIN LISTENER_BIT(LISTENER_PLAIN)
#define ADMIN LISTENER_BIT(LISTENER_ADMIN)
#define MTLS LISTENER_BIT(LISTENER_MTLS)
/* Over TLS; and whatever anybody may have, people with a certificate may. */
#define TLS (PUBLIC | ADMIN | MTLS)
#define EVERYWHERE (TLS | PLAIN)

#define OCSP_QUESTION_BYTES (64 * 1024)
#define UPLOAD_BYTES (256 * 1024)
#define VIEW_BYTES (1024 * 1024 + 4096) /* a file of 1 MiB in its form */

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
#define OCSP(given_path)                                                \
    {                                                                   \
        .path = (given_path), .methods = EXCHANGE_GET | EXCHANGE_POST,  \
        .listeners = EVERYWHERE, .body_max = OCSP_QUESTION_BYTES,       \
        .place = ROUTE_OCSP, .ways = WAY_ANYONE, .manner = MANNER_OCSP, \
        .door = DOOR_WEB, .handler = ocsp_ask                           \
    }

/* Addresses are typed in any letters (kb 59). */
#define PAGE(                                                                  \
    given_path, given_listeners, given_methods, longest, given_ways, answers)  \
    {                                                                          \
        .path = (given_path), .is_any_case = true, .methods = (given_methods), \
        .listeners = (given_listeners), .body_max = (longest),                 \
        .place = ROUTE_KEEPER, .ways = (given_ways), .manner = MANNER_PAGE,    \
        .door = DOOR_WEB, .handler = (answers)                                 \
    }

/* Names without a case; accounts over TLS alone. */
#define CERTSRV(given_path, given_methods, longest, given_ways, answers)       \
    {                                                                          \
        .path = (given_path), .is_any_case = true, .methods = (given_methods), \
        .listeners = PUBLIC | MTLS, .body_max = (longest),                     \
        .place = ROUTE_KEEPER, .ways = (given_ways), .manner = MANNER_CERTSRV, \
        .door = DOOR_CERTSRV, .handler = (answers)                             \
    }
#define BY_ACCOUNT (WAY_BASIC | WAY_CERTIFICATE)

#define BY_PEOPLE(given_path)                                        \
    {                                                                \
        .path = (given_path), .is_any_case = true,                   \
        .methods = EXCHANGE_GET | EXCHANGE_POST, .listeners = ADMIN, \
        .body_max = ADMIN_BODY_MAX, .place = ROUTE_KEEPER,           \
        .ways = WAY_ANYONE | WAY_CERTIFICATE, .manner = MANNER_PAGE, \
        .door = DOOR_ADMIN, .handler = admin_answer                  \
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

    /* Today's clients of the old server. */
    CERTSRV("/certsrv", EXCHANGE_GET, 0, BY_ACCOUNT, certsrv_home),
    CERTSRV("/certsrv/", EXCHANGE_GET, 0, BY_ACCOUNT, certsrv_home),
    CERTSRV("/certsrv/default.asp", EXCHANGE_GET, 0, BY_ACCOUNT, certsrv_home),
    CERTSRV("/certsrv/certrqxt.asp", EXCHANGE_GET, 0, BY_ACCOUNT, certsrv_form),
    CERTSRV("/certsrv/certfnsh.asp", EXCHANGE_POST, CERTSRV_BODY_MAX,
        BY_ACCOUNT, certsrv_submit),
    CERTSRV(
        "/certsrv/certckpn.asp", EXCHANGE_GET, 0, BY_ACCOUNT, certsrv_pending),
    /* What is the authority's is anybody's; the rest asks for the account. */
    CERTSRV("/certsrv/certnew.cer", EXCHANGE_GET, 0, WAY_ANYONE | BY_ACCOUNT,
        certsrv_certificate),
    CERTSRV("/certsrv/certnew.p7b", EXCHANGE_GET, 0, WAY_ANYONE | BY_ACCOUNT,
        certsrv_chain),
    CERTSRV("/certsrv/certcarc.asp", EXCHANGE_GET, 0, WAY_ANYONE | BY_ACCOUNT,
        certsrv_authorities),
    CERTSRV("/certsrv/certcrl.crl", EXCHANGE_GET, 0, WAY_ANYONE | BY_ACCOUNT,
        certsrv_list),
    {.path = "/certsrv/*",
        .is_any_case = true,
        .methods = EXCHANGE_GET | EXCHANGE_POST,
        .listeners = PLAIN,
        .body_max = CERTSRV_BODY_MAX,
        .place = ROUTE_KEEPER,
        .ways = WAY_ANYONE,
        .manner = MANNER_CERTSRV,
        .door = DOOR_CERTSRV,
        .handler = certsrv_plain},

    /* Status. */
    OCSP("/ocsp"),
    OCSP("/ocsp/*"),

    /* Pages, which work without scripts. */
    PAGE("/", EVERYWHERE, EXCHANGE_GET, 0, WAY_ANYONE, page_home),
    PAGE("/status", TLS, EXCHANGE_GET | EXCHANGE_POST, UPLOAD_BYTES, WAY_ANYONE,
        page_status),
    PAGE("/enrol", TLS, EXCHANGE_GET, 0, WAY_ANYONE, page_enrol),
    PAGE("/enrol/*", TLS, EXCHANGE_GET | EXCHANGE_POST, UPLOAD_BYTES,
        WAY_ANYONE | WAY_BASIC, page_enrol_profile),
    PAGE("/requests/*", TLS, EXCHANGE_GET | EXCHANGE_POST, UPLOAD_BYTES,
        WAY_ANYONE, page_request),
    {.path = "/view",
        .methods = EXCHANGE_GET | EXCHANGE_POST,
        .listeners = TLS,
        .body_max = VIEW_BYTES,
        .place = ROUTE_VIEW,
        .ways = WAY_ANYONE,
        .manner = MANNER_PAGE},
    PAGE("/enrol-key/*", TLS, EXCHANGE_GET, 0, WAY_ANYONE, page_browser_key),
    PAGE("/enrol.js", TLS, EXCHANGE_GET, 0, WAY_ANYONE, page_browser_script),

    /* For people with a role; a table of their own says which there are. */
    BY_PEOPLE("/admin"),
    BY_PEOPLE("/admin/*"),

    /* REST; its own table says who may ask, and which methods there are. */
    {.path = REST_ROOT "/*",
        .methods = EXCHANGE_GET | EXCHANGE_POST | EXCHANGE_PUT |
                   EXCHANGE_PATCH | EXCHANGE_DELETE,
        .listeners = TLS,
        .body_max = REST_BODY_MAX,
        .place = ROUTE_KEEPER,
        .ways = WAY_ANYONE | WAY_TOKEN | WAY_CERTIFICATE,
        .manner = MANNER_PROBLEM,
        .door = DOOR_API,
        .handler = rest_answer},
    {.path = "/api/openapi.json",
        .methods = EXCHANGE_GET,
        .listeners = TLS,
        .place = ROUTE_KEEPER,
        .ways = WAY_ANYONE,
        .manner = MANNER_PROBLEM,
        .door = DOOR_API,
        .handler = rest_document},

    /* About the server itself. */
    BY_FRONT("/version"),
    BY_FRONT("/style.css"),
    /* Details are for people with a role, who come by the admin listener. */
    {.path = "/health",
        .methods = EXCHANGE_GET,
        .listeners = ADMIN,
        .place = ROUTE_KEEPER,
        .ways = WAY_ANYONE | WAY_TOKEN | WAY_CERTIFICATE,
        .manner = MANNER_PROBLEM,
        .door = DOOR_API,
        .handler = health_tell},
    {.path = "/health",
        .methods = EXCHANGE_GET,
        .listeners = PUBLIC | PLAIN | MTLS,
        .place = ROUTE_KEEPER,
        .ways = WAY_ANYONE,
        .manner = MANNER_PROBLEM,
        .door = DOOR_API,
        .handler = health_tell},
    {.path = "/metrics",
        .methods = EXCHANGE_GET,
        .listeners = ADMIN,
        .place = ROUTE_KEEPER,
        .ways = WAY_TOKEN | WAY_CERTIFICATE,
        .manner = MANNER_PROBLEM,
        .door = DOOR_API,
        .handler = metrics_tell},

    {.path = NULL},
};

const struct route *routes(void)
{
    return table;
}
