#ifndef X509_CHAIN_BUDGET_H
#define X509_CHAIN_BUDGET_H

#include <stddef.h>
#include <stdint.h>

/*
 * What one question may cost, whatever it is made of.  Each limit that is
 * reached is VERDICT_BUDGET_EXCEEDED, and the evidence names it.
 */
#define BUDGET_SIGNATURES 200  /* checks; one of a cache costs nothing */
#define BUDGET_EDGES 2000      /* pairs of certificate and issuer looked at */
#define BUDGET_CPU_MS 200      /* of this thread */
#define BUDGET_PATH_LENGTH 100 /* certificates */
#define BUDGET_RSA_BITS 8192   /* a larger modulus is KEY_REFUSED unread */

struct chain_budget {
    size_t signatures, edges; /* used */
    int64_t cpu_started_ms;
    const char *exceeded; /* "200 signature checks"; NULL: none */
};

#endif
