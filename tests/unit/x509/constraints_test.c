#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/path_desk.h"
#include "x509/chain/constraints.h"

/* --- constraints and names in words ----------------------------------------
 */

#define DNS DER_CONTEXT(2)
#define EMAIL DER_CONTEXT(1)
#define URI DER_CONTEXT(6)
#define IP DER_CONTEXT(7)
#define IDENTIFIER DER_CONTEXT(8)
#define DIRECTORY DER_CONTEXT_HOLDING(4)
#define OTHER DER_CONTEXT_HOLDING(0)

static struct bytes subtree(unsigned int tag, struct bytes base)
{
    return element(DER_SEQUENCE, element(tag, base));
}

static struct bytes constraints(struct bytes permitted, struct bytes excluded)
{
    struct bytes all = {0};

    if (permitted.length > 0)
        all = joined(all, element(DER_CONTEXT_HOLDING(0), permitted));
    if (excluded.length > 0)
        all = joined(all, element(DER_CONTEXT_HOLDING(1), excluded));
    return element(DER_SEQUENCE, all);
}

static struct bytes permits(unsigned int tag, struct bytes base)
{
    return constraints(subtree(tag, base), (struct bytes){0});
}

static struct bytes excludes(unsigned int tag, struct bytes base)
{
    return constraints((struct bytes){0}, subtree(tag, base));
}

static struct bytes named(unsigned int tag, struct bytes value)
{
    return element(DER_SEQUENCE, element(tag, value));
}

/* Leaf, authority, root; the authority constrains. */
static void put(struct path_desk *desk, struct bytes value, struct bytes names)
{
    struct draft drafts[3];

    path_desk_good(drafts, 3);
    add(&drafts[1], OID_NAME_CONSTRAINTS, true, value);
    part(&drafts[0], OID_SUBJECT_ALT_NAME)->value = names;
    path_desk_put(desk, drafts, 3);
}

static void takes(struct bytes value, struct bytes names)
{
    struct path_desk desk;

    put(&desk, value, names);
    assert_keeps(&desk, judge_constraints);
}

static void refuses(struct bytes value, struct bytes names,
    enum chain_rule rule, size_t place, const char *words)
{
    struct path_desk desk;

    put(&desk, value, names);
    assert_fails(&desk, judge_constraints, rule,
        VERDICT_NAME_CONSTRAINT_VIOLATED, place, words);
}

struct pair {
    const char *base, *name;
    bool holds;
};

/* What is within is permitted and excluded; what is not is neither. */
static void each_pair(unsigned int tag, const struct pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        clear_desk(NULL);

        struct bytes base = text(pairs[i].base);
        struct bytes names = named(tag, text(pairs[i].name));
        if (pairs[i].holds) {
            takes(permits(tag, base), names);
            refuses(excludes(tag, base), names, RULE_EXCLUDED_NAMES, 0,
                "is within excluded");
        } else {
            takes(excludes(tag, base), names);
            refuses(permits(tag, base), names, RULE_PERMITTED_NAMES, 0,
                "is outside of what is permitted:");
        }
    }
}

#define EACH(tag, pairs) \
    each_pair((tag), (pairs), sizeof(pairs) / sizeof(*pairs))

/* --- forms ---------------------------------------------------------------- */

static void a_dns_name_is_within_itself_and_whatever_it_ends_in(void **state)
{
    static const struct pair pairs[] = {
        {"example.org", "example.org", true},
        {"example.org", "www.example.org", true},
        {"example.org", "a.b.example.org", true},
        {"EXAMPLE.org", "www.example.ORG", true},
        {"example.org", "notexample.org", false},
        {"example.org", "example.com", false},
        {"www.example.org", "example.org", false},
        {"", "example.org", true},
        {"example.org", "*.example.org", true},
        {"example.org", "foo_bar.example.org", true},
        /* A dot in front: below it, as all verifiers in use read it. */
        {".example.org", "www.example.org", true},
        {".example.org", "example.org", false},
    };

    (void)state;
    EACH(DNS, pairs);
}

