#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "x509/chain/host.h"
#include "x509/chain/name_constraints.h"
#include "x509/chain/public_suffix.h"
#include "x509/chain/reference_name.h"
#include "x509/der_writer.h"
#include "x509/name_draft.h"
#include "x509/name_match.h"

/* Names at the edges of their grammars. */

static struct bytes of(const char *text)
{
    return bytes_of_text(text);
}

static void a_quoted_local_part_ends_with_its_quote(void **state)
{
    struct bytes local = {0}, domain = {0};
    char long_local[80] = "";

    (void)state;
    assert_true(mailbox_split(of("\"a@b\"@example.org"), &local, &domain));
    assert_true(bytes_equal(local, of("\"a@b\"")));
    assert_false(mailbox_split(of("\"ab"), &local, &domain));
    assert_false(mailbox_split(of("\"ab@example.org"), &local, &domain));
    assert_false(mailbox_split(of("\"@example.org"), &local, &domain));
    assert_false(mailbox_split(of("@example.org"), &local, &domain));
    assert_false(mailbox_split(of("a\x7f@example.org"), &local, &domain));
    memset(long_local, 'a', 65);
    memcpy(long_local + 65, "@b.org", 7);
    assert_false(mailbox_split(of(long_local), &local, &domain));
    assert_true(mailbox_split(of(long_local + 1), &local, &domain));
    assert_false(mailbox_equals(of("a@example.org"), of("a")));
    assert_false(mailbox_equals(of("a"), of("a@example.org")));
}

static void a_mailbox_has_at_most_its_bytes(void **state)
{
    char text[400];
    struct bytes local = {0}, domain = {0};

    (void)state;
    memset(text, 'a', sizeof(text));
    text[1] = '@';
    for (size_t i = 10; i < sizeof(text); i += 10)
        text[i] = '.';
    assert_false(
        mailbox_split((struct bytes){(uint8_t *)text, 399}, &local, &domain));
    assert_true(
        mailbox_split((struct bytes){(uint8_t *)text, 200}, &local, &domain));
}

static void a_uri_is_taken_apart_at_its_edges(void **state)
{
    static const struct {
        const char *uri, *scheme, *host, *path; /* scheme NULL: no URI */
    } rows[] = {
        {"a:b", "a", "", "b"},
        {"h+t.t-p:x", "h+t.t-p", "", "x"},
        {"http:///x", "http", "", "/x"},
        {"http://[2001:db8::1]:80/", "http", "[2001:db8::1]", "/"},
        {"http://[2001", "http", "[2001", ""},
        {"http://a@h:1?q", "http", "h", "?q"},
        {"1http:x", NULL, NULL, NULL},
        {"h_t:x", NULL, NULL, NULL},
        {"h/t:x", NULL, NULL, NULL},
        {"+t:x", NULL, NULL, NULL},
        {"a:", NULL, NULL, NULL},
        {":x", NULL, NULL, NULL},
        {"a:\x7f", NULL, NULL, NULL},
        {"a:b c", NULL, NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct uri_parts parts = {0};

        assert_int_equal(
            uri_split(of(rows[i].uri), &parts), rows[i].scheme != NULL);
        if (rows[i].scheme == NULL)
            continue;
        assert_true(bytes_equal(parts.scheme, of(rows[i].scheme)));
        assert_true(bytes_equal(parts.host, of(rows[i].host)));
        assert_true(bytes_equal(parts.path, of(rows[i].path)));
    }
}

static void an_other_name_that_is_damaged_is_no_mailbox(void **state)
{
    static const uint8_t good[] = {
        0x06, 8, 0x2b, 6, 1, 5, 5, 7, 8, 9, 0xa0, 5, 0x0c, 3, 'a', '@', 'b'};
    uint8_t copy[sizeof(good)];
    struct bytes mailbox = {0};

    (void)state;
    assert_true(
        smtp_utf8_mailbox((struct bytes){good, sizeof(good)}, &mailbox));
    assert_true(bytes_equal(mailbox, of("a@b")));
    for (size_t i = 0; i < 14; i++) {
        memcpy(copy, good, sizeof(good));
        copy[i] ^= 0x40;
        assert_false(
            smtp_utf8_mailbox((struct bytes){copy, sizeof(copy)}, &mailbox));
        assert_false(smtp_utf8_mailbox((struct bytes){good, i}, &mailbox));
    }
}

/* --- one subtree ------------------------------------------------------------
 */

static struct general_name general(
    enum general_name_kind kind, const char *value, size_t length)
{
    return (struct general_name){kind, {(const uint8_t *)value, length}};
}

static void forms_without_a_rule_hold_nothing(void **state)
{
    static const enum general_name_kind kinds[] = {
        GENERAL_NAME_OTHER, GENERAL_NAME_X400, GENERAL_NAME_EDI};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct general_name name = general(kinds[i], "\6\1\x2a", 3);

        assert_true(constraint_has_no_rule(&name));
        assert_false(constraint_holds(&name, &name));
        assert_true(constraint_concerns(&name, &name));
    }
    struct general_name host = general(GENERAL_NAME_DNS, "a.b", 3);
    assert_false(constraint_has_no_rule(&host));
}

