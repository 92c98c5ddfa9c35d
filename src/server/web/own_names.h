#ifndef SERVER_WEB_OWN_NAMES_H
#define SERVER_WEB_OWN_NAMES_H

#include "authority/configuration.h"

/*
 * The names in the server's own TLS certificates, as encoded GeneralNames one
 * after another, each once: those that chancery.yaml declares (serve: names,
 * and the host of its url), and localhost with its addresses, by which the
 * machine itself and the admin listener are reached.  Never what a request or a
 * front says, and never the machine's own name, which nobody declared.
 */
MUST_CHECK bool own_names_write(const struct configuration *configuration,
    struct buffer *names, struct failure *why);

#endif
