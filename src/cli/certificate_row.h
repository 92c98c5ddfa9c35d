#ifndef CLI_CERTIFICATE_ROW_H
#define CLI_CERTIFICATE_ROW_H

#include "cli/facts.h"
#include "store/store.h"

/* "valid", "revoked", "held" or "expired": a valid one after its end. */
const char *certificate_row_status(const struct certificate_row *row);

/* "keyCompromise", RFC 5280, 5.3.1. */
const char *revocation_reason_name(enum revocation_reason reason);

/* The row as `list` and `show` tell it; NULL: no memory. */
json_t *certificate_row_to_json(
    const struct certificate_row *row, const struct facts *facts);

#endif
