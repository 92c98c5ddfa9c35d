#ifndef SERVER_SERVE_H
#define SERVER_SERVE_H

#include "authority/configuration.h"
#include "protocols/listener.h"
#include "server/place.h"

/*
 * The parent that serves DIR: it binds the listeners, starts signer, keeper and
 * a front for each listener, hands each what it needs, and starts again what
 * ends, until SIGTERM or SIGINT.  It reads nothing that came from the network,
 * no secret and no store.
 *
 *     SIGHUP   chancery.yaml is read again: a wrong file changes nothing and is
 *              told with line and column in the log
 *     SIGTERM  the fronts finish what they have, then the keeper, then the
 *              signer, within 10 s; a second one ends all at once
 */
struct serve_facts {
    const struct place *place;
    const struct configuration *configuration;
    /* As they are listened at; port 0: not. */
    const struct serve_address *addresses; /* SERVE_LISTENERS */
    bool is_locked; /* nothing is issued until `chancery unlock` */
};

struct serve_plan {
    const char *directory;
    const char *program;     /* of ourselves; NULL: /proc/self/exe */
    int passphrase;          /* as struct client_options; stays the caller's */
    const char *credentials; /* $CREDENTIALS_DIRECTORY, or NULL */
    /* A folder of sockets signer.sock, keeper.sock and so on, behind which the
     * service manager starts each role as a unit of its own; NULL: the parent
     * starts them.  Readers are always its own. */
    const char *units;
    /* In place of what the file says; NULL: as it says. */
    const struct serve_address *given[SERVE_LISTENERS];
    /* Called once, when everything answers. */
    bool (*tell)(
        const struct serve_facts *facts, void *context, struct failure *why);
    void *context;
};

/*
 * Returns true after an end that was asked for.  FAILURE_CONFLICT: DIR is
 * served already; FAILURE_UNAVAILABLE: a command held it for too long, or an
 * address is taken; what else refuses the first start of keeper or signer.
 */
MUST_CHECK bool serve_run(const struct serve_plan *plan, struct failure *why);

/* The settings as the keeper will take them: FAILURE_MALFORMED with line and
 * column, FAILURE_UNSUITABLE for profiles that lint refuses. */
MUST_CHECK bool serve_read_settings(const struct place *place,
    struct configuration **configuration, struct failure *why);

#endif
