#ifndef AUTHORITY_PROFILE_H
#define AUTHORITY_PROFILE_H

#include "crypto/algorithm.h"
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
    int path_length; /* -1: no limit */
    /* Keys that may be certified; empty means none, never all (incident 18). */
    const struct key_algorithm *keys[PROFILE_KEYS_MAX];
    size_t key_count;
    unsigned int
        name_kinds;      /* bits 1u << enum general_name_kind: allowed SANs */
    bool names_required; /* at least one SAN */
    enum oid subject[PROFILE_SUBJECT_MAX]; /* attributes taken over; others are
                                              refused, by name */
    size_t subject_count;
};

bool profile_allows_key(
    const struct profile *profile, const struct key_algorithm *algorithm);

/* The built-in profiles of authorities: "root" and "subordinate". */
const struct profile *profile_root(void);
const struct profile *profile_subordinate(void);

#endif
