#ifndef CLI_VERIFY_AS_H
#define CLI_VERIFY_AS_H

#include "cli/verify_as_question.h"
#include "x509/chain/verdict.h"

/* verify --as PROGRAM: what another program says of the same question, asked
 * of the program itself.  docs/verdicts.md, "As another program says". */

struct as_program {
    const char *word; /* --as takes it, and it is told by it */
    const char *command, *package;
    const char *version_option;
    bool (*compose)(struct call *call, const struct inquiry *inquiry,
        struct as_question *question, struct failure *why);
    int no_status;        /* that it ends with when it refuses */
    const char *foreword; /* lines that begin so are not its reasons */
    const char *opening;  /* its reasons begin behind this; NULL: at once */
};

/* Its words, at most; what is beyond is not heard. */
#define AS_OUTPUT_MAX 65536
#define AS_TIME_MS 10000
#define AS_VERSION_ROOM 40

struct as_answer {
    char version[AS_VERSION_ROOM];
    bool is_valid;
    struct buffer words; /* made visible, in one line */
};

/* All words of the table in cli/verify_as_programs.c, which a test holds it
 * to. */
#define AS_PROGRAM_WORDS "openssl gnutls"

/* NULL: there is none of that word. */
const struct as_program *as_program_named(const char *word);

/* Where it is, of the folders (NULL: /usr/bin and /usr/local/bin; ended by
 * NULL); never by PATH.  FAILURE_NOT_FOUND names the package. */
MUST_CHECK bool as_program_find(const struct as_program *program,
    const char *const *folders, char path[static PATH_ROOM],
    struct failure *why);

/* Asks the program at path.  FAILURE_UNAVAILABLE: no answer came within
 * AS_TIME_MS, or none that is a yes or a no. */
MUST_CHECK bool as_program_ask(const struct as_program *program,
    const char *path, const struct as_question *question,
    struct as_answer *answer, struct failure *why);

/* Reasons out of what a program said: see struct as_program. */
MUST_CHECK bool as_words(const struct as_program *program, struct bytes said,
    struct buffer *words, struct failure *why);

/* The program of --as, where it was given, and its place: before any file is
 * read.  *program is NULL without --as. */
MUST_CHECK bool verify_as_begin(struct call *call,
    const struct as_program **program, char path[static PATH_ROOM],
    struct failure *why);

/* Asks, tells our verdict and the program's answer, and sets call->status to
 * the latter. */
MUST_CHECK bool verify_as_tell(struct call *call,
    const struct as_program *program, const char *path,
    const struct inquiry *inquiry, const struct verdict *verdict,
    struct failure *why);

#endif
