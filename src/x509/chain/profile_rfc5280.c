#include "x509/chain/profile_rule.h"

/* RFC 5280, section 4: the body, identifiers, and what an authority is. */

static bool is_authority(const struct profile_trial *trial)
{
    return !trial->is_leaf || trial->certificate->basic.is_authority;
}

/* --- the body ------------------------------------------------------------- */

#define SERIAL_BYTES_MAX 20

static bool check_serial(struct profile_trial *trial)
{
    struct bytes serial = trial->certificate->certificate.tbs.serial;

    if ((serial.start[0] & 0x80) != 0)
        return profile_breaks(trial, "has a negative serial number");
    if (serial.length == 1 && serial.start[0] == 0)
        return profile_breaks(trial, "has the serial number 0");
    if (serial.length > SERIAL_BYTES_MAX)
        return profile_breaks(trial,
            "has a serial number of %zu bytes; 20 "
            "are the most",
            serial.length);
    return true;
}

static bool check_version(struct profile_trial *trial)
{
    const struct tbs_certificate *tbs = &trial->certificate->certificate.tbs;

    return tbs->version == 2 || der_at_end(&tbs->extensions) ||
           profile_breaks(trial, "has extensions and says version %u, not 3",
               tbs->version + 1);
}

static bool check_issuer(struct profile_trial *trial)
{
    return !name_is_empty(trial->certificate->certificate.tbs.issuer) ||
           profile_breaks(trial, "names no issuer");
}

static bool check_authority_subject(struct profile_trial *trial)
{
    return !is_authority(trial) || profile_has_subject(trial) ||
           profile_breaks(trial, "is an authority without a subject");
}

/* --- key identifiers ------------------------------------------------------ */

/* 4.2.1.1: only a self-signed certificate may go without; one that has its
 * issuer above it on the path is none.  Versions 1 and 2 can't have it. */
static bool check_authority_key(struct profile_trial *trial)
{
    const struct chain_certificate *certificate = trial->certificate;

    if (certificate->certificate.tbs.version < 2 ||
        certificate->authority_key.identifier.length > 0 ||
        (trial->is_top && certificate->is_self_issued &&
            !chain_has(certificate, CHAIN_AUTHORITY_KEY_IDENTIFIER)))
        return true;
    return profile_breaks(trial, "does not say by which key it is signed: "
                                 "authorityKeyIdentifier has no keyIdentifier");
}

/* 4.2.1.2: an authority's subjectKeyIdentifier is what it puts there. */
static bool check_issuer_key(struct profile_trial *trial)
{
    const struct bytes wanted = trial->certificate->authority_key.identifier;

    return trial->issuer == NULL || wanted.length == 0 ||
           trial->issuer->key_identifier.length == 0 ||
           bytes_equal(wanted, trial->issuer->key_identifier) ||
           profile_breaks(trial, "has an authorityKeyIdentifier that is not "
                                 "its issuer's subjectKeyIdentifier");
}

/* 4.2.1.1 */
static bool check_issuer_pair(struct profile_trial *trial)
{
    const struct authority_key_identifier *key =
        &trial->certificate->authority_key;

    return (key->issuer.length > 0) == (key->serial.length > 0) ||
           profile_breaks(trial, "has an authorityKeyIdentifier with one of "
                                 "issuer and serial number alone");
}

static bool check_subject_key(struct profile_trial *trial)
{
    return !is_authority(trial) ||
           chain_has(trial->certificate, CHAIN_SUBJECT_KEY_IDENTIFIER) ||
           profile_breaks(trial, "is an authority without "
                                 "subjectKeyIdentifier");
}

/* --- authorities ---------------------------------------------------------- */

static bool check_basic_constraints(struct profile_trial *trial)
{
    const struct chain_certificate *certificate = trial->certificate;

    if (!is_authority(trial))
        return true;
    if (!chain_has(certificate, CHAIN_BASIC_CONSTRAINTS) ||
        !certificate->basic.is_authority)
        return profile_breaks(trial,
            "issues certificates, and basicConstraints does not say "
            "that it may");
    return profile_is_critical(trial, CHAIN_BASIC_CONSTRAINTS) ||
           profile_breaks(trial, "is an authority whose basicConstraints is "
                                 "not critical");
}

static bool signs_certificates(const struct chain_certificate *certificate)
{
    return (certificate->key_usage & KEY_USAGE_CERT_SIGN) != 0;
}

static bool check_sign_bit(struct profile_trial *trial)
{
    const struct chain_certificate *certificate = trial->certificate;

    if (!certificate->basic.is_authority && signs_certificates(certificate))
        return profile_breaks(
            trial, "has keyCertSign though it is no authority");
    if (!trial->is_leaf && chain_has(certificate, CHAIN_KEY_USAGE) &&
        !signs_certificates(certificate))
        return profile_breaks(
            trial, "is an authority whose keyUsage lacks keyCertSign");
    return true;
}

static bool check_path_length(struct profile_trial *trial)
{
    const struct chain_certificate *certificate = trial->certificate;

    if (!certificate->basic.has_path_length)
        return true;
    if (!certificate->basic.is_authority)
        return profile_breaks(
            trial, "limits the path though it is no authority");
    return !chain_has(certificate, CHAIN_KEY_USAGE) ||
           signs_certificates(certificate) ||
           profile_breaks(trial, "limits the path though its keyUsage lacks "
                                 "keyCertSign");
}

static bool check_constraints_place(struct profile_trial *trial)
{
    return is_authority(trial) ||
           !chain_has(trial->certificate, CHAIN_NAME_CONSTRAINTS) ||
           profile_breaks(
               trial, "has nameConstraints though it is no authority");
}

#define RULE(title, section, function, where)                            \
    {                                                                    \
        .name = (title), .reference = "RFC 5280, " section,              \
        .check = (function), .profiles = PROFILE_BOTH, .places = (where) \
    }

const struct profile_rule profile_rules_of_rfc5280[] = {
    RULE("serial-number", "4.1.2.2", check_serial, PROFILE_ISSUED),
    RULE("version", "4.1.2.1", check_version, PROFILE_EVERY),
    RULE("issuer-named", "4.1.2.4", check_issuer, PROFILE_EVERY),
    RULE("authority-named", "4.1.2.6", check_authority_subject, PROFILE_EVERY),
    RULE("authority-key-identifier", "4.2.1.1", check_authority_key,
        PROFILE_EVERY),
    RULE("authority-key-identifier-pair", "4.2.1.1", check_issuer_pair,
        PROFILE_EVERY),
    RULE("issuer-key-identifier", "4.2.1.2", check_issuer_key, PROFILE_EVERY),
    RULE("subject-key-identifier", "4.2.1.2", check_subject_key, PROFILE_EVERY),
    RULE("basic-constraints-critical", "4.2.1.9", check_basic_constraints,
        PROFILE_EVERY),
    RULE(
        "key-cert-sign-of-authority", "4.2.1.3", check_sign_bit, PROFILE_EVERY),
    RULE("path-length-of-authority", "4.2.1.9", check_path_length,
        PROFILE_EVERY),
    RULE("name-constraints-of-authority", "4.2.1.10", check_constraints_place,
        PROFILE_EVERY),
    {0},
};
