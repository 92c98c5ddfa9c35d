#ifndef SERVER_SERIAL_POOL_H
#define SERVER_SERIAL_POOL_H

#include "authority/signer_protocol.h"
#include "base/bytes.h"

/*
 * The serials the signer has given out and not yet seen back.  Each is an
 * instance byte and 128 random bits, is good for one use, and only for
 * SIGNER_SERIAL_LIFE_MS: so a serial can't be signed twice, without any
 * database (properties 5).
 */
#define SERIAL_POOL_SLOTS 8192

struct serial_pool {
    uint8_t instance; /* 0x01 to 0x7f: serials are positive */
    size_t open;
    uint8_t random[64 * (SERIAL_BYTES - 1)]; /* fetched ahead */
    size_t random_left;
    struct serial_slot {
        uint8_t serial[SERIAL_BYTES];
        bool is_open;
        int64_t ends_ms; /* monotonic */
    } slots[SERIAL_POOL_SLOTS];
};

/* Gives out a serial.  FAILURE_UNAVAILABLE: SIGNER_OPEN_SERIALS_MAX are open
 * already. */
MUST_CHECK bool serial_pool_reserve(struct serial_pool *pool, int64_t now_ms,
    uint8_t serial[static SERIAL_BYTES], struct failure *why);

/* Takes a serial back in, once.  FAILURE_FORBIDDEN: it was not given out, was
 * used already, or is too old. */
MUST_CHECK bool serial_pool_use(struct serial_pool *pool, int64_t now_ms,
    struct bytes serial, struct failure *why);

#endif
