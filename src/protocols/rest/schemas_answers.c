#include "protocols/rest/schema_rows.h"

/* What goes out. */

#define NEXT                     \
    OR_NULL(SCHEMA_TEXT, "next", \
        "The cursor of the next page; null at the end of the list")

/* --- certificates -------------------------------------------------------- */

#define CERTIFICATE_MEMBERS                                                \
    TEXT("serial", "In lower-case hexadecimal"),                           \
        TEXT("status", "valid, revoked, held or expired"),                 \
        TEXT("subject", "As RFC 4514 writes it"), TEXT("issuer", NULL),    \
        TEXTS("names", "dns:N, ip:A, email:E, uri:U and others"),          \
        TIME("not_before", NULL), TIME("not_after", NULL),                 \
        TEXT("profile", NULL), TIME("issued_at", NULL),                    \
        OR_NULL(SCHEMA_TEXT, "revoked_at", "Since when it is out"),        \
        OR_NULL(SCHEMA_TEXT, "reason", "Why it is out (RFC 5280, 5.3.1)"), \
        OR_NULL(SCHEMA_TEXT, "sha256",                                     \
            "Fingerprint; null of one that never was delivered"),          \
        TRUTH("delivered",                                                 \
            "False: perhaps signed, but given to nobody, and revoked")

static const struct schema_member certificate[] = {
    CERTIFICATE_MEMBERS,
    END_OF_MEMBERS,
};
const struct schema schema_certificate = {
    "Certificate", "A certificate as lists show it", certificate};

static const struct schema_member certificates[] = {
    MANY("certificates", schema_certificate, NULL),
    NEXT,
    END_OF_MEMBERS,
};
const struct schema schema_certificates = {
    "Certificates", "A page, in the order of issuance", certificates};

static const struct schema_member certificate_details[] = {
    CERTIFICATE_MEMBERS,
    OR_NULL(SCHEMA_TEXT, "certificate", "PEM"),
    END_OF_MEMBERS,
};
const struct schema schema_certificate_details = {
    "CertificateDetails", "A certificate", certificate_details};

#define EVENT_MEMBERS                                                       \
    NUMBER("seq", "Its number: 1, 2, 3 without gaps"), TIME("at", NULL),    \
        NUMBER("at_ms", "Milliseconds since 1970"), TEXT("kind", NULL),     \
        TEXT("actor", "Who caused it"), TEXT("object", "What it is about"), \
        MEMBER(SCHEMA_ANY, "detail", "What more there is to say", ),        \
        TEXT("hash", "SHA-256 of the chain up to it")

static const struct schema_member event[] = {EVENT_MEMBERS, END_OF_MEMBERS};
const struct schema schema_event = {"Event", "An event of the journal", event};

static const struct schema_member history_event[] = {
    EVENT_MEMBERS,
    TEXT("meaning", "The kind in words"),
    END_OF_MEMBERS,
};
static const struct schema schema_history_event = {
    "HistoryEvent", "An event about a certificate", history_event};

static const struct schema_member history_list[] = {
    TEXT("list", "complete or shard"),
    NUMBER("number", "Its CRL number"),
    TIME("made", NULL),
    END_OF_MEMBERS,
};
static const struct schema schema_history_list = {
    "HistoryList", "A list that tells of the certificate", history_list};

static const struct schema_member history[] = {
    MANY("events", schema_history_event, "Oldest first"),
    MANY("lists", schema_history_list, NULL),
    END_OF_MEMBERS,
};
const struct schema schema_history = {"History",
    "What the journal tells of a certificate and of its request", history};

static const struct schema_member issued[] = {
    TEXT("serial", NULL),
    TEXT("subject", NULL),
    TEXT("issuer", NULL),
    TEXT("profile", NULL),
    TIME("not_before", NULL),
    TIME("not_after", NULL),
    TEXT("sha256", NULL),
    TEXTS("names", NULL),
    TEXT("certificate", "PEM"),
    TEXTS("chain", "PEM of the issuers, without the root"),
    TEXTS("notices", "Sentences about what was asked for"),
    END_OF_MEMBERS,
};
const struct schema schema_issued = {
    "Issued", "A certificate that was issued", issued};

