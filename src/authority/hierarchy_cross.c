#include "authority/hierarchy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/event.h"
#include "authority/steps.h"
#include "base/clock.h"
#include "crypto/openssl_scoped.h"

/* --- what an authority's certificate says -------------------------------- */

/* What a cross-certificate of ours can repeat.  Others limit the authority, and
 * a certificate without them would let it out. */
static bool is_repeated(const struct extension *extension)
{
    switch ((int)extension->type) {
    case OID_BASIC_CONSTRAINTS:
    case OID_KEY_USAGE:
    case OID_EXTENDED_KEY_USAGE:
    case OID_SUBJECT_KEY_IDENTIFIER:
    case OID_AUTHORITY_KEY_IDENTIFIER: /* ours take their place */
    case OID_CRL_DISTRIBUTION_POINTS:
    case OID_AUTHORITY_INFO_ACCESS:
    case OID_SUBJECT_ALT_NAME:
        return true;
    default:
        return !extension->critical && extension->type != OID_NAME_CONSTRAINTS;
    }
}

static bool take_constraints(struct cross_wish *wish, struct bytes value,
    int path_length, struct failure *why)
{
    struct basic_constraints basic = {0};

    if (!extension_basic_constraints(value, &basic, why))
        return false;
    if (!basic.is_authority)
        return fail_because(why, FAILURE_UNSUITABLE,
            "it is no authority's certificate: basicConstraints does not say "
            "CA:TRUE");
    wish->profile.path_length =
        basic.has_path_length ? (int)basic.path_length : -1;
    if (path_length < 0)
        return true;
    if (basic.has_path_length && (uint32_t)path_length > basic.path_length)
        return fail_because(why, FAILURE_UNSUITABLE,
            "its own path length is %u; a cross-certificate does not widen it",
            basic.path_length);
    wish->profile.path_length = path_length;
    return true;
}

static bool take_purposes(
    struct cross_wish *wish, struct bytes value, struct failure *why)
{
    struct der_reader purposes = {0};

    if (!extension_purposes(value, &purposes, why))
        return false;
    while (!der_at_end(&purposes)) {
        struct bytes contents = {0};

        if (!der_read_oid(&purposes, &contents, why))
            return false;
        if (oid_of(contents) == OID_UNKNOWN ||
            wish->profile.purpose_count == PROFILE_PURPOSES_MAX)
            return fail_because(why, FAILURE_UNSUITABLE,
                "its extendedKeyUsage has purposes that a certificate of ours "
                "can't repeat");
        wish->profile.purposes[wish->profile.purpose_count++] =
            oid_of(contents);
    }
    return true;
}

static bool take_extension(struct cross_wish *wish,
    const struct extension *extension, int path_length, struct failure *why)
{
    uint32_t bits = 0;

    if (!is_repeated(extension))
        return fail_because(why, FAILURE_UNSUITABLE,
            "it is limited by %s, which a certificate of ours can't repeat",
            extension->type == OID_UNKNOWN
                ? "a critical extension that is not known here"
                : oid_row(extension->type)->name);
    if (extension->type == OID_BASIC_CONSTRAINTS)
        return take_constraints(wish, extension->value, path_length, why);
    if (extension->type == OID_EXTENDED_KEY_USAGE)
        return take_purposes(wish, extension->value, why);
    if (extension->type == OID_SUBJECT_KEY_IDENTIFIER)
        return extension_key_identifier(
            extension->value, &wish->key_identifier, why);
    if (extension->type != OID_KEY_USAGE)
        return true;
    return extension_key_usage(extension->value, &bits, why) &&
           ((bits & KEY_USAGE_CERT_SIGN) != 0 ||
               fail_because(why, FAILURE_UNSUITABLE,
                   "it may not sign certificates: keyUsage lacks "
                   "keyCertSign"));
}

