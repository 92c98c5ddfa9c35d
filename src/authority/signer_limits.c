#include "authority/signer_limits.h"

#include <stdio.h>
#include <string.h>

#include "base/message.h"
#include "x509/name_match.h"

/* WoSign backdated; incident 48: a certificate begins within an hour of its
 * signature. */
#define BEGIN_TOLERANCE_S 3600

#define KEY_USAGES_OF_AUTHORITIES \
    ((uint32_t)(KEY_USAGE_CERT_SIGN | KEY_USAGE_CRL_SIGN))

/* --- from the settings --------------------------------------------------- */

static void add_purpose(struct signer_limits *limits, enum oid purpose)
{
    for (size_t i = 0; i < limits->purpose_count; i++) {
        if (limits->purposes[i] == purpose)
            return;
    }
    if (limits->purpose_count < PROFILE_PURPOSES_MAX)
        limits->purposes[limits->purpose_count++] = purpose;
}

struct signer_limits signer_limits_of(
    const struct profile *profiles, size_t count)
{
    struct signer_limits limits = {0};

    for (size_t i = 0; i < count; i++) {
        const struct profile *profile = &profiles[i];

        if (profile->is_authority)
            continue;
        if (profile->longest_lifetime_s > limits.longest_lifetime_s)
            limits.longest_lifetime_s = profile->longest_lifetime_s;
        limits.key_usage |= profile->key_usage | profile->key_usage_rsa_only;
        limits.name_kinds |= profile->name_kinds;
        for (size_t k = 0; k < profile->purpose_count; k++)
            add_purpose(&limits, profile->purposes[k]);
    }
    limits.key_usage &= ~KEY_USAGES_OF_AUTHORITIES;
    return limits;
}

void signer_limits_allow_authorities(struct signer_limits *limits,
    const struct basic_constraints *constraints, uint32_t key_usage)
{
    bool may_sign =
        constraints->is_authority && (key_usage & KEY_USAGE_CERT_SIGN) != 0;

    limits->has_path_length = constraints->has_path_length;
    limits->path_length = constraints->path_length;
    limits->may_make_authorities =
        may_sign &&
        (!constraints->has_path_length || constraints->path_length > 0);
    if (!limits->may_make_authorities)
        return;
    limits->key_usage |= KEY_USAGES_OF_AUTHORITIES;
}

void signer_limits_allow_itself(struct signer_limits *limits)
{
    limits->may_sign_itself = true;
    limits->key_usage |= KEY_USAGES_OF_AUTHORITIES;
}

/* --- as a message -------------------------------------------------------- */

enum limits_field {
    LIMITS_NAME = 1,
    LIMITS_ISSUER,
    LIMITS_OWN_KEY,
    LIMITS_KEY_IDENTIFIER,
    LIMITS_NOT_AFTER,
    LIMITS_LONGEST_LIFETIME,
    LIMITS_KEY_USAGE,
    LIMITS_PURPOSE,
    LIMITS_NAME_KINDS,
    LIMITS_MAY_MAKE_AUTHORITIES,
    LIMITS_MAY_SIGN_ITSELF,
    LIMITS_LISTS_ONLY,
    LIMITS_PATH_LENGTH /* of the issuer's certificate; absent: no limit */
};

static bool write_path_length(const struct signer_limits *limits,
    struct buffer *message, struct failure *why)
{
    return !limits->has_path_length ||
           message_add_number(
               message, LIMITS_PATH_LENGTH, limits->path_length, why);
}

bool signer_limits_write(const struct signer_limits *limits,
    struct buffer *message, struct failure *why)
{
    for (size_t i = 0; i < limits->purpose_count; i++) {
        if (!message_add_number(
                message, LIMITS_PURPOSE, limits->purposes[i], why))
            return false;
    }
    return write_path_length(limits, message, why) &&
           message_add_number(
               message, LIMITS_LISTS_ONLY, limits->signs_lists_only, why) &&
           message_add_text(message, LIMITS_NAME, limits->name, why) &&
           message_add(message, LIMITS_ISSUER, limits->issuer, why) &&
           message_add(message, LIMITS_OWN_KEY, limits->own_key, why) &&
           message_add(
               message, LIMITS_KEY_IDENTIFIER, limits->key_identifier, why) &&
           message_add_number(
               message, LIMITS_NOT_AFTER, (uint64_t)limits->not_after, why) &&
           message_add_number(message, LIMITS_LONGEST_LIFETIME,
               (uint64_t)limits->longest_lifetime_s, why) &&
           message_add_number(
               message, LIMITS_KEY_USAGE, limits->key_usage, why) &&
           message_add_number(
               message, LIMITS_NAME_KINDS, limits->name_kinds, why) &&
           message_add_number(message, LIMITS_MAY_MAKE_AUTHORITIES,
               limits->may_make_authorities, why) &&
           message_add_number(
               message, LIMITS_MAY_SIGN_ITSELF, limits->may_sign_itself, why);
}

