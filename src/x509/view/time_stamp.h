#ifndef X509_VIEW_TIME_STAMP_H
#define X509_VIEW_TIME_STAMP_H

#include "x509/view/view.h"

/* TSTInfo (RFC 3161, 2.4.2), the content of a time-stamp's signed data: into
 * General and Details. */
void view_time_stamp(struct view_document *document, struct bytes content);

/* TimeStampResp: the status, and the token in it. */
void view_time_stamp_answer(
    struct view_document *document, const struct view_options *options);

#endif
