#ifndef SERVER_FRONT_TLS_MEMORY_H
#define SERVER_FRONT_TLS_MEMORY_H

#include <stddef.h>

/*
 * Room of its own for what the library holds for a short time: 22 KiB and twice
 * 4 KiB for each handshake that is under way, 17 KiB for each record that is
 * read or written.  From the heap these leave holes between what connections
 * keep, and a thousand idle ones hold twice what they need.
 *
 * Pieces that are given back lie ready for the next; beyond TLS_MEMORY_READY of
 * a size the pages go back to the system.  One thread alone uses it.
 */
#define TLS_MEMORY_SMALL ((size_t)4 * 1024)  /* for sizes above its half */
#define TLS_MEMORY_LARGE ((size_t)24 * 1024) /* for sizes from 16 KiB */
#define TLS_MEMORY_PIECES 4096 /* of a size; beyond these the heap is used */
#define TLS_MEMORY_READY 16

/* Before the first call into OpenSSL; where it comes too late, or there is no
 * room, the heap is used. */
void tls_memory_start(void);

struct tls_memory_facts {
    size_t in_use, ready; /* pieces */
};
void tls_memory_facts(size_t size, struct tls_memory_facts *facts);

#endif
