#ifndef X509_CHAIN_VERDICT_H
#define X509_CHAIN_VERDICT_H

#include "crypto/digest.h"
#include "x509/chain/rule.h"

/*
 * What the engine says of a certificate: a code for programs, for every path
 * that was looked at each rule with its outcome and evidence, a sentence and a
 * remedy for people.  The codes are those of INTERFACES.md, and stay.
 */
enum verdict_code {
    VERDICT_OK,
    VERDICT_MALFORMED,
    VERDICT_SIGNATURE_INVALID, /* chain/arithmetic.c alone says it */
    VERDICT_ALGORITHM_REFUSED,
    VERDICT_KEY_TOO_WEAK,
    VERDICT_EXPIRED,
    VERDICT_NOT_YET_VALID,
    VERDICT_ISSUER_MISSING,
    VERDICT_ROOT_UNTRUSTED,
    VERDICT_SELF_SIGNED_UNTRUSTED,
    VERDICT_DISTRUSTED,
    VERDICT_NAME_MISMATCH,
    VERDICT_NAME_MISSING,
    VERDICT_USAGE_MISMATCH,
    VERDICT_NOT_AN_AUTHORITY,
    VERDICT_PATH_TOO_LONG,
    VERDICT_NAME_CONSTRAINT_VIOLATED,
    VERDICT_POLICY_VIOLATED,
    VERDICT_CRITICAL_EXTENSION_UNKNOWN,
    VERDICT_PROFILE_VIOLATED,
    VERDICT_REVOKED,
    VERDICT_REVOCATION_UNKNOWN,
    VERDICT_CRL_EXPIRED,
    VERDICT_CRL_MALFORMED,
    VERDICT_CRL_SIGNATURE_INVALID,
    VERDICT_BUDGET_EXCEEDED,
    VERDICT_NO_SIGNATURE,
    VERDICT_CONTENT_ALTERED,
    VERDICT_EXPIRED_WITHOUT_TIMESTAMP,
    VERDICT_WRONG_PASSWORD,
    VERDICT_UNSUPPORTED_ALGORITHM,
    VERDICT_CODES
};

/* "signature-invalid" */
const char *verdict_code_name(enum verdict_code code);

enum verdict_outcome { VERDICT_PASS, VERDICT_FAIL, VERDICT_SKIPPED };
const char *verdict_outcome_name(enum verdict_outcome outcome);

#define VERDICT_EVIDENCE 360 /* bytes, its zero included; longer is cut */
#define VERDICT_SENTENCE 800

struct verdict_check {
    enum chain_rule rule;
    enum verdict_outcome outcome;
    enum verdict_code code; /* of a failure; else VERDICT_OK */
    size_t place;           /* in the path: 0 is the leaf */
    char *evidence;         /* what was looked at; owned */
};

struct verdict_certificate {
    uint8_t sha256[SHA256_BYTES]; /* of the DER */
    struct bytes der;             /* a view into the pool's */
    const char *origin;           /* where it was found; not owned */
    bool is_anchor;
};

/* One candidate path, leaf first; one that found no anchor ends where nothing
 * above was found, and its last check says so. */
struct verdict_path {
    struct verdict_certificate *certificates;
    size_t length;
    struct verdict_check *checks;
    size_t check_count;
    /* The first rule that said no: code VERDICT_OK when there is none. */
    enum verdict_code code;
    enum chain_rule rule;
    size_t place;
    char evidence[VERDICT_EVIDENCE];
};

#define VERDICT_OTHER_PATHS_MAX 15

struct verdict {
    bool valid;
    enum verdict_code code;
    enum chain_rule rule; /* that failed first on the best path */
    size_t place;
    char sentence[VERDICT_SENTENCE];
    char remedy[VERDICT_SENTENCE]; /* empty when there is nothing to mend */
    struct verdict_path *paths;    /* the best one first */
    size_t path_count;
    bool paths_cut; /* there were more than are kept */
};

void verdict_free(struct verdict *verdict);

#endif
