#ifndef SERVER_WATCH_SELF_TEST_H
#define SERVER_WATCH_SELF_TEST_H

#include "authority/authority.h"

/*
 * Does the engine of verdicts still tell good from revoked from unknown (kb
 * 106)?  Revocation is demanded of it.  FAILURE_INTERNAL names the certificate,
 * what it should be, and what was said.
 *
 * Of three certificates that come with the program (self_test.pem, made by
 * tools/self_test_objects.sh): a good one, a revoked one, and one whose list is
 * not to be had.  pem: self_test_pem(), or what a test broke of it.
 */
MUST_CHECK bool self_test_objects(struct bytes pem, struct failure *why);
const char *self_test_pem(void);

/*
 * And of each authority that issues, by the list that is published: one
 * certificate that the store holds for good and one that it holds for revoked,
 * where there are such.  A certificate or list that changes meanwhile may make
 * it fail once.
 */
MUST_CHECK bool self_test_store(const struct authority *authority,
    struct store *reading, struct failure *why);

/* The first certificate of this authority that the store holds for good, and
 * that ends in more than a day: its DER, appended. */
MUST_CHECK bool self_test_good(struct store *reading,
    const struct authority_issuer *issuer, struct buffer *der, bool *found,
    struct failure *why);

#endif
