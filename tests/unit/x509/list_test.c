#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/x509v3.h>

#include "crypto/openssl_scoped.h"
#include "support/chain_desk.h"
#include "x509/chain/revocation.h"

/* Revocation lists that OpenSSL makes on the spot: numbers, deltas, entries and
 * signers, and what becomes of the leaf, whose serial is 1. */

#define ISSUER 1
#define SIGNER 4
#define LISTS_MAX 4

struct list {
    const char *number, *base; /* decimal; NULL: none.  base: a delta list */
    int64_t updated;           /* days from DESK_NOW; it holds for ten */
    long serial;               /* revoked; 0: none */
    const char *reason;        /* a number; NULL: none */
    const char *since;         /* DER of invalidityDate, hexadecimal */
    const char *entry;         /* "type=critical,DER:hexadecimal" */
    bool number_is_critical;
    const char *issuer; /* NULL: root */
    size_t key;         /* 0: the issuer's */
};

DEFINE_SCOPED(X509_CRL, X509_CRL_free)

static X509_EXTENSION *extension_of(const char *type, const char *value)
{
    X509_EXTENSION *made = X509V3_EXT_conf(NULL, NULL, type, value);

    assert_non_null(made);
    return made;
}

static void add_to_entry(
    X509_REVOKED *made, const char *type, const char *value)
{
    X509_EXTENSION *extension = extension_of(type, value);

    assert_true(X509_REVOKED_add_ext(made, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

/* "type=value" */
struct line {
    char type[64];
    const char *value;
};

static struct line split(const char *text)
{
    struct line line = {{0}, strchr(text, '=')};

    assert_non_null(line.value);
    (void)snprintf(
        line.type, sizeof(line.type), "%.*s", (int)(line.value++ - text), text);
    return line;
}

static void add_entry(X509_CRL *made, const struct list *list)
{
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_INTEGER *serial = ASN1_INTEGER_new();
    ASN1_TIME *when = ASN1_TIME_set(NULL, DESK_NOW - 5 * DESK_DAY);
    struct line line;

    assert_true(ASN1_INTEGER_set(serial, list->serial) == 1 &&
                X509_REVOKED_set_serialNumber(entry, serial) == 1 &&
                X509_REVOKED_set_revocationDate(entry, when) == 1);
    if (list->reason != NULL)
        add_to_entry(entry, "2.5.29.21", list->reason);
    if (list->since != NULL)
        add_to_entry(entry, "2.5.29.24", list->since);
    if (list->entry != NULL) {
        line = split(list->entry);
        add_to_entry(entry, line.type, line.value);
    }
    assert_true(X509_CRL_add0_revoked(made, entry) == 1);
    ASN1_INTEGER_free(serial);
    ASN1_TIME_free(when);
}

static void add_number(
    X509_CRL *made, int type, const char *decimal, int critical)
{
    ASN1_INTEGER *number = s2i_ASN1_INTEGER(NULL, decimal);

    assert_non_null(number);
    assert_true(X509_CRL_add1_ext_i2d(made, type, number, critical, 0) == 1);
    ASN1_INTEGER_free(number);
}

static void fill(X509_CRL *made, const struct list *list)
{
    X509_NAME *issuer = X509_NAME_new();
    ASN1_TIME *from = ASN1_TIME_set(NULL, DESK_NOW + list->updated * DESK_DAY);
    ASN1_TIME *until =
        ASN1_TIME_set(NULL, DESK_NOW + (list->updated + 10) * DESK_DAY);
    const char *name = list->issuer == NULL ? "root" : list->issuer;

    assert_true(X509_NAME_add_entry_by_txt(issuer, "CN", MBSTRING_UTF8,
                    (const unsigned char *)name, -1, -1, 0) == 1 &&
                X509_CRL_set_version(made, 1) == 1 &&
                X509_CRL_set_issuer_name(made, issuer) == 1 &&
                X509_CRL_set1_lastUpdate(made, from) == 1 &&
                X509_CRL_set1_nextUpdate(made, until) == 1);
    if (list->serial != 0)
        add_entry(made, list);
    if (list->number != NULL)
        add_number(
            made, NID_crl_number, list->number, list->number_is_critical);
    if (list->base != NULL)
        add_number(made, NID_delta_crl, list->base, 1);
    X509_NAME_free(issuer);
    ASN1_TIME_free(from);
    ASN1_TIME_free(until);
}

static unsigned char *list_make(const struct list *list, size_t *length)
{
    SCOPED(X509_CRL) *made = X509_CRL_new();
    unsigned char *encoded = NULL;
    int count = 0;

    fill(made, list);
    assert_true(
        X509_CRL_sign(made, desk_key(list->key == 0 ? ISSUER : list->key),
            EVP_sha256()) > 0);
    count = i2d_X509_CRL(made, &encoded);
    assert_true(count > 0);
    *length = (size_t)count;
    return encoded;
}

/* --- the question ----------------------------------------------------------
 */

static struct chain_question question;

static int open_question(void **state)
{
    struct bytes root = desk_root("root", ISSUER);

    (void)state;
    question = (struct chain_question){.leaf = desk_leaf("root", ISSUER),
        .roots = desk_pool(&root, 1),
        .time = DESK_NOW,
        .revocation = CHAIN_REVOCATION_HARD};
    return 0;
}

static int clear(void **state)
{
    (void)state;
    desk_clear_made();
    return 0;
}

static int clear_all(void **state)
{
    (void)state;
    desk_clear();
    return 0;
}

/* Both ways round: the order of what is at hand changes nothing. */
static void assert_lists(const struct list *lists, size_t count,
    enum verdict_code code, const char *words)
{
    struct status_source sources[LISTS_MAX];
    unsigned char *encoded[LISTS_MAX];

    assert_true(count <= LISTS_MAX);
    for (size_t i = 0; i < count; i++) {
        size_t length = 0;

        encoded[i] = list_make(&lists[i], &length);
        status_source_read(
            (struct bytes){encoded[i], length}, "l", false, &sources[i]);
    }
    for (size_t way = 0; way < 2; way++) {
        const struct status_source *at_hand[LISTS_MAX];
        RELEASED(verdict) verdict = {0};

        for (size_t i = 0; i < count; i++)
            at_hand[i] = &sources[way == 0 ? i : count - 1 - i];
        question.sources = at_hand;
        question.source_count = count;
        (void)desk_ask(&question, &verdict);
        if (verdict.code != code || strstr(verdict.sentence, words) == NULL)
            fail_msg("%s, not \"%s\"", verdict.sentence, words);
    }
    for (size_t i = 0; i < count; i++)
        OPENSSL_free(encoded[i]);
}

#define ASSERT_LISTS(code, words, ...)                                    \
    assert_lists((const struct list[]){__VA_ARGS__},                      \
        sizeof((const struct list[]){__VA_ARGS__}) / sizeof(struct list), \
        code, words)

#define ON_HOLD "DER:0a0106"
#define REMOVED "DER:0a0108"

/* --- numbers ---------------------------------------------------------------
 */

static void a_number_of_more_bytes_is_greater(void **state)
{
    const struct list held = {
        .number = "255", .serial = 1, .reason = ON_HOLD, .updated = -1};
    const struct list lifted = {.number = "65536", .updated = -2};

    (void)state;
    ASSERT_LISTS(VERDICT_REVOKED, "certificateHold", held);
    ASSERT_LISTS(VERDICT_OK, "", held, lifted);
}

static void without_numbers_the_later_list_is_newer(void **state)
{
    const struct list held = {.serial = 1, .reason = ON_HOLD, .updated = -2};
    const struct list lifted = {.updated = -1};
    const struct list numbered = {.number = "9", .updated = -3};

    (void)state;
    ASSERT_LISTS(VERDICT_OK, "", held, lifted);
    ASSERT_LISTS(VERDICT_REVOKED, "", held, numbered);
}

static void of_several_deltas_the_newest_counts(void **state)
{
    const struct list base = {.number = "10", .updated = -3};
    const struct list older = {.number = "11",
        .base = "10",
        .serial = 1,
        .reason = ON_HOLD,
        .updated = -2};
    const struct list newer = {.number = "300", .base = "10", .updated = -1};

    (void)state;
    ASSERT_LISTS(VERDICT_REVOKED, "", base, older);
    ASSERT_LISTS(VERDICT_OK, "", base, older, newer);
    ASSERT_LISTS(VERDICT_OK, "", older, newer, base);
}

static void a_delta_extends_a_list_with_a_number_of_the_same_signer(
    void **state)
{
    const struct list base = {.number = "10", .updated = -3};
    const struct list bare = {.updated = -3};
    struct list delta = {
        .number = "11", .base = "10", .serial = 1, .updated = -2};

    (void)state;
    ASSERT_LISTS(VERDICT_REVOKED, "", base, delta);
    ASSERT_LISTS(VERDICT_OK, "", bare, delta);
    delta.number = NULL;
    ASSERT_LISTS(VERDICT_OK, "", base, delta);
}

/* 5.3.1: removeFromCRL is of delta lists alone. */
static void only_a_delta_takes_an_entry_back(void **state)
{
    const struct list removes = {
        .number = "10", .serial = 1, .reason = REMOVED, .updated = -3};
    const struct list held = {
        .number = "10", .serial = 1, .reason = ON_HOLD, .updated = -3};
    const struct list delta = {.number = "11",
        .base = "10",
        .serial = 1,
        .reason = REMOVED,
        .updated = -2};

    (void)state;
    ASSERT_LISTS(VERDICT_OK, "", removes);
    ASSERT_LISTS(VERDICT_OK, "", held, delta);
    ASSERT_LISTS(VERDICT_OK, "", removes, delta);
}

static void the_profile_wants_a_number_that_is_not_critical(void **state)
{
    const struct list bare = {.updated = -1};
    const struct list numbered = {
        .number = "1", .number_is_critical = true, .updated = -1};

    (void)state;
    question.profile = CHAIN_RFC5280;
    ASSERT_LISTS(VERDICT_REVOCATION_UNKNOWN, "has no CRL number", bare);
    ASSERT_LISTS(VERDICT_REVOCATION_UNKNOWN, "critical", numbered);
}

/* --- entries ---------------------------------------------------------------
 */

static void a_reason_is_one_byte_below_eleven(void **state)
{
    struct list list = {.number = "1", .serial = 1, .updated = -1};

    (void)state;
    list.reason = "DER:0a02012c";
    ASSERT_LISTS(VERDICT_CRL_MALFORMED, "", list);
    list.reason = "DER:0a01ff";
    ASSERT_LISTS(VERDICT_CRL_MALFORMED, "", list);
}

/* 5.3.2: GeneralizedTime, to its end. */
static void an_invalidity_date_has_one_form(void **state)
{
    struct list list = {.number = "1", .serial = 1, .updated = -1};

    (void)state;
    list.since = "DER:180f32303236313131303030303030305a";
    ASSERT_LISTS(VERDICT_REVOKED, "", list);
    list.since = "DER:170d3236313131303030303030305a";
    ASSERT_LISTS(VERDICT_CRL_MALFORMED, "", list);
    list.since = "DER:180f32303236313331303030303030305a";
    ASSERT_LISTS(VERDICT_CRL_MALFORMED, "", list);
    list.since = "DER:180f32303236313131303030303030305a0500";
    ASSERT_LISTS(VERDICT_CRL_MALFORMED, "", list);
}

static void what_was_signed_before_the_key_was_lost_stays_good(void **state)
{
    struct list list = {.number = "1", .serial = 1, .updated = -1};

    (void)state;
    question.spares_later_revocation = true;
    question.status_time = DESK_NOW;
    question.time = DESK_NOW - 6 * DESK_DAY;
    question.leaf = desk_make(&(struct desk_plan){.subject = "leaf",
        .issuer = "root",
        .key = 3,
        .signer = ISSUER,
        .from = -20,
        .until = 20});
    const struct bytes root = desk_make(&(struct desk_plan){.subject = "root",
        .issuer = "root",
        .key = ISSUER,
        .signer = ISSUER,
        .from = -20,
        .until = 20,
        .basic = "critical,CA:TRUE"});
    question.roots = desk_pool(&root, 1);
    ASSERT_LISTS(VERDICT_OK, "", list);
    /* 2026-11-18 and 2026-11-10: after and before the time asked about */
    list.since = "DER:180f32303236313131383030303030305a";
    ASSERT_LISTS(VERDICT_OK, "", list);
    list.since = "DER:180f32303236313131303030303030305a";
    ASSERT_LISTS(VERDICT_REVOKED, "", list);
}

static void an_entry_with_an_unknown_critical_extension_makes_it_useless(
    void **state)
{
    struct list list = {.number = "1",
        .serial = 9,
        .updated = -1,
        .entry = "1.2.3.4=critical,DER:0500"};

    (void)state;
    ASSERT_LISTS(VERDICT_REVOCATION_UNKNOWN,
        "has a critical extension that is not known", list);
    list.entry = "1.2.3.4=DER:0500";
    ASSERT_LISTS(VERDICT_OK, "", list);
    list.reason = "DER:0a0101";
    ASSERT_LISTS(VERDICT_OK, "", list);
    /* 4.2: never twice the same */
    list.entry = "2.5.29.21=DER:0a0101";
    ASSERT_LISTS(VERDICT_CRL_MALFORMED, "", list);
}

/* --- signers ---------------------------------------------------------------
 */

static void put_signer(const struct desk_plan *plan)
{
    const struct bytes signer = desk_make(plan);

    question.untrusted = desk_pool(&signer, 1);
}

static void another_key_of_the_issuer_signs_with_key_usage_or_without(
    void **state)
{
    const struct list list = {.number = "1", .updated = -1, .key = SIGNER};
    struct desk_plan plan = {.subject = "root",
        .issuer = "root",
        .key = SIGNER,
        .signer = ISSUER,
        .serial = 5,
        .basic = "critical,CA:TRUE"};

    (void)state;
    ASSERT_LISTS(
        VERDICT_CRL_SIGNATURE_INVALID, "the signature is invalid", list);
    put_signer(&plan);
    ASSERT_LISTS(VERDICT_OK, "", list);
    plan.key_usage = "cRLSign";
    put_signer(&plan);
    ASSERT_LISTS(VERDICT_OK, "", list);
    plan.key_usage = "keyCertSign";
    put_signer(&plan);
    ASSERT_LISTS(
        VERDICT_CRL_SIGNATURE_INVALID, "the signature is invalid", list);
    plan.key_usage = "cRLSign";
    plan.until = -1;
    plan.from = -3;
    put_signer(&plan);
    ASSERT_LISTS(
        VERDICT_CRL_SIGNATURE_INVALID, "the signature is invalid", list);
}

/* 6.3.3 (f): by name and key. */
static void a_root_of_the_same_name_and_another_key_is_another_root(
    void **state)
{
    const struct list list = {.number = "1", .updated = -1, .key = SIGNER};
    const struct bytes roots[] = {
        desk_root("root", ISSUER), desk_root("root", 6)};

    (void)state;
    question.roots = desk_pool(roots, 2);
    put_signer(&(struct desk_plan){.subject = "root",
        .issuer = "root",
        .key = SIGNER,
        .signer = 6,
        .serial = 5,
        .basic = "critical,CA:TRUE"});
    ASSERT_LISTS(
        VERDICT_CRL_SIGNATURE_INVALID, "the signature is invalid", list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_number_of_more_bytes_is_greater, open_question, clear),
        cmocka_unit_test_setup_teardown(
            without_numbers_the_later_list_is_newer, open_question, clear),
        cmocka_unit_test_setup_teardown(
            of_several_deltas_the_newest_counts, open_question, clear),
        cmocka_unit_test_setup_teardown(
            a_delta_extends_a_list_with_a_number_of_the_same_signer,
            open_question, clear),
        cmocka_unit_test_setup_teardown(
            only_a_delta_takes_an_entry_back, open_question, clear),
        cmocka_unit_test_setup_teardown(
            the_profile_wants_a_number_that_is_not_critical, open_question,
            clear),
        cmocka_unit_test_setup_teardown(
            a_reason_is_one_byte_below_eleven, open_question, clear),
        cmocka_unit_test_setup_teardown(
            an_invalidity_date_has_one_form, open_question, clear),
        cmocka_unit_test_setup_teardown(
            what_was_signed_before_the_key_was_lost_stays_good, open_question,
            clear),
        cmocka_unit_test_setup_teardown(
            an_entry_with_an_unknown_critical_extension_makes_it_useless,
            open_question, clear),
        cmocka_unit_test_setup_teardown(
            another_key_of_the_issuer_signs_with_key_usage_or_without,
            open_question, clear),
        cmocka_unit_test_setup_teardown(
            a_root_of_the_same_name_and_another_key_is_another_root,
            open_question, clear),
    };

    return cmocka_run_group_tests(tests, NULL, clear_all);
}
