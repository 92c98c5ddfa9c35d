#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "x509/chain/host.h"

#define TEN "aaaaaaaaaa"
#define LABEL_63 TEN TEN TEN TEN TEN TEN "aaa"

static struct bytes text(const char *words)
{
    return bytes_of_text(words);
}

static bool matches(const char *presented, const char *reference)
{
    return host_matches(text(presented), text(reference));
}

static void a_name_matches_without_regard_to_case(void **state)
{
    (void)state;
    assert_true(matches("www.example.org", "www.example.org"));
    assert_true(matches("WWW.example.ORG", "www.EXAMPLE.org"));
    assert_false(matches("example.org", "www.example.org"));
    assert_false(matches("www.example.org", "example.org"));
    assert_false(matches("example.org", "example.com"));
}

static void one_dot_at_the_end_of_the_reference_is_left_out(void **state)
{
    (void)state;
    assert_true(matches("example.org", "example.org."));
    assert_true(matches("*.example.org", "www.example.org."));
    assert_false(matches("example.org", "example.org.."));
    assert_false(matches("example.org.", "example.org"));
    assert_false(matches("example.org.", "example.org."));
}

static void a_wildcard_stands_for_exactly_one_whole_label(void **state)
{
    (void)state;
    assert_true(matches("*.example.org", "www.example.org"));
    assert_true(matches("*.EXAMPLE.org", "WWW.example.org"));
    assert_false(matches("*.example.org", "example.org"));
    assert_false(matches("*.example.org", "a.b.example.org"));
    assert_false(matches("*.example.org", ".example.org"));
}

static void a_wildcard_elsewhere_matches_nothing(void **state)
{
    (void)state;
    assert_false(matches("w*.example.org", "www.example.org"));
    assert_false(matches("*w.example.org", "www.example.org"));
    assert_false(matches("www.*.org", "www.example.org"));
    assert_false(matches("*.*.example.org", "a.b.example.org"));
    assert_false(matches(
        "xn--*-1b3c148a.example.org", "xn--bliss-1b3c148a.example.org"));
    assert_false(matches("*", "localhost"));
    assert_false(matches("*", "example.org"));
    assert_false(matches("*.", "example."));
}

static void a_wildcard_needs_two_labels_behind_it(void **state)
{
    (void)state;
    assert_false(matches("*.org", "example.org"));
    assert_false(matches("*.localhost", "a.localhost"));
    assert_true(matches("*.co.uk", "example.co.uk"));
}

static void no_address_is_a_domain(void **state)
{
    (void)state;
    assert_false(matches("192.0.2.1", "192.0.2.1"));
    assert_false(matches("*.0.2.1", "192.0.2.1"));
    assert_false(host_is_domain(text("192.0.2.1")));
    assert_true(host_is_wellformed(text("192.0.2.1")));
    assert_true(host_is_domain(text("1.2.3.example")));
    assert_true(host_is_domain(text("4a")));
}

/* RFC 1123, 2.1: the last label of a domain is not all digits. */
static void a_last_label_of_digits_makes_no_domain(void **state)
{
    const struct bytes whole = text("a123");
    const struct bytes digits = {whole.start + 1, 3};

    (void)state;
    assert_false(host_is_domain(text("123")));
    assert_false(host_is_domain(digits)); /* what is before it is not read */
    assert_false(host_is_domain(text("a.123")));
    assert_false(host_is_domain(text("a-b.0")));
    assert_true(host_is_domain(text("1.a")));
    assert_true(host_is_domain(text("a.1b")));
    assert_true(host_is_domain(text("a.b1")));
    assert_false(host_is_domain(text("a.")));
    assert_false(host_is_domain(text("")));
}

static void malformed_names_match_not_even_themselves(void **state)
{
    static const char *const wrong[] = {"", ".", ".example.org", "a..b",
        "example.org.", "-a.example", "a-.example", "a b.example",
        "a\xc3\xa9.example", LABEL_63 "a.example", "a/b.example"};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        if (host_is_wellformed(text(wrong[i])) || matches(wrong[i], wrong[i]))
            fail_msg("%s", wrong[i]);
    }
    assert_true(host_is_wellformed(text(LABEL_63 ".example")));
}

static void a_name_has_at_most_253_bytes(void **state)
{
    static const char most[] =
        LABEL_63 "." LABEL_63 "." LABEL_63 "." TEN TEN TEN TEN TEN TEN "a";
    static const char more[] =
        LABEL_63 "." LABEL_63 "." LABEL_63 "." TEN TEN TEN TEN TEN TEN "aa";

    (void)state;
    assert_int_equal(sizeof(most) - 1, 253);
    assert_true(host_is_wellformed(text(most)));
    assert_false(host_is_wellformed(text(more)));
}

static void an_underscore_is_taken_as_verifiers_in_use_do(void **state)
{
    (void)state;
    assert_true(matches("foo_bar.example.org", "foo_bar.example.org"));
    assert_true(matches("_dmarc.example.org", "_dmarc.example.org"));
}

static void a_zero_byte_ends_nothing(void **state)
{
    static const uint8_t zero[] = "example.org\0.evil.example";
    struct bytes presented = {zero, sizeof(zero) - 1};

    (void)state;
    assert_false(host_matches(presented, text("example.org")));
    assert_false(host_matches(presented, presented));
}