static const struct schema_member awaited[] = {
    TEXT("id", NULL),
    NUMBER("approvals_needed", NULL),
    END_OF_MEMBERS,
};
static const struct schema schema_awaited = {
    "AwaitedRequest", "The request that waits", awaited};
static const struct schema_member awaits[] = {
    ONE("request", schema_awaited, NULL),
    TEXTS("notices", NULL),
    END_OF_MEMBERS,
};
const struct schema schema_awaits = {
    "Awaits", "A request that waits for people", awaits};

#define LIST_MEMBERS                                                   \
    TEXT("authority", NULL),                                           \
        {.name = "list",                                               \
            .flags = SCHEMA_REQUIRED | SCHEMA_NULLABLE,                \
            .tells = "complete, delta or unchanged; null: it failed"}, \
        PERHAPS(SCHEMA_TEXT, "list_failed",                            \
            "Why no list was made; the revocation stands"),            \
        PERHAPS(SCHEMA_NUMBER, "list_number", NULL),                   \
        PERHAPS(SCHEMA_NUMBER, "list_entries", NULL),                  \
        PERHAPS(SCHEMA_NUMBER, "delta_entries", NULL),                 \
        PERHAPS(SCHEMA_NUMBER, "shards", NULL),                        \
        PERHAPS(SCHEMA_TEXT, "next_update", NULL),                     \
        PERHAPS(SCHEMA_TEXT, "others_until",                           \
            "Until when others may still go by an older list")

static const struct schema_member revoked[] = {
    TEXT("serial", NULL),
    TRUTH("changed", "False: it was so already"),
    TIME("at", "Since when it counts"),
    TEXT("reason", NULL),
    LIST_MEMBERS,
    END_OF_MEMBERS,
};
const struct schema schema_revoked = {
    "Revoked", "What became of the certificate, and which list tells", revoked};

static const struct schema_member published[] = {LIST_MEMBERS, END_OF_MEMBERS};
const struct schema schema_published = {
    "Published", "The list that was published", published};

/* --- requests ------------------------------------------------------------ */

#define REQUEST_MEMBERS                                                     \
    TEXT("id", NULL),                                                       \
        TEXT("state", "waiting, issued, denied, failed or withdrawn"),      \
        TEXT("subject", NULL), TEXT("profile", NULL),                       \
        TEXT("profile_sha256", "The version of the profile that it keeps"), \
        TEXT("key_sha256", NULL), TEXT("actor", "Who asked"),               \
        NUMBER("approvals_needed", NULL),                                   \
        OR_NULL(SCHEMA_TEXT, "asked_at", NULL),                             \
        OR_NULL(SCHEMA_TEXT, "decided_at", NULL),                           \
        TEXT("reason", "Of a denial or failure; empty otherwise")

static const struct schema_member request[] = {REQUEST_MEMBERS, END_OF_MEMBERS};
const struct schema schema_request = {
    "Request", "A request that waits or waited for people", request};

static const struct schema_member requests[] = {
    MANY("requests", schema_request, NULL),
    NEXT,
    END_OF_MEMBERS,
};
const struct schema schema_requests = {
    "Requests", "A page, in the order of asking", requests};

static const struct schema_member approval[] = {
    TEXT("actor", NULL),
    OR_NULL(SCHEMA_TEXT, "at", NULL),
    END_OF_MEMBERS,
};
static const struct schema schema_approval = {
    "Approval", "One person's approval", approval};

static const struct schema_member request_details[] = {
    REQUEST_MEMBERS,
    MANY("approvals", schema_approval, NULL),
    TEXTS("names", NULL),
    TEXT("lint", NULL),
    END_OF_MEMBERS,
};
const struct schema schema_request_details = {
    "RequestDetails", "A request", request_details};

static const struct schema_member fetched[] = {
    TEXT("id", NULL),
    TEXT("state", NULL),
    TEXT("profile", NULL),
    TEXT("reason", NULL),
    TEXT("decided_at", "Empty while it waits"),
    NUMBER("approvals_needed", NULL),
    TEXTS("chain", "Base64 of the issuers' DER, without the root"),
    PERHAPS(SCHEMA_TEXT, "certificate", "Base64 of the DER, once it is issued"),
    END_OF_MEMBERS,
};
const struct schema schema_request_fetched = {
    "RequestFetched", "A request, for who has its key", fetched};

