#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "authority/names.h"
#include "authority/profile_words.h"

static const struct caller alice = {.door = DOOR_CONTROL};

/* A profile that takes every attribute and kind of name. */
static struct profile any(void)
{
    struct profile profile = {.name = "any",
        .purposes = {OID_CLIENT_AUTH},
        .purpose_count = 1,
        .name_kinds = 1u << GENERAL_NAME_DNS | 1u << GENERAL_NAME_IP |
                      1u << GENERAL_NAME_EMAIL | 1u << GENERAL_NAME_URI,
        .path_length = -1,
        .wildcards = true};

    for (const struct word *word = profile_attributes; word->text != NULL;
         word++)
        profile.subject[profile.subject_count++] = (enum oid)word->value;
    return profile;
}

static bool decide(const char *subject, const char *name,
    struct issuance_names *decided, struct buffer *dn, struct buffer *encoded,
    struct failure *why)
{
    const struct profile profile = any();
    const struct request request = {0};
    struct enrolment enrolment = {.caller = &alice};

    assert_true(name_read(subject, dn, why));
    if (name != NULL)
        assert_true(general_name_read(name, encoded, why));
    enrolment.subject = buffer_view(dn);
    enrolment.general_names = buffer_view(encoded);
    return names_decide(&enrolment, &request, &profile,
        (struct bytes){(const uint8_t *)"0", 1}, decided, why);
}

static bool is_decided(const char *subject, struct failure *why)
{
    RELEASED(buffer) dn = BUFFER("a subject", 256 * 1024);
    RELEASED(buffer) encoded = BUFFER("names", 4096);
    RELEASED(issuance_names) decided = {0};

    return decide(subject, NULL, &decided, &dn, &encoded, why);
}

