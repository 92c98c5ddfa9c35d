#ifndef SERVER_FRONT_OWN_H
#define SERVER_FRONT_OWN_H

#include "server/front/front_state.h"

/* A front's own TLS certificate: asked of the keeper when it is time. */

/* May a connection be accepted (kb 119)? */
bool own_is_ready(const struct front *front);

/* About once a second: what client certificates are judged by, and whether a
 * certificate is wanted. */
void own_look(struct front *front);

#endif
