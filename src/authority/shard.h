#ifndef AUTHORITY_SHARD_H
#define AUTHORITY_SHARD_H

#include "base/bytes.h"

/* Which revocation list of an authority a serial belongs to: its last four
 * bytes, big-endian, modulo the number of lists (DESIGN.md).  0 for one list
 * or none. */
unsigned int crl_shard_of(struct bytes serial, int shards);

#endif
