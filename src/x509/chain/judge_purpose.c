#include "x509/chain/search.h"

#include <stdio.h>

/* Extended key usage, RFC 5280, 4.2.1.12, and key usage of the leaf. */

static const struct {
    enum oid oid;
    const char *name;
    bool must_be_named; /* absent, or any, does not do */
    uint32_t usages;    /* of the key: one of these is consistent with it */
} purposes[CHAIN_PURPOSES] = {
    [CHAIN_ANY_PURPOSE] = {OID_UNKNOWN, "any", false, 0},
    [CHAIN_SERVER] = {OID_SERVER_AUTH, "serverAuth", false,
        KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_ENCIPHERMENT |
            KEY_USAGE_KEY_AGREEMENT},
    [CHAIN_CLIENT] = {OID_CLIENT_AUTH, "clientAuth", false,
        KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_AGREEMENT},
    [CHAIN_EMAIL] = {OID_EMAIL_PROTECTION, "emailProtection", false,
        KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_NON_REPUDIATION |
            KEY_USAGE_KEY_ENCIPHERMENT | KEY_USAGE_KEY_AGREEMENT},
    /* CA/Browser Forum, Code Signing BR, 7.1.2.3; RFC 3161, 2.3; RFC 6960,
     * 4.2.2.2 */
    [CHAIN_CODE_SIGNING] = {OID_CODE_SIGNING, "codeSigning", true,
        KEY_USAGE_DIGITAL_SIGNATURE},
    [CHAIN_TIME_STAMPING] = {OID_TIME_STAMPING, "timeStamping", true,
        KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_NON_REPUDIATION},
    [CHAIN_OCSP] = {OID_OCSP_SIGNING, "OCSPSigning", true,
        KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_NON_REPUDIATION},
};

static bool lists(
    const struct chain_certificate *certificate, struct bytes purpose)
{
    struct der_reader list = certificate->purposes;
    struct bytes each = {0};
    struct failure unread = {0};

    while (!der_at_end(&list) && der_read_oid(&list, &each, &unread)) {
        if (bytes_equal(each, purpose))
            return true;
    }
    return false;
}

static bool allows(
    const struct chain_certificate *certificate, struct bytes purpose)
{
    return !chain_has(certificate, CHAIN_EXTENDED_KEY_USAGE) ||
           lists(certificate, oid_contents(OID_ANY_EXTENDED_KEY_USAGE)) ||
           lists(certificate, purpose);
}

/* A responder's authority need not list OCSPSigning: its delegation is the
 * certificate it issues (RFC 6960, 4.2.2.2). */
bool leaves_purposes(const struct chain_question *question,
    const struct chain_certificate *certificate, struct bytes *lacking)
{
    if (question->purpose != CHAIN_ANY_PURPOSE &&
        question->purpose != CHAIN_OCSP) {
        *lacking = oid_contents(purposes[question->purpose].oid);
        if (!allows(certificate, *lacking))
            return false;
    }
    for (size_t i = 0; i < question->purpose_count; i++) {
        *lacking = question->purposes[i];
        if (!bytes_equal(*lacking, oid_contents(OID_OCSP_SIGNING)) &&
            !allows(certificate, *lacking))
            return false;
    }
    return true;
}

static void print_purpose(struct bytes purpose, char text[static OID_TEXT])
{
    enum oid known = oid_of(purpose);
    struct failure unread = {0};

    if (known != OID_UNKNOWN)
        (void)snprintf(text, OID_TEXT, "%s", oid_row(known)->name);
    else if (!oid_print(purpose, text, &unread))
        text[0] = '\0';
}

bool judge_issuer_purposes(struct judgement *judgement)
{
    struct bytes lacking = {0};
    char text[OID_TEXT], name[CHAIN_NAME_TEXT];

    for (size_t place = 1;
         place < judgement->length && judge_goes_on(judgement); place++) {
        if (leaves_purposes(
                judgement->question, judgement->path[place], &lacking)) {
            judge_pass(judgement, RULE_ISSUER_PURPOSE, place, "%s",
                chain_has(judgement->path[place], CHAIN_EXTENDED_KEY_USAGE)
                    ? "its extended key usage has what is asked"
                    : "it has no extended key usage, which allows all");
            continue;
        }
        print_purpose(lacking, text);
        (void)judge_fail(judgement, RULE_ISSUER_PURPOSE, VERDICT_USAGE_MISMATCH,
            place,
            "the extended key usage of %s does not list %s, which is asked",
            judge_name(judgement, place, name), text);
    }
    return !judgement->has_failed;
}

