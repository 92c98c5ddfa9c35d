#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "x509/chain/constraints.h"
#include "x509/chain/profile.h"
#include "x509/chain/revocation.h"
#include "x509/chain/search.h"
#include "x509/name_match.h"

#define VERSION_3 2

/* --- what the search asks too -------------------------------------------- */

bool is_current(const struct chain_certificate *certificate, int64_t time)
{
    const struct tbs_certificate *tbs = &certificate->certificate.tbs;

    return tbs->not_before <= time && time <= tbs->not_after;
}

/* A v1 certificate says nothing of being an authority (RFC 5280, 6.1.4 (k)):
 * only whoever made it an anchor does. */
static bool is_old_anchor(
    const struct chain_certificate *certificate, bool is_anchor)
{
    return is_anchor && certificate->certificate.tbs.version != VERSION_3;
}

static bool may_sign_certificates(const struct chain_certificate *certificate)
{
    return !chain_has(certificate, CHAIN_KEY_USAGE) ||
           (certificate->key_usage & KEY_USAGE_CERT_SIGN) != 0;
}

bool may_be_issuer(const struct chain_certificate *certificate, bool is_anchor)
{
    if (!may_sign_certificates(certificate))
        return false;
    return is_old_anchor(certificate, is_anchor) ||
           (certificate->certificate.tbs.version == VERSION_3 &&
               certificate->basic.is_authority);
}

static bool is_anchor_at(const struct judgement *judgement, size_t place)
{
    return judgement->has_anchor && place + 1 == judgement->length;
}

/* --- finding the path ---------------------------------------------------- */

/* Is the top signed by a key of this path, its own among them?  By arithmetic,
 * never by equal names (kb 90). */
static bool ends_in_itself(struct judgement *judgement)
{
    const struct chain_certificate *top =
        judgement->path[judgement->length - 1];
    enum signature_answer answer = SIGNATURE_DIFFERS;

    for (size_t i = judgement->length; i > 0; i--) {
        const struct chain_certificate *issuer = judgement->path[i - 1];

        if (!name_matches(
                issuer->certificate.tbs.subject, top->certificate.tbs.issuer))
            continue;
        if (edge_answer(judgement->search, top, issuer,
                inherited_parameters(judgement->path, judgement->length, i - 1),
                &answer) &&
            answer == SIGNATURE_MATCHES)
            return true;
    }
    return false;
}

static void print_wanted(
    const struct chain_certificate *top, char text[static 128])
{
    struct bytes key = top->authority_key.identifier;
    char digits[81] = "", serial[SERIAL_TEXT] = "";

    if (key.length > 40)
        key.length = 40;
    hex_print(key, digits);
    text[0] = '\0';
    if (key.length > 0)
        (void)snprintf(text, 128, ", key identifier %s", digits);
    else if (top->authority_key.serial.length > 0) {
        serial_print(top->authority_key.serial, serial);
        (void)snprintf(text, 128, ", serial %s", serial);
    }
}

/* A certificate of the wanted name that has another key. */
static const struct chain_certificate *namesake(
    const struct judgement *judgement, const struct chain_certificate *top)
{
    const struct chain_question *question = judgement->question;
    struct bytes name = top->certificate.tbs.issuer;
    const struct chain_certificate *found = NULL;
    size_t place = 0;

    if (question->untrusted != NULL)
        found = chain_pool_next_named(question->untrusted, name, &place);
    place = 0;
    return found != NULL ? found
                         : chain_pool_next_named(question->roots, name, &place);
}

/* One of the wanted name is here, and its extensions can't be read. */
static bool fail_damaged(struct judgement *judgement, const char *name)
{
    const struct chain_question *question = judgement->question;
    size_t place = judgement->length - 1;
    struct bytes wanted = judgement->path[place]->certificate.tbs.issuer;
    const struct pool_damage *damage = NULL;

    if (question->untrusted != NULL)
        damage = chain_pool_damaged(question->untrusted, wanted);
    if (damage == NULL)
        damage = chain_pool_damaged(question->roots, wanted);
    if (damage == NULL)
        return true;
    return judge_fail(judgement, RULE_ISSUER_FOUND, VERDICT_ISSUER_MISSING,
        place, "%s%s%s can't be used: %s (RFC 5280, 4.2)", name,
        damage->origin == NULL ? "" : ", from ",
        damage->origin == NULL ? "" : damage->origin, damage->why.reason);
}

