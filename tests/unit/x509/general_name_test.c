#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "x509/general_name.h"

#define BYTES(...)                                           \
    ((struct bytes){.start = (const uint8_t[]){__VA_ARGS__}, \
        .length = sizeof((const uint8_t[]){__VA_ARGS__})})

#define TEN "aaaaaaaaaa"
#define LABEL_63 TEN TEN TEN TEN TEN TEN "aaa"

/* What a name in words becomes, shown again. */
static void reads_as(const char *words, const char *shown)
{
    RELEASED(buffer) encoding = BUFFER("names", 4096);
    RELEASED(buffer) text = BUFFER("text", 4096);
    struct general_name name = {0};
    struct der_reader reader = {0};
    struct failure why = {0};
    const char *printed = NULL;

    assert_true(general_name_read(words, &encoding, &why));
    reader = der_reader_of(buffer_view(&encoding));
    assert_true(general_name_next(&reader, &name, &why));
    assert_true(der_at_end(&reader));
    assert_true(general_name_print(&name, &text, &why));
    assert_true(buffer_as_text(&text, &printed, &why));
    assert_string_equal(printed, shown);
}

static void refuses(const char *words, const char *part_of_reason)
{
    RELEASED(buffer) encoding = BUFFER("names", 4096);
    struct failure why = {0};

    assert_false(general_name_read(words, &encoding, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    if (strstr(why.reason, part_of_reason) == NULL)
        assert_string_equal(why.reason, part_of_reason);
    assert_int_equal(encoding.length, 0);
}

static void words_with_a_kind_are_read_as_that_kind(void **state)
{
    (void)state;
    reads_as("dns:example.org", "dns:example.org");
    reads_as("DNS:example.org", "dns:example.org");
    reads_as("dns:*.example.org", "dns:*.example.org");
    reads_as("dns:localhost", "dns:localhost");
    reads_as("dns:xn--bcher-kva.example", "dns:xn--bcher-kva.example");
    reads_as("dns:4.example", "dns:4.example");
    reads_as("ip:192.0.2.1", "ip:192.0.2.1");
    reads_as("IP Address:192.0.2.1", "ip:192.0.2.1");
    reads_as("email:a.b+c@example.org", "email:a.b+c@example.org");
    reads_as("URI:https://example.org:8443/a?b#c",
        "uri:https://example.org:8443/a?b#c");
    reads_as("uri:spiffe://domain/workload", "uri:spiffe://domain/workload");
    reads_as("uri:urn:uuid:6e8bc430", "uri:urn:uuid:6e8bc430");
}

static void bare_words_are_guessed(void **state)
{
    (void)state;
    reads_as("example.org", "dns:example.org");
    reads_as("192.0.2.1", "ip:192.0.2.1");
    reads_as("2001:db8::1", "ip:2001:db8::1");
    reads_as("someone@example.org", "email:someone@example.org");
    refuses("https://example.org/", "write uri:https://example.org/");
}

static void ipv6_is_shown_as_rfc5952_says(void **state)
{
    (void)state;
    reads_as("ip:2001:0DB8:0:0:0:0:0:1", "ip:2001:db8::1");
    reads_as("ip:2001:db8:0:1:1:1:1:1", "ip:2001:db8:0:1:1:1:1:1");
    reads_as("ip:2001:0:0:1:0:0:0:1", "ip:2001:0:0:1::1");
    reads_as("ip:2001:db8:0:0:1:0:0:1", "ip:2001:db8::1:0:0:1");
    reads_as("ip:::", "ip:::");
    reads_as("ip:::1", "ip:::1");
    reads_as("ip:1::", "ip:1::");
    reads_as("ip:0:0:0:0:0:0:1:2", "ip:::1:2");
    reads_as("ip:::ffff:192.0.2.1", "ip:::ffff:192.0.2.1");
    reads_as("ip:1:2:3:4:5:6:7:8", "ip:1:2:3:4:5:6:7:8");
}

static void dns_names_have_the_limits_of_rfc1034(void **state)
{
    static const char *const name_253 =
        LABEL_63 "." LABEL_63 "." LABEL_63 "." TEN TEN TEN TEN TEN TEN "a";
    RELEASED(buffer) text = BUFFER("text", 1024);
    struct failure why = {0};
    const char *name_254 = NULL;

    (void)state;
    assert_int_equal(strlen(name_253), 253);
    assert_true(buffer_print(&text, &why, "%sa", name_253));
    assert_true(buffer_as_text(&text, &name_254, &why));
    refuses(name_254, "has more than 253 bytes");
    buffer_clear(&text);
    assert_true(buffer_print(&text, &why, "dns:%s", name_253));
    assert_true(buffer_as_text(&text, &name_254, &why));
    reads_as(name_254, name_254);
    reads_as("dns:" LABEL_63, "dns:" LABEL_63);
    refuses("dns:" LABEL_63 "a", "has a label of more than 63 bytes");
}

static void a_refusal_names_the_name_and_the_rule(void **state)
{
    (void)state;
    refuses("dns:", "the DNS name \"\" is empty");
    refuses("example.org.",
        "the DNS name \"example.org.\" ends with a dot; leave it out");
    refuses("a..b", "the DNS name \"a..b\" has an empty label");
    refuses(".a", "has an empty label");
    refuses("a_b.example", "has an underscore");
    refuses("-a.example", "begins or ends with a hyphen");
    refuses("a-.example", "begins or ends with a hyphen");
    refuses("a b", "letters, digits, hyphens and dots only");
    refuses("a*.example", "has a * that is not the whole left-most label");
    refuses("a.*.example", "has a * that is not the whole left-most label");
    refuses("*.*.example", "has a * that is not the whole left-most label");
    refuses("*", "has a * that is not the whole left-most label");
    refuses("*.", "ends with a dot");
    refuses("dns:b\xc3\xbc"
            "cher.example",
        "write its A-label (xn--...)");
    refuses("192.0.2.300", "ends in a label of digits");
    refuses("dns:192.0.2.1", "ends in a label of digits");
    refuses("ip:192.0.2.0/24", "\"192.0.2.0/24\" is no IP address");
    refuses("ip:fe80::1%eth0", "is no IP address");
}

static void mailboxes_and_uris_have_their_rules(void **state)
{
    (void)state;
    refuses("email:example.org", "has no @");
    refuses("@example.org", "has nothing before the @");
    refuses("a..b@example.org", "or a dot beside nothing");
    refuses("\"a b\"@example.org", "needs quotes");
    refuses("a@b@example.org", "letters, digits, hyphens and dots only");
    refuses("a@*.example.org", "has a *");
    refuses("a@", "is empty");
    refuses("email:\xc3\xa4@example.org", "has letters beyond ASCII");
    refuses(LABEL_63 "aa@example.org", "more than 64 bytes before the @");
    refuses("uri:example", "has no scheme");
    refuses("uri:1a:b", "has no scheme");
    refuses("uri:https:", "has nothing after its scheme");
    refuses("uri:https:///path", "has no host");
    refuses("uri:https://", "has no host");
    refuses("uri:https://a b", "writes as %XX");
}

/* CVE-2021-3712. */
static void incident30_a_zero_byte_is_refused_and_shown(void **state)
{
    const struct general_name name = {.kind = GENERAL_NAME_DNS,
        .value = BYTES('a', '.', 'b', 0x00, '.', 'c')};
    RELEASED(buffer) text = BUFFER("text", 1024);
    struct failure why = {0};
    const char *shown = NULL;

    (void)state;
    assert_false(general_name_check(&name, &why));
    assert_non_null(strstr(why.reason, "\"a.b\\u{0}.c\""));
    assert_true(general_name_print(&name, &text, &why));
    assert_true(buffer_as_text(&text, &shown, &why));
    assert_string_equal(shown, "dns:a.b\\u{0}.c");
}

static void every_kind_can_be_shown(void **state)
{
    const struct {
        struct bytes encoding;
        const char *shown;
    } names[] = {
        {BYTES(0xa0, 0x08, 0x06, 0x02, 0x2a, 0x03, 0xa0, 0x02, 0x05, 0x00),
            "other:06022a03a0020500"},
        {BYTES(0x88, 0x02, 0x2a, 0x03), "other:2a03"},
        {BYTES(0xa4, 0x0e, 0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55,
             0x04, 0x03, 0x0c, 0x01, 'a'),
            "dirname:CN=a"},
        {BYTES(0x87, 0x08, 10, 0, 0, 0, 255, 0, 0, 0), "ip:10.0.0.0/255.0.0.0"},
        {BYTES(0x87, 0x03, 10, 0, 0), "ip:#0a0000"},
        {BYTES(0x81, 0x02, 0x1b, 'a'), "email:\\u{1b}a"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        RELEASED(buffer) text = BUFFER("text", 1024);
        struct der_reader reader = der_reader_of(names[i].encoding);
        struct general_name name = {0};
        struct failure why = {0};
        const char *shown = NULL;

        assert_true(general_name_next(&reader, &name, &why));
        assert_true(general_name_print(&name, &text, &why));
        assert_true(buffer_as_text(&text, &shown, &why));
        assert_string_equal(shown, names[i].shown);
    }
}

static void what_is_no_general_name_is_malformed(void **state)
{
    const struct {
        struct bytes encoding;
        const char *reason;
    } names[] = {
        {BYTES(0x89, 0x00), "tag 0x89 is no general name (RFC 5280, 4.2.1.6)"},
        {BYTES(0xa2, 0x00), "tag 0xa2 is no general name (RFC 5280, 4.2.1.6)"},
        {BYTES(0x0c, 0x00), "tag 0x0c is no general name (RFC 5280, 4.2.1.6)"},
        {BYTES(0x82, 0x02, 0x61),
            "an element reaches beyond its end at offset 2"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct der_reader reader = der_reader_of(names[i].encoding);
        struct general_name name = {0};
        struct failure why = {0};

        assert_false(general_name_next(&reader, &name, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        assert_string_equal(why.reason, names[i].reason);
        assert_int_equal(reader.position, 0);
    }
}

static void a_directory_name_is_read_as_it_is_and_certified_by_its_rules(
    void **state)
{
    const struct bytes encoding = BYTES(0xa4, 0x04, 0x30, 0x02, 0x31, 0x00);
    struct der_reader reader = der_reader_of(encoding);
    struct general_name name = {0};
    struct failure why = {0};

    (void)state;
    assert_true(general_name_next(&reader, &name, &why));
    assert_false(general_name_check(&name, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(
        why.reason, "a relative name has no attribute (X.501, 9.3)");
}

static void an_address_has_4_or_16_bytes(void **state)
{
    const struct general_name range = {
        .kind = GENERAL_NAME_IP, .value = BYTES(10, 0, 0, 0, 255, 0, 0, 0)};
    struct failure why = {0};

    (void)state;
    assert_false(general_name_check(&range, &why));
    assert_string_equal(why.reason,
        "an IP address has 4 or 16 bytes, this one 8 (RFC 5280, 4.2.1.6)");
}

static void a_refused_name_is_shown_in_its_own_letters(void **state)
{
    (void)state;
    refuses("email:\xc3\xa4@example.org",
        "the mailbox \"\xc3\xa4@example.org\" has letters");
    refuses("dns:a\xe2\x80\xae.example", "\"a\\u{202e}.example\" has");
    refuses("uri:https://a b", "\"https://a b\"");
    /* Nothing is cut inside a letter. */
    refuses("dns:" TEN TEN TEN TEN TEN TEN TEN "aaaaaaaaa\xc3\xa4.example",
        TEN "aaaaaaaaa...\" has");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_with_a_kind_are_read_as_that_kind),
        cmocka_unit_test(bare_words_are_guessed),
        cmocka_unit_test(ipv6_is_shown_as_rfc5952_says),
        cmocka_unit_test(dns_names_have_the_limits_of_rfc1034),
        cmocka_unit_test(a_refusal_names_the_name_and_the_rule),
        cmocka_unit_test(mailboxes_and_uris_have_their_rules),
        cmocka_unit_test(incident30_a_zero_byte_is_refused_and_shown),
        cmocka_unit_test(every_kind_can_be_shown),
        cmocka_unit_test(what_is_no_general_name_is_malformed),
        cmocka_unit_test(
            a_directory_name_is_read_as_it_is_and_certified_by_its_rules),
        cmocka_unit_test(an_address_has_4_or_16_bytes),
        cmocka_unit_test(a_refused_name_is_shown_in_its_own_letters),
    };

    return cmocka_run_group_tests_name("general_name", tests, NULL, NULL);
}
