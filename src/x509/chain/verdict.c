#include "x509/chain/verdict.h"

#include <stdlib.h>

static const char *const names[VERDICT_CODES] = {
    [VERDICT_OK] = "ok",
    [VERDICT_MALFORMED] = "malformed",
    [VERDICT_SIGNATURE_INVALID] = "signature-invalid",
    [VERDICT_ALGORITHM_REFUSED] = "algorithm-refused",
    [VERDICT_KEY_TOO_WEAK] = "key-too-weak",
    [VERDICT_EXPIRED] = "expired",
    [VERDICT_NOT_YET_VALID] = "not-yet-valid",
    [VERDICT_ISSUER_MISSING] = "issuer-missing",
    [VERDICT_ROOT_UNTRUSTED] = "root-untrusted",
    [VERDICT_SELF_SIGNED_UNTRUSTED] = "self-signed-untrusted",
    [VERDICT_DISTRUSTED] = "distrusted",
    [VERDICT_NAME_MISMATCH] = "name-mismatch",
    [VERDICT_NAME_MISSING] = "name-missing",
    [VERDICT_USAGE_MISMATCH] = "usage-mismatch",
    [VERDICT_NOT_AN_AUTHORITY] = "not-an-authority",
    [VERDICT_PATH_TOO_LONG] = "path-too-long",
    [VERDICT_NAME_CONSTRAINT_VIOLATED] = "name-constraint-violated",
    [VERDICT_POLICY_VIOLATED] = "policy-violated",
    [VERDICT_CRITICAL_EXTENSION_UNKNOWN] = "critical-extension-unknown",
    [VERDICT_PROFILE_VIOLATED] = "profile-violated",
    [VERDICT_REVOKED] = "revoked",
    [VERDICT_REVOCATION_UNKNOWN] = "revocation-unknown",
    [VERDICT_CRL_EXPIRED] = "crl-expired",
    [VERDICT_CRL_MALFORMED] = "crl-malformed",
    [VERDICT_CRL_SIGNATURE_INVALID] = "crl-signature-invalid",
    [VERDICT_BUDGET_EXCEEDED] = "budget-exceeded",
    [VERDICT_NO_SIGNATURE] = "no-signature",
    [VERDICT_CONTENT_ALTERED] = "content-altered",
    [VERDICT_EXPIRED_WITHOUT_TIMESTAMP] = "expired-without-timestamp",
    [VERDICT_WRONG_PASSWORD] = "wrong-password",
    [VERDICT_UNSUPPORTED_ALGORITHM] = "unsupported-algorithm",
};

const char *verdict_code_name(enum verdict_code code)
{
    return names[code];
}

const char *verdict_outcome_name(enum verdict_outcome outcome)
{
    static const char *const outcomes[] = {
        [VERDICT_PASS] = "pass",
        [VERDICT_FAIL] = "fail",
        [VERDICT_SKIPPED] = "skipped",
    };

    return outcomes[outcome];
}

static void path_free(struct verdict_path *path)
{
    for (size_t i = 0; i < path->check_count; i++)
        free(path->checks[i].evidence);
    free(path->checks);
    free(path->certificates);
}

void verdict_free(struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->path_count; i++)
        path_free(&verdict->paths[i]);
    free(verdict->paths);
    *verdict = (struct verdict){0};
}