/* CVE-2025-61727: it stands for hosts on both sides of the line. */
static void a_wildcard_is_refused_where_a_host_of_it_would_be(void **state)
{
    struct bytes wildcard;

    (void)state;
    wildcard = dns_names("*.example.org");
    refuses(excludes(DNS, text("bar.example.org")), wildcard,
        RULE_EXCLUDED_NAMES, 0,
        "dns:*.example.org is within excluded dns:bar.example.org");
    refuses(permits(DNS, text("bar.example.org")), wildcard,
        RULE_PERMITTED_NAMES, 0, "is outside of what is permitted:");
    takes(excludes(DNS, text("a.bar.example.org")), wildcard);
    takes(excludes(DNS, text("bar.example.com")), wildcard);
    takes(excludes(DNS, text(".bar.example.org")), wildcard);
}

static void a_mailbox_is_meant_by_itself_its_host_or_its_domain(void **state)
{
    static const struct pair pairs[] = {
        {"a@example.org", "a@example.ORG", true},
        {"a@example.org", "A@example.org", false},
        {"a@example.org", "b@example.org", false},
        {"example.org", "a@example.org", true},
        {"example.org", "a@mail.example.org", false},
        {".example.org", "a@mail.example.org", true},
        {".example.org", "a@example.org", false},
        {"", "a@example.org", true},
        {"*@example.org", "*@example.org", true},
        {"*@example.org", "user@example.org", false},
        {"*@example.org", "*@sub.example.org", false},
        {"**@example.org", "*@example.org", false},
        {"user*@example.org", "user*@example.org", true},
    };

    (void)state;
    EACH(EMAIL, pairs);
}

static void a_uri_is_meant_by_its_host(void **state)
{
    static const struct pair pairs[] = {
        {"example.org", "https://example.org/a", true},
        {"example.org", "https://u@EXAMPLE.org:8443/", true},
        {"example.org", "https://www.example.org/", false},
        {".example.org", "https://www.example.org/", true},
        {".example.org", "https://example.org/", false},
        {"example.org", "https://example.org.evil.example/", false},
    };

    (void)state;
    EACH(URI, pairs);
}

