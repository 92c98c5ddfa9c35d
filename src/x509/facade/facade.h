#ifndef X509_FACADE_FACADE_H
#define X509_FACADE_FACADE_H

#include "chancery/verify.h"
#include "x509/chain/question_words.h"
#include "x509/question_files.h"

/* What stands behind the public headers.  No verdict is made here. */

#define FACADE_NAMELESS "the file"

/* Makes OpenSSL ready, once in a process. */
MUST_CHECK bool facade_start(struct failure *why);

enum chancery_result facade_result(const struct failure *failure);

/* Nothing may come as NULL; within, no view of nothing is one. */
static inline struct bytes facade_bytes(const void *bytes, size_t length)
{
    return length == 0 ? bytes_of_text("") : (struct bytes){bytes, length};
}

/* Bytes that were given, with what is in them. */
struct facade_file {
    struct buffer bytes;
    struct input input;
    char *name;
};

/* Object identifiers, each where it stays, and the views the engine wants. */
struct facade_oids {
    struct question_oid **held;
    struct bytes *views;
    size_t count;
};

struct chancery_question {
    struct chain_question asked; /* what words say of it */
    bool has_time, has_revocation;
    struct chain_pool *roots, *untrusted, *distrusted;
    struct facade_file **files;
    size_t file_count;
    struct question_sources sources;
    struct reference_name *names;
    char **name_texts;
    size_t name_count;
    struct facade_oids policies, purposes;
    struct buffer content;
    bool has_content;
    struct failure failure;
};

/* What the engine is asked, but for the leaf; a view into the question. */
void facade_question(
    const struct chancery_question *question, struct chain_question *asked);

/* One more element behind count; the array is the caller's. */
MUST_CHECK bool facade_grow(
    void *array, size_t count, size_t element, struct failure *why);

#endif
