#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/x509v3.h>

#include "authority/configuration.h"
#include "authority/names.h"
#include "crypto/openssl_scoped.h"

static const struct caller alice = {.door = DOOR_CONTROL};

/* Requests are made by OpenSSL, profiles are those of the first file. */
struct attribute {
    const char *type;
    int tag; /* V_ASN1_UTF8STRING, ... */
    struct bytes value;
};

#define BYTES(...)                                           \
    ((struct bytes){.start = (const uint8_t[]){__VA_ARGS__}, \
        .length = sizeof((const uint8_t[]){__VA_ARGS__})})

#define UTF8(name, text)                              \
    {                                                 \
        name, V_ASN1_UTF8STRING,                      \
        {                                             \
            (const uint8_t *)(text), sizeof(text) - 1 \
        }                                             \
    }

struct wish {
    struct attribute subject[4];
    struct {
        int nid;
        const char *value;
    } extensions[4];
};

static struct configuration *configuration;
static uint8_t issuer_room[64];
static struct bytes issuer;

static int set_up(void **state)
{
    RELEASED(buffer) text = BUFFER("chancery.yaml", CONFIGURATION_MAX);
    RELEASED(buffer) name = BUFFER("name", sizeof(issuer_room));
    struct failure why = {0};

    (void)state;
    if (!configuration_write_first(
            "Example", NULL, NULL, false, 1, &text, &why) ||
        !configuration_read(
            buffer_view(&text), "chancery.yaml", &configuration, &why) ||
        !name_read("CN=Example Issuing", &name, &why))
        return -1;
    memcpy(issuer_room, name.start, name.length);
    issuer = (struct bytes){.start = issuer_room, .length = name.length};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    configuration_free(configuration);
    return 0;
}

static const struct profile *profile(const char *name)
{
    const struct profile *found = NULL;
    struct failure why = {0};

    assert_true(configuration_profile(configuration, name, &found, &why));
    return found;
}

static void add_extensions(X509_REQ *request, const struct wish *wish)
{
    STACK_OF(X509_EXTENSION) *all = sk_X509_EXTENSION_new_null();

    for (size_t i = 0; i < 4 && wish->extensions[i].nid != 0; i++) {
        X509_EXTENSION *extension = X509V3_EXT_conf_nid(
            NULL, NULL, wish->extensions[i].nid, wish->extensions[i].value);

        assert_non_null(extension);
        assert_true(sk_X509_EXTENSION_push(all, extension) > 0);
    }
    if (sk_X509_EXTENSION_num(all) > 0)
        assert_true(X509_REQ_add_extensions(request, all));
    sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
}

static void make_request(const struct wish *wish, struct buffer *der)
{
    SCOPED(EVP_PKEY) *key = EVP_EC_gen("P-256");
    SCOPED(X509_REQ) *request = X509_REQ_new();
    SCOPED(openssl_bytes) *encoded = NULL;
    struct failure why = {0};
    int length;

    assert_non_null(request);
    assert_true(X509_REQ_set_pubkey(request, key));
    for (size_t i = 0; i < 4 && wish->subject[i].type != NULL; i++)
        assert_true(X509_NAME_add_entry_by_txt(
            X509_REQ_get_subject_name(request), wish->subject[i].type,
            wish->subject[i].tag, wish->subject[i].value.start,
            (int)wish->subject[i].value.length, -1, 0));
    add_extensions(request, wish);
    assert_true(X509_REQ_sign(request, key, EVP_sha256()) > 0);
    length = i2d_X509_REQ(request, &encoded);
    assert_true(length > 0);
    assert_true(buffer_append(
        der, (struct bytes){.start = encoded, .length = (size_t)length}, &why));
}

/* What became of a wish; texts, so that nothing has to live on. */
struct outcome {
    bool decided;
    char subject[512];
    char names[512];
    char notices[1024];
    size_t count;
    struct failure why;
};

static void print_names(const struct issuance_names *names, char text[512])
{
    struct der_reader reader = der_reader_of(names->general_names);
    RELEASED(buffer) printed = BUFFER("names", 512);
    struct general_name name = {0};
    struct failure why = {0};
    const char *as_text = NULL;

    while (!der_at_end(&reader)) {
        assert_true(general_name_next(&reader, &name, &why));
        assert_true(general_name_print(&name, &printed, &why));
        assert_true(buffer_append_byte(&printed, ' ', &why));
    }
    assert_true(buffer_as_text(&printed, &as_text, &why));
    (void)snprintf(text, 512, "%s", as_text);
}

