#ifndef CLI_VIEW_PATH_H
#define CLI_VIEW_PATH_H

#include "cli/call.h"
#include "x509/chain/pool.h"
#include "x509/view/document.h"

/* What the chain engine is asked for the part "Path": the same that verify
 * asks of a file without further options. */
struct view_asker {
    struct chain_pool *roots;
    struct bytes *offered;
    size_t offered_count;
    struct root_file *files;
    size_t file_count;
    const char *origin; /* of the certificates that are shown */
    size_t asked;
};

/* Certificates of one file that are judged. */
#define VIEW_JUDGED_MAX 20

/* Reads --roots, or the machine's roots.  origin: where the certificates that
 * are shown come from; it must outlive the asker. */
MUST_CHECK bool view_asker_start(const struct call *call, const char *origin,
    struct view_asker *asker, struct failure *why);

/* What stands beside a certificate may help its path; the bytes must outlive
 * the asker.  One that can't be read is passed over, and so is what comes
 * behind the first INPUT_OBJECTS_MAX. */
void view_asker_offer(struct view_asker *asker, struct bytes certificate);

/* Fills in the part "Path" of a certificate's document. */
MUST_CHECK bool view_asker_ask(struct view_asker *asker, struct bytes leaf,
    struct view_document *document, struct failure *why);

void view_asker_free(struct view_asker *asker);

#endif
