#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/lint_draft.h"
#include "support/status_desk.h"
#include "x509/chain/revocation_parts.h"
#include "x509/chain/search.h"

/* RFC 5280, 6.3.3 (b), (d): of which certificates does a list tell?  The two
 * sides are put together here; nobody signs. */

#define ISSUER name("CN=Issuer")
#define OTHER_ISSUER name("CN=Lists")

static struct chain_certificate certificate;
static struct crl crl;
static struct status_list list;
static struct standing standing;
static struct chain_budget budget;
static struct judgement judgement;
static struct revocation_desk desk;

static int begin(void **state)
{
    clear_desk(state);
    certificate = (struct chain_certificate){0};
    certificate.certificate.tbs.issuer = ISSUER;
    crl = (struct crl){.issuer = ISSUER};
    list = (struct status_list){.crl = &crl};
    standing = (struct standing){.certificate = &certificate};
    budget = (struct chain_budget){0};
    judgement = (struct judgement){.budget = &budget};
    desk = (struct revocation_desk){.judgement = &judgement};
    return 0;
}

static struct bytes uri(const char *words)
{
    return element(DER_CONTEXT(6), text(words));
}

/* fullName */
static struct bytes full(struct bytes names)
{
    return element(
        DER_CONTEXT_HOLDING(0), element(DER_CONTEXT_HOLDING(0), names));
}

static struct bytes relative(const char *common_name)
{
    struct bytes attribute = element(
        DER_SEQUENCE, joined(element(DER_OBJECT_IDENTIFIER, BYTES(0x55, 4, 3)),
                          element(DER_UTF8_STRING, text(common_name))));

    return element(
        DER_CONTEXT_HOLDING(0), element(DER_CONTEXT_HOLDING(1), attribute));
}

static struct bytes crl_issuer(struct bytes issuer)
{
    return element(
        DER_CONTEXT_HOLDING(2), element(DER_CONTEXT_HOLDING(4), issuer));
}

static struct bytes directory(struct bytes value)
{
    return element(DER_CONTEXT_HOLDING(4), value);
}

/* What the certificate says, of one point. */
static void says(struct bytes point)
{
    certificate.present |= 1u << CHAIN_CRL_DISTRIBUTION_POINTS;
    certificate.values[CHAIN_CRL_DISTRIBUTION_POINTS] =
        element(DER_SEQUENCE, element(DER_SEQUENCE, point));
}

static void list_says(struct bytes parts)
{
    struct failure why = {0};

    list.has_point = true;
    if (!extension_issuing_distribution_point(
            element(DER_SEQUENCE, parts), &list.point, &why))
        fail_msg("%s", why.reason);
}

static void covers(uint32_t reasons)
{
    const char *why_not = NULL;

    assert_int_equal(list_covers(&desk, &list, &standing, &why_not), reasons);
}

static void covers_not(const char *expected)
{
    const char *why_not = NULL;

    assert_int_equal(list_covers(&desk, &list, &standing, &why_not), 0);
    if (expected == NULL)
        assert_null(why_not);
    else
        assert_string_equal(why_not, expected);
}

static void a_plain_list_covers_its_issuers_certificates(void **state)
{
    (void)state;
    covers(ALL_REASONS);
    certificate.certificate.tbs.issuer = name("CN=Another");
    covers_not(NULL);
}