bool cross_wish_take(struct cross_wish *wish,
    const struct certificate *certificate, int path_length, struct failure *why)
{
    struct der_reader extensions = certificate->tbs.extensions;
    struct extension basic = {0};
    bool found = false;

    wish->profile = *profile_subordinate();
    wish->key = certificate->tbs.key;
    wish->subject = certificate->tbs.subject;
    wish->not_after = certificate->tbs.not_after;
    if (!extensions_find(
            extensions, OID_BASIC_CONSTRAINTS, &basic, &found, why))
        return false;
    if (!found)
        return fail_because(why, FAILURE_UNSUITABLE,
            "it is no authority's certificate: basicConstraints is missing");
    while (!der_at_end(&extensions)) {
        struct extension extension = {0};

        if (!extension_next(&extensions, &extension, why) ||
            !take_extension(wish, &extension, path_length, why))
            return false;
    }
    return wish->key_identifier.length > 0 ||
           fail_because(why, FAILURE_UNSUITABLE,
               "it has no subjectKeyIdentifier, which its own certificates "
               "name");
}

/* --- the road, without a request ----------------------------------------- */

static bool decide_validity(const struct cross_wish *wish,
    struct issuance *issuance, struct failure *why)
{
    const struct issuer *issuer = &wish->issuer->issuer;
    struct enrolment asked = {.lifetime_s = wish->lifetime_s};

    /* It ends with the first of the two, unless less was asked for. */
    if (wish->lifetime_s == 0)
        asked.not_after = wish->not_after < issuer->not_after
                              ? wish->not_after
                              : issuer->not_after;
    return compose_validity(&asked, &wish->profile, issuer, clock_now(),
        &issuance->not_before, &issuance->not_after, &issuance->names.notices,
        why);
}

static bool compose(struct authority *authority, const struct cross_wish *wish,
    struct issuance *issuance, struct failure *why)
{
    struct draft_wishes wishes = {.serial = {issuance->serial, SERIAL_BYTES},
        .subject = wish->subject,
        .key = wish->key,
        .key_identifier = wish->key_identifier,
        .algorithm = issuance->key.algorithm};

    if (!decide_validity(wish, issuance, why) ||
        !signer_client_serial(authority->signer, &issuance->reserved, why))
        return false;
    memcpy(issuance->serial, issuance->reserved.bytes, SERIAL_BYTES);
    wishes.not_before = issuance->not_before;
    wishes.not_after = issuance->not_after;
    return compose_draft(
        issuance->rule->composer, &wishes, &issuance->draft, why);
}

static bool check_now(struct authority *authority,
    const struct cross_wish *wish, struct failure *why)
{
    if (wish->issuer->key >= SIGNER_KEYS_MAX)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "the key of \"%s\" is not open: is the folder there that it lies "
            "in (--root-dir)?",
            wish->issuer->name);
    return room_check(&authority->room, why) &&
           clock_guard_check(&authority->clock, why);
}

/* From the draft on it is the road that every certificate takes. */
static bool carry(struct authority *authority, struct desk *desk,
    const struct cross_wish *wish, struct issuance *issuance,
    struct failure *why)
{
    struct public_key_parts parts = {0};
    SCOPED(EVP_PKEY) *key = NULL;

    issuance->request.key = wish->key;
    issuance->request.subject = wish->subject;
    if (!check_now(authority, wish, why) ||
        !spki_parts(&wish->key, &parts, why) ||
        !public_key_make(&parts, &key, why))
        return false;
    issuance->key = parts;
    return compose(authority, wish, issuance, why) &&
           issue_lint(authority, desk, issuance, why) &&
           issue_sign(authority, desk, issuance, 1, why) &&
           issue_record(authority, desk, issuance, 1, why);
}

bool cross_certify(struct authority *authority, struct desk *desk,
    const struct cross_wish *wish, struct buffer *certificate,
    struct failure *why)
{
    const struct enrolment enrolment = {.caller = wish->caller,
        .profile = wish->profile.name,
        .authority = wish->issuer->name,
        .founds = wish->founds,
        .founds_issuing = wish->founds_issuing,
        .founds_shards = wish->founds_shards,
        .founds_follows = wish->follows,
        .crosses = wish->kind,
        .crosses_authority = wish->authority};
    struct authority_rule rule = {.profile = &wish->profile};
    struct issuance issuance = {0};
    bool ok;