static bool fail_missing(struct judgement *judgement)
{
    size_t place = judgement->length - 1;
    const struct chain_certificate *top = judgement->path[place];
    const struct chain_certificate *other = namesake(judgement, top);
    struct chain_certificate issuer = {0};
    char name[CHAIN_NAME_TEXT], wanted[128], digits[81] = "";
    char gap[FETCHED_GAP];

    issuer.certificate.tbs.subject = top->certificate.tbs.issuer;
    issuer.certificate.tbs.serial = top->authority_key.serial;
    chain_certificate_print(&issuer, name);
    if (!fail_damaged(judgement, name))
        return false;
    print_wanted(top, wanted);
    fetched_gap(judgement->question, top->sha256, true, gap);
    if (other == NULL)
        return judge_fail(judgement, RULE_ISSUER_FOUND, VERDICT_ISSUER_MISSING,
            place, "no certificate of %s%s is here%s", name, wanted, gap);
    hex_print(
        (struct bytes){other->key_identifier.start,
            other->key_identifier.length > 40 ? 40
                                              : other->key_identifier.length},
        digits);
    return judge_fail(judgement, RULE_ISSUER_FOUND, VERDICT_ISSUER_MISSING,
        place,
        "no certificate of %s%s is here; one of this name with %s%s is%s", name,
        wanted, digits[0] == '\0' ? "another key" : "the key identifier ",
        digits, gap);
}

static bool judge_anchor(struct judgement *judgement)
{
    size_t top = judgement->length - 1;
    char name[CHAIN_NAME_TEXT];

    if (!judgement->has_anchor && !ends_in_itself(judgement))
        return fail_missing(judgement);
    judge_pass(judgement, RULE_ISSUER_FOUND, top, "%s",
        top == 0 ? "none is needed" : "each has its issuer");
    (void)judge_name(judgement, top, name);
    if (!judgement->has_anchor)
        return judge_fail(judgement, RULE_ANCHOR,
            top == 0 ? VERDICT_SELF_SIGNED_UNTRUSTED : VERDICT_ROOT_UNTRUSTED,
            top, "it is not among the trusted roots");
    judge_pass(judgement, RULE_ANCHOR, top, "%s%s%s", name,
        judgement->path[top]->origin == NULL ? "" : ", from ",
        judgement->path[top]->origin == NULL ? ""
                                             : judgement->path[top]->origin);
    return true;
}

/* --- rules of one certificate -------------------------------------------- */

typedef bool judge_place(struct judgement *judgement, size_t place);

static bool judge_distrust(struct judgement *judgement, size_t place)
{
    const struct chain_pool *distrusted = judgement->question->distrusted;
    char name[CHAIN_NAME_TEXT];

    if (distrusted != NULL &&
        chain_pool_find(distrusted, judgement->path[place]->sha256) != NULL)
        return judge_fail(judgement, RULE_DISTRUST, VERDICT_DISTRUSTED, place,
            "%s is on the list of distrusted certificates",
            judge_name(judgement, place, name));
    judge_pass(judgement, RULE_DISTRUST, place, "not listed");
    return true;
}

static bool judge_not_before(struct judgement *judgement, size_t place)
{
    int64_t begins = judgement->path[place]->certificate.tbs.not_before;
    char date[CLOCK_TEXT], now[CLOCK_TEXT];

    if (begins <= judgement->question->time && !judge_tells(judgement))
        return true;
    clock_print(begins, date);
    clock_print(judgement->question->time, now);
    if (begins > judgement->question->time)
        return judge_fail(judgement, RULE_NOT_BEFORE, VERDICT_NOT_YET_VALID,
            place, "it is valid from %s; the time is %s", date, now);
    judge_pass(judgement, RULE_NOT_BEFORE, place, "since %s", date);
    return true;
}