static bool take_number(struct signer_limits *limits, enum limits_field tag,
    uint64_t number, struct failure *why)
{
    switch (tag) {
    case LIMITS_NOT_AFTER:
        limits->not_after = (int64_t)number;
        return true;
    case LIMITS_LONGEST_LIFETIME:
        limits->longest_lifetime_s = (int64_t)number;
        return true;
    case LIMITS_KEY_USAGE:
        limits->key_usage = (uint32_t)number;
        return true;
    case LIMITS_NAME_KINDS:
        limits->name_kinds = (unsigned int)number;
        return true;
    case LIMITS_MAY_MAKE_AUTHORITIES:
        limits->may_make_authorities = number == 1;
        return true;
    case LIMITS_MAY_SIGN_ITSELF:
        limits->may_sign_itself = number == 1;
        return true;
    case LIMITS_LISTS_ONLY:
        limits->signs_lists_only = number == 1;
        return true;
    case LIMITS_PATH_LENGTH:
        limits->has_path_length = true;
        limits->path_length = (uint32_t)number;
        return true;
    case LIMITS_PURPOSE:
        add_purpose(limits, (enum oid)number);
        return true;
    case LIMITS_NAME:
    case LIMITS_ISSUER:
    case LIMITS_OWN_KEY:
    case LIMITS_KEY_IDENTIFIER:
        break;
    }
    return fail_because(
        why, FAILURE_MALFORMED, "limits with a field %d of no meaning", tag);
}

static bool take_field(struct signer_limits *limits, const struct field *field,
    struct failure *why)
{
    uint64_t number = 0;

    if (field->tag == LIMITS_NAME)
        return field_text(field, limits->name, sizeof(limits->name), why);
    if (field->tag == LIMITS_ISSUER) {
        limits->issuer = field->value;
        return true;
    }
    if (field->tag == LIMITS_OWN_KEY) {
        limits->own_key = field->value;
        return true;
    }
    if (field->tag == LIMITS_KEY_IDENTIFIER) {
        limits->key_identifier = field->value;
        return true;
    }
    return field_number(field, &number, why) &&
           take_number(limits, (enum limits_field)field->tag, number, why);
}

bool signer_limits_read(
    struct bytes message, struct signer_limits *limits, struct failure *why)
{
    struct reader reader = reader_of(message);
    struct signer_limits found = {0};

    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_field(&found, &field, why))
            return false;
    }
    *limits = found;
    return true;
}

/* --- held against a draft ------------------------------------------------ */

static bool exceeds(
    struct failure *why, const struct signer_limits *limits, const char *what)
{
    return fail_because(why, FAILURE_FORBIDDEN,
        "the signer's limits for \"%s\" do not allow %s", limits->name, what);
}

static bool is_authority(const struct tbs_certificate *draft)
{
    struct basic_constraints constraints = {0};
    struct extension extension = {0};
    struct failure ignored = {0};
    bool found = false;

    return extensions_find(draft->extensions, OID_BASIC_CONSTRAINTS, &extension,
               &found, &ignored) &&
           found &&
           extension_basic_constraints(
               extension.value, &constraints, &ignored) &&
           constraints.is_authority;
}

/* A root's own certificate, or one of its own name for another key: the bridge
 * to its successor.  To the byte, as both are made from its request. */
static bool is_of_its_name(
    const struct signer_limits *limits, const struct tbs_certificate *draft)
{
    return limits->may_sign_itself &&
           bytes_equal(draft->subject, limits->issuer);
}

static bool signs_itself(
    const struct signer_limits *limits, const struct tbs_certificate *draft)
{
    return is_of_its_name(limits, draft) &&
           bytes_equal(draft->key.whole, limits->own_key);
}

