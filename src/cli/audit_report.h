#ifndef CLI_AUDIT_REPORT_H
#define CLI_AUDIT_REPORT_H

#include "authority/audit.h"
#include "base/json.h"
#include "server/place.h"

/* Verifies the journal of DIR.  True: *fault says how it is not whole, or is
 * FAILURE_NONE.  False: it could not be read. */
MUST_CHECK bool audit_place(const struct place *place,
    struct audit_report *report, struct failure *fault, struct failure *why);

json_t *audit_to_json(
    const struct audit_report *report, const struct failure *fault);

#endif
