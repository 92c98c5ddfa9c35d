#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/path_desk.h"
#include "x509/chain/reference_name.h"

/* --- what a caller may ask for -------------------------------------------- */

static struct reference_name reads(enum reference_kind kind, const char *words)
{
    struct reference_name found = {0};
    struct failure why = {0};

    if (!reference_name_read(kind, text(words), &found, &why))
        fail_msg("%s", why.reason);
    return found;
}

static void refuses(
    enum reference_kind kind, const char *words, const char *reason)
{
    struct reference_name found = {0};
    struct failure why = {0};

    assert_false(reference_name_read(kind, text(words), &found, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    if (strstr(why.reason, reason) == NULL)
        assert_string_equal(why.reason, reason);
    assert_int_equal(found.text.length, 0);
}

static void nothing_behind_a_name_is_read(void **state)
{
    const struct bytes behind = text("example.org\xc3\xbc");
    const struct bytes host = {behind.start, 11};
    struct reference_name found = {0};
    struct failure why = {0};

    (void)state;
    assert_true(reference_name_read(REFERENCE_DNS, host, &found, &why));
}

static void a_kind_alone_is_no_name_of_it(void **state)
{
    struct reference_name found = {0};
    struct failure why = {0};

    (void)state;
    assert_false(reference_name_guess(text("dns:"), &found, &why));
    assert_non_null(strstr(why.reason, "\"dns:\" is no"));
}

static void what_is_no_name_is_refused_with_its_rule(void **state)
{
    (void)state;
    refuses(REFERENCE_DNS, "-a.example",
        "\"-a.example\" is no DNS name: it is labels of 1 to 63 letters");
    refuses(REFERENCE_DNS, "", "\"\" is no DNS name");
    refuses(REFERENCE_DNS, "*.example.org", "is no DNS name");
    refuses(REFERENCE_DNS, "192.0.2.1", "its last label is digits alone");
    refuses(REFERENCE_DNS,
        "b\xc3\xbc"
        "cher.example",
        "write its A-label (xn--...)");
    refuses(REFERENCE_IP, "192.0.2.300", "is no IP address");
    refuses(REFERENCE_IP, "192.0.2.0/24", "is no IP address");
    refuses(REFERENCE_IP, "", "is no IP address");
    refuses(REFERENCE_EMAIL, "example.org", "is no mailbox");
    refuses(REFERENCE_EMAIL, "a@b@example.org", "is no mailbox");
    refuses(REFERENCE_EMAIL, "a@192.0.2.1", "its last label is digits alone");
    refuses(REFERENCE_EMAIL, "a\xff@example.org", "is no mailbox");
    refuses(REFERENCE_URI, "example.org", "it has no scheme as https:");
}

static void a_name_is_guessed_from_its_form(void **state)
{
    static const struct {
        const char *words;
        enum reference_kind kind;
        const char *text;
    } rows[] = {
        {"example.org", REFERENCE_DNS, "example.org"},
        {"dns:example.org", REFERENCE_DNS, "example.org"},
        {"DNS:example.org", REFERENCE_DNS, "example.org"},
        {"192.0.2.1", REFERENCE_IP, "192.0.2.1"},
        {"2001:db8::1", REFERENCE_IP, "2001:db8::1"},
        {"ip:[2001:db8::1]", REFERENCE_IP, "[2001:db8::1]"},
        {"a@example.org", REFERENCE_EMAIL, "a@example.org"},
        {"email:a@example.org", REFERENCE_EMAIL, "a@example.org"},
        {"https://a@example.org/", REFERENCE_URI, "https://a@example.org/"},
        {"uri:urn:uuid:1", REFERENCE_URI, "urn:uuid:1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct reference_name found = {0};
        struct failure why = {0};

        assert_true(reference_name_guess(text(rows[i].words), &found, &why));
        assert_int_equal(found.kind, rows[i].kind);
        assert_true(bytes_equal(found.text, text(rows[i].text)));
        assert_int_equal(found.address_length > 0, found.kind == REFERENCE_IP);
    }
}

/* --- the leaf names them -------------------------------------------------- */

static struct bytes names_of(unsigned int tag, struct bytes value)
{
    return element(DER_SEQUENCE, element(tag, value));
}

static void put_names(struct path_desk *desk, struct bytes alternative_names)
{
    struct draft drafts[2];

    path_desk_good(drafts, 2);
    if (alternative_names.length > 0)
        part(&drafts[0], OID_SUBJECT_ALT_NAME)->value = alternative_names;
    else
        take_away(&drafts[0], OID_SUBJECT_ALT_NAME);
    path_desk_put(desk, drafts, 2);
}

static struct reference_name asked[2];

static void ask_for(
    struct path_desk *desk, enum reference_kind kind, const char *words)
{
    asked[0] = reads(kind, words);
    desk->question.names = asked;
    desk->question.name_count = 1;
}

static void finds(
    struct bytes names, enum reference_kind kind, const char *words)
{
    struct path_desk desk;

    put_names(&desk, names);
    ask_for(&desk, kind, words);
    assert_keeps(&desk, judge_names);
}

static void misses(struct bytes names, enum reference_kind kind,
    const char *words, enum chain_rule rule, const char *evidence)
{
    struct path_desk desk;

    put_names(&desk, names);
    ask_for(&desk, kind, words);
    assert_fails(&desk, judge_names, rule, VERDICT_NAME_MISMATCH, 0, evidence);
}

static void a_host_is_found_among_the_alternative_names(void **state)
{
    struct path_desk desk;

    (void)state;
    finds(dns_names("www.example.org"), REFERENCE_DNS, "WWW.example.org.");
    finds(dns_names("*.example.org"), REFERENCE_DNS, "www.example.org");
    misses(dns_names("www.example.org"), REFERENCE_DNS, "example.org",
        RULE_NAME_DNS,
        "example.org is asked for; named are: dns:www.example.org");
    put_names(&desk, dns_names("www.example.org"));
    ask_for(&desk, REFERENCE_DNS, "www.example.org");
    assert_tells(&desk, judge_names, RULE_NAME_DNS, "is among the names");
}

/* Incident 30. */
static void a_malformed_alternative_name_never_matches(void **state)
{
    (void)state;
    misses(names_of(DER_CONTEXT(2),
               (struct bytes){(const uint8_t *)"example.org\0.evil", 17}),
        REFERENCE_DNS, "example.org", RULE_NAME_DNS, "named are: dns:");
    misses(dns_names(".example.org"), REFERENCE_DNS, "a.example.org",
        RULE_NAME_DNS, "named are: dns:.example.org");
}

static void the_common_name_is_never_read(void **state)
{
    struct path_desk desk;

    (void)state;
    put_names(&desk, (struct bytes){0});
    ask_for(&desk, REFERENCE_DNS, "www.example.org");
    assert_fails(&desk, judge_names, RULE_NAME_DNS, VERDICT_NAME_MISSING, 0,
        "www.example.org is asked for, and subjectAltName has no DNS name");
}

static void an_address_is_compared_by_its_bytes(void **state)
{
    struct bytes four = names_of(DER_CONTEXT(7), BYTES(192, 0, 2, 1));
    struct path_desk desk;

    (void)state;
    finds(four, REFERENCE_IP, "192.0.2.1");
    finds(names_of(DER_CONTEXT(7),
              BYTES(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)),
        REFERENCE_IP, "2001:DB8::1");
    misses(four, REFERENCE_IP, "192.0.2.2", RULE_NAME_IP,
        "named are: ip:192.0.2.1");
    misses(four, REFERENCE_IP, "::ffff:192.0.2.1", RULE_NAME_IP, "named are");
    misses(names_of(DER_CONTEXT(7), BYTES(192, 0, 2, 1, 255, 255, 255, 0)),
        REFERENCE_IP, "192.0.2.1", RULE_NAME_IP, "named are");
    put_names(&desk, dns_names("192.0.2.1"));
    ask_for(&desk, REFERENCE_IP, "192.0.2.1");
    assert_fails(&desk, judge_names, RULE_NAME_IP, VERDICT_NAME_MISSING, 0,
        "subjectAltName has no IP address");
}

static void a_mailbox_is_found(void **state)
{
    struct bytes ascii = names_of(DER_CONTEXT(1), text("a@example.org"));
    struct bytes type =
        element(DER_OBJECT_IDENTIFIER, BYTES(0x2b, 6, 1, 5, 5, 7, 8, 9));
    struct bytes utf8 = names_of(DER_CONTEXT_HOLDING(0),
        joined(type,
            element(DER_CONTEXT_HOLDING(0),
                element(DER_UTF8_STRING, text("b\xc3\xbc@example.org")))));

    (void)state;
    finds(ascii, REFERENCE_EMAIL, "a@EXAMPLE.org");
    misses(ascii, REFERENCE_EMAIL, "A@example.org", RULE_NAME_EMAIL,
        "named are: email:a@example.org");
    finds(utf8, REFERENCE_EMAIL, "b\xc3\xbc@example.org");
    misses(
        utf8, REFERENCE_EMAIL, "b@example.org", RULE_NAME_EMAIL, "named are");
    /* IA5String can't hold it. */
    misses(names_of(DER_CONTEXT(1), text("b\xc3\xbc@example.org")),
        REFERENCE_EMAIL, "b\xc3\xbc@example.org", RULE_NAME_EMAIL, "named are");
}

static void a_uri_is_found_by_its_host_unless_it_names_more(void **state)
{
    struct bytes host = names_of(DER_CONTEXT(6), text("https://example.org/"));
    struct bytes workload =
        names_of(DER_CONTEXT(6), text("spiffe://domain/workload"));

    (void)state;
    finds(host, REFERENCE_URI, "HTTPS://Example.org/some/page");
    misses(host, REFERENCE_URI, "http://example.org/", RULE_NAME_URI,
        "named are: uri:https://example.org/");
    misses(host, REFERENCE_URI, "https://www.example.org/", RULE_NAME_URI,
        "named are");
    finds(workload, REFERENCE_URI, "spiffe://domain/workload");
    misses(workload, REFERENCE_URI, "spiffe://domain/other", RULE_NAME_URI,
        "named are");
    misses(
        workload, REFERENCE_URI, "spiffe://domain", RULE_NAME_URI, "named are");
    finds(names_of(DER_CONTEXT(6), text("urn:uuid:1")), REFERENCE_URI,
        "urn:uuid:1");
    misses(names_of(DER_CONTEXT(6), text("urn:uuid:1")), REFERENCE_URI,
        "urn:uuid:2", RULE_NAME_URI, "named are");
}

static void every_name_that_is_asked_for_must_be_there(void **state)
{
    struct path_desk desk;

    (void)state;
    put_names(&desk, dns_names("www.example.org"));
    asked[0] = reads(REFERENCE_DNS, "www.example.org");
    asked[1] = reads(REFERENCE_DNS, "example.org");
    desk.question.names = asked;
    desk.question.name_count = 2;
    assert_fails(&desk, judge_names, RULE_NAME_DNS, VERDICT_NAME_MISMATCH, 0,
        "example.org is asked for");
    asked[1] = asked[0];
    assert_keeps(&desk, judge_names);
    desk.question.name_count = 0;
    assert_keeps(&desk, judge_names);
}

static void many_names_are_told_of_cut(void **state)
{
    struct bytes all = {0};
    struct path_desk desk;

    (void)state;
    for (size_t i = 0; i < 40; i++)
        all = joined(all, element(DER_CONTEXT(2), text("host.example.org")));
    put_names(&desk, element(DER_SEQUENCE, all));
    ask_for(&desk, REFERENCE_DNS, "example.com");
    assert_fails(
        &desk, judge_names, RULE_NAME_DNS, VERDICT_NAME_MISMATCH, 0, "...");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, clear_desk)
    const struct CMUnitTest tests[] = {
        TEST(nothing_behind_a_name_is_read),
        TEST(a_kind_alone_is_no_name_of_it),
        TEST(what_is_no_name_is_refused_with_its_rule),
        TEST(a_name_is_guessed_from_its_form),
        TEST(a_host_is_found_among_the_alternative_names),
        TEST(a_malformed_alternative_name_never_matches),
        TEST(the_common_name_is_never_read),
        TEST(an_address_is_compared_by_its_bytes),
        TEST(a_mailbox_is_found),
        TEST(a_uri_is_found_by_its_host_unless_it_names_more),
        TEST(every_name_that_is_asked_for_must_be_there),
        TEST(many_names_are_told_of_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