/* Of authorities the issuer's own end is the limit that counts. */
static int64_t longest_of(
    const struct signer_limits *limits, const struct tbs_certificate *draft)
{
    int64_t of_authorities = profile_root()->longest_lifetime_s;

    return is_authority(draft) && of_authorities > limits->longest_lifetime_s
               ? of_authorities
               : limits->longest_lifetime_s;
}

static bool allow_lifetime(const struct signer_limits *limits,
    const struct tbs_certificate *draft, int64_t now, struct failure *why)
{
    if (draft->not_after <= draft->not_before)
        return exceeds(why, limits, "an end before the beginning");
    if (draft->not_before < now - BEGIN_TOLERANCE_S ||
        draft->not_before > now + BEGIN_TOLERANCE_S)
        return exceeds(why, limits, "a beginning an hour away from now");
    if (draft->not_after - draft->not_before > longest_of(limits, draft))
        return exceeds(why, limits, "this lifetime");
    if (!signs_itself(limits, draft) && draft->not_after > limits->not_after)
        return exceeds(why, limits, "an end after the issuer's own");
    return true;
}

static bool allow_purposes(
    const struct signer_limits *limits, struct bytes value, struct failure *why)
{
    struct der_reader purposes = {0};

    if (!extension_purposes(value, &purposes, why))
        return false;
    while (!der_at_end(&purposes)) {
        struct bytes contents = {0};
        bool allowed = false;

        if (!der_read_oid(&purposes, &contents, why))
            return false;
        for (size_t i = 0; i < limits->purpose_count; i++)
            allowed |= oid_of(contents) != OID_UNKNOWN &&
                       oid_of(contents) == limits->purposes[i];
        if (!allowed)
            return exceeds(why, limits, "this extended key usage");
    }
    return true;
}

static bool allow_names(
    const struct signer_limits *limits, struct bytes value, struct failure *why)
{
    struct der_reader names = {0};

    if (!extension_general_names(value, &names, why))
        return false;
    while (!der_at_end(&names)) {
        struct general_name name = {0};

        if (!general_name_next(&names, &name, why))
            return false;
        if ((limits->name_kinds & 1u << name.kind) == 0)
            return exceeds(why, limits, "a name of this kind");
    }
    return true;
}

/* RFC 5280, 6.1.4: what bears its issuer's name does not lengthen the path. */
static bool allow_basic_constraints(const struct signer_limits *limits,
    const struct tbs_certificate *draft, struct bytes value,
    struct failure *why)
{
    const bool is_itself = is_of_its_name(limits, draft);
    struct basic_constraints constraints = {0};
    bool is_too_long;

    if (!extension_basic_constraints(value, &constraints, why))
        return false;
    if (!constraints.is_authority)
        return true;
    if (!limits->may_make_authorities && !is_itself)
        return exceeds(why, limits, "an authority (CA:TRUE)");
    is_too_long = !constraints.has_path_length ||
                  (is_itself ? constraints.path_length > limits->path_length
                             : constraints.path_length >= limits->path_length);
    if (limits->has_path_length && is_too_long)
        return exceeds(
            why, limits, "a path length that is not below the issuer's own");
    return true;
}

/* In a ceremony, too, only authorities sign certificates and lists. */
static bool allow_key_usage(const struct signer_limits *limits,
    const struct tbs_certificate *draft, struct bytes value,
    struct failure *why)
{
    uint32_t allowed = limits->key_usage;
    uint32_t bits = 0;

    if (!extension_key_usage(value, &bits, why))
        return false;
    if (!is_authority(draft))
        allowed &= ~KEY_USAGES_OF_AUTHORITIES;
    if ((bits & ~allowed) != 0)
        return exceeds(why, limits, "this key usage");
    return true;
}

static bool allow_authority_key(
    const struct signer_limits *limits, struct bytes value, struct failure *why)
{
    struct authority_key_identifier authority = {0};

    if (!extension_authority_key_identifier(value, &authority, why))
        return false;
    if (!bytes_equal(authority.identifier, limits->key_identifier))
        return exceeds(why, limits, "another key's authorityKeyIdentifier");
    return true;
}