static struct outcome decide_as(const struct wish *wish,
    const struct enrolment *enrolment, const char *profile_name)
{
    RELEASED(buffer) der = BUFFER("request", REQUEST_MAX);
    RELEASED(buffer) subject = BUFFER("subject", 512);
    RELEASED(issuance_names) names = {0};
    struct outcome outcome = {0};
    struct request request = {0};
    const char *text = NULL;

    make_request(wish, &der);
    assert_true(request_read(buffer_view(&der), &request, &outcome.why));
    outcome.decided = names_decide(enrolment, &request, profile(profile_name),
        issuer, &names, &outcome.why);
    if (!outcome.decided)
        return outcome;
    assert_true(name_print(names.subject, &subject, &outcome.why));
    assert_true(buffer_as_text(&subject, &text, &outcome.why));
    (void)snprintf(outcome.subject, sizeof(outcome.subject), "%s", text);
    assert_true(buffer_as_text(&names.notices, &text, &outcome.why));
    (void)snprintf(outcome.notices, sizeof(outcome.notices), "%s", text);
    print_names(&names, outcome.names);
    outcome.count = names.general_name_count;
    return outcome;
}

static struct outcome decide(const struct wish *wish, const char *profile_name)
{
    const struct enrolment enrolment = {.caller = &alice};

    return decide_as(wish, &enrolment, profile_name);
}