/* What can't be told apart is taken for the same. */
static void other_names_without_a_type_are_of_one_type(void **state)
{
    struct general_name typed = general(GENERAL_NAME_OTHER, "\6\1\x2a", 3);
    struct general_name other = general(GENERAL_NAME_OTHER, "\6\1\x2b", 3);
    struct general_name damaged = general(GENERAL_NAME_OTHER, "\6\2\x2a", 3);

    (void)state;
    assert_false(constraint_concerns(&typed, &other));
    assert_true(constraint_concerns(&typed, &damaged));
    assert_true(constraint_concerns(&damaged, &typed));
}

static void a_registered_identifier_is_below_its_arc(void **state)
{
    struct general_name arc = general(GENERAL_NAME_REGISTERED_ID, "\x2a\3", 2);
    struct general_name below =
        general(GENERAL_NAME_REGISTERED_ID, "\x2a\3\4", 3);
    struct general_name beside =
        general(GENERAL_NAME_REGISTERED_ID, "\x2a\5\4", 3);
    struct general_name above = general(GENERAL_NAME_REGISTERED_ID, "\x2a", 1);
    struct general_name none = general(GENERAL_NAME_REGISTERED_ID, "", 0);

    (void)state;
    assert_true(constraint_holds(&arc, &below));
    assert_true(constraint_holds(&arc, &arc));
    assert_false(constraint_holds(&arc, &beside));
    assert_false(constraint_holds(&arc, &above));
    assert_false(constraint_holds(&none, &arc));
}

static void what_is_no_name_of_its_kind_is_in_no_subtree(void **state)
{
    struct general_name host = general(GENERAL_NAME_URI, "example.org", 11);
    struct general_name mail = general(GENERAL_NAME_EMAIL, "example.org", 11);
    struct general_name uri = general(GENERAL_NAME_URI, "example.org", 11);
    struct general_name box = general(GENERAL_NAME_EMAIL, "a", 1);
    struct general_name other = general(GENERAL_NAME_OTHER, "\6\1\x2a", 3);
    struct general_name star = general(GENERAL_NAME_DNS, "*.", 2);
    struct general_name any = general(GENERAL_NAME_DNS, "a.org", 5);

    (void)state;
    assert_false(constraint_holds(&host, &uri));
    assert_false(constraint_holds(&mail, &box));
    assert_false(constraint_holds(&mail, &other));
    assert_false(constraint_may_hold(&any, &star));
}

/* --- references -------------------------------------------------------------
 */

static void assert_refused(
    enum reference_kind kind, struct bytes text, const char *reason)
{
    struct reference_name found = {0};
    struct failure why = {0};

    assert_false(reference_name_read(kind, text, &found, &why));
    if (strstr(why.reason, reason) == NULL)
        assert_string_equal(why.reason, reason);
}

