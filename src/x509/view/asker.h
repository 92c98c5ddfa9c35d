#ifndef X509_VIEW_ASKER_H
#define X509_VIEW_ASKER_H

#include "x509/chain/question.h"
#include "x509/view/document.h"

struct chain_pool;
struct verdict;

/* What the chain engine is asked for the part "Path", of one certificate of a
 * file after another: the same that verify asks. */
struct view_asker {
    /* The leaf is filled in, and what stands beside it is added to untrusted;
     * where origin is. */
    struct chain_question question;
    struct bytes *offered;
    size_t offered_count;
    const char *origin; /* of the certificates that are shown */
    size_t asked;
    /* Whom the question is put to; NULL: chain_verify.  It may add to
     * untrusted, which is the question's; what it adds outlives the asker. */
    bool (*judge)(void *owner, const struct chain_question *question,
        struct chain_pool *untrusted, struct verdict *verdict,
        struct failure *why);
    void *owner;
};

/* Certificates of one file that are judged. */
#define VIEW_JUDGED_MAX 20

/* question, and all it points into, and origin must outlive the asker. */
MUST_CHECK bool view_asker_start(const struct chain_question *question,
    const char *origin, struct view_asker *asker, struct failure *why);

/* What stands beside a certificate may help its path; the bytes must outlive
 * the asker.  One that can't be read is passed over, and so is what comes
 * behind the first INPUT_OBJECTS_MAX. */
void view_asker_offer(struct view_asker *asker, struct bytes certificate);

/* Fills in the part "Path" of a certificate's document. */
MUST_CHECK bool view_asker_ask(struct view_asker *asker, struct bytes leaf,
    struct view_document *document, struct failure *why);

void view_asker_free(struct view_asker *asker);

#endif
