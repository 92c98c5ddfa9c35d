#include "authority/control_protocol.h"
#include "protocols/rest/operation.h"
#include "protocols/rest/schemas.h"

#define ADMINISTRATOR ROLE_BIT(ROLE_ADMINISTRATOR)
#define OPERATORS (ADMINISTRATOR | ROLE_BIT(ROLE_OPERATOR))
#define APPROVERS (OPERATORS | ROLE_BIT(ROLE_APPROVER))
#define READERS (APPROVERS | ROLE_BIT(ROLE_AUDITOR))
#define AUDITORS (ADMINISTRATOR | ROLE_BIT(ROLE_AUDITOR))

/* Row by row: method, path, id, words; who asks; the clerk's verb and flags;
 * query, body; answers; function.  Never here: DESIGN.md 7. */
static const struct operation rows[] = {
    {EXCHANGE_GET, "/certificates", "listCertificates",
        "Certificates, in the order of issuance", ASKED_BY_ROLES, READERS, 0, 0,
        query_certificates, NULL, {{200, &schema_certificates, "A page"}},
        rest_list_certificates},
    {EXCHANGE_POST, "/certificates", "issueCertificate",
        "Issue a certificate; the profile says who may ask, and whether people "
        "approve first",
        ASKED_BY_KNOWN, 0, 0, TAKES_IDEMPOTENCY_KEY | BODY_IS_NEEDED, NULL,
        &schema_issue,
        {{201, &schema_issued, "It is issued"},
            {202, &schema_awaits, "It waits for people"}},
        rest_issue},
    {EXCHANGE_GET, "/certificates/{serial}", "getCertificate",
        "One certificate, by its serial in hexadecimal or the first 8 digits "
        "or more of it",
        ASKED_BY_ROLES, READERS, 0, GIVES_CERTIFICATE, NULL, NULL,
        {{200, &schema_certificate_details, "The certificate"}},
        rest_show_certificate},
    {EXCHANGE_GET, "/certificates/{serial}/history", "getCertificateHistory",
        "What the journal tells of it", ASKED_BY_ROLES, READERS, 0, 0, NULL,
        NULL, {{200, &schema_history, "Its history"}}, rest_show_history},
    {EXCHANGE_POST, "/certificates/{serial}/renew", "renewCertificate",
        "Issue a certificate that takes over from this one", ASKED_BY_ANYONE, 0,
        0, TAKES_IDEMPOTENCY_KEY | BODY_IS_NEEDED, NULL, &schema_renew,
        {{201, &schema_issued, "It is issued"},
            {202, &schema_awaits, "It waits for people"}},
        rest_renew},
    {EXCHANGE_POST, "/certificates/{serial}/revoke", "revokeCertificate",
        "Revoke it for good", ASKED_BY_ROLES, OPERATORS, CONTROL_REVOKE, 0,
        NULL, &schema_revoke, {{200, &schema_revoked, "It is revoked"}},
        rest_revoke},
    {EXCHANGE_POST, "/certificates/{serial}/hold", "holdCertificate",
        "Hold it: revoked until it is released", ASKED_BY_ROLES, OPERATORS,
        CONTROL_HOLD, 0, NULL, &schema_nothing,
        {{200, &schema_revoked, "It is held"}}, rest_hold},
    {EXCHANGE_POST, "/certificates/{serial}/unhold", "unholdCertificate",
        "Release it from its hold", ASKED_BY_ROLES, OPERATORS, CONTROL_UNHOLD,
        0, NULL, &schema_nothing, {{200, &schema_revoked, "It is released"}},
        rest_hold},

    {EXCHANGE_GET, "/requests", "listRequests",
        "Requests that wait or waited for people", ASKED_BY_ROLES, READERS, 0,
        0, query_requests, NULL, {{200, &schema_requests, "A page"}},
        rest_list_requests},
    {EXCHANGE_GET, "/requests/{id}", "getRequest", "One request",
        ASKED_BY_ROLES, READERS, 0, 0, NULL, NULL,
        {{200, &schema_request_details, "The request"}}, rest_show_request},
    {EXCHANGE_POST, "/requests/{id}/fetch", "fetchRequest",
        "The request and its certificate, for who proves its key",
        ASKED_BY_ANYONE, 0, CONTROL_FETCH, BODY_IS_NEEDED, NULL, &schema_proof,
        {{200, &schema_request_fetched, "The request"}}, rest_fetch_request},
    {EXCHANGE_POST, "/requests/{id}/approve", "approveRequest",
        "Approve it, as one person; with the last approval it is issued",
        ASKED_BY_ROLES, APPROVERS, CONTROL_APPROVE, 0, NULL, &schema_nothing,
        {{200, &schema_approved, "It is approved"}}, rest_decide_request},
    {EXCHANGE_POST, "/requests/{id}/deny", "denyRequest", "Deny it",
        ASKED_BY_ROLES, APPROVERS, CONTROL_DENY, BODY_IS_NEEDED, NULL,
        &schema_denial, {{200, &schema_decided, "It is denied"}},
        rest_decide_request},
    {EXCHANGE_POST, "/requests/{id}/withdraw", "withdrawRequest",
        "Withdraw it, as who asked or as an administrator", ASKED_BY_ROLES,
        APPROVERS, CONTROL_WITHDRAW, 0, NULL, &schema_words,
        {{200, &schema_decided, "It is withdrawn"}}, rest_decide_request},

    {EXCHANGE_GET, "/profiles", "listProfiles", "All profiles", ASKED_BY_ROLES,
        READERS, 0, 0, NULL, NULL, {{200, &schema_profiles, "The profiles"}},
        rest_list_profiles},
    {EXCHANGE_GET, "/profiles/{name}", "getProfile", "One profile",
        ASKED_BY_ROLES, READERS, 0, 0, NULL, NULL,
        {{200, &schema_profile_details, "The profile"}}, rest_show_profile},
    {EXCHANGE_POST, "/profiles/{name}/pause", "pauseProfile",
        "Let a profile issue nothing until it is resumed", ASKED_BY_ROLES,
        OPERATORS, CONTROL_PAUSE, 0, NULL, &schema_words,
        {{200, &schema_paused, "It is paused"}}, rest_pause_profile},
    {EXCHANGE_POST, "/profiles/{name}/resume", "resumeProfile",
        "Let a profile issue again", ASKED_BY_ROLES, OPERATORS, CONTROL_RESUME,
        0, NULL, &schema_nothing, {{200, &schema_paused, "It issues"}},
        rest_pause_profile},
    {EXCHANGE_POST, "/pause", "pauseAll",
        "Let every profile issue nothing until it is resumed", ASKED_BY_ROLES,
        OPERATORS, CONTROL_PAUSE, 0, NULL, &schema_words,
        {{200, &schema_paused, "All are paused"}}, rest_pause_all},
    {EXCHANGE_POST, "/resume", "resumeAll", "End the pause of every profile",
        ASKED_BY_ROLES, OPERATORS, CONTROL_RESUME, 0, NULL, &schema_nothing,
        {{200, &schema_paused, "They issue, but those paused by name"}},
        rest_pause_all},

    {EXCHANGE_GET, "/authorities", "listAuthorities", "All authorities",
        ASKED_BY_ROLES, READERS, 0, 0, NULL, NULL,
        {{200, &schema_authorities, "The authorities"}}, rest_list_authorities},
    {EXCHANGE_GET, "/authorities/{name}", "getAuthority", "One authority",
        ASKED_BY_ROLES, READERS, 0, GIVES_CERTIFICATE, NULL, NULL,
        {{200, &schema_authority_details, "The authority"}},
        rest_show_authority},
    {EXCHANGE_GET, "/authorities/{name}/crl", "getLists",
        "What is known of its last revocation lists", ASKED_BY_ROLES, READERS,
        0, 0, NULL, NULL, {{200, &schema_lists, "The lists"}}, rest_show_lists},
    {EXCHANGE_POST, "/authorities/{name}/crl", "publishList",
        "Sign and publish a new revocation list", ASKED_BY_ROLES, OPERATORS,
        CONTROL_CRL, 0, NULL, &schema_nothing,
        {{200, &schema_published, "It is published"}}, rest_publish_list},

    {EXCHANGE_GET, "/journal", "listJournal", "Events of the journal",
        ASKED_BY_ROLES, AUDITORS, 0, 0, query_journal, NULL,
        {{200, &schema_journal, "A page"}}, rest_list_journal},
    {EXCHANGE_GET, "/status", "getStatus", "How the authority is",
        ASKED_BY_ROLES, READERS, 0, 0, NULL, NULL,
        {{200, &schema_status, "Its state"}}, rest_show_status},
    {.path = NULL},
};

const struct operation *operations(void)
{
    return rows;
}