static const struct schema_member approved[] = {
    TEXT("id", NULL),
    NUMBER("approvals", NULL),
    NUMBER("needed", NULL),
    TRUTH("issued", NULL),
    TEXT("certificate", "Base64 of the DER; empty while more is needed"),
    TEXT("notices", NULL),
    END_OF_MEMBERS,
};
const struct schema schema_approved = {
    "Approved", "What the approval led to", approved};

static const struct schema_member decided[] = {
    TEXT("id", NULL),
    TEXT("state", "denied or withdrawn"),
    END_OF_MEMBERS,
};
const struct schema schema_decided = {
    "Decided", "A request that ended", decided};

/* --- profiles ------------------------------------------------------------ */

#define PROFILE_MEMBERS                                                    \
    TEXT("name", NULL), TEXTS("purposes", NULL), TEXTS("key_usage", NULL), \
        TRUTH("authority", "It makes authorities"),                        \
        OR_NULL(SCHEMA_NUMBER, "path_length", NULL),                       \
        TRUTH("ocsp_no_check", NULL), TEXTS("names", "Kinds it takes"),    \
        TRUTH("names_required", NULL),                                     \
        OR_NULL(SCHEMA_TEXTS, "allowed_names", "Patterns; null: any"),     \
        TRUTH("wildcards", NULL), TEXTS("subject", "Attributes it takes"), \
        TEXTS("keys", "Kinds of keys it takes"), TEXT("lifetime", NULL),   \
        TEXT("longest_lifetime", NULL), TEXT("beyond_issuer", NULL),       \
        TEXTS("who", "Who may ask"), NUMBER("approvals", NULL),            \
        TRUTH("browser_key", "Its page makes keys in the browser"),        \
        TEXT("sha256", "Of its canonical text: its version")

static const struct schema_member profile[] = {PROFILE_MEMBERS, END_OF_MEMBERS};
const struct schema schema_profile = {"Profile", "A profile", profile};

static const struct schema_member profiles[] = {
    MANY("profiles", schema_profile, NULL),
    END_OF_MEMBERS,
};
const struct schema schema_profiles = {"Profiles", "All profiles", profiles};

static const struct schema_member profile_details[] = {
    PROFILE_MEMBERS,
    TEXT("text", "Its canonical text"),
    END_OF_MEMBERS,
};
const struct schema schema_profile_details = {
    "ProfileDetails", "A profile with its text", profile_details};

static const struct schema_member paused[] = {
    TEXT("profile", "\"*\": every profile"),
    TRUTH("paused", NULL),
    TRUTH("changed", "False: it was so already"),
    END_OF_MEMBERS,
};
const struct schema schema_paused = {
    "Paused", "Whether a profile issues", paused};

/* --- authorities --------------------------------------------------------- */

#define AUTHORITY_MEMBERS                                                   \
    TEXT("name", NULL), TEXT("subject", NULL), TEXT("sha256", NULL),        \
        TEXT("key", "Kind of its key"), TRUTH("issues", "Leaves, and now"), \
        TEXT("state", "active, coming, retiring or retired"),               \
        TIME("not_after", NULL)

static const struct schema_member authority[] = {
    AUTHORITY_MEMBERS,
    END_OF_MEMBERS,
};
const struct schema schema_authority = {"Authority", "An authority", authority};

static const struct schema_member authorities[] = {
    MANY("authorities", schema_authority, NULL),
    END_OF_MEMBERS,
};
const struct schema schema_authorities = {
    "Authorities", "All authorities", authorities};

static const struct schema_member authority_details[] = {
    AUTHORITY_MEMBERS,
    TEXT("serial", NULL),
    TEXT("issuer", NULL),
    TIME("not_before", NULL),
    TEXT("certificate", "PEM"),
    END_OF_MEMBERS,
};
const struct schema schema_authority_details = {
    "AuthorityDetails", "An authority with its certificate", authority_details};