static bool judge_not_after(struct judgement *judgement, size_t place)
{
    int64_t ends = judgement->path[place]->certificate.tbs.not_after;
    char date[CLOCK_TEXT], now[CLOCK_TEXT];

    if (ends >= judgement->question->time && !judge_tells(judgement))
        return true;
    clock_print(ends, date);
    clock_print(judgement->question->time, now);
    if (ends < judgement->question->time)
        return judge_fail(judgement, RULE_NOT_AFTER, VERDICT_EXPIRED, place,
            "it was valid until %s; the time is %s", date, now);
    judge_pass(judgement, RULE_NOT_AFTER, place, "until %s", date);
    return true;
}

static bool judge_version(struct judgement *judgement, size_t place)
{
    uint32_t version = judgement->path[place]->certificate.tbs.version;

    if (place == 0)
        return true;
    if (version != VERSION_3 && !is_anchor_at(judgement, place))
        return judge_fail(judgement, RULE_ISSUER_VERSION,
            VERDICT_NOT_AN_AUTHORITY, place,
            "it has version %u, which can't say that it is an authority",
            version + 1);
    judge_pass(
        judgement, RULE_ISSUER_VERSION, place, "version %u", version + 1);
    return true;
}

static bool judge_basic(struct judgement *judgement, size_t place)
{
    const struct chain_certificate *issuer = judgement->path[place];

    if (place == 0)
        return true;
    if (issuer->certificate.tbs.version != VERSION_3) {
        judge_skip(judgement, RULE_BASIC_CONSTRAINTS, place,
            "an anchor of version %u has none",
            issuer->certificate.tbs.version + 1);
        return true;
    }
    if (!issuer->basic.is_authority)
        return judge_fail(judgement, RULE_BASIC_CONSTRAINTS,
            VERDICT_NOT_AN_AUTHORITY, place, "%s",
            chain_has(issuer, CHAIN_BASIC_CONSTRAINTS)
                ? "its basicConstraints say that it is no authority"
                : "it has no basicConstraints");
    judge_pass(judgement, RULE_BASIC_CONSTRAINTS, place, "CA:TRUE");
    return true;
}

/* Self-issued ones, which renew a key or a name, are not counted, and the last
 * never is (RFC 5280, 4.2.1.9). */
static uint32_t count_below(const struct judgement *judgement, size_t place)
{
    uint32_t count = 0;

    for (size_t i = 1; i < place; i++)
        count += judgement->path[i]->is_self_issued ? 0 : 1;
    return count;
}

static bool judge_path_length(struct judgement *judgement, size_t place)
{
    const struct chain_certificate *issuer = judgement->path[place];
    uint32_t below = 0;
    char name[CHAIN_NAME_TEXT];

    if (place == 0 || !issuer->basic.has_path_length)
        return true;
    below = count_below(judgement, place);
    if (below > issuer->basic.path_length)
        return judge_fail(judgement, RULE_PATH_LENGTH, VERDICT_PATH_TOO_LONG,
            place, "%s allows %u authorities below it; there are %u",
            judge_name(judgement, place, name), issuer->basic.path_length,
            below);
    judge_pass(judgement, RULE_PATH_LENGTH, place, "%u of %u", below,
        issuer->basic.path_length);
    return true;
}

static bool judge_cert_sign(struct judgement *judgement, size_t place)
{
    if (place == 0)
        return true;
    if (!may_sign_certificates(judgement->path[place]))
        return judge_fail(judgement, RULE_KEY_CERT_SIGN,
            VERDICT_NOT_AN_AUTHORITY, place,
            "its key usage does not have keyCertSign");
    judge_pass(judgement, RULE_KEY_CERT_SIGN, place, "%s",
        chain_has(judgement->path[place], CHAIN_KEY_USAGE)
            ? "keyCertSign"
            : "it has no key usage, which allows all");
    return true;
}