    if (!profile_hash(&wish->profile, rule.sha256, why) ||
        !composer_new(
            &wish->profile, &wish->issuer->issuer, &rule.composer, why))
        return false;
    issuance_begin(&issuance, &enrolment);
    issuance.issuer = wish->issuer;
    issuance.rule = &rule;
    issuance.names.notices = BUFFER("notices", 4096);
    ok = carry(authority, desk, wish, &issuance, why);
    if (ok && issuance.why.kind != FAILURE_NONE) {
        *why = issuance.why;
        ok = false;
    }
    ok = ok &&
         buffer_append(certificate, buffer_view(&issuance.certificate), why);
    issuance_free(&issuance);
    composer_free(rule.composer);
    return ok;
}

/* --- a foreign authority ------------------------------------------------- */

/* One that signed itself proves that it holds its key; of any other, its issuer
 * has seen to that. */
static bool check_self_signature(
    const struct certificate *certificate, struct failure *why)
{
    struct public_key_parts parts = {0};
    SCOPED(EVP_PKEY) *key = NULL;

    if (!bytes_equal(certificate->tbs.issuer, certificate->tbs.subject))
        return true;
    return spki_parts(&certificate->tbs.key, &parts, why) &&
           public_key_make(&parts, &key, why) &&
           certificate_verify(certificate, key, why);
}

static bool check_foreign(const struct authority *authority,
    const struct certificate *certificate, struct failure *why)
{
    char end[CLOCK_TEXT];

    clock_print(certificate->tbs.not_after, end);
    if (certificate->tbs.not_after <= clock_now())
        return fail_because(
            why, FAILURE_UNSUITABLE, "it was valid until %s", end);
    for (size_t i = 0; i < authority->issuer_count; i++) {
        const struct authority_issuer *own = &authority->issuers[i];

        if (bytes_equal(
                own->certificate.tbs.key.whole, certificate->tbs.key.whole))
            return fail_because(why, FAILURE_CONFLICT,
                "it has the key of \"%s\", an authority of this folder: a new "
                "root is crossed with the old one by `ca rollover`",
                own->name);
    }
    return check_self_signature(certificate, why);
}

/* The root signs by itself what is to be trusted as it is. */
static bool find_signer(const struct authority *authority, const char *name,
    const struct authority_issuer **issuer, struct failure *why)
{
    for (size_t i = 0; name == NULL && i < authority->issuer_count; i++) {
        if (authority->issuers[i].state == AUTHORITY_ACTIVE &&
            issuer_is_root(&authority->issuers[i]))
            name = authority->issuers[i].name;
    }
    return authority_issuer(authority, name, true, issuer, why);
}

static bool is_narrow_enough(
    struct cross_wish *wish, int path_length, struct failure *why)
{
    int most = wish->issuer->path_length - 1;

    if (wish->issuer->path_length < 0 ||
        (wish->profile.path_length >= 0 && wish->profile.path_length <= most))
        return true;
    if (path_length >= 0)
        return fail_because(why, FAILURE_UNSUITABLE,
            "\"%s\" allows path lengths up to %d below it", wish->issuer->name,
            most);
    wish->profile.path_length = most;
    return true;
}

bool hierarchy_cross_sign(struct authority *authority, struct desk *desk,
    const struct cross_sign *sign, struct buffer *made,
    char name[static PROFILE_NAME_MAX], struct failure *why)
{
    struct cross_wish *wish = calloc(1, sizeof(*wish));
    struct certificate certificate = {0};
    bool ok;

    if (wish == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    wish->caller = sign->caller;
    wish->kind = "cross";
    ok = find_signer(authority, sign->authority, &wish->issuer, why) &&
         certificate_read(sign->certificate, &certificate, why) &&
         cross_wish_take(wish, &certificate, sign->path_length, why) &&
         is_narrow_enough(wish, sign->path_length, why) &&
         check_foreign(authority, &certificate, why);
    wish->lifetime_s = sign->lifetime_s;
    if (ok) {
        (void)snprintf(name, PROFILE_NAME_MAX, "%s", wish->issuer->name);
        ok = cross_certify(authority, desk, wish, made, why);
    }
    free(wish);
    return ok;
}
