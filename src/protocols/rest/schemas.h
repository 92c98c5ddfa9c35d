#ifndef PROTOCOLS_REST_SCHEMAS_H
#define PROTOCOLS_REST_SCHEMAS_H

#include "protocols/rest/schema.h"

/* The objects of the interface. */

/* Bodies. */
extern const struct schema schema_issue, schema_renew, schema_revoke,
    schema_nothing, schema_denial, schema_words, schema_proof;

/* Answers. */
extern const struct schema schema_certificate, schema_certificates,
    schema_certificate_details, schema_history, schema_issued, schema_awaits,
    schema_revoked, schema_request, schema_requests, schema_request_details,
    schema_request_fetched, schema_approved, schema_decided, schema_profile,
    schema_profiles, schema_profile_details, schema_paused, schema_authority,
    schema_authorities, schema_authority_details, schema_lists,
    schema_published, schema_event, schema_journal, schema_status,
    schema_problem;

/* All of them, ended by NULL. */
extern const struct schema *const schemas_all[];

/* Parameters of queries. */
extern const struct schema_member query_certificates[], query_requests[],
    query_journal[];

#endif
