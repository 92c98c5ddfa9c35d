#ifndef SERVER_WEB_OWN_NAMES_H
#define SERVER_WEB_OWN_NAMES_H

#include "authority/configuration.h"
#include "protocols/listener.h"

/*
 * The names in the server's own TLS certificates: those that chancery.yaml
 * declares (serve: names, and the host of its url), and localhost with its
 * addresses, by which the machine itself and the admin listener are reached.
 * Never what a request or a front says, and never the machine's own name, which
 * nobody declared.
 */
#define OWN_NAMES_MAX (SERVE_NAMES_MAX + 4)
struct own_names {
    /* as general_name_read takes them, each once */
    char texts[OWN_NAMES_MAX][SERVE_NAME_ROOM];
    size_t count;
};

/* One that can't be certified is left out, and told in the log. */
void own_names_of(
    const struct configuration *configuration, struct own_names *names);

/* The same as encoded GeneralNames, one after another. */
MUST_CHECK bool own_names_write(const struct configuration *configuration,
    struct buffer *names, struct failure *why);

/* By what profile they are issued, and who the journal says asked for one. */
#define OWN_PROFILE "server"
#define OWN_ACTOR_ROOM 32
void own_actor(enum listener listener, char actor[static OWN_ACTOR_ROOM]);

#endif