static void assert_refused(
    const struct wish *wish, const char *profile_name, const char *reason)
{
    struct outcome outcome = decide(wish, profile_name);

    assert_false(outcome.decided);
    assert_int_equal(outcome.why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(outcome.why.reason, reason);
}

static void names_come_from_the_request(void **state)
{
    const struct wish wish = {
        .subject = {UTF8("C", "DE"), UTF8("O", "A & B, \"C\""),
            UTF8("CN", "www")},
        .extensions = {{NID_subject_alt_name,
            "DNS:www.example.org,DNS:*.example.org,IP:2001:db8::1"}},
    };
    struct outcome outcome = decide(&wish, "server");

    (void)state;
    assert_true(outcome.decided);
    assert_string_equal(outcome.subject, "CN=www,O=A & B\\, \\\"C\\\",C=DE");
    assert_string_equal(
        outcome.names, "dns:www.example.org dns:*.example.org ip:2001:db8::1 ");
    assert_int_equal(outcome.count, 3);
    assert_string_equal(outcome.notices, "");
}

static void a_name_that_is_asked_for_twice_is_taken_once(void **state)
{
    RELEASED(buffer) names = BUFFER("names", 1024);
    const struct wish wish = {.subject = {UTF8("CN", "www.example.org")}};
    struct enrolment enrolment = {.caller = &alice};
    struct failure why = {0};
    struct outcome outcome;

    (void)state;
    assert_true(general_name_read("www.example.org", &names, &why));
    assert_true(general_name_read("api.example.org", &names, &why));
    assert_true(general_name_read("WWW.example.org", &names, &why));
    enrolment.general_names = buffer_view(&names);
    outcome = decide_as(&wish, &enrolment, "server");
    assert_true(outcome.decided);
    assert_string_equal(
        outcome.names, "dns:www.example.org dns:api.example.org ");
    assert_int_equal(outcome.count, 2);
}

static void names_of_the_enrolment_take_the_place_of_the_requests(void **state)
{
    const struct wish wish = {
        .subject = {UTF8("CN", "theirs")},
        .extensions = {{NID_subject_alt_name, "DNS:theirs.example.org"}},
    };
    RELEASED(buffer) subject = BUFFER("subject", 512);
    RELEASED(buffer) names = BUFFER("names", 512);
    struct enrolment enrolment = {.caller = &alice};
    struct failure why = {0};
    struct outcome outcome;

    (void)state;
    assert_true(name_read("CN=ours", &subject, &why));
    assert_true(general_name_read("dns:ours.example.org", &names, &why));
    enrolment.subject = buffer_view(&subject);
    enrolment.general_names = buffer_view(&names);
    outcome = decide_as(&wish, &enrolment, "server");
    assert_true(outcome.decided);
    assert_string_equal(outcome.subject, "CN=ours");
    assert_string_equal(outcome.names, "dns:ours.example.org ");

    enrolment.general_names = (struct bytes){0};
    outcome = decide_as(&wish, &enrolment, "server");
    assert_string_equal(outcome.names, "dns:theirs.example.org ");
}

static void an_attribute_that_the_profile_does_not_take_is_refused_by_name(
    void **state)
{
    const struct wish known = {
        .subject = {UTF8("CN", "www.example.org"), UTF8("title", "Dr.")}};
    const struct wish unknown = {
        .subject = {UTF8("1.2.3.4", "x"), UTF8("CN", "www.example.org")}};

    (void)state;
    assert_refused(&known, "server",
        "profile server takes no title in the subject; it takes CN, O, OU, C, "
        "ST, L, serialNumber");
    assert_refused(&unknown, "server",
        "profile server takes no 1.2.3.4 in the subject; it takes CN, O, OU, "
        "C, ST, L, serialNumber");
}

static void a_kind_of_name_that_the_profile_does_not_take_is_refused_by_name(
    void **state)
{
    const struct wish email = {
        .extensions = {{NID_subject_alt_name, "email:a@example.org"}}};
    const struct wish principal = {.subject = {UTF8("CN", "a")},
        .extensions = {{NID_subject_alt_name,
            "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:admin@example.org"}}};
    struct outcome outcome;

    (void)state;
    assert_refused(&email, "server",
        "profile server takes no email names, as \"email:a@example.org\" is; "
        "it takes dns, ip");
    outcome = decide(&principal, "client");
    assert_false(outcome.decided);
    assert_non_null(
        strstr(outcome.why.reason, "profile client takes no other names"));
}

static void incident18_a_profile_without_lists_takes_no_name(void **state)
{
    const struct wish wish = {.subject = {UTF8("CN", "a")}};
    struct profile empty = {.name = "empty"};
    RELEASED(buffer) der = BUFFER("request", REQUEST_MAX);
    RELEASED(issuance_names) names = {0};
    const struct enrolment enrolment = {.caller = &alice};
    struct request request = {0};
    struct failure why = {0};

    (void)state;
    make_request(&wish, &der);
    assert_true(request_read(buffer_view(&der), &request, &why));
    assert_false(
        names_decide(&enrolment, &request, &empty, issuer, &names, &why));
    assert_string_equal(
        why.reason, "profile empty takes no CN in the subject; it takes none");
    empty.subject[0] = OID_UNKNOWN;
    empty.subject_count = 1;
    assert_false(
        names_decide(&enrolment, &request, &empty, issuer, &names, &why));
}

static void a_name_is_required_where_the_profile_says_so(void **state)
{
    const struct wish nothing = {.subject = {UTF8("CN", "Not a host")}};
    const struct wish empty = {.subject = {{0}}};

    (void)state;
    assert_refused(&nothing, "server",
        "profile server requires an alternative name and none was given");
    assert_refused(&empty, "client",
        "the certificate would have no name: neither a subject nor an "
        "alternative name was given");
    assert_true(decide(&nothing, "client").decided);
}

static void a_servers_cn_becomes_an_alternative_name_and_that_is_told(
    void **state)
{
    static const struct {
        struct wish wish;
        const char *names;
        const char *notices;
    } cases[] = {
        {{.subject = {UTF8("CN", "www.example.org")}}, "dns:www.example.org ",
            "the name www.example.org was taken from CN, since verifiers read "
            "only subjectAltName\n"},
        {{.subject = {UTF8("CN", "192.0.2.1")}}, "ip:192.0.2.1 ",
            "the name 192.0.2.1 was taken from CN, since verifiers read only "
            "subjectAltName\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct outcome outcome = decide(&cases[i].wish, "server");

        assert_true(outcome.decided);
        assert_string_equal(outcome.names, cases[i].names);
        assert_string_equal(outcome.notices, cases[i].notices);
        assert_int_equal(decide(&cases[i].wish, "client").count, 0);
    }
}

static void incident30_a_zero_or_control_in_a_name_is_refused(void **state)
{
    static const uint8_t zero[] = "www.example.org\0.evil.example";
    static const uint8_t wide[] = {0, 'a', 0, 0, 0, 'b'};
    const struct wish utf8 = {
        .subject = {{"CN", V_ASN1_UTF8STRING, {zero, sizeof(zero) - 1}}}};
    const struct wish bmp = {
        .subject = {{"O", V_ASN1_BMPSTRING, {wide, sizeof(wide)}}}};
    const struct wish line = {.subject = {UTF8("CN", "a\nb")}};

    (void)state;
    assert_refused(&utf8, "server",
        "CN \"www.example.org\\u{0}.evil.example\" holds a control character");
    assert_refused(&bmp, "client", "O \"a\\u{0}b\" holds a control character");
    assert_refused(
        &line, "client", "CN \"a\\u{a}b\" holds a control character");
}

static void incident30_a_zero_in_an_alternative_name_is_refused(void **state)
{
    const struct wish wish = {.subject = {UTF8("CN", "a.example.org")}};
    const struct bytes name = BYTES(0x82, 7, 'a', '.', 'b', 0, '.', 'c', 'd');
    const struct enrolment enrolment = {
        .caller = &alice, .general_names = name};
    struct outcome outcome = decide_as(&wish, &enrolment, "server");

    (void)state;
    assert_false(outcome.decided);
    assert_int_equal(outcome.why.kind, FAILURE_UNSUITABLE);
    assert_non_null(strstr(outcome.why.reason, "\"a.b\\u{0}.cd\""));
}

static void incident32_more_than_1000_names_are_refused(void **state)
{
    static uint8_t many[1001 * 5];
    const struct wish wish = {.subject = {UTF8("CN", "a.example.org")}};
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    struct enrolment enrolment = {
        .caller = &alice, .general_names = {.start = many, .length = 1000 * 5}};
    struct outcome outcome;
    struct failure why = {0};
    RELEASED(buffer) der = BUFFER("request", REQUEST_MAX);
    RELEASED(issuance_names) names = {0};
    struct request request = {0};

    (void)state;
    for (size_t i = 0; i < 1001; i++)
        memcpy(many + 5 * i,
            (const uint8_t[]){0x82, 3, (uint8_t)('a' + i / 36 % 26),
                (uint8_t)(0x61 + i / 936), (uint8_t)digits[i % 36]},
            5);
    make_request(&wish, &der);
    assert_true(request_read(buffer_view(&der), &request, &why));
    assert_true(names_decide(
        &enrolment, &request, profile("server"), issuer, &names, &why));
    assert_int_equal(names.general_name_count, 1000);

    enrolment.general_names.length += 5;
    outcome = decide_as(&wish, &enrolment, "server");
    assert_string_equal(outcome.why.reason,
        "1001 alternative names were given; a certificate has at most 1000");
}

static void kb090_a_leaf_with_its_issuers_name_is_refused(void **state)
{
    const struct wish same = {.subject = {UTF8("CN", "Example Issuing")}};
    const struct wish alike = {.subject = {UTF8("CN", "example  ISSUING")}};

    (void)state;
    assert_refused(&same, "client",
        "the subject is the name of the issuing authority itself: the "
        "certificate would be taken for self-signed");
    assert_refused(&alike, "client",
        "the subject is the name of the issuing authority itself: the "
        "certificate would be taken for self-signed");
}

static void esc15_other_extensions_are_dropped_and_told(void **state)
{
    const struct wish wish = {
        .subject = {UTF8("CN", "a.example.org")},
        .extensions = {{NID_ext_key_usage, "serverAuth,codeSigning"},
            {NID_basic_constraints, "CA:TRUE"}, {NID_key_usage, "keyCertSign"},
            {NID_netscape_comment, "a comment"}},
    };
    struct outcome outcome = decide(&wish, "server");

    (void)state;
    assert_true(outcome.decided);
    assert_string_equal(outcome.notices,
        "the name a.example.org was taken from CN, since verifiers read only "
        "subjectAltName\n"
        "the request's extension extendedKeyUsage is not taken over\n"
        "the request's extension basicConstraints is not taken over\n"
        "the request's extension keyUsage is not taken over\n"
        "the request's extension 2.16.840.1.113730.1.13 is not taken over\n");
}

static void what_the_certificate_says_anyway_needs_no_notice(void **state)
{
    const struct wish wish = {
        .extensions = {{NID_subject_alt_name, "DNS:a.example.org"},
            {NID_ext_key_usage, "serverAuth"},
            {NID_basic_constraints, "CA:FALSE"},
            {NID_key_usage, "digitalSignature,keyEncipherment"}},
    };
    struct outcome outcome = decide(&wish, "server");

    (void)state;
    assert_true(outcome.decided);
    assert_string_equal(outcome.notices, "");
}

static void kb038_only_strings_that_others_can_not_read_are_encoded_anew(
    void **state)
{
    static const uint8_t wide[] = {0, 'A', 0, '&', 0, 0xe9};
    const struct wish wish = {
        .subject = {{"CN", V_ASN1_PRINTABLESTRING, {wide + 1, 1}},
            {"O", V_ASN1_BMPSTRING, {wide, sizeof(wide)}},
            {"OU", V_ASN1_PRINTABLESTRING, {(const uint8_t *)"*", 1}},
            {"L", V_ASN1_T61STRING, {wide + 5, 1}}},
    };
    const struct bytes expected =
        BYTES(0x30, 0x34, 0x31, 0x0a, 0x30, 0x08, 6, 3, 0x55, 4, 3, 0x13, 1,
            'A', 0x31, 0x0d, 0x30, 0x0b, 6, 3, 0x55, 4, 10, 0x0c, 4, 'A', '&',
            0xc3, 0xa9, 0x31, 0x0a, 0x30, 0x08, 6, 3, 0x55, 4, 11, 0x0c, 1, '*',
            0x31, 0x0b, 0x30, 0x09, 6, 3, 0x55, 4, 7, 0x0c, 2, 0xc3, 0xa9);
    RELEASED(buffer) der = BUFFER("request", REQUEST_MAX);
    RELEASED(issuance_names) names = {0};
    const struct enrolment enrolment = {.caller = &alice};
    const char *notices = NULL;
    struct request request = {0};
    struct failure why = {0};

    (void)state;
    make_request(&wish, &der);
    assert_true(request_read(buffer_view(&der), &request, &why));
    assert_true(names_decide(
        &enrolment, &request, profile("client"), issuer, &names, &why));
    assert_int_equal(names.subject.length, expected.length);
    assert_memory_equal(names.subject.start, expected.start, expected.length);
    assert_true(buffer_as_text(&names.notices, &notices, &why));
    assert_non_null(strstr(notices,
        "the text of O was encoded anew, since many programs can't read the "
        "string type that the request has\n"
        "the text of OU was encoded anew"));
}

static void names_that_can_be_kept_are_the_requests_own_bytes(void **state)
{
    const struct wish wish = {
        .subject = {{"CN", V_ASN1_PRINTABLESTRING, {(const uint8_t *)"a", 1}}},
        .extensions = {{NID_subject_alt_name, "DNS:a.example.org"}}};
    RELEASED(buffer) der = BUFFER("request", REQUEST_MAX);
    RELEASED(issuance_names) names = {0};
    const struct enrolment enrolment = {.caller = &alice};
    struct request request = {0};
    struct failure why = {0};

    (void)state;
    make_request(&wish, &der);
    assert_true(request_read(buffer_view(&der), &request, &why));
    assert_true(names_decide(
        &enrolment, &request, profile("server"), issuer, &names, &why));
    assert_ptr_equal(names.subject.start, request.subject.start);
    assert_true(names.general_names.start > der.start &&
                names.general_names.start < der.start + der.length);
    assert_null(names.own_subject.start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_come_from_the_request),
        cmocka_unit_test(a_name_that_is_asked_for_twice_is_taken_once),
        cmocka_unit_test(names_of_the_enrolment_take_the_place_of_the_requests),
        cmocka_unit_test(
            an_attribute_that_the_profile_does_not_take_is_refused_by_name),
        cmocka_unit_test(
            a_kind_of_name_that_the_profile_does_not_take_is_refused_by_name),
        cmocka_unit_test(incident18_a_profile_without_lists_takes_no_name),
        cmocka_unit_test(a_name_is_required_where_the_profile_says_so),
        cmocka_unit_test(
            a_servers_cn_becomes_an_alternative_name_and_that_is_told),
        cmocka_unit_test(incident30_a_zero_or_control_in_a_name_is_refused),
        cmocka_unit_test(incident30_a_zero_in_an_alternative_name_is_refused),
        cmocka_unit_test(incident32_more_than_1000_names_are_refused),
        cmocka_unit_test(kb090_a_leaf_with_its_issuers_name_is_refused),
        cmocka_unit_test(esc15_other_extensions_are_dropped_and_told),
        cmocka_unit_test(what_the_certificate_says_anyway_needs_no_notice),
        cmocka_unit_test(
            kb038_only_strings_that_others_can_not_read_are_encoded_anew),
        cmocka_unit_test(names_that_can_be_kept_are_the_requests_own_bytes),
    };

    return cmocka_run_group_tests_name("names", tests, set_up, tear_down);
}