/* RFC 3161, 2.3: critical, and this purpose alone. */
static bool is_for_time_stamps_alone(
    const struct chain_certificate *certificate)
{
    struct der_reader list = certificate->purposes;
    struct bytes only = {0};
    struct failure unread = {0};

    return (certificate->critical >> CHAIN_EXTENDED_KEY_USAGE & 1) != 0 &&
           der_read_oid(&list, &only, &unread) && der_at_end(&list);
}

static bool judge_purpose(struct judgement *judgement)
{
    const struct chain_certificate *leaf = judgement->path[0];
    enum chain_purpose purpose = judgement->question->purpose;
    struct bytes oid = {0};

    if (purpose == CHAIN_ANY_PURPOSE) {
        judge_skip(judgement, RULE_LEAF_PURPOSE, 0, "no purpose is asked");
        return true;
    }
    oid = oid_contents(purposes[purpose].oid);
    if (!(purposes[purpose].must_be_named ? lists(leaf, oid)
                                          : allows(leaf, oid)))
        return judge_fail(judgement, RULE_LEAF_PURPOSE, VERDICT_USAGE_MISMATCH,
            0, "its extended key usage %s %s, which is asked",
            chain_has(leaf, CHAIN_EXTENDED_KEY_USAGE)
                ? "does not list"
                : "is absent, and lists no",
            purposes[purpose].name);
    if (purpose == CHAIN_TIME_STAMPING && !is_for_time_stamps_alone(leaf))
        return judge_fail(judgement, RULE_LEAF_PURPOSE, VERDICT_USAGE_MISMATCH,
            0,
            "its extended key usage is not critical, or lists more than "
            "timeStamping (RFC 3161, 2.3)");
    judge_pass(judgement, RULE_LEAF_PURPOSE, 0, "%s", purposes[purpose].name);
    return true;
}

static bool judge_purposes_asked(struct judgement *judgement)
{
    const struct chain_question *question = judgement->question;
    char text[OID_TEXT];

    for (size_t i = 0; i < question->purpose_count; i++) {
        print_purpose(question->purposes[i], text);
        if (!allows(judgement->path[0], question->purposes[i]))
            return judge_fail(judgement, RULE_LEAF_PURPOSE_ASKED,
                VERDICT_USAGE_MISMATCH, 0,
                "its extended key usage does not list %s, which is asked",
                text);
        judge_pass(judgement, RULE_LEAF_PURPOSE_ASKED, 0, "%s", text);
    }
    return true;
}

/* RFC 5280, 4.2.1.12: "consistent with both extensions"; the usages are those
 * that it lists under each purpose.  Whether an authority may be what is asked
 * for itself is for the profiles to say. */
static bool judge_usage_of_purpose(struct judgement *judgement)
{
    const struct chain_certificate *leaf = judgement->path[0];
    enum chain_purpose purpose = judgement->question->purpose;

    if (purposes[purpose].usages == 0 || !chain_has(leaf, CHAIN_KEY_USAGE) ||
        leaf->basic.is_authority ||
        (leaf->key_usage & purposes[purpose].usages) != 0)
        return true;
    return judge_fail(judgement, RULE_LEAF_KEY_USAGE, VERDICT_USAGE_MISMATCH, 0,
        "its key usage has none of those that go with %s (RFC 5280, 4.2.1.12)",
        purposes[purpose].name);
}

static bool judge_key_usage(struct judgement *judgement)
{
    const struct chain_certificate *leaf = judgement->path[0];
    uint32_t asked = judgement->question->key_usage;

    if (asked == 0 || !chain_has(leaf, CHAIN_KEY_USAGE)) {
        judge_skip(judgement, RULE_LEAF_KEY_USAGE, 0, "%s",
            asked == 0 ? "no key usage is asked" : "it has no key usage");
        return true;
    }
    if ((leaf->key_usage & asked) != asked)
        return judge_fail(judgement, RULE_LEAF_KEY_USAGE,
            VERDICT_USAGE_MISMATCH, 0,
            "its key usage has the bits 0x%03x; 0x%03x are asked",
            leaf->key_usage, asked);
    judge_pass(judgement, RULE_LEAF_KEY_USAGE, 0, "0x%03x", leaf->key_usage);
    return true;
}

bool judge_leaf_purposes(struct judgement *judgement)
{
    (void)judge_purpose(judgement);
    if (judge_goes_on(judgement))
        (void)judge_purposes_asked(judgement);
    if (judge_goes_on(judgement) && judge_usage_of_purpose(judgement))
        (void)judge_key_usage(judgement);
    return !judgement->has_failed;
}