static const struct schema_member list[] = {
    TEXT("list", "complete, delta or shard"),
    PERHAPS(SCHEMA_NUMBER, "shard", "Which one"),
    NUMBER("number", "Its CRL number"),
    TIME("this_update", NULL),
    TIME("next_update", NULL),
    NUMBER("entries", NULL),
    TEXT("sha256", "Of its DER"),
    OR_NULL(SCHEMA_TEXT, "address", "Where it is fetched"),
    END_OF_MEMBERS,
};
static const struct schema schema_list = {
    "RevocationList", "What is known of a list that was published", list};
static const struct schema_member lists[] = {
    TEXT("authority", NULL),
    MANY("lists", schema_list, NULL),
    END_OF_MEMBERS,
};
const struct schema schema_lists = {
    "RevocationLists", "The last lists of an authority", lists};

/* --- journal and status -------------------------------------------------- */

static const struct schema_member journal[] = {
    MANY("events", schema_event, NULL),
    NEXT,
    END_OF_MEMBERS,
};
const struct schema schema_journal = {
    "Journal", "A page, oldest first", journal};

static const struct schema_member key[] = {
    TEXT("name", "Of the authority"),
    TRUTH("usable", NULL),
    TEXT("why", "\"locked\", or what is wrong; empty"),
    END_OF_MEMBERS,
};
static const struct schema schema_key = {"Key", "A key of an authority", key};

static const struct schema_member pause_of[] = {
    TEXT("profile", "\"*\": every profile"),
    TEXT("actor", NULL),
    TEXT("reason", NULL),
    TIME("since", NULL),
    END_OF_MEMBERS,
};
static const struct schema schema_pause = {"Pause", "A pause", pause_of};

static const struct schema_member ending[] = {
    TEXT("name", NULL),
    TIME("not_after", NULL),
    TEXT("profile", "One that gives longer lifetimes than are left"),
    END_OF_MEMBERS,
};
static const struct schema schema_ending = {
    "Ending", "An authority that ends soon", ending};

static const struct schema_member status[] = {
    TEXT("name", NULL),
    TEXT("version", "Of the program"),
    TRUTH("locked", "A key waits for its passphrase"),
    TRUTH("served", NULL),
    NUMBER("certificates", NULL),
    MANY("keys", schema_key, NULL),
    MANY("authorities", schema_authority, NULL),
    MANY("paused", schema_pause, NULL),
    MANY("ends_soon", schema_ending, NULL),
    END_OF_MEMBERS,
};
const struct schema schema_status = {"Status", "How the authority is", status};

/* --- refusals ------------------------------------------------------------ */

static const struct schema_member problem[] = {
    TEXT("type", "urn:chancery:problem:WORD"),
    TEXT("title", NULL),
    NUMBER("status", NULL),
    TEXT("code", "The kind, as commands say it with --json"),
    TEXT("detail", "The sentence"),
    TEXT("request_id", "What the log knows it by"),
    PERHAPS(SCHEMA_TEXT, "field", "Which member or parameter"),
    PERHAPS(SCHEMA_TEXT, "rule", "Which rule it breaks"),
    PERHAPS(SCHEMA_TEXT, "found", NULL),
    PERHAPS(SCHEMA_TEXT, "allowed", NULL),
    END_OF_MEMBERS,
};
const struct schema schema_problem = {
    "Problem", "A refusal (RFC 9457)", problem};

const struct schema *const schemas_all[] = {&schema_issue, &schema_renew,
    &schema_revoke, &schema_nothing, &schema_denial, &schema_words,
    &schema_proof, &schema_certificate, &schema_certificates,
    &schema_certificate_details, &schema_history_event, &schema_history_list,
    &schema_history, &schema_issued, &schema_awaited, &schema_awaits,
    &schema_revoked, &schema_published, &schema_request, &schema_requests,
    &schema_approval, &schema_request_details, &schema_request_fetched,
    &schema_approved, &schema_decided, &schema_profile, &schema_profiles,
    &schema_profile_details, &schema_paused, &schema_authority,
    &schema_authorities, &schema_authority_details, &schema_list, &schema_lists,
    &schema_event, &schema_journal, &schema_key, &schema_pause, &schema_ending,
    &schema_status, &schema_problem, NULL};