static void an_address_is_within_its_network(void **state)
{
    struct bytes network = BYTES(192, 0, 2, 0, 255, 255, 255, 0);
    struct bytes inside, outside, six;

    (void)state;
    inside = named(IP, BYTES(192, 0, 2, 77));
    outside = named(IP, BYTES(192, 0, 3, 77));
    six = named(
        IP, BYTES(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
    takes(permits(IP, network), inside);
    refuses(permits(IP, network), outside, RULE_PERMITTED_NAMES, 0,
        "ip:192.0.3.77 is outside of what is permitted: "
        "ip:192.0.2.0/255.255.255.0, says CN=Authority 1");
    refuses(excludes(IP, network), inside, RULE_EXCLUDED_NAMES, 0,
        "ip:192.0.2.77 is within excluded ip:192.0.2.0/255.255.255.0");
    takes(excludes(IP, network), outside);
    /* Addresses are one form: who permits networks of one kind permits none of
     * the other. */
    refuses(permits(IP, network), six, RULE_PERMITTED_NAMES, 0, "is outside");
    takes(excludes(IP, network), six);
    takes(excludes(IP, (struct bytes){(const uint8_t[32]){0}, 32}), inside);
    refuses(excludes(IP, BYTES(0, 0, 0, 0, 0, 0, 0, 0)), inside,
        RULE_EXCLUDED_NAMES, 0, "is within excluded");
}

static void a_directory_name_is_within_what_it_begins_with(void **state)
{
    struct bytes alternative;

    (void)state;
    alternative = dns_names("www.example.org");
    /* good_leaf: CN=www.example.org,O=Example,C=DE */
    takes(permits(DIRECTORY, name("O=Example,C=DE")), alternative);
    takes(permits(DIRECTORY, name("O=EXAMPLE,C=de")), alternative);
    takes(permits(DIRECTORY, name("")), alternative);
    takes(excludes(DIRECTORY, name("O=Exam,C=DE")), alternative);
    refuses(permits(DIRECTORY, name("O=Example")), alternative,
        RULE_PERMITTED_NAMES, 0, "is outside of what is permitted:");
    refuses(excludes(DIRECTORY, name("C=DE")), alternative, RULE_EXCLUDED_NAMES,
        0,
        "dirname:CN=www.example.org,O=Example,C=DE is within excluded "
        "dirname:C=DE");
    refuses(permits(DIRECTORY, name("C=DE")), named(DIRECTORY, name("C=FR")),
        RULE_PERMITTED_NAMES, 0, "dirname:C=FR is outside");
}

static void a_registered_identifier_is_within_its_arc(void **state)
{
    (void)state;
    takes(permits(IDENTIFIER, BYTES(0x2a, 3)),
        named(IDENTIFIER, BYTES(0x2a, 3, 4)));
    refuses(excludes(IDENTIFIER, BYTES(0x2a, 3)),
        named(IDENTIFIER, BYTES(0x2a, 3)), RULE_EXCLUDED_NAMES, 0,
        "is within excluded");
    refuses(permits(IDENTIFIER, BYTES(0x2a, 3)),
        named(IDENTIFIER, BYTES(0x2a, 4)), RULE_PERMITTED_NAMES, 0,
        "is outside");
}

/* 4.2.1.10: process the constraint or reject the certificate. */
static void a_form_without_a_rule_is_refused_where_it_occurs(void **state)
{
    struct bytes other, another;

    (void)state;
    other = joined(element(DER_OBJECT_IDENTIFIER, BYTES(0x2a, 3)),
        element(DER_CONTEXT_HOLDING(0), element(DER_UTF8_STRING, text("a"))));
    another = joined(element(DER_OBJECT_IDENTIFIER, BYTES(0x2a, 4)),
        element(DER_CONTEXT_HOLDING(0), element(DER_UTF8_STRING, text("a"))));
    refuses(excludes(OTHER, other), named(OTHER, other), RULE_CONSTRAINT_FORM,
        0, "is of a form whose constraint has no rule to compare by");
    refuses(permits(OTHER, other), named(OTHER, other), RULE_CONSTRAINT_FORM, 0,
        "is of a form whose constraint has no rule to compare by");
    takes(excludes(OTHER, other), dns_names("www.example.org"));
    takes(excludes(OTHER, other), named(OTHER, another));
}

/* RFC 9598, 6. */
static void an_internationalized_mailbox_obeys_constraints_of_mailboxes(
    void **state)
{
    struct bytes mailbox;

    (void)state;
    mailbox = named(OTHER,
        joined(element(DER_OBJECT_IDENTIFIER, BYTES(0x2b, 6, 1, 5, 5, 7, 8, 9)),
            element(DER_CONTEXT_HOLDING(0),
                element(DER_UTF8_STRING, text("b\xc3\xbc@example.org")))));
    takes(permits(EMAIL, text("example.org")), mailbox);
    refuses(permits(EMAIL, text("example.com")), mailbox, RULE_PERMITTED_NAMES,
        0, "is outside");
    refuses(excludes(EMAIL, text("example.org")), mailbox, RULE_EXCLUDED_NAMES,
        0, "is within excluded");
}

static void forms_do_not_mix(void **state)
{
    (void)state;
    takes(permits(IP, BYTES(192, 0, 2, 0, 255, 255, 255, 0)),
        dns_names("www.example.org"));
    takes(excludes(IP, BYTES(192, 0, 2, 0, 255, 255, 255, 0)),
        dns_names("www.example.org"));
    takes(permits(EMAIL, text("example.com")), dns_names("www.example.org"));
}

/* --- what can't be compared ------------------------------------------------
 */

static void a_malformed_name_is_refused_where_its_form_is_constrained(
    void **state)
{
    (void)state;
    refuses(permits(DNS, text("example.org")), dns_names(".example.org"),
        RULE_CONSTRAINT_FORM, 0, "dns:.example.org is no DNS name");
    refuses(permits(IP, BYTES(192, 0, 2, 0, 255, 255, 255, 0)),
        named(IP, BYTES(192, 0, 2, 0, 255, 255, 255, 0)), RULE_CONSTRAINT_FORM,
        0, "is no address");
    refuses(permits(EMAIL, text("example.org")),
        named(EMAIL, text("invalid@address@example.org")), RULE_CONSTRAINT_FORM,
        0, "is no mailbox");
    refuses(excludes(URI, text("example.org")), named(URI, text("urn:uuid:1")),
        RULE_CONSTRAINT_FORM, 0, "uri:urn:uuid:1 has no domain for its host");
    refuses(excludes(URI, text("example.org")),
        named(URI, text("https://192.0.2.1/")), RULE_CONSTRAINT_FORM, 0,
        "has no domain for its host");
    takes(permits(IP, BYTES(192, 0, 2, 0, 255, 255, 255, 0)),
        dns_names(".example.org"));
}

static void a_malformed_constraint_is_refused_whatever_is_named(void **state)
{
    static const char *const hosts[] = {
        "*.example.org", "example.org.", "a..b", "..example.org", "."};

    (void)state;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
        clear_desk(NULL);
        refuses(excludes(DNS, text(hosts[i])), dns_names("www.example.com"),
            RULE_CONSTRAINT_FORM, 1,
            "a constraint of CN=Authority 1 is no host");
        refuses(permits(URI, text(hosts[i])), dns_names("www.example.com"),
            RULE_CONSTRAINT_FORM, 1, "is no host");
    }
    refuses(permits(EMAIL, text("invalid@invalid@example.org")),
        dns_names("www.example.com"), RULE_CONSTRAINT_FORM, 1, "is no mailbox");
    refuses(permits(IP, BYTES(192, 0, 2, 1)), dns_names("www.example.com"),
        RULE_CONSTRAINT_FORM, 1, "is no address with its mask");
    refuses(permits(IP, BYTES(192, 0, 2, 1, 255, 0, 255, 0)),
        dns_names("www.example.com"), RULE_CONSTRAINT_FORM, 1,
        "has a mask with holes (RFC 4632, 3.1)");
}

static void a_minimum_or_maximum_is_refused(void **state)
{
    struct bytes base;

    (void)state;
    base = element(DNS, text("example.org"));
    takes(constraints(element(DER_SEQUENCE, joined(base, BYTES(0x80, 1, 0))),
              (struct bytes){0}),
        dns_names("www.example.org"));
    refuses(constraints(element(DER_SEQUENCE, joined(base, BYTES(0x80, 1, 1))),
                (struct bytes){0}),
        dns_names("www.example.org"), RULE_CONSTRAINT_FORM, 1,
        "has a minimum or maximum, which no verifier reads");
    refuses(constraints(element(DER_SEQUENCE, joined(base, BYTES(0x81, 1, 9))),
                (struct bytes){0}),
        dns_names("www.example.org"), RULE_CONSTRAINT_FORM, 1,
        "has a minimum or maximum");
}

/* --- who is constrained, and by whom ----------------------------------------
 */

static void the_common_name_is_no_dns_name(void **state)
{
    (void)state;
    /* good_leaf: CN=www.example.org */
    takes(excludes(DNS, text("example.org")), dns_names("www.example.com"));
}

static void an_email_address_of_the_subject_counts_without_a_mailbox(
    void **state)
{
    struct draft drafts[2];
    struct path_desk desk;

    (void)state;
    path_desk_good(drafts, 2);
    drafts[0].subject = name("emailAddress=a@example.org,O=Example");
    add(&drafts[1], OID_NAME_CONSTRAINTS, true,
        excludes(EMAIL, text("example.org")));
    path_desk_put(&desk, drafts, 2);
    assert_fails(&desk, judge_constraints, RULE_EXCLUDED_NAMES,
        VERDICT_NAME_CONSTRAINT_VIOLATED, 0, "email:a@example.org is within");
    part(&drafts[0], OID_SUBJECT_ALT_NAME)->value =
        named(EMAIL, text("a@example.com"));
    path_desk_put(&desk, drafts, 2);
    assert_keeps(&desk, judge_constraints);
}

static void excluded_wins_over_permitted(void **state)
{
    struct bytes both;

    (void)state;
    both = constraints(subtree(DNS, text("example.org")),
        subtree(DNS, text("www.example.org")));
    refuses(both, dns_names("www.example.org"), RULE_EXCLUDED_NAMES, 0,
        "is within excluded dns:www.example.org");
    takes(both, dns_names("mail.example.org"));
}

static void one_of_several_permitted_is_enough(void **state)
{
    struct bytes two;

    (void)state;
    two = constraints(joined(subtree(DNS, text("example.com")),
                          subtree(DNS, text("example.org"))),
        (struct bytes){0});
    takes(two, dns_names("www.example.org"));
    refuses(two, dns_names("www.example.net"), RULE_PERMITTED_NAMES, 0,
        "is outside of what is permitted: dns:example.com");
    refuses(two,
        element(DER_SEQUENCE, joined(element(DNS, text("www.example.org")),
                                  element(DNS, text("www.example.net")))),
        RULE_PERMITTED_NAMES, 0, "dns:www.example.net is outside");
}

static void every_authority_above_constrains(void **state)
{
    struct draft drafts[4];
    struct path_desk desk;

    (void)state;
    path_desk_good(drafts, 4);
    add(&drafts[1], OID_NAME_CONSTRAINTS, true,
        permits(DNS, text("example.org")));
    add(&drafts[3], OID_NAME_CONSTRAINTS, true,
        permits(DNS, text("other.example.org")));
    path_desk_put(&desk, drafts, 4);
    assert_fails(&desk, judge_constraints, RULE_PERMITTED_NAMES,
        VERDICT_NAME_CONSTRAINT_VIOLATED, 0,
        "says CN=Issuing Authority,O=Example");
    part(&drafts[0], OID_SUBJECT_ALT_NAME)->value =
        dns_names("www.other.example.org");
    path_desk_put(&desk, drafts, 4);
    assert_keeps(&desk, judge_constraints);
    assert_tells(&desk, judge_constraints, RULE_PERMITTED_NAMES,
        "4 names are within what the 1 constraints of CN=Issuing "
        "Authority,O=Example permit");
}

static void authorities_between_are_constrained_too(void **state)
{
    struct draft drafts[4];
    struct path_desk desk;

    (void)state;
    path_desk_good(drafts, 4);
    add(&drafts[1], OID_SUBJECT_ALT_NAME, false, dns_names("a.example.com"));
    add(&drafts[2], OID_NAME_CONSTRAINTS, true,
        permits(DNS, text("example.org")));
    path_desk_put(&desk, drafts, 4);
    assert_fails(&desk, judge_constraints, RULE_PERMITTED_NAMES,
        VERDICT_NAME_CONSTRAINT_VIOLATED, 1, "dns:a.example.com is outside");
}

/* 6.1.3 (b): unless it is the last. */
static void a_self_issued_authority_is_exempt_and_a_self_issued_leaf_is_not(
    void **state)
{
    struct draft drafts[3];
    struct path_desk desk;

    (void)state;
    path_desk_good(drafts, 3);
    drafts[1].subject = drafts[2].subject;
    drafts[0].issuer = drafts[1].subject;
    add(&drafts[1], OID_SUBJECT_ALT_NAME, false, dns_names("a.example.com"));
    add(&drafts[2], OID_NAME_CONSTRAINTS, true,
        permits(DNS, text("example.org")));
    path_desk_put(&desk, drafts, 3);
    assert_keeps(&desk, judge_constraints);
    drafts[0].subject = drafts[1].subject;
    part(&drafts[0], OID_SUBJECT_ALT_NAME)->value = dns_names("a.example.com");
    path_desk_put(&desk, drafts, 3);
    assert_fails(&desk, judge_constraints, RULE_PERMITTED_NAMES,
        VERDICT_NAME_CONSTRAINT_VIOLATED, 0, "dns:a.example.com is outside");
}

static void constraints_of_the_leaf_constrain_nobody(void **state)
{
    struct draft drafts[2];
    struct path_desk desk;

    (void)state;
    path_desk_good(drafts, 2);
    add(&drafts[0], OID_NAME_CONSTRAINTS, true,
        permits(DNS, text("example.com")));
    path_desk_put(&desk, drafts, 2);
    assert_keeps(&desk, judge_constraints);
}

/* --- the limit --------------------------------------------------------------
 */

static struct bytes repeated(struct bytes one, size_t count)
{
    RELEASED(buffer) all = BUFFER("names", 120 * 1024);
    struct failure why = {0};

    for (size_t i = 0; i < count; i++)
        assert_true(buffer_append(&all, one, &why));
    return kept(buffer_view(&all));
}

static void a_flood_ends_at_the_named_limit(void **state)
{
    struct bytes names;
    struct path_desk desk;

    (void)state;
    names =
        element(DER_SEQUENCE, repeated(element(DNS, text("a.example")), 510));
    put(&desk,
        constraints(
            (struct bytes){0}, repeated(subtree(DNS, text("b.example")), 500)),
        names);
    assert_fails(&desk, judge_constraints, RULE_EXCLUDED_NAMES,
        VERDICT_BUDGET_EXCEEDED, 0,
        "names and constraints of this path take more than 250000 "
        "comparisons");
    clear_desk(NULL);
    names =
        element(DER_SEQUENCE, repeated(element(DNS, text("a.example")), 499));
    put(&desk,
        constraints(
            (struct bytes){0}, repeated(subtree(DNS, text("b.example")), 500)),
        names);
    assert_keeps(&desk, judge_constraints);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, clear_desk)
    const struct CMUnitTest tests[] = {
        TEST(a_dns_name_is_within_itself_and_whatever_it_ends_in),
        TEST(a_wildcard_is_refused_where_a_host_of_it_would_be),
        TEST(a_mailbox_is_meant_by_itself_its_host_or_its_domain),
        TEST(a_uri_is_meant_by_its_host),
        TEST(an_address_is_within_its_network),
        TEST(a_directory_name_is_within_what_it_begins_with),
        TEST(a_registered_identifier_is_within_its_arc),
        TEST(a_form_without_a_rule_is_refused_where_it_occurs),
        TEST(an_internationalized_mailbox_obeys_constraints_of_mailboxes),
        TEST(forms_do_not_mix),
        TEST(a_malformed_name_is_refused_where_its_form_is_constrained),
        TEST(a_malformed_constraint_is_refused_whatever_is_named),
        TEST(a_minimum_or_maximum_is_refused),
        TEST(the_common_name_is_no_dns_name),
        TEST(an_email_address_of_the_subject_counts_without_a_mailbox),
        TEST(excluded_wins_over_permitted),
        TEST(one_of_several_permitted_is_enough),
        TEST(every_authority_above_constrains),
        TEST(authorities_between_are_constrained_too),
        TEST(a_self_issued_authority_is_exempt_and_a_self_issued_leaf_is_not),
        TEST(constraints_of_the_leaf_constrain_nobody),
        TEST(a_flood_ends_at_the_named_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
