#ifndef SERVER_WATCH_METRICS_H
#define SERVER_WATCH_METRICS_H

#include "protocols/exchange.h"

/*
 * /metrics, at the admin listener, for people and tokens: Prometheus' text
 * format 0.0.4.  docs/watch.md says what each is.
 */
exchange_handler metrics_tell;

#endif
