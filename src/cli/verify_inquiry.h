#ifndef CLI_VERIFY_INQUIRY_H
#define CLI_VERIFY_INQUIRY_H

#include "cli/call.h"
#include "x509/chain/question.h"
#include "x509/chain/question_words.h"
#include "x509/question_files.h"

/* What `chancery verify FILE` was asked, with all that the question points
 * into. */
struct inquiry_file {
    struct buffer bytes;
    struct input input;
};

struct inquiry {
    struct chain_question question;
    struct inquiry_file *files; /* each as many as there are options */
    size_t file_count;
    struct chain_pool *roots, *untrusted, *distrusted;
    struct buffer leaf;
    bool is_signed_file; /* FILE is signed, and no certificate */
    struct bytes signed_bytes;
    const char *roots_file; /* the machine's, where none were given */

    struct question_sources sources;
    struct reference_name *names;
    struct question_oid *oids;
    struct bytes *policies;
};

/* Reads the options and the files they name, and FILE.  Kinds: usage;
 * FAILURE_NOT_FOUND and the other kinds of base/file.h; FAILURE_MALFORMED of a
 * file that holds no certificate. */
MUST_CHECK bool inquiry_read(
    struct call *call, struct inquiry *inquiry, struct failure *why);
void inquiry_free(struct inquiry *inquiry);

/* The options that are no files (cli/verify_asked.c). */
MUST_CHECK bool inquiry_read_asked(
    struct call *call, struct inquiry *inquiry, struct failure *why);

#endif
