#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"
#include "x509/chain/host.h"
#include "x509/chain/profile_rule.h"
#include "x509/chain/public_suffix.h"

/* What the CA/Browser Forum's Baseline Requirements ask of a server's
 * certificate and of those above it, as far as a verifier sees it. */

#define COMMON_NAME_MAX 1024
#define NAME_SHOWN 100

static bool check_version(struct profile_trial *trial)
{
    return trial->certificate->certificate.tbs.version == 2 ||
           profile_breaks(trial, "is of version %u, not 3",
               trial->certificate->certificate.tbs.version + 1);
}

/* --- purposes ------------------------------------------------------------- */

static bool check_leaf_purposes(struct profile_trial *trial)
{
    struct der_reader purposes = trial->certificate->purposes;
    struct bytes purpose = {0};
    struct failure unread = {0};

    if (!chain_has(trial->certificate, CHAIN_EXTENDED_KEY_USAGE))
        return profile_breaks(trial, "has no extendedKeyUsage");
    if (profile_is_critical(trial, CHAIN_EXTENDED_KEY_USAGE))
        return profile_breaks(trial, "has a critical extendedKeyUsage");
    while (
        !der_at_end(&purposes) && der_read_oid(&purposes, &purpose, &unread)) {
        if (oid_of(purpose) == OID_ANY_EXTENDED_KEY_USAGE)
            return profile_breaks(
                trial, "has anyExtendedKeyUsage in extendedKeyUsage");
    }
    return true;
}

static bool is_root(const struct profile_trial *trial)
{
    return trial->is_anchor && trial->certificate->is_self_issued;
}

static bool check_root_purposes(struct profile_trial *trial)
{
    return !is_root(trial) ||
           !chain_has(trial->certificate, CHAIN_EXTENDED_KEY_USAGE) ||
           profile_breaks(trial, "is a root with extendedKeyUsage");
}

/* --- authorities ---------------------------------------------------------- */

static bool check_root_key(struct profile_trial *trial)
{
    const struct chain_certificate *root = trial->certificate;
    const struct authority_key_identifier *key = &root->authority_key;

    if (!is_root(trial) || !chain_has(root, CHAIN_AUTHORITY_KEY_IDENTIFIER))
        return true;
    if (key->issuer.length > 0 || key->serial.length > 0)
        return profile_breaks(trial, "is a root whose authorityKeyIdentifier "
                                     "has an issuer or a serial number");
    return (key->identifier.length > 0 &&
               bytes_equal(key->identifier, root->key_identifier)) ||
           profile_breaks(trial, "is a root whose authorityKeyIdentifier is "
                                 "not its subjectKeyIdentifier");
}

static bool check_leaf_is_no_authority(struct profile_trial *trial)
{
    return !trial->certificate->basic.is_authority ||
           profile_breaks(
               trial, "is an authority in the place of a server's certificate");
}

/* --- names ---------------------------------------------------------------- */

static bool check_names_present(struct profile_trial *trial)
{
    if (!chain_has(trial->certificate, CHAIN_SUBJECT_ALT_NAME))
        return profile_breaks(trial, "has no subjectAltName");
    return !profile_has_subject(trial) ||
           !profile_is_critical(trial, CHAIN_SUBJECT_ALT_NAME) ||
           profile_breaks(trial, "has a subject, and its subjectAltName is "
                                 "critical all the same");
}

static bool check_wildcards(struct profile_trial *trial)
{
    struct der_reader names = trial->certificate->other_names;
    struct general_name name = {0};
    struct failure unread = {0};

    while (!der_at_end(&names) && general_name_next(&names, &name, &unread)) {
        size_t length =
            name.value.length < NAME_SHOWN ? name.value.length : NAME_SHOWN;

        if (name.kind == GENERAL_NAME_DNS && name.value.length > 0 &&
            name.value.start[0] == '*' && host_is_presentable(name.value) &&
            is_public_suffix(host_parent(name.value)))
            return profile_breaks(trial,
                "has a wildcard for a public suffix: %.*s", (int)length,
                (const char *)name.value.start);
    }
    return true;
}

/* RFC 5952 and RFC 3986, 3.2.2: an address has one text. */
static bool is_text_of_address(struct bytes address, struct bytes text)
{
    char printed[INET6_ADDRSTRLEN] = "";
    int family = address.length == 4 ? AF_INET : AF_INET6;

    return (address.length == 4 || address.length == 16) &&
           inet_ntop(family, address.start, printed, sizeof(printed)) != NULL &&
           bytes_equal(bytes_of_text(printed), text);
}