static void assert_refused(const char *subject, const char *reason)
{
    struct failure why = {0};

    assert_false(is_decided(subject, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(why.reason, reason);
}

/* type=aaaa... with so many of the unit. */
static char *attribute_of(const char *type, const char *unit, size_t count)
{
    size_t size = strlen(type) + 2 + count * strlen(unit);
    char *text = malloc(size);
    size_t used;

    assert_non_null(text);
    used = (size_t)snprintf(text, size, "%s=", type);
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, size - used, "%s", unit);
    return text;
}

/* --- how long ------------------------------------------------------------ */

static void kb040_each_attribute_has_its_own_limit(void **state)
{
    static const struct {
        const char *type;
        size_t most;
        bool is_ascii;
    } rows[] = {{"CN", 64, false}, {"O", 64, false}, {"OU", 64, false},
        {"L", 128, false}, {"ST", 128, false}, {"street", 128, false},
        {"postalCode", 40, false}, {"DC", 63, true}, {"UID", 256, false},
        {"SN", 32768, false}, {"GN", 32768, false}, {"title", 64, false},
        {"emailAddress", 255, true}, {"serialNumber", 64, true},
        {"organizationIdentifier", 32768, false}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        /* Characters are counted, not bytes. */
        const char *unit = rows[i].is_ascii || rows[i].most > 1000 ? "a" : "é";
        char *longest = attribute_of(rows[i].type, unit, rows[i].most);
        char *over = attribute_of(rows[i].type, unit, rows[i].most + 1);
        char expected[128];
        struct failure why = {0};

        if (!is_decided(longest, &why))
            fail_msg("%s", why.reason);
        assert_false(is_decided(over, &why));
        assert_int_equal(why.kind, FAILURE_UNSUITABLE);
        (void)snprintf(expected, sizeof(expected),
            "has %zu characters; at most %zu may be (RFC 5280, A.1)",
            rows[i].most + 1, rows[i].most);
        assert_non_null(strstr(why.reason, expected));
        assert_int_equal(
            strncasecmp(why.reason, rows[i].type, strlen(rows[i].type)), 0);
        free(longest);
        free(over);
    }
}

static void kb040_the_refusal_names_attribute_length_and_limit(void **state)
{
    (void)state;
    assert_refused("O=Acme,CN=aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeee"
                   "effffffffffgggggg",
        "CN \"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg"
        "\" has 66 characters; at most 64 may be (RFC 5280, A.1)");
}

#define TEN(text) text text text text text text text text text text

static void kb040_ten_units_of_64_and_a_name_of_253_are_decided(void **state)
{
    RELEASED(buffer) dn = BUFFER("a subject", 8192);
    RELEASED(buffer) encoded = BUFFER("names", 4096);
    RELEASED(buffer) text = BUFFER("a subject", 8192);
    RELEASED(buffer) host = BUFFER("a host", 8192);
    RELEASED(issuance_names) decided = {0};
    const char *subject = NULL, *name = NULL;
    struct failure why = {0};

    (void)state;
    assert_true(buffer_append_text(&text, "CN=a", &why));
    for (int i = 0; i < 10; i++)
        assert_true(
            buffer_print(&text, &why, ",OU=%d%.63s", i, TEN("1234567")));
    assert_true(buffer_append_text(&host, "dns:", &why));
    for (int i = 0; i < 3; i++)
        assert_true(buffer_print(&host, &why, "%.63s.", TEN("1234567")));
    assert_true(buffer_print(&host, &why, "%.53s.example", TEN("1234567")));
    assert_true(buffer_as_text(&text, &subject, &why));
    assert_true(buffer_as_text(&host, &name, &why));
    assert_int_equal(strlen(name), 4 + 253);
    if (!decide(subject, name, &decided, &dn, &encoded, &why))
        fail_msg("%s", why.reason);
    assert_true(bytes_equal(decided.subject, buffer_view(&dn)));
    assert_int_equal(decided.general_name_count, 1);
}

static void kb042_every_unit_stays_in_its_place(void **state)
{
    static const char subject[] = "CN=a,OU=first+OU=second,OU=third,O=Acme+"
                                  "L=Bern,OU=fourth,OU=third,C=CH";
    RELEASED(buffer) dn = BUFFER("a subject", 4096);
    RELEASED(buffer) encoded = BUFFER("names", 4096);
    RELEASED(buffer) printed = BUFFER("a subject", 4096);
    RELEASED(issuance_names) decided = {0};
    struct failure why = {0};
    const char *text = NULL;

    (void)state;
    assert_true(decide(subject, NULL, &decided, &dn, &encoded, &why));
    assert_true(name_print(decided.subject, &printed, &why));
    assert_true(buffer_as_text(&printed, &text, &why));
    assert_string_equal(text, "CN=a,OU=first+OU=second,OU=third,L=Bern+O=Acme,"
                              "OU=fourth,OU=third,C=CH");
}

/* --- countries ----------------------------------------------------------- */

/* ISO 3166-1, alpha-2, as its maintenance agency lists them. */
static const char assigned[] =
    "AFAXALDZASADAOAIAQAGARAMAWAUATAZBSBHBDBBBYBEBZBJBMBTBOBQBABWBVBRIOBNBGBFBI"
    "CVKHCMCAKYCFTDCLCNCXCCCOKMCGCDCKCRCIHRCUCWCYCZDKDJDMDOECEGSVGQEREESZETFKFO"
    "FJFIFRGFPFTFGAGMGEDEGHGIGRGLGDGPGUGTGGGNGWGYHTHMVAHNHKHUISINIDIRIQIEIMILIT"
    "JMJPJEJOKZKEKIKPKRKWKGLALVLBLSLRLYLILTLUMOMGMWMYMVMLMTMHMQMRMUYTMXFMMDMCMN"
    "MEMSMAMZMMNANRNPNLNCNZNINENGNUNFMKMPNOOMPKPWPSPAPGPYPEPHPNPLPTPRQARERORURW"
    "BLSHKNLCMFPMVCWSSMSTSASNRSSCSLSGSXSKSISBSOZAGSSSESLKSDSRSJSECHSYTWTJTZTHTL"
    "TGTKTOTTTNTRTMTCTVUGUAAEGBUSUMUYUZVUVEVNVGVIWFEHYEZMZW";

static void kb055_every_country_of_iso_3166_is_taken(void **state)
{
    size_t count = 0;

    (void)state;
    for (const char *code = assigned; *code != 0; code += 2) {
        char subject[16];
        struct failure why = {0};

        (void)snprintf(subject, sizeof(subject), "C=%.2s,CN=a", code);
        if (!is_decided(subject, &why))
            fail_msg("%s", why.reason);
        count++;
    }
    assert_int_equal(count, 249);
}

static void kb055_no_other_two_letters_are_a_country(void **state)
{
    size_t taken = 0;

    (void)state;
    for (int code = 0; code < 26 * 26; code++) {
        char subject[16];
        struct failure why = {0};

        (void)snprintf(subject, sizeof(subject), "C=%c%c,CN=a", 'A' + code / 26,
            'A' + code % 26);
        taken += is_decided(subject, &why);
    }
    /* and EU, UK, UN, XK, which are reserved and in use */
    assert_int_equal(taken, 249 + 4);
}

static void kb055_a_wrong_country_is_told_with_the_rule(void **state)
{
    (void)state;
    assert_refused("C=XQ,CN=a", "C \"XQ\" is no country that ISO 3166 knows: "
                                "two capital letters, as DE, CH or US");
    assert_refused("C=de,CN=a", "C \"de\" is no country that ISO 3166 knows: "
                                "two capital letters, as DE, CH or US");
    assert_refused("C=Germany,CN=a",
        "C \"Germany\" is no country that ISO 3166 knows: two capital letters, "
        "as DE, CH or US");
    assert_refused("C=E ,CN=a", "C \"E\" is no country that ISO 3166 knows: "
                                "two capital letters, as DE, CH or US");
}

static void an_empty_attribute_is_told(void **state)
{
    (void)state;
    assert_refused("CN=a,O=", "O is empty; leave it out");
}

/* --- names beyond ASCII -------------------------------------------------- */

/* As a request has it: whatever bytes. */
static bool decide_host(const char *host, struct failure *why)
{
    const struct general_name name = {GENERAL_NAME_DNS, bytes_of_text(host)};
    RELEASED(buffer) encoded = BUFFER("names", 4096);
    RELEASED(issuance_names) decided = {0};
    const struct profile profile = any();
    const struct request request = {
        .subject = {(const uint8_t *)"\x30\x00", 2}};
    struct enrolment enrolment = {.caller = &alice};

    assert_true(general_name_append(&name, &encoded, why));
    enrolment.general_names = buffer_view(&encoded);
    return names_decide(&enrolment, &request, &profile,
        (struct bytes){(const uint8_t *)"1", 1}, &decided, why);
}

static void an_international_name_is_taken_as_its_a_label_alone(void **state)
{
    struct failure why = {0};

    (void)state;
    assert_true(decide_host("xn--bcher-kva.example", &why));
    assert_true(decide_host("*.xn--bcher-kva.example", &why));
    assert_false(decide_host("b\u00fccher.example", &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(why.reason,
        "the DNS name \"b\u00fccher.example\" has letters beyond ASCII; write "
        "its "
        "A-label (xn--...), as `idn2 NAME` prints it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kb040_each_attribute_has_its_own_limit),
        cmocka_unit_test(kb040_the_refusal_names_attribute_length_and_limit),
        cmocka_unit_test(kb040_ten_units_of_64_and_a_name_of_253_are_decided),
        cmocka_unit_test(kb042_every_unit_stays_in_its_place),
        cmocka_unit_test(kb055_every_country_of_iso_3166_is_taken),
        cmocka_unit_test(kb055_no_other_two_letters_are_a_country),
        cmocka_unit_test(kb055_a_wrong_country_is_told_with_the_rule),
        cmocka_unit_test(an_empty_attribute_is_told),
        cmocka_unit_test(an_international_name_is_taken_as_its_a_label_alone),
    };

    return cmocka_run_group_tests_name("names_limits", tests, NULL, NULL);
}