static void an_address_in_a_text_has_its_own_form(void **state)
{
    struct reference_name found = {0};
    struct failure why = {0};
    char text[200];

    (void)state;
    assert_refused(REFERENCE_IP, of("[2001:db8::1"), "is no IP address");
    assert_refused(REFERENCE_IP, of("[]"), "is no IP address");
    assert_refused(REFERENCE_IP,
        (struct bytes){(const uint8_t *)"1.2.3.4\0", 8}, "is no IP address");
    memset(text, '1', sizeof(text));
    assert_refused(
        REFERENCE_IP, (struct bytes){(uint8_t *)text, 199}, "is no IP address");
    assert_true(
        reference_name_read(REFERENCE_IP, of("[2001:db8::1]"), &found, &why));
    assert_int_equal(found.address_length, 16);
    assert_true(reference_name_guess(of("x.org"), &found, &why));
    assert_int_equal(found.kind, REFERENCE_DNS);
    assert_false(reference_name_guess(of(""), &found, &why));
    assert_false(reference_name_guess(of("dns:"), &found, &why));
}

static void a_host_that_is_too_long_has_no_public_suffix(void **state)
{
    char text[300];

    (void)state;
    memset(text, 'a', sizeof(text));
    assert_false(is_public_suffix((struct bytes){(uint8_t *)text, 300}));
    assert_false(is_public_suffix(of("example.org")));
}

/* --- names of certificates ---------------------------------------------------
 */

static void assert_text(const char *text, const char *reason)
{
    struct failure why = {0};
    RELEASED(buffer) encoded = BUFFER("a name", 4096);

    if (name_read(text, &encoded, &why))
        fail_msg("%s is taken", text);
    if (strstr(why.reason, reason) == NULL)
        assert_string_equal(why.reason, reason);
}

static void a_text_that_is_no_name_is_refused_where_it_ends(void **state)
{
    char type[200] = "";
    static char text[NAME_TEXT_MAX + 8];

    (void)state;
    memset(type, 'a', 130);
    memcpy(type + 130, "=b", 3);
    assert_text(type, "a type is longer than 127 characters");
    assert_text("C_N=a", "TYPE=value is wanted");
    assert_text("[N=a", "TYPE=value is wanted");
    assert_text("{N=a", "TYPE=value is wanted");
    assert_text("-=a", "\"-\" is no attribute of a name");
    assert_text("CN=a\\", "a backslash stands before");
    assert_text("/CN=a\\", "a backslash stands before");
    assert_text("CN=a\\4", "a backslash stands before");
    memset(text, 'a', sizeof(text) - 1);
    memcpy(text, "CN=", 3);
    assert_text(text, "");
}

static void a_letter_that_printable_strings_lack_makes_another(void **state)
{
    static const struct {
        const char *text;
        uint8_t tag;
    } rows[] = {
        {"serialNumber=aZ0 '()\\+\\,-./:=?", DER_PRINTABLE_STRING},
        {"serialNumber=a{", DER_UTF8_STRING},
        {"serialNumber=a[", DER_UTF8_STRING},
        {"serialNumber=a@", DER_UTF8_STRING},
        {"serialNumber=a*", DER_UTF8_STRING},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        RELEASED(buffer) encoded = BUFFER("a name", 4096);
        struct name_attribute attribute = {0};
        struct name_walk walk = {0};
        struct failure why = {0};

        if (!name_read(rows[i].text, &encoded, &why))
            fail_msg("%s", why.reason);
        assert_true(name_walk_start(buffer_view(&encoded), &walk, &why));
        assert_true(name_walk_next(&walk, &attribute, &why));
        assert_int_equal(attribute.tag, rows[i].tag);
    }
}

