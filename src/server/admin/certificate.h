#ifndef SERVER_ADMIN_CERTIFICATE_H
#define SERVER_ADMIN_CERTIFICATE_H

#include "authority/certificate_row.h"
#include "server/admin/call.h"

/* The certificate that the call's argument names: a serial, or its first
 * digits. */
MUST_CHECK bool certificate_find(
    struct admin_call *call, certificate_visitor *visit, struct failure *why);

/* What it says, as <dl>. */
MUST_CHECK bool certificate_facts(struct admin_call *call,
    const struct certificate_row *row, const struct facts *facts,
    struct failure *why);

/* The authority whose certificate it is; NULL: nobody's. */
const struct authority_issuer *certificate_authority(
    const struct authority *authority, const struct certificate_row *row);

#define CERTIFICATE_PATH_ROOM 192
/* "/admin/certificates/SERIAL" and what stands behind it. */
void certificate_path(const char *serial, const char *behind,
    char path[static CERTIFICATE_PATH_ROOM]);

#endif
