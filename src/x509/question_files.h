#ifndef X509_QUESTION_FILES_H
#define X509_QUESTION_FILES_H

#include "x509/chain/question.h"
#include "x509/chain/revocation.h"
#include "x509/chain/verdict.h"
#include "x509/input.h"

/* What becomes of the files that a question is asked with, in any encoding: the
 * same for the command `verify` and the library.  The bytes, what is read of
 * them and their names are the caller's and must outlive the question. */

/* Told of a certificate that can't be read, which is passed over: a store of
 * many roots must not become useless by one. */
typedef void question_unread(
    void *owner, const char *name, const struct failure *why);

/* Adds the certificates of a file, but the one with those bytes; returns how
 * many.  tell may be NULL. */
size_t question_certificates(const struct input *input, const char *name,
    struct bytes but, struct chain_pool *pool, question_unread *tell,
    void *owner);

/*
 * Which certificate of a file is judged: the leaf of its chain; where that
 * can't be told, as beside a damaged one, the first.  *leaf is a view into the
 * input or into *room.
 */
MUST_CHECK bool question_leaf(struct bytes file, const char *name,
    const struct input *input, struct buffer *room, struct bytes *leaf,
    struct failure *why);

/* Revocation lists and OCSP answers. */
struct question_sources {
    struct status_source **all;
    size_t count;
};
#define QUESTION_SOURCES_MAX 1000

void question_sources_free(struct question_sources *sources);

/* A file that holds no list was meant to: its bytes are told as damaged, where
 * they would have mattered.  FAILURE_UNSUITABLE: there are too many. */
MUST_CHECK bool question_lists(struct bytes file, const char *name,
    struct input *input, struct question_sources *sources, struct failure *why);
MUST_CHECK bool question_answer(struct bytes file, const char *name,
    struct input *input, struct question_sources *sources, struct failure *why);

/* Is the file judged by its signers?  By what it is, or by a purpose that only
 * signed files have while it holds no certificate. */
bool question_is_of_signed_file(struct bytes file, enum chain_purpose purpose);

/* The verdict on what holds no certificate. */
void question_malformed(struct verdict *verdict, const struct failure *why);

#endif
