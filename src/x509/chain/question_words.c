#include "x509/chain/question_words.h"

#include <ctype.h>
#include <string.h>

struct word {
    const char *word;
    unsigned int value;
};

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static bool find_word(const struct word *words, size_t count, const char *word,
    unsigned int *value)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i].word, word) == 0) {
            *value = words[i].value;
            return true;
        }
    }
    return false;
}

bool question_purpose(
    const char *word, enum chain_purpose *purpose, struct failure *why)
{
    static const struct word words[] = {{"server", CHAIN_SERVER},
        {"client", CHAIN_CLIENT}, {"email", CHAIN_EMAIL},
        {"code-signing", CHAIN_CODE_SIGNING},
        {"time-stamping", CHAIN_TIME_STAMPING}, {"ocsp", CHAIN_OCSP},
        {"any", CHAIN_ANY_PURPOSE}};
    unsigned int value = 0;

    if (!find_word(words, COUNT(words), word, &value))
        return fail_because(why, FAILURE_MALFORMED,
            "a purpose is one of server, client, email, code-signing, "
            "time-stamping, ocsp and any");
    *purpose = (enum chain_purpose)value;
    return true;
}

bool question_revocation(
    const char *word, enum chain_revocation *revocation, struct failure *why)
{
    static const struct word words[] = {{"off", CHAIN_REVOCATION_OFF},
        {"soft", CHAIN_REVOCATION_SOFT}, {"hard", CHAIN_REVOCATION_HARD}};
    unsigned int value = 0;

    if (!find_word(words, COUNT(words), word, &value))
        return fail_because(
            why, FAILURE_MALFORMED, "revocation is one of off, soft and hard");
    *revocation = (enum chain_revocation)value;
    return true;
}

bool question_profile(
    const char *word, enum chain_profile *profile, struct failure *why)
{
    static const struct word words[] = {
        {"rfc5280", CHAIN_RFC5280}, {"webpki", CHAIN_WEBPKI}};
    unsigned int value = 0;

    if (!find_word(words, COUNT(words), word, &value))
        return fail_because(why, FAILURE_MALFORMED,
            "a profile is rfc5280 or webpki; without one, section 6 of RFC "
            "5280 alone is held");
    *profile = (enum chain_profile)value;
    return true;
}

/* --- key usage ----------------------------------------------------------- */

/* Letters alone are compared: others write "digital_signature". */
static bool is_same_word(const char *known, const char *word)
{
    for (; *word != 0; word++) {
        if (*word == '_' || *word == ' ' || *word == '-')
            continue;
        if (*known == 0 ||
            tolower((unsigned char)*known) != tolower((unsigned char)*word))
            return false;
        known++;
    }
    return *known == 0;
}

bool question_key_usage(const char *word, uint32_t *bits, struct failure *why)
{
    static const struct word words[] = {
        {"digitalSignature", KEY_USAGE_DIGITAL_SIGNATURE},
        {"nonRepudiation", KEY_USAGE_NON_REPUDIATION},
        {"contentCommitment", KEY_USAGE_NON_REPUDIATION},
        {"keyEncipherment", KEY_USAGE_KEY_ENCIPHERMENT},
        {"dataEncipherment", KEY_USAGE_DATA_ENCIPHERMENT},
        {"keyAgreement", KEY_USAGE_KEY_AGREEMENT},
        {"keyCertSign", KEY_USAGE_CERT_SIGN}, {"cRLSign", KEY_USAGE_CRL_SIGN},
        {"encipherOnly", KEY_USAGE_ENCIPHER_ONLY},
        {"decipherOnly", KEY_USAGE_DECIPHER_ONLY}};

    for (size_t i = 0; i < COUNT(words); i++) {
        if (is_same_word(words[i].word, word)) {
            *bits |= words[i].value;
            return true;
        }
    }
    return fail_because(why, FAILURE_MALFORMED,
        "there is no key usage \"%.40s\"; RFC 5280, 4.2.1.3 lists them", word);
}

bool question_oid_read(
    const char *word, struct question_oid *oid, struct failure *why)
{
    struct failure unread = {0};
    enum oid named = oid_named(word);
    struct bytes contents;

    if (named == OID_UNKNOWN)
        return oid_read(word, oid->contents, sizeof(oid->contents),
                   &oid->length, &unread) ||
               fail_because(why, FAILURE_MALFORMED,
                   "\"%.80s\" is no object identifier and no name of one",
                   word);
    contents = oid_contents(named);
    memcpy(oid->contents, contents.start, contents.length);
    oid->length = contents.length;
    return true;
}