static void strings_of_every_kind_are_written_anew(void **state)
{
    static const char *const elements[] = {
        "#160161", "#1a0161", "#120131", "#1e020061", "#1401e4", "#130161"};

    (void)state;
    for (size_t i = 0; i < sizeof(elements) / sizeof(*elements); i++) {
        RELEASED(buffer) encoded = BUFFER("a name", 4096);
        struct name_attribute attribute = {0};
        struct name_walk walk = {0};
        struct failure why = {0};
        char text[32];

        (void)snprintf(text, sizeof(text), "CN=%s", elements[i]);
        assert_true(name_read(text, &encoded, &why));
        assert_true(name_walk_start(buffer_view(&encoded), &walk, &why));
        assert_true(name_walk_next(&walk, &attribute, &why));
        assert_int_equal(attribute.tag, DER_UTF8_STRING);
    }
}

static struct bytes encode(const char *text, struct buffer *encoded)
{
    struct failure why = {0};

    buffer_clear(encoded);
    assert_true(name_read(text, encoded, &why));
    return buffer_view(encoded);
}

static void names_match_by_attribute_and_relative_name(void **state)
{
    static const struct {
        const char *left, *right;
        bool match;
    } rows[] = {
        {"CN=a+OU=b,O=c", "CN=A+OU=B,O=C", true},
        {"CN=a+OU=b", "CN=a,OU=b", false},
        {"CN=a", "OU=a", false},
        {"CN=a,O=b", "O=b", false},
        {"CN=a  b", "CN=a b", true},
        {"emailAddress=A@b", "emailAddress=a@b", true},
        {"", "", true},
        {"", "CN=a", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        RELEASED(buffer) left = BUFFER("a name", 4096);
        RELEASED(buffer) right = BUFFER("a name", 4096);

        assert_int_equal(name_matches(encode(rows[i].left, &left),
                             encode(rows[i].right, &right)),
            rows[i].match);
        assert_int_equal(name_matches(buffer_view(&right), buffer_view(&left)),
            rows[i].match);
    }
}

/* Damage behind a reader's back: a name still matches itself or nothing, and
 * ends. */
static void damaged_names_end_each_comparison(void **state)
{
    RELEASED(buffer) good = BUFFER("a name", 4096);
    uint8_t copy[64];
    struct bytes name = encode("CN=a+OU=b,O=c,C=DE", &good);

    (void)state;
    assert_true(name.length <= sizeof(copy));
    for (size_t i = 0; i < name.length; i++) {
        for (unsigned int byte = 0; byte <= UINT8_MAX; byte++) {
            struct bytes damaged = {copy, name.length};

            memcpy(copy, name.start, name.length);
            copy[i] = (uint8_t)byte;
            assert_int_equal(
                name_matches(name, damaged), name_matches(damaged, name));
            if (name_matches(name, damaged))
                assert_int_equal(name_hash(name, 7), name_hash(damaged, 7));
            (void)name_is_empty(damaged);
            (void)name_is_within(name, damaged);
            (void)name_is_within(damaged, name);
        }
        copy[i] = name.start[i];
        assert_false(name_matches(name, (struct bytes){copy, i}));
    }
}

/* --- general names -----------------------------------------------------------
 */

static void assert_checked(
    enum general_name_kind kind, const char *value, const char *fault)
{
    struct general_name name = general(kind, value, strlen(value));
    struct failure why = {0};

    if (fault == NULL) {
        if (!general_name_check(&name, &why))
            fail_msg("%s", why.reason);
        return;
    }
    assert_false(general_name_check(&name, &why));
    if (strstr(why.reason, fault) == NULL)
        assert_string_equal(why.reason, fault);
}

static void uris_and_mailboxes_have_their_characters(void **state)
{
    static char text[2100];

    (void)state;
    assert_checked(GENERAL_NAME_URI, "h+t-t.p1:x", NULL);
    assert_checked(GENERAL_NAME_URI, "h~p:x", "has no scheme");
    assert_checked(GENERAL_NAME_URI, "1:x", "has no scheme");
    assert_checked(GENERAL_NAME_URI, "urn:", "has nothing after its scheme");
    assert_checked(GENERAL_NAME_URI, "http://", "has no host between");
    assert_checked(GENERAL_NAME_URI, "http://:80", "has no host between");
    assert_checked(GENERAL_NAME_URI, "a:/", NULL);
    assert_checked(GENERAL_NAME_URI, "a:/x", NULL);
    assert_checked(GENERAL_NAME_EMAIL, "aZ9!@example.org", NULL);
    assert_checked(GENERAL_NAME_EMAIL, "a{~@example.org", NULL);
    assert_checked(GENERAL_NAME_EMAIL, "a[@example.org", "needs quotes");
    assert_checked(GENERAL_NAME_EMAIL, "a@b@c", "");
    assert_checked(GENERAL_NAME_DNS, "a[b.org",
        "may have letters, digits, hyphens and dots only");
    assert_checked(GENERAL_NAME_DNS, "a{b.org",
        "may have letters, digits, hyphens and dots only");
    for (int kind = GENERAL_NAME_OTHER; kind <= GENERAL_NAME_REGISTERED_ID;
         kind++) {
        if (kind == GENERAL_NAME_OTHER || kind == GENERAL_NAME_X400 ||
            kind == GENERAL_NAME_EDI || kind == GENERAL_NAME_REGISTERED_ID)
            assert_checked((enum general_name_kind)kind, "x", NULL);
    }
    memset(text, 'a', sizeof(text) - 1);
    text[3] = ':';
    assert_checked(GENERAL_NAME_URI, text, "has more than 2048 bytes");
    memset(text, 'a', 300);
    text[10] = '@';
    text[300] = 0;
    assert_checked(GENERAL_NAME_EMAIL, text, "has more than 254 bytes");
}

/* --- what is written
 * ---------------------------------------------------------- */

static void a_time_beyond_the_calendar_is_not_written(void **state)
{
    static const int64_t times[] = {
        INT64_MIN, INT64_C(253402300800), INT64_MAX};
    uint8_t room[64];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct der_writer writer = der_writer_in(room, sizeof(room));
        struct failure why = {0};
        struct bytes written = {0};

        der_write_time(&writer, times[i]);
        assert_false(der_writer_take(&writer, &written, &why));
    }
}