/* The URL standard's "ends in a number": what clients take for an address,
 * however it is written (0xC0A80101, 192.168.001.001). */
static bool is_like_address(struct bytes text)
{
    struct bytes last = text;

    if (!host_is_domain(text))
        return true;
    while (host_parent(last).length > 0)
        last = host_parent(last);
    return last.length > 2 && last.start[0] == '0' &&
           (last.start[1] == 'x' || last.start[1] == 'X');
}

/* Letter by letter; and the domain that a wildcard is for. */
static bool is_copy(struct bytes presented, struct bytes text)
{
    return bytes_equal(presented, text) ||
           (presented.length > 2 && presented.start[0] == '*' &&
               bytes_equal(host_parent(presented), text));
}

/*
 * BR 7.1.4.3 wants one of the names.  A domain is held against the DNS names
 * where there are any: no verifier reads it for an address, so beside addresses
 * alone it claims nothing that they don't (docs/verdicts.md).
 */
static bool is_alternative(
    const struct chain_certificate *certificate, struct bytes text)
{
    struct der_reader names = certificate->other_names;
    struct general_name name = {0};
    struct failure unread = {0};
    bool has_hosts = false;

    while (!der_at_end(&names) && general_name_next(&names, &name, &unread)) {
        has_hosts = has_hosts || name.kind == GENERAL_NAME_DNS;
        if ((name.kind == GENERAL_NAME_DNS && is_copy(name.value, text)) ||
            (name.kind == GENERAL_NAME_IP &&
                is_text_of_address(name.value, text)))
            return true;
    }
    return !has_hosts && !is_like_address(text);
}

static bool check_common_name(
    struct profile_trial *trial, const struct name_attribute *attribute)
{
    RELEASED(buffer) text = BUFFER("a common name", COMMON_NAME_MAX);
    RELEASED(buffer) shown = BUFFER("a common name", 16 * COMMON_NAME_MAX);
    struct failure unread = {0};
    const char *words = "";

    if (name_attribute_append_text(attribute, &text, &unread) &&
        is_alternative(trial->certificate, buffer_view(&text)))
        return true;
    if (!text_append_visible(&shown, buffer_view(&text), &unread) ||
        !buffer_as_text(&shown, &words, &unread))
        words = "";
    return profile_breaks(trial,
        "has the common name \"%.80s\", which is none of subjectAltName, "
        "letter by letter",
        words);
}

static bool check_common_names(struct profile_trial *trial)
{
    struct name_walk walk = {0};
    struct name_attribute attribute = {0};
    struct failure unread = {0};

    if (!name_walk_start(
            trial->certificate->certificate.tbs.subject, &walk, &unread))
        return true;
    while (!name_walk_at_end(&walk) &&
           name_walk_next(&walk, &attribute, &unread)) {
        if (attribute.type == OID_COMMON_NAME &&
            !check_common_name(trial, &attribute))
            return false;
    }
    return true;
}

#define RULE(title, section, function, where)                              \
    {                                                                      \
        .name = (title), .reference = "CA/Browser Forum BR, " section,     \
        .check = (function), .profiles = PROFILE_WEBPKI, .places = (where) \
    }

const struct profile_rule profile_rules_of_webpki[] = {
    RULE("version-3", "7.1.1", check_version, PROFILE_EVERY),
    RULE("server-purposes", "7.1.2.7.10", check_leaf_purposes, PROFILE_LEAF),
    RULE("root-purposes", "7.1.2.1.2", check_root_purposes, PROFILE_ANCHOR),
    RULE("root-key-identifier", "7.1.2.1.3", check_root_key, PROFILE_ANCHOR),
    RULE("server-is-no-authority", "7.1.2.7.8", check_leaf_is_no_authority,
        PROFILE_LEAF),
    RULE("server-names", "7.1.2.7.12", check_names_present, PROFILE_LEAF),
    RULE("wildcard-of-public-suffix", "3.2.2.6", check_wildcards, PROFILE_LEAF),
    RULE(
        "common-name-among-names", "7.1.4.3", check_common_names, PROFILE_LEAF),
    {0},
};
