#ifndef AUTHORITY_PROFILE_H
#define AUTHORITY_PROFILE_H

#include "crypto/algorithm.h"
#include "crypto/digest.h"
#include "x509/extension.h"

/*
 * A profile: what a certificate of one kind is for, what it may say, and which
 * keys and names it takes.  Data, read from chancery.yaml; the two that found
 * an authority (root, subordinate) are built in, in the same form.
 */
#define PROFILE_NAME_MAX 64
#define PROFILE_PURPOSES_MAX 16
#define PROFILE_KEYS_MAX 24
#define PROFILE_SUBJECT_MAX 24
#define PROFILE_ALLOWED_NAMES_MAX 64
#define PROFILE_ALLOWED_NAMES_ROOM 4096 /* bytes of them all */
#define PROFILE_PATH_LENGTH_MAX 16

/* Who may ask, as bits; none: nobody (incident 18). */
enum profile_asker {
    ASKER_ADMINISTRATOR = 1 << 0,
    ASKER_OPERATOR = 1 << 1,
    ASKER_ACCOUNT = 1 << 2, /* of a protocol, with a password or bound key */
    ASKER_TOKEN = 1 << 3,
    ASKER_ANYONE = 1 << 4
};
#define ASKERS_STAFF (ASKER_ADMINISTRATOR | ASKER_OPERATOR)

/* When the profile's own lifetime would pass the issuer's end (kb 64). */
enum beyond_issuer { BEYOND_ISSUER_CAP, BEYOND_ISSUER_REFUSE };

struct profile {
    char name[PROFILE_NAME_MAX];
    int64_t lifetime_s;         /* when the request asks for none */
    int64_t longest_lifetime_s; /* asking for more is refused */
    uint32_t key_usage;         /* KEY_USAGE_ bits, critical */
    /* Left out of key_usage where the key can't: keyEncipherment is for RSA. */
    uint32_t key_usage_rsa_only;
    enum oid
        purposes[PROFILE_PURPOSES_MAX]; /* extendedKeyUsage; none: absent */
    size_t purpose_count;
    bool is_authority;
    int path_length;    /* -1: no limit */
    bool ocsp_no_check; /* RFC 6960, 4.2.2.2.1: never asked about itself */
    /* Keys that may be certified; empty means none, never all (incident 18). */
    const struct key_algorithm *keys[PROFILE_KEYS_MAX];
    size_t key_count;
    unsigned int
        name_kinds;      /* bits 1u << enum general_name_kind: allowed SANs */
    bool names_required; /* at least one SAN */
    enum oid subject[PROFILE_SUBJECT_MAX]; /* attributes taken over; others are
                                              refused, by name */
    size_t subject_count;
    /* Patterns (names_pattern.h) that every name must match one of, each ended
     * by a zero.  restricts_names with none of them: no name at all.  What
     * looks like a name in CN and emailAddress must match too; where nobody
     * looks at who signs in, every CN. */
    bool restricts_names;
    char allowed_names[PROFILE_ALLOWED_NAMES_ROOM];
    size_t allowed_name_count;
    bool wildcards;   /* "*.example.org" may be certified */
    unsigned int who; /* enum profile_asker */
    int approvals;    /* 0, 1 or 2 people before it is issued */
    enum beyond_issuer beyond_issuer;
    /* Its page offers to make the key in the browser, which takes it home as a
     * PKCS#12; off unless it is said. */
    bool browser_key;
};

bool profile_allows_key(
    const struct profile *profile, const struct key_algorithm *algorithm);

/* The next of allowed_names after one of them; NULL: the first.  NULL behind
 * the last. */
const char *profile_next_allowed_name(
    const struct profile *profile, const char *name);

bool profile_allows_asker(
    const struct profile *profile, enum profile_asker asker);

/* Somebody beyond administrators and operators gets it, and no person looks at
 * it before. */
bool profile_is_unattended(const struct profile *profile);
bool profile_has_purpose(const struct profile *profile, enum oid purpose);

/*
 * The canonical text of a profile, as it would stand below `profiles` in
 * chancery.yaml: equal profiles have equal texts, and profile_read_text gives
 * an equal profile back.  A version of a profile is known by the hash of this
 * text, and a request keeps one version from start to end (incident 43).
 */
#define PROFILE_TEXT_MAX (16 * 1024)
MUST_CHECK bool profile_text(
    const struct profile *profile, struct buffer *text, struct failure *why);
MUST_CHECK bool profile_hash(const struct profile *profile,
    char sha256[static SHA256_TEXT], struct failure *why);
MUST_CHECK bool profile_read_text(
    struct bytes text, struct profile *profile, struct failure *why);

/* The built-in profiles of authorities: "root" and "subordinate". */
const struct profile *profile_root(void);
const struct profile *profile_subordinate(void);

#endif
