#ifndef X509_CHAIN_QUESTION_WORDS_H
#define X509_CHAIN_QUESTION_WORDS_H

#include "x509/chain/question.h"

/* The words that options and lines of --batch share (INTERFACES.md).  A word
 * that is none is FAILURE_MALFORMED, and the reason lists those there are. */
MUST_CHECK bool question_purpose(
    const char *word, enum chain_purpose *purpose, struct failure *why);
MUST_CHECK bool question_revocation(
    const char *word, enum chain_revocation *revocation, struct failure *why);
MUST_CHECK bool question_profile(
    const char *word, enum chain_profile *profile, struct failure *why);

/* "keyCertSign" and its siblings of RFC 5280, 4.2.1.3, in any case, with or
 * without separators: adds its bit. */
MUST_CHECK bool question_key_usage(
    const char *word, uint32_t *bits, struct failure *why);

/* "1.3.6.1.5.5.7.3.1" or a name ("serverAuth"): contents of an OBJECT
 * IDENTIFIER, at most QUESTION_OID_MAX bytes. */
#define QUESTION_OID_MAX 64
struct question_oid {
    uint8_t contents[QUESTION_OID_MAX];
    size_t length;
};
MUST_CHECK bool question_oid_read(
    const char *word, struct question_oid *oid, struct failure *why);

#endif