static void below_means_at_least_one_label_more(void **state)
{
    (void)state;
    assert_true(host_is_below(text("a.example.org"), text("Example.ORG")));
    assert_true(host_is_below(text("a.b.example.org"), text("example.org")));
    assert_false(host_is_below(text("example.org"), text("example.org")));
    assert_false(host_is_below(text("notexample.org"), text("example.org")));
    assert_false(host_is_below(text(".example.org"), text("example.org")));
    assert_false(host_is_below(text("org"), text("example.org")));
}

static void mailboxes_differ_by_the_case_of_the_local_part_alone(void **state)
{
    (void)state;
    assert_true(
        mailbox_equals(text("a.b@Example.org"), text("a.b@example.ORG")));
    assert_false(
        mailbox_equals(text("A.b@example.org"), text("a.b@example.org")));
    assert_false(
        mailbox_equals(text("a@example.org"), text("a@b.example.org")));
    assert_true(mailbox_equals(text("*@example.org"), text("*@example.org")));
    assert_false(mailbox_equals(text("*@example.org"), text("a@example.org")));
}

static void a_mailbox_has_one_at(void **state)
{
    static const char *const wrong[] = {"", "@", "a@", "@example.org",
        "example.org", "a@b@example.org", "a b@example.org", "a@-.org",
        "a@example.org.", "\"a@example.org", "\"@example.org",
        LABEL_63 "aa@example.org"};
    struct bytes local = {0}, domain = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        if (mailbox_split(text(wrong[i]), &local, &domain))
            fail_msg("%s", wrong[i]);
    }
    assert_true(mailbox_split(text("\"a@b\"@example.org"), &local, &domain));
    assert_true(bytes_equal(local, text("\"a@b\"")));
    assert_true(bytes_equal(domain, text("example.org")));
    assert_true(mailbox_split(text("\"a\"@example.org"), &local, &domain));
    assert_true(bytes_equal(local, text("\"a\"")));
    assert_false(mailbox_split(text("\"\"@example.org"), &local, &domain));
}

static void splits(
    const char *uri, const char *scheme, const char *host, const char *path)
{
    struct uri_parts parts = {0};

    assert_true(uri_split(text(uri), &parts));
    assert_true(bytes_equal(parts.scheme, text(scheme)));
    assert_true(bytes_equal(parts.host, text(host)));
    assert_true(bytes_equal(parts.path, text(path)));
}

static void a_uri_is_scheme_host_and_the_rest(void **state)
{
    struct uri_parts parts = {0};

    (void)state;
    splits("https://example.org", "https", "example.org", "");
    splits("https://u:p@example.org:8443/a?b", "https", "example.org", "/a?b");
    splits("spiffe://domain/workload", "spiffe", "domain", "/workload");
    splits("https://[2001:db8::1]:1/", "https", "[2001:db8::1]", "/");
    splits("https://[2001", "https", "[2001", "");
    splits("urn:uuid:1", "urn", "", "uuid:1");
    splits("https://example.org?q", "https", "example.org", "?q");
    assert_false(uri_split(text("example.org"), &parts));
    assert_false(uri_split(text("https:"), &parts));
    assert_false(uri_split(text("1a://example.org"), &parts));
    assert_false(uri_split(text("ht_tp://example.org"), &parts));
    assert_false(uri_split(text("https://a b"), &parts));
    assert_false(uri_split(text("://example.org"), &parts));
}

static void an_other_name_of_its_type_is_a_mailbox(void **state)
{
    static const uint8_t good[] = {
        0x06, 8, 0x2b, 6, 1, 5, 5, 7, 8, 9, 0xa0, 5, 0x0c, 3, 'a', '@', 'b'};
    static const uint8_t other[] = {
        0x06, 8, 0x2b, 6, 1, 5, 5, 7, 8, 7, 0xa0, 5, 0x0c, 3, 'a', '@', 'b'};
    static const uint8_t ia5[] = {
        0x06, 8, 0x2b, 6, 1, 5, 5, 7, 8, 9, 0xa0, 5, 0x16, 3, 'a', '@', 'b'};
    struct bytes mailbox = {0};

    (void)state;
    assert_true(
        smtp_utf8_mailbox((struct bytes){good, sizeof(good)}, &mailbox));
    assert_true(bytes_equal(mailbox, text("a@b")));
    assert_false(
        smtp_utf8_mailbox((struct bytes){other, sizeof(other)}, &mailbox));
    assert_false(smtp_utf8_mailbox((struct bytes){ia5, sizeof(ia5)}, &mailbox));
    assert_false(smtp_utf8_mailbox((struct bytes){good, 12}, &mailbox));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_matches_without_regard_to_case),
        cmocka_unit_test(one_dot_at_the_end_of_the_reference_is_left_out),
        cmocka_unit_test(a_wildcard_stands_for_exactly_one_whole_label),
        cmocka_unit_test(a_wildcard_elsewhere_matches_nothing),
        cmocka_unit_test(a_wildcard_needs_two_labels_behind_it),
        cmocka_unit_test(no_address_is_a_domain),
        cmocka_unit_test(a_last_label_of_digits_makes_no_domain),
        cmocka_unit_test(malformed_names_match_not_even_themselves),
        cmocka_unit_test(a_name_has_at_most_253_bytes),
        cmocka_unit_test(an_underscore_is_taken_as_verifiers_in_use_do),
        cmocka_unit_test(a_zero_byte_ends_nothing),
        cmocka_unit_test(below_means_at_least_one_label_more),
        cmocka_unit_test(mailboxes_differ_by_the_case_of_the_local_part_alone),
        cmocka_unit_test(a_mailbox_has_one_at),
        cmocka_unit_test(a_uri_is_scheme_host_and_the_rest),
        cmocka_unit_test(an_other_name_of_its_type_is_a_mailbox),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
