#ifndef TESTS_SUPPORT_CRL_DESK_H
#define TESTS_SUPPORT_CRL_DESK_H

#include "x509/crl.h"
#include "x509/crl_writer.h"

/* Revocation lists for tests, written into a memfd by crl_writer. */

#define CRL_THIS_UPDATE INT64_C(1767225600) /* 2026-01-01 */
#define CRL_NEXT_UPDATE INT64_C(1767830400)

/* A plan of a complete list with ecdsa-with-SHA256. */
struct crl_plan crl_good_plan(void);

/* An empty memfd, the caller's. */
int crl_new_file(void);

/* Serials of this many bytes that count up from first, with reasons and times
 * that differ. */
void crl_add_entries(struct crl_writer *writer, size_t count,
    size_t serial_length, uint32_t first);

/* A span of the file, appended. */
void crl_take_span(
    int descriptor, const struct crl_span *span, struct buffer *bytes);

/* The body of a list by this plan with so many entries, appended. */
void crl_write_body(
    const struct crl_plan *plan, size_t count, struct buffer *body);

/* The same, sealed with a signature that verifies under no key. */
void crl_write_list(
    const struct crl_plan *plan, size_t count, struct buffer *list);

#define CRL_DESK_MAX (64 * 1024 * 1024)

#endif
