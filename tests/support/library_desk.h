#ifndef SUPPORT_LIBRARY_DESK_H
#define SUPPORT_LIBRARY_DESK_H

#include <chancery/verify.h>

/* What tests of the shared library have at hand: they see the public headers
 * alone, as other programs do. */

#define OBJECTS PROJECT_FOLDER "/tests/objects/"
#define ROOT OBJECTS "verify/root.pem"
#define ISSUING OBJECTS "verify/issuing.pem"
#define LEAF OBJECTS "verify/leaf.pem"
/* 2027-01-01: within the validity of all three. */
#define AT INT64_C(1798761600)

struct held {
    char bytes[64 * 1024];
    size_t length;
};

void read_object(const char *path, struct held *held);

typedef enum chancery_result add_file(struct chancery_question *question,
    const void *bytes, size_t length, const char *name);

/* The bytes are overwritten behind the call: the question has its own. */
void question_add(
    struct chancery_question *question, add_file *add_to, const char *path);

/* Of the chain of three, at AT. */
struct chancery_question *question_of_chain(void);

#endif
