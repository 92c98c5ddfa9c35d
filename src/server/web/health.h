#ifndef SERVER_WEB_HEALTH_H
#define SERVER_WEB_HEALTH_H

#include "protocols/exchange.h"

/* /health: {"status":"ok"} while there is a keeper to say so; without one the
 * front answers 503. */
exchange_handler health_tell;

#endif