static bool judge_critical(struct judgement *judgement, size_t place)
{
    struct bytes type = judgement->path[place]->unknown_critical;
    char text[OID_TEXT] = "";
    struct failure unread = {0};

    if (type.length == 0) {
        judge_pass(judgement, RULE_CRITICAL_EXTENSIONS, place,
            "every critical extension is known");
        return true;
    }
    if (oid_of(type) == OID_CERTIFICATE_POLICIES)
        return judge_fail(judgement, RULE_CRITICAL_EXTENSIONS,
            VERDICT_CRITICAL_EXTENSION_UNKNOWN, place,
            "its certificatePolicies are critical and have a qualifier that is "
            "not known here (RFC 5280, 4.2.1.4)");
    if (oid_of(type) != OID_UNKNOWN)
        (void)snprintf(text, sizeof(text), "%s", oid_row(oid_of(type))->name);
    else if (!oid_print(type, text, &unread))
        text[0] = '\0';
    return judge_fail(judgement, RULE_CRITICAL_EXTENSIONS,
        VERDICT_CRITICAL_EXTENSION_UNKNOWN, place,
        "its critical extension %s is not processed here", text);
}

/* --- all of them, in their order ----------------------------------------- */

static bool judge_each(struct judgement *judgement, judge_place *judge)
{
    for (size_t place = 0;
         place < judgement->length && judge_goes_on(judgement); place++)
        (void)judge(judgement, place);
    return !judgement->has_failed;
}

static bool judge_depth(struct judgement *judgement)
{
    const struct chain_question *question = judgement->question;
    size_t ends = judgement->has_anchor ? 2 : 1;
    size_t between = judgement->length > ends ? judgement->length - ends : 0;

    if (!question->has_max_depth) {
        judge_skip(judgement, RULE_MAX_DEPTH, 0, "no depth is asked");
        return true;
    }
    if (between > question->max_depth)
        return judge_fail(judgement, RULE_MAX_DEPTH, VERDICT_PATH_TOO_LONG, 0,
            "intermediates on the path: %zu; at most %u are wanted", between,
            question->max_depth);
    judge_pass(judgement, RULE_MAX_DEPTH, 0, "%zu of %u", between,
        question->max_depth);
    return true;
}

static bool judge_dates(struct judgement *judgement)
{
    (void)judge_each(judgement, judge_not_before);
    return judge_each(judgement, judge_not_after);
}

static bool judge_distrusts(struct judgement *judgement)
{
    return judge_each(judgement, judge_distrust);
}

static bool judge_authorities(struct judgement *judgement)
{
    (void)judge_each(judgement, judge_version);
    (void)judge_each(judgement, judge_basic);
    (void)judge_each(judgement, judge_path_length);
    if (judge_goes_on(judgement))
        (void)judge_depth(judgement);
    (void)judge_each(judgement, judge_cert_sign);
    return judge_each(judgement, judge_critical);
}

typedef bool judge_all(struct judgement *judgement);

bool judge_path(struct judgement *judgement)
{
    static judge_all *const rules[] = {judge_anchor, judge_distrusts,
        judge_signatures, judge_dates, judge_authorities, judge_issuer_purposes,
        judge_leaf_purposes, judge_names, judge_constraints, judge_policies,
        judge_profile, judge_revocation, judge_fetched};

    judge_pass(judgement, RULE_READABLE, 0, "read to its end");
    judge_pass(judgement, RULE_EXTENSIONS_READABLE, 0, "read to their ends");
    judge_pass(judgement, RULE_BUDGET, 0,
        "within %d signatures and %d pairs of certificate and issuer",
        BUDGET_SIGNATURES, BUDGET_EDGES);
    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
        if (!judge_goes_on(judgement))
            return false;
        (void)rules[i](judgement);
    }
    return !judgement->has_failed;
}
