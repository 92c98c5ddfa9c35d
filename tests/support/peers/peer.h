#ifndef SUPPORT_PEERS_PEER_H
#define SUPPORT_PEERS_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Another verifier beside ours, for tests/integration/test_differential_verify.
 * Each is asked the same: is this the certificate of a TLS server of this name,
 * at this time, below these roots?
 */
#define PEER_CERTIFICATES_MAX 64

struct peer_bytes {
    const unsigned char *start;
    size_t length;
};

struct peer_list {
    struct peer_bytes items[PEER_CERTIFICATES_MAX];
    size_t count;
};

struct peer_question {
    int64_t time;
    const char *host;
    struct peer_bytes leaf;
    struct peer_list roots, untrusted;
};

/* What can't be read is refused; a root that can't be read is none.  The reason
 * of a refusal goes into the text. */
#define PEER_REASON 256
bool peer_accepts(
    const struct peer_question *question, char reason[static PEER_REASON]);

#endif
