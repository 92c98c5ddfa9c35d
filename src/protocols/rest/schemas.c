#include "authority/names.h"
#include "protocols/rest/operation.h"
#include "protocols/rest/schema_rows.h"

/* What comes in: bodies, and parameters of queries. */

/* Characters: of a name in chancery.yaml, a PKCS#10 in PEM, a distinguished
 * name, a general name with its kind, words of a person, a signature in
 * base64. */
#define NAME_MOST (PROFILE_NAME_MAX - 1)
#define CSR_MOST (96 * 1024)
#define SUBJECT_MOST 8192
#define GENERAL_NAME_MOST 2200
#define WORDS_MOST 180
#define PROOF_MOST 8192

#define NEEDED SCHEMA_REQUIRED

/* --- bodies -------------------------------------------------------------- */

static const struct schema_member issue[] = {
    {.name = "profile",
        .flags = NEEDED,
        .least = 1,
        .most = NAME_MOST,
        .tells = "Which profile, as GET /profiles lists them"},
    {.name = "csr",
        .flags = NEEDED,
        .least = 1,
        .most = CSR_MOST,
        .tells = "The PKCS#10 request, as PEM or as base64 of its DER"},
    {.name = "names",
        .kind = SCHEMA_TEXTS,
        .least = 1,
        .most = GENERAL_NAME_MOST,
        .items_most = NAMES_MAX,
        .tells = "Names in place of the request's: dns:N, ip:A, email:E, "
                 "uri:U, or a bare name, address or mailbox"},
    {.name = "subject",
        .most = SUBJECT_MOST,
        .tells = "A distinguished name in place of the request's, as RFC 4514 "
                 "writes it"},
    {.name = "lifetime",
        .least = 2,
        .most = 20,
        .tells = "\"90d\", \"24h\", \"10y\"; the profile's when it is left "
                 "out"},
    {.name = "not_after",
        .least = 1,
        .most = 40,
        .format = "date-time",
        .tells = "When it ends, in place of a lifetime"},
    {.name = "authority",
        .least = 1,
        .most = NAME_MOST,
        .tells = "Which authority; needed where several issue"},
    END_OF_MEMBERS,
};
const struct schema schema_issue = {
    "IssueRequest", "What a certificate is asked for with", issue};

static const struct schema_member renew[] = {
    {.name = "csr",
        .flags = NEEDED,
        .least = 1,
        .most = CSR_MOST,
        .tells = "The PKCS#10 request with the new key, or the old one"},
    {.name = "proof",
        .least = 1,
        .most = PROOF_MOST,
        .tells = "Base64 of a signature by the old certificate's key over "
                 "\"chancery renewal 1\\n\" and the DER of the request; "
                 "without it a role is needed"},
    END_OF_MEMBERS,
};
const struct schema schema_renew = {"RenewRequest",
    "A renewal: profile, names and lifetime are the old certificate's", renew};

/* Those of RFC 5280, 5.3.1, that revoke. */
static const char *const reasons[] = {"unspecified", "keyCompromise",
    "cACompromise", "affiliationChanged", "superseded", "cessationOfOperation",
    "privilegeWithdrawn", "aACompromise", NULL};
static const struct schema_member revoke[] = {
    {.name = "reason",
        .words = reasons,
        .tells = "Why (RFC 5280, 5.3.1); unspecified when it is left out"},
    {.name = "comment",
        .most = WORDS_MOST,
        .tells = "Why in words, for the journal"},
    END_OF_MEMBERS,
};
const struct schema schema_revoke = {
    "RevokeRequest", "Why a certificate is revoked", revoke};

static const struct schema_member nothing[] = {END_OF_MEMBERS};
const struct schema schema_nothing = {
    "Nothing", "No body, or an empty object", nothing};

static const struct schema_member denial[] = {
    {.name = "reason",
        .flags = NEEDED,
        .least = 1,
        .most = WORDS_MOST,
        .tells = "Why, in words: who asked will read it"},
    END_OF_MEMBERS,
};
const struct schema schema_denial = {
    "DenyRequest", "Why a request is denied", denial};

static const struct schema_member words[] = {
    {.name = "reason", .most = WORDS_MOST, .tells = "Why, in words"},
    END_OF_MEMBERS,
};
const struct schema schema_words = {"Reason", "A reason in words", words};

static const struct schema_member proof[] = {
    {.name = "proof",
        .flags = NEEDED,
        .least = 1,
        .most = PROOF_MOST,
        .tells = "Base64 of a signature by the request's key over \"chancery "
                 "request 1\\n\" and the id"},
    END_OF_MEMBERS,
};
const struct schema schema_proof = {
    "FetchRequest", "Proof of a request's key", proof};

/* --- queries ------------------------------------------------------------- */

#define LIMIT_AND_CURSOR                                                      \
    {.name = "limit",                                                         \
        .kind = SCHEMA_NUMBER,                                                \
        .least = 1,                                                           \
        .most = PAGE_ITEMS_MAX,                                               \
        .tells = "Items of a page at most; 100 when it is left out. A page "  \
                 "may have fewer, even none, and more may follow it"},        \
    {                                                                         \
        .name = "cursor", .least = 16, .most = 16,                            \
        .tells = "Where a page goes on: the member next of the one before it" \
    }

static const char *const statuses[] = {
    "valid", "revoked", "held", "expired", "all", NULL};
const struct schema_member query_certificates[] = {
    {.name = "status", .words = statuses, .tells = "Only those that are so"},
    {.name = "search",
        .least = 1,
        .most = 255,
        .tells = "The beginning of a name or of one of its labels or words, or "
                 "of serial or fingerprint in at least 4 hexadecimal digits"},
    {.name = "expiring",
        .least = 2,
        .most = 20,
        .tells = "Only valid ones that end within this time: \"30d\""},
    {.name = "profile",
        .least = 1,
        .most = NAME_MOST,
        .tells = "Only those of this profile"},
    {.name = "authority",
        .least = 1,
        .most = NAME_MOST,
        .tells = "Only those of this authority"},
    LIMIT_AND_CURSOR,
    END_OF_MEMBERS,
};

static const char *const states[] = {
    "waiting", "issued", "denied", "failed", "withdrawn", NULL};
const struct schema_member query_requests[] = {
    {.name = "state", .words = states, .tells = "Only those that are so"},
    LIMIT_AND_CURSOR,
    END_OF_MEMBERS,
};

const struct schema_member query_journal[] = {
    {.name = "kind",
        .least = 1,
        .most = 60,
        .tells = "Only events of this kind, as docs/journal.md lists them"},
    {.name = "object",
        .least = 1,
        .most = 127,
        .tells = "Only events about this serial, request or name"},
    {.name = "actor",
        .least = 1,
        .most = 79,
        .tells = "Only events that this one caused"},
    LIMIT_AND_CURSOR,
    END_OF_MEMBERS,
};
