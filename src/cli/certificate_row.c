#include "cli/certificate_row.h"

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

const char *revocation_reason_name(enum revocation_reason reason)
{
    switch (reason) {
    case REASON_UNSPECIFIED:
        return "unspecified";
    case REASON_KEY_COMPROMISE:
        return "keyCompromise";
    case REASON_CA_COMPROMISE:
        return "cACompromise";
    case REASON_AFFILIATION_CHANGED:
        return "affiliationChanged";
    case REASON_SUPERSEDED:
        return "superseded";
    case REASON_CESSATION_OF_OPERATION:
        return "cessationOfOperation";
    case REASON_CERTIFICATE_HOLD:
        return "certificateHold";
    case REASON_REMOVE_FROM_CRL:
        return "removeFromCRL";
    case REASON_PRIVILEGE_WITHDRAWN:
        return "privilegeWithdrawn";
    case REASON_AA_COMPROMISE:
        return "aACompromise";
    }
    return "unknown";
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
