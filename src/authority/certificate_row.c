#include "authority/certificate_row.h"

#include "base/clock.h"

const char *certificate_row_status(const struct certificate_row *row)
{
    switch (row->status) {
    case CERTIFICATE_REVOKED:
        return "revoked";
    case CERTIFICATE_HELD:
        return "held";
    case CERTIFICATE_VALID:
        break;
    }
    return row->not_after < clock_now() ? "expired" : "valid";
}

json_t *certificate_row_to_json(
    const struct certificate_row *row, const struct facts *facts)
{
    bool is_out = row->status != CERTIFICATE_VALID;
    char issued_at[CLOCK_TEXT], revoked_at[CLOCK_TEXT];

    clock_print(row->issued_at, issued_at);
    clock_print(row->revoked_at, revoked_at);
    return json_pack("{s:s, s:s, s:s, s:s, s:O, s:s, s:s, s:s, s:s, s:s?, "
                     "s:s?, s:s?, s:b}",
        "serial", facts->serial, "status", certificate_row_status(row),
        "subject", facts->subject, "issuer", facts->issuer, "names",
        facts->names, "not_before", facts->not_before, "not_after",
        facts->not_after, "profile", row->profile, "issued_at", issued_at,
        "revoked_at", is_out ? revoked_at : NULL, "reason",
        is_out ? revocation_reason_name(row->reason) : NULL, "sha256",
        *facts->sha256 == 0 ? NULL : facts->sha256, "delivered",
        (int)row->sealed);
}
