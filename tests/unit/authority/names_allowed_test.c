#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "authority/names.h"
#include "authority/names_pattern.h"
#include "x509/der_writer.h"

static const struct caller alice = {.door = DOOR_CONTROL};

/* --- patterns ------------------------------------------------------------ */

static void a_pattern_matches_what_it_says_and_no_more(void **state)
{
    static const struct {
        const char *pattern, *name;
        bool matches;
    } rows[] = {
        {"example.org", "dns:example.org", true},
        {"example.org", "dns:EXAMPLE.org", true},
        {"Example.Org", "dns:example.org", true},
        {"example.org", "dns:www.example.org", false},
        {"example.org", "dns:*.example.org", false},
        {"example.org", "email:a@example.org", false},
        {"example.org", "uri:https://example.org/", false},
        {"*.example.org", "dns:www.example.org", true},
        {"*.example.org", "dns:a.b.example.org", true},
        {"*.example.org", "dns:*.example.org", true},
        {"*.example.org", "dns:*.b.example.org", true},
        {"*.example.org", "dns:example.org", false},
        {"*.example.org", "dns:evilexample.org", false},
        {"*.example.org", "dns:www.example.org.evil.test", false},
        {"@example.org", "email:alice@example.org", true},
        {"@example.org", "email:alice@EXAMPLE.ORG", true},
        {"@example.org", "email:alice@mail.example.org", false},
        {"@example.org", "email:alice@evilexample.org", false},
        {"@example.org", "dns:example.org", false},
        {"@*.example.org", "email:alice@mail.example.org", true},
        {"@*.example.org", "email:alice@example.org", false},
        {"alice@example.org", "email:alice@example.org", true},
        {"alice@example.org", "email:Alice@example.org", false},
        {"alice@example.org", "email:malice@example.org", false},
        {"10.0.0.0/8", "ip:10.255.0.1", true},
        {"10.0.0.0/8", "ip:11.0.0.0", false},
        {"10.0.0.0/8", "ip:::ffff:10.0.0.1", false},
        {"10.1.2.3", "ip:10.1.2.3", true},
        {"10.1.2.3", "ip:10.1.2.4", false},
        {"10.1.2.128/25", "ip:10.1.2.127", false},
        {"10.1.2.128/25", "ip:10.1.2.129", true},
        {"2001:db8::/32", "ip:2001:db8:ffff::1", true},
        {"2001:db8::/32", "ip:2001:db9::1", false},
        {"0.0.0.0/0", "ip:1.2.3.4", true},
        {"0.0.0.0/0", "ip:::1", false},
        {"https://example.org", "uri:https://example.org/any/path?q", true},
        {"https://example.org", "uri:HTTPS://EXAMPLE.ORG", true},
        {"https://example.org", "uri:https://example.org:8443/", true},
        {"https://example.org", "uri:http://example.org/", false},
        {"https://example.org", "uri:https://example.org.evil.test/", false},
        {"https://example.org", "uri:https://example.org@evil.test/", false},
        {"https://example.org", "uri:https://evil.test@example.org/", false},
        {"https://example.org", "uri:https://evil.test/example.org", false},
        {"https://*.example.org", "uri:https://a.example.org/", true},
        {"https://*.example.org", "uri:https://example.org/", false},
        {"https://*.example.org", "uri:https://evil.test%2f.example.org/",
            false},
        {"https://*.example.org", "uri:urn:https://a.example.org", false},
        {"spiffe://td.test", "uri:spiffe://td.test/ns/a", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        RELEASED(buffer) encoded = BUFFER("a name", 4096);
        struct general_name name = {0};
        struct der_reader reader;
        struct failure why = {0};

        assert_null(name_pattern_fault(rows[i].pattern));
        if (!general_name_read(rows[i].name, &encoded, &why))
            fail_msg("%s", why.reason);
        reader = der_reader_of(buffer_view(&encoded));
        assert_true(general_name_next(&reader, &name, &why));
        if (name_pattern_matches(rows[i].pattern, &name) != rows[i].matches)
            fail_msg("%s and %s", rows[i].pattern, rows[i].name);
    }
}

static void what_is_no_pattern_is_told_and_matches_nothing(void **state)
{
    static const char *const wrong[] = {"", "*", "*.", "*example.org",
        "a.*.org", "**.example.org", "example.org.", ".example.org",
        "exa mple.org", "bücher.example", "@", "a@", "@*", "a@*.example.org",
        "\"a b\"@example.org", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08",
        "10.0.0.0/8x", "10.0.0.1/8", "2001:db8::/129", "10.0.0", "https://",
        "https://example.org/", "https://example.org/path", "https://*",
        "://example.org", "1https://example.org", "https://user@example.org",
        "/example.org", "a\\b", "a\"b"};
    static const struct general_name name = {
        GENERAL_NAME_DNS, {(const uint8_t *)"example.org", 11}};
    char longest[NAME_PATTERN_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        if (name_pattern_fault(wrong[i]) == NULL)
            fail_msg("\"%s\" is taken", wrong[i]);
        assert_false(name_pattern_matches(wrong[i], &name));
    }
    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = 0;
    assert_non_null(name_pattern_fault(longest));
}

static void a_name_of_another_kind_matches_no_pattern(void **state)
{
    static const struct general_name others[] = {
        {GENERAL_NAME_OTHER, {(const uint8_t *)"example.org", 11}},
        {GENERAL_NAME_DIRECTORY, {(const uint8_t *)"example.org", 11}},
        {GENERAL_NAME_REGISTERED_ID, {(const uint8_t *)"example.org", 11}},
        {GENERAL_NAME_IP, {(const uint8_t *)"", 0}},
        {GENERAL_NAME_EMAIL, {(const uint8_t *)"", 0}},
        {GENERAL_NAME_URI, {(const uint8_t *)"", 0}},
        {GENERAL_NAME_DNS, {(const uint8_t *)"", 0}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        assert_false(name_pattern_matches("example.org", &others[i]));
        assert_false(name_pattern_matches("*.example.org", &others[i]));
        assert_false(name_pattern_matches("@example.org", &others[i]));
        assert_false(name_pattern_matches("0.0.0.0/0", &others[i]));
        assert_false(name_pattern_matches("https://example.org", &others[i]));
    }
}

/* --- on the road --------------------------------------------------------- */

static void allow(struct profile *profile, const char *name)
{
    const char *last = NULL, *next = NULL;

    profile->restricts_names = true;
    while ((next = profile_next_allowed_name(profile, last)) != NULL)
        last = next;
    (void)snprintf(last == NULL
                       ? profile->allowed_names
                       : profile->allowed_names +
                             (last - profile->allowed_names) + strlen(last) + 1,
        NAME_PATTERN_MAX, "%s", name);
    profile->allowed_name_count++;
}

static struct profile web(void)
{
    return (struct profile){.name = "web",
        .purposes = {OID_SERVER_AUTH},
        .purpose_count = 1,
        .name_kinds = 1u << GENERAL_NAME_DNS | 1u << GENERAL_NAME_IP |
                      1u << GENERAL_NAME_EMAIL | 1u << GENERAL_NAME_URI,
        .subject = {OID_COMMON_NAME, OID_EMAIL_ADDRESS, OID_ORGANIZATION},
        .subject_count = 3,
        .path_length = -1,
        .wildcards = true};
}

/* names: with blanks between. */
static bool decide(const struct profile *profile, const char *subject,
    const char *names, size_t *count, struct failure *why)
{
    RELEASED(buffer) dn = BUFFER("a subject", 4096);
    RELEASED(buffer) encoded = BUFFER("names", 4096);
    RELEASED(issuance_names) decided = {0};
    const struct request request = {0};
    struct enrolment enrolment = {.caller = &alice};
    char words[512], *word, *rest = words;

    (void)snprintf(words, sizeof(words), "%s", names);
    assert_true(name_read(subject, &dn, why));
    while ((word = strsep(&rest, " ")) != NULL) {
        if (*word != 0)
            assert_true(general_name_read(word, &encoded, why));
    }
    enrolment.subject = buffer_view(&dn);
    enrolment.general_names = buffer_view(&encoded);
    if (!names_decide(&enrolment, &request, profile,
            (struct bytes){(const uint8_t *)"0", 1}, &decided, why))
        return false;
    *count = decided.general_name_count;
    return true;
}

static void assert_decided(
    const struct profile *profile, const char *subject, const char *names)
{
    struct failure why = {0};
    size_t count = 0;

    if (!decide(profile, subject, names, &count, &why))
        fail_msg("%s", why.reason);
}

static void assert_refused(const struct profile *profile, const char *subject,
    const char *names, const char *reason)
{
    struct failure why = {0};
    size_t count = 0;

    assert_false(decide(profile, subject, names, &count, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(why.reason, reason);
}

static void every_alternative_name_must_match(void **state)
{
    struct profile profile = web();

    (void)state;
    assert_decided(&profile, "CN=a", "anything.test");
    allow(&profile, "*.example.org");
    allow(&profile, "10.0.0.0/8");
    assert_decided(&profile, "O=Acme", "www.example.org ip:10.1.2.3");
    assert_refused(&profile, "O=Acme", "www.example.org www.evil.test",
        "\"dns:www.evil.test\" matches none of the allowed-names of profile "
        "web: *.example.org, 10.0.0.0/8");
    assert_refused(&profile, "O=Acme", "www.example.org ip:192.0.2.1",
        "\"ip:192.0.2.1\" matches none of the allowed-names of profile web: "
        "*.example.org, 10.0.0.0/8");
}

static void incident18_an_empty_list_allows_no_name(void **state)
{
    struct profile profile = web();

    (void)state;
    profile.restricts_names = true;
    assert_refused(&profile, "O=Acme", "www.example.org",
        "\"dns:www.example.org\" matches none of the allowed-names of profile "
        "web: none");
    assert_decided(&profile, "O=Acme", "");
}

static void what_looks_like_a_name_in_the_subject_must_match_too(void **state)
{
    struct profile profile = web();

    (void)state;
    allow(&profile, "*.example.org");
    allow(&profile, "@example.org");
    assert_decided(&profile, "CN=www.example.org", "www.example.org");
    assert_decided(&profile, "CN=Alice Liddell", "www.example.org");
    assert_decided(&profile, "CN=Acme Inc. Web", "www.example.org");
    assert_decided(&profile, "CN=alice@example.org", "www.example.org");
    assert_decided(&profile, "emailAddress=a@example.org", "www.example.org");
    assert_refused(&profile, "CN=www.evil.test", "www.example.org",
        "\"www.evil.test\" matches none of the allowed-names of profile web: "
        "*.example.org, @example.org");
    assert_refused(&profile, "CN=www.evil.test.", "www.example.org",
        "\"www.evil.test.\" matches none of the allowed-names of profile web: "
        "*.example.org, @example.org");
    assert_refused(&profile, "CN=192.0.2.1", "www.example.org",
        "\"192.0.2.1\" matches none of the allowed-names of profile web: "
        "*.example.org, @example.org");
    assert_refused(&profile, "CN=2001:db8::1", "www.example.org",
        "\"2001:db8::1\" matches none of the allowed-names of profile web: "
        "*.example.org, @example.org");
    assert_refused(&profile, "CN=a@evil.test", "www.example.org",
        "\"a@evil.test\" matches none of the allowed-names of profile web: "
        "*.example.org, @example.org");
    assert_refused(&profile, "emailAddress=root", "www.example.org",
        "\"root\" matches none of the allowed-names of profile web: "
        "*.example.org, @example.org");
}

static void properties55_esc1_who_signs_in_unattended_has_an_allowed_cn(
    void **state)
{
    struct profile profile = web();

    (void)state;
    profile.purposes[0] = OID_CLIENT_AUTH;
    profile.who = ASKER_ACCOUNT;
    allow(&profile, "@example.org");
    allow(&profile, "sensor7");
    assert_decided(&profile, "CN=sensor7", "alice@example.org");
    assert_decided(&profile, "CN=alice@example.org", "alice@example.org");
    assert_decided(&profile, "", "alice@example.org");
    assert_refused(&profile, "CN=Administrator", "alice@example.org",
        "\"Administrator\" matches none of the allowed-names of profile web: "
        "@example.org, sensor7");
    assert_refused(&profile, "CN=Alice Liddell", "alice@example.org",
        "\"Alice Liddell\" matches none of the allowed-names of profile web: "
        "@example.org, sensor7");
    profile.approvals = 1;
    assert_decided(&profile, "CN=Alice Liddell", "alice@example.org");
    profile.approvals = 0;
    profile.who = ASKERS_STAFF;
    assert_decided(&profile, "CN=Alice Liddell", "alice@example.org");
}

static void a_name_taken_from_cn_must_match(void **state)
{
    struct profile profile = web();
    struct failure why = {0};
    size_t count = 0;

    (void)state;
    allow(&profile, "www.example.org");
    assert_true(decide(&profile, "CN=www.example.org", "", &count, &why));
    assert_int_equal(count, 1);
    assert_refused(&profile, "CN=intranet", "",
        "\"dns:intranet\" matches none of the allowed-names of profile web: "
        "www.example.org");
}

static void wildcards_are_refused_where_there_may_be_none(void **state)
{
    struct profile profile = web();

    (void)state;
    assert_decided(&profile, "O=Acme", "*.example.org");
    profile.wildcards = false;
    assert_refused(&profile, "O=Acme", "www.example.org *.example.org",
        "profile web takes no wildcards, as \"*.example.org\" is (wildcards: "
        "no)");
    assert_refused(&profile, "CN=*.example.org", "",
        "profile web takes no wildcards, as \"*.example.org\" is (wildcards: "
        "no)");
}

static void a_long_list_of_patterns_is_cut_in_the_refusal(void **state)
{
    struct profile profile = web();
    struct failure why = {0};
    size_t count = 0;

    (void)state;
    for (int i = 0; i < PROFILE_ALLOWED_NAMES_MAX; i++) {
        char name[64];

        (void)snprintf(name, sizeof(name), "host-%02d.example.org", i);
        allow(&profile, name);
    }
    assert_decided(&profile, "O=Acme", "host-63.example.org");
    assert_false(decide(&profile, "O=Acme", "a.test", &count, &why));
    assert_non_null(strstr(why.reason, "host-00.example.org, "));
    assert_string_equal(why.reason + strlen(why.reason) - 4, " ...");
}

/* --- extensions of requests ---------------------------------------------- */

/* Extension { OID arc.number, value "0500" } as a request's only one. */
static struct bytes extension_of(
    const char *oid, uint8_t *room, size_t size, struct failure *why)
{
    static const uint8_t value[] = {DER_NULL, 0};
    struct der_writer writer = der_writer_in(room, size);
    size_t mark = der_writer_mark(&writer), length = 0;
    struct bytes whole = {0};
    uint8_t contents[64];

    assert_true(oid_read(oid, contents, sizeof(contents), &length, why));
    der_write_element(
        &writer, DER_OCTET_STRING, (struct bytes){value, sizeof(value)});
    der_write_oid(&writer, (struct bytes){contents, length});
    der_write_head(&writer, DER_SEQUENCE, mark);
    assert_true(der_writer_take(&writer, &whole, why));
    return whole;
}

static void assert_dropped_and_told(const char *oid)
{
    struct profile profile = web();
    RELEASED(buffer) subject = BUFFER("a subject", 4096);
    RELEASED(issuance_names) decided = {0};
    struct enrolment enrolment = {.caller = &alice};
    struct request request = {0};
    char notice[256];
    uint8_t room[256];
    const char *notices = NULL;
    struct failure why = {0};

    assert_true(name_read("CN=a", &subject, &why));
    enrolment.subject = buffer_view(&subject);
    request.extensions =
        der_reader_of(extension_of(oid, room, sizeof(room), &why));
    profile.purposes[0] = OID_CLIENT_AUTH;
    assert_true(names_decide(&enrolment, &request, &profile,
        (struct bytes){(const uint8_t *)"0", 1}, &decided, &why));
    (void)snprintf(notice, sizeof(notice),
        "the request's extension %s is not taken over\n", oid);
    assert_true(buffer_as_text(&decided.notices, &notices, &why));
    assert_string_equal(notices, notice);
    assert_int_equal(decided.general_name_count, 0);
}

static void properties55_esc15_200_extensions_are_dropped_and_told(void **state)
{
    /* Application policies, certificate template and its like, the account's
     * identity, Netscape's and Entrust's. */
    static const char *const arcs[] = {"1.3.6.1.4.1.311.21.",
        "1.3.6.1.4.1.311.25.", "1.3.6.1.4.1.311.20.2.", "2.16.840.1.113730.1.",
        "1.2.840.113533.7.65.", "2.5.29.100.", "1.3.6.1.4.1.99999.", "2.999."};
    int told = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(arcs) / sizeof(*arcs); i++) {
        for (int number = 1; number <= 25; number++) {
            char oid[OID_TEXT];

            (void)snprintf(oid, sizeof(oid), "%s%d", arcs[i], number);
            assert_dropped_and_told(oid);
            told++;
        }
    }
    assert_int_equal(told, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_matches_what_it_says_and_no_more),
        cmocka_unit_test(what_is_no_pattern_is_told_and_matches_nothing),
        cmocka_unit_test(a_name_of_another_kind_matches_no_pattern),
        cmocka_unit_test(every_alternative_name_must_match),
        cmocka_unit_test(incident18_an_empty_list_allows_no_name),
        cmocka_unit_test(what_looks_like_a_name_in_the_subject_must_match_too),
        cmocka_unit_test(
            properties55_esc1_who_signs_in_unattended_has_an_allowed_cn),
        cmocka_unit_test(a_name_taken_from_cn_must_match),
        cmocka_unit_test(wildcards_are_refused_where_there_may_be_none),
        cmocka_unit_test(a_long_list_of_patterns_is_cut_in_the_refusal),
        cmocka_unit_test(
            properties55_esc15_200_extensions_are_dropped_and_told),
    };

    return cmocka_run_group_tests_name("names_allowed", tests, NULL, NULL);
}