static void uris_match_but_for_case_of_scheme_and_host(void **state)
{
    static const struct {
        const char *of_list, *of_point;
        bool is_same;
    } rows[] = {
        {"http://a.example/1", "HTTP://A.EXAMPLE/1", true},
        {"http://a.example/a", "http://a.example/A", false},
        {"http://a.example/1", "http://a.example/2", false},
        {"http://a.example/1", "http://a.example/11", false},
        {"http://a.example/1", "http://a.exampl/1/", false},
        {"http://a.example/1", "http://b.example/1", false},
        {"urn:a", "URN:A", true},
        {"http://a", "http://A", true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        begin(state);
        list_says(full(uri(rows[i].of_list)));
        says(full(uri(rows[i].of_point)));
        if (rows[i].is_same)
            covers(ALL_REASONS);
        else
            covers_not("is of another distribution point");
    }
}

static void names_of_other_kinds_match_by_their_rules(void **state)
{
    static const struct {
        unsigned int tag;
        const char *left, *right;
        bool is_same;
    } rows[] = {
        {DER_CONTEXT(2), "a.example", "A.Example", true},
        {DER_CONTEXT(2), "a.example", "b.example", false},
        {DER_CONTEXT(2), "a.example", "a.examples", false},
        {DER_CONTEXT(1), "a@b", "a@b", true},
        {DER_CONTEXT(1), "a@b", "A@b", false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        begin(state);
        list_says(full(element(rows[i].tag, text(rows[i].left))));
        says(full(element(rows[i].tag, text(rows[i].right))));
        if (rows[i].is_same)
            covers(ALL_REASONS);
        else
            covers_not("is of another distribution point");
    }
    begin(state);
    list_says(full(element(DER_CONTEXT(2), text("a"))));
    says(full(uri("a")));
    covers_not("is of another distribution point");
    begin(state);
    list_says(full(joined(uri("x"), directory(name("CN=Point")))));
    says(full(directory(name("CN=point"))));
    covers(ALL_REASONS);
}

static void a_relative_name_hangs_below_the_issuer(void **state)
{
    (void)state;
    list_says(relative("one"));
    says(relative("one"));
    covers(ALL_REASONS);
    begin(state);
    list_says(relative("one"));
    says(relative("two"));
    covers_not("is of another distribution point");
    begin(state);
    list_says(full(directory(name("CN=one,CN=Issuer"))));
    says(relative("one"));
    covers(ALL_REASONS);
    begin(state);
    list_says(relative("one"));
    says(full(directory(name("CN=one,CN=Issuer"))));
    covers(ALL_REASONS);
    begin(state);
    list_says(relative("one"));
    says(full(uri("http://a.example/1")));
    covers_not("is of another distribution point");
}

/* Without a point the list is held against the certificate's issuer. */
static void a_certificate_without_points_names_its_issuer(void **state)
{
    (void)state;
    list_says(full(directory(ISSUER)));
    covers(ALL_REASONS);
    begin(state);
    list_says(full(uri("http://a.example/1")));
    covers_not("is of another distribution point");
}

static void an_indirect_list_is_named_by_the_point(void **state)
{
    struct bytes indirect = element(DER_CONTEXT(4), kept(BYTES(0xff)));

    (void)state;
    crl.issuer = OTHER_ISSUER;
    list_says(indirect);
    says(joined(full(uri("http://a.example/1")), crl_issuer(OTHER_ISSUER)));
    covers(ALL_REASONS);
    /* The point names the list's issuer alone. */
    list_says(joined(full(directory(OTHER_ISSUER)), indirect));
    says(crl_issuer(OTHER_ISSUER));
    covers(ALL_REASONS);
    /* A relative name hangs below that issuer. */
    list_says(joined(relative("one"), indirect));
    says(joined(relative("one"), crl_issuer(OTHER_ISSUER)));
    covers(ALL_REASONS);
    says(joined(
        relative("one"), element(DER_CONTEXT_HOLDING(2),
                             joined(uri("x"), directory(OTHER_ISSUER)))));
    covers_not("is of another distribution point");
    /* One that does not say that it is indirect. */
    list = (struct status_list){.crl = &crl};
    says(joined(full(uri("http://a.example/1")), crl_issuer(OTHER_ISSUER)));
    covers_not("is not indirect, which the certificate says of it");
    list_says(full(uri("http://a.example/1")));
    covers_not("is not indirect, which the certificate says of it");
}

static void kinds_of_certificates_have_their_lists(void **state)
{
    struct bytes yes = BYTES(0xff);

    (void)state;
    list_says(element(DER_CONTEXT(1), yes));
    covers(ALL_REASONS);
    certificate.basic.is_authority = true;
    covers_not("is of users only, and this is an authority");
    list = (struct status_list){.crl = &crl};
    list_says(element(DER_CONTEXT(2), yes));
    covers(ALL_REASONS);
    certificate.basic.is_authority = false;
    covers_not("is of authorities only, and this is none");
    list = (struct status_list){.crl = &crl};
    list_says(element(DER_CONTEXT(5), yes));
    covers_not("is of attribute certificates only");
}

static void reasons_of_both_sides_are_combined(void **state)
{
    struct bytes point = full(uri("http://a.example/1"));

    (void)state;
    list_says(joined(point, element(DER_CONTEXT(3), BYTES(1, 0x60))));
    says(joined(point, element(DER_CONTEXT(1), BYTES(1, 0x50))));
    covers(1u << 1);
    says(point);
    covers(1u << 1 | 1u << 2);
}

/* Two thousand names on either side are four million comparisons. */
static void comparisons_end_at_their_limit(void **state)
{
    RELEASED(buffer) many = BUFFER("names", 64 * 1024);
    struct failure why = {0};
    struct bytes one = uri("a");

    (void)state;
    for (size_t i = 0; i < 2000; i++)
        assert_true(buffer_append(&many, one, &why));
    says(full(buffer_view(&many)));
    buffer_clear(&many);
    one = uri("b");
    for (size_t i = 0; i < 2000; i++)
        assert_true(buffer_append(&many, one, &why));
    list_says(full(buffer_view(&many)));
    covers_not("is of another distribution point");
    assert_int_equal(desk.comparisons, REVOCATION_COMPARISONS_MAX);
    assert_string_equal(
        budget.exceeded, "100,000 comparisons of names of distribution points");
}

/* --- standings ---------------------------------------------------------------
 */

static void the_earliest_revocation_counts(void **state)
{
    (void)state;
    standing_revoke(&standing, 2000, 0, CRL_SUPERSEDED, "the list");
    standing_revoke(&standing, 3000, 5, CRL_KEY_COMPROMISE, "a later list");
    assert_int_equal(standing.revoked_at, 2000);
    assert_string_equal(standing.evidence,
        "revoked at 1970-01-01T00:33:20Z, reason superseded, says the list");
    standing_revoke(&standing, 1000, 7, CRL_REASON_ABSENT, "an early list");
    assert_int_equal(standing.revoked_at, 1000);
    assert_int_equal(standing.invalid_since, 7);
    assert_string_equal(standing.evidence,
        "revoked at 1970-01-01T00:16:40Z, reason unspecified, says an early "
        "list");
}

static void the_nearest_cause_is_kept(void **state)
{
    (void)state;
    standing_note(&standing, GAP_SIGNER, RULE_CRL_ISSUER,
        VERDICT_REVOCATION_UNKNOWN, "%s", "a signer");
    standing_note(&standing, GAP_OTHER, RULE_CRL_SCOPE,
        VERDICT_REVOCATION_UNKNOWN, "%s", "another");
    standing_note(&standing, GAP_SIGNER, RULE_CRL_SCOPE,
        VERDICT_REVOCATION_UNKNOWN, "%s", "as near");
    assert_string_equal(standing.gap, "a signer");
    standing_note(&standing, GAP_SIGNATURE, RULE_CRL_SIGNATURE,
        VERDICT_CRL_SIGNATURE_INVALID, "%s", "a signature");
    assert_string_equal(standing.gap, "a signature");
    assert_int_equal(standing.code, VERDICT_CRL_SIGNATURE_INVALID);
}

static void a_long_name_is_cut_between_its_letters(void **state)
{
    char printed[CHAIN_NAME_TEXT], words[401];

    (void)state;
    for (size_t shift = 0; shift < 2; shift++) {
        for (size_t i = 0; i < 199; i++)
            memcpy(words + 2 * i, "\xc3\xa4", 2);
        words[398] = 0;
        if (shift == 1)
            words[0] = words[1] = 'a';
        issuer_name_print(
            name_of(OID_COMMON_NAME, DER_UTF8_STRING, text(words + shift)),
            printed);
        assert_in_range(
            strlen(printed), CHAIN_NAME_TEXT - 3, CHAIN_NAME_TEXT - 1);
        assert_true((printed[strlen(printed) - 1] & 0xff) == 0xa4);
    }
    issuer_name_print(name("CN=a"), printed);
    assert_string_equal(printed, "CN=a");
    issuer_name_print(BYTES(0x30, 0x00), printed);
    assert_string_equal(printed, "an issuer without a name");
    issuer_name_print(BYTES(0x31), printed);
    assert_string_equal(printed, "an issuer without a name");
}

/* --- signers
 * -------------------------------------------------------------------
 */

static void a_signer_needs_the_bits_that_are_asked(void **state)
{
    struct chain_question question = {0};
    struct chain_search search = {0};
    char evidence[VERDICT_EVIDENCE] = "";

    (void)state;
    judgement.question = &question;
    judgement.search = &search;
    certificate.present = 1u << CHAIN_KEY_USAGE;
    certificate.key_usage = KEY_USAGE_DIGITAL_SIGNATURE;
    assert_false(
        judge_signer(&judgement, &certificate, KEY_USAGE_CRL_SIGN, evidence));
    assert_string_equal(
        evidence, "the signer's key usage is 0x001; 0x040 are needed");
}

/* --- what is at hand
 * ----------------------------------------------------------- */

static void a_source_without_an_origin_is_at_hand(void **state)
{
    struct status_objects objects;
    struct chain_certificate path[3];
    const struct chain_certificate *places[3];
    struct status_source source = {0};
    const struct status_source *at_hand = &source;
    struct chain_question question = {.time = INT64_C(1768435200),
        .revocation = CHAIN_REVOCATION_HARD,
        .sources = &at_hand,
        .source_count = 1};
    struct chain_search search = {.question = &question};
    static const char *const names[] = {"leaf", "ca", "root"};
    struct failure why = {0};
    bool at_extension = false;

    (void)state;
    status_objects_load(&objects);
    for (size_t i = 0; i < 3; i++) {
        assert_true(chain_certificate_read(status_object(&objects, names[i]),
            NULL, &path[i], &at_extension, &why));
        places[i] = &path[i];
    }
    judgement = (struct judgement){.question = &question,
        .path = places,
        .length = 3,
        .has_anchor = true,
        .search = &search,
        .budget = &budget};
    status_source_read(BYTES(0x30, 0x00), NULL, true, &source);
    assert_false(judge_revocation(&judgement));
    assert_string_equal(
        chain_rule_name(judgement.rule), chain_rule_name(RULE_OCSP_READABLE));
    assert_int_equal(judgement.code, VERDICT_REVOCATION_UNKNOWN);
    assert_non_null(strstr(
        judgement.evidence, "the OCSP answer (at hand) can't be read: "));

    judgement.has_failed = false;
    status_source_read(BYTES(0x30, 0x00), NULL, false, &source);
    assert_false(judge_revocation(&judgement));
    assert_int_equal(judgement.code, VERDICT_CRL_MALFORMED);
    assert_non_null(
        strstr(judgement.evidence, "the list (at hand) can't be read: "));

    judgement.has_failed = false;
    judgement.length = 1;
    assert_true(judge_revocation(&judgement));
    status_objects_free(&objects);
}

#define SCOPE_TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCOPE_TEST(a_plain_list_covers_its_issuers_certificates),
        SCOPE_TEST(uris_match_but_for_case_of_scheme_and_host),
        SCOPE_TEST(names_of_other_kinds_match_by_their_rules),
        SCOPE_TEST(a_relative_name_hangs_below_the_issuer),
        SCOPE_TEST(a_certificate_without_points_names_its_issuer),
        SCOPE_TEST(an_indirect_list_is_named_by_the_point),
        SCOPE_TEST(kinds_of_certificates_have_their_lists),
        SCOPE_TEST(reasons_of_both_sides_are_combined),
        SCOPE_TEST(comparisons_end_at_their_limit),
        SCOPE_TEST(the_earliest_revocation_counts),
        SCOPE_TEST(the_nearest_cause_is_kept),
        SCOPE_TEST(a_long_name_is_cut_between_its_letters),
        SCOPE_TEST(a_signer_needs_the_bits_that_are_asked),
        SCOPE_TEST(a_source_without_an_origin_is_at_hand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