static bool allow_extension(const struct signer_limits *limits,
    const struct tbs_certificate *draft, const struct extension *extension,
    struct failure *why)
{
    /* The set that an authority of ours writes; all others are refused. */
    if (extension->type == OID_BASIC_CONSTRAINTS)
        return allow_basic_constraints(limits, draft, extension->value, why);
    if (extension->type == OID_KEY_USAGE)
        return allow_key_usage(limits, draft, extension->value, why);
    if (extension->type == OID_EXTENDED_KEY_USAGE)
        return allow_purposes(limits, extension->value, why);
    if (extension->type == OID_SUBJECT_ALT_NAME)
        return allow_names(limits, extension->value, why);
    if (extension->type == OID_AUTHORITY_KEY_IDENTIFIER)
        return allow_authority_key(limits, extension->value, why);
    if (extension->type == OID_SUBJECT_KEY_IDENTIFIER ||
        extension->type == OID_AUTHORITY_INFO_ACCESS ||
        extension->type == OID_CRL_DISTRIBUTION_POINTS ||
        extension->type == OID_OCSP_NO_CHECK)
        return true;
    return exceeds(why, limits, "an extension outside their set");
}

static bool is_there(const struct tbs_certificate *draft, enum oid type)
{
    struct extension extension = {0};
    struct failure ignored = {0};
    bool found = false;

    return extensions_find(
               draft->extensions, type, &extension, &found, &ignored) &&
           found;
}

static bool require_extensions(const struct signer_limits *limits,
    const struct tbs_certificate *draft, struct failure *why)
{
    if (!is_there(draft, OID_KEY_USAGE))
        return exceeds(why, limits, "a certificate without key usage");
    if (!is_there(draft, OID_AUTHORITY_KEY_IDENTIFIER))
        return exceeds(
            why, limits, "a certificate without authorityKeyIdentifier");
    if (!is_there(draft, OID_EXTENDED_KEY_USAGE) && !is_authority(draft))
        return exceeds(why, limits, "a certificate for any purpose");
    return true;
}

static bool allow_issuer(const struct signer_limits *limits,
    const struct tbs_certificate *draft, struct failure *why)
{
    bool is_own_name = name_matches(draft->subject, limits->issuer);
    bool is_own_key = bytes_equal(draft->key.whole, limits->own_key);

    if (!bytes_equal(draft->issuer, limits->issuer))
        return exceeds(why, limits, "another issuer's name");
    if (is_of_its_name(limits, draft) && is_authority(draft))
        return true;
    if (is_own_name)
        return exceeds(why, limits, "the issuer's own name as the subject");
    if (is_own_key)
        return exceeds(why, limits, "the authority's own key as the subject's");
    return true;
}

/* For OCSP signing and nothing else, without names. */
static bool is_responder(const struct tbs_certificate *draft)
{
    struct der_reader purposes = {0};
    struct extension extension = {0};
    struct bytes purpose = {0};
    struct failure ignored = {0};
    bool found = false;

    return !is_authority(draft) && !is_there(draft, OID_SUBJECT_ALT_NAME) &&
           is_there(draft, OID_OCSP_NO_CHECK) &&
           extensions_find(draft->extensions, OID_EXTENDED_KEY_USAGE,
               &extension, &found, &ignored) &&
           found && extension_purposes(extension.value, &purposes, &ignored) &&
           der_read_oid(&purposes, &purpose, &ignored) &&
           der_at_end(&purposes) && oid_of(purpose) == OID_OCSP_SIGNING;
}

/* A key that retires says what became of its certificates until the last has
 * ended: by its lists, and through its responder (incident 47). */
static bool allow_of_retired(const struct signer_limits *limits,
    const struct tbs_certificate *draft, struct failure *why)
{
    if (!limits->signs_lists_only || is_responder(draft))
        return true;
    return exceeds(why, limits,
        "certificates: the key signs lists and its OCSP responder alone");
}

bool signer_limits_allow(const struct signer_limits *limits,
    const struct tbs_certificate *draft, struct bytes algorithm, int64_t now,
    struct failure *why)
{
    struct der_reader extensions = draft->extensions;

    if (!allow_of_retired(limits, draft, why))
        return false;
    if (!bytes_equal(draft->signature_algorithm, algorithm))
        return exceeds(why, limits, "another signature algorithm");
    if (!allow_issuer(limits, draft, why) ||
        !allow_lifetime(limits, draft, now, why) ||
        !require_extensions(limits, draft, why))
        return false;
    while (!der_at_end(&extensions)) {
        struct extension extension = {0};

        if (!extension_next(&extensions, &extension, why) ||
            !allow_extension(limits, draft, &extension, why))
            return false;
    }
    return true;
}