static void booleans_are_all_ones_or_zeros(void **state)
{
    uint8_t room[8];
    struct failure why = {0};

    (void)state;
    for (int value = 0; value < 2; value++) {
        struct der_writer writer = der_writer_in(room, sizeof(room));
        const uint8_t expected[] = {1, 1, value ? 0xff : 0};
        struct bytes written = {0};

        der_write_boolean(&writer, value != 0);
        assert_true(der_writer_take(&writer, &written, &why));
        assert_true(bytes_equal(written, (struct bytes){expected, 3}));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quoted_local_part_ends_with_its_quote),
        cmocka_unit_test(a_mailbox_has_at_most_its_bytes),
        cmocka_unit_test(a_uri_is_taken_apart_at_its_edges),
        cmocka_unit_test(an_other_name_that_is_damaged_is_no_mailbox),
        cmocka_unit_test(forms_without_a_rule_hold_nothing),
        cmocka_unit_test(other_names_without_a_type_are_of_one_type),
        cmocka_unit_test(a_registered_identifier_is_below_its_arc),
        cmocka_unit_test(what_is_no_name_of_its_kind_is_in_no_subtree),
        cmocka_unit_test(an_address_in_a_text_has_its_own_form),
        cmocka_unit_test(a_host_that_is_too_long_has_no_public_suffix),
        cmocka_unit_test(a_text_that_is_no_name_is_refused_where_it_ends),
        cmocka_unit_test(a_letter_that_printable_strings_lack_makes_another),
        cmocka_unit_test(strings_of_every_kind_are_written_anew),
        cmocka_unit_test(names_match_by_attribute_and_relative_name),
        cmocka_unit_test(damaged_names_end_each_comparison),
        cmocka_unit_test(uris_and_mailboxes_have_their_characters),
        cmocka_unit_test(a_time_beyond_the_calendar_is_not_written),
        cmocka_unit_test(booleans_are_all_ones_or_zeros),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
