#ifndef SERVER_WATCH_HEALTH_H
#define SERVER_WATCH_HEALTH_H

#include "protocols/exchange.h"

/*
 * /health: 200 {"status":"ok"}, or 503 {"status":"red"} while something that is
 * relied on fails (warnings.h).  Who is known at the admin listener is told
 * which: "reasons" and "warnings", each {"about","sentence","since"}.  Without
 * a keeper the front answers 503.
 */
exchange_handler health_tell;

#endif
