#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"
#include "x509/der_writer.h"
#include "x509/ocsp_question.h"
#include "x509/ocsp_request.h"
#include "x509/ocsp_writer.h"

#define REQUESTS 100000
#define PATH_MAX_BYTES 4096

static const uint8_t issuer_name[] = {0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06,
    0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 'A'};
static const uint8_t issuer_key[] = {0x04, 0x01, 0x02, 0x03};

/* Numbers that look random, the same in every run (xorshift64). */
static uint64_t next_number(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* The request for a serial, by the writer that clients of ours use. */
static void request_for(struct bytes serial, const char *digest,
    struct bytes nonce, struct buffer *request)
{
    struct certificate certificate = {0}, issuer = {0};
    struct failure why = {0};

    certificate.tbs.issuer = (struct bytes){issuer_name, sizeof(issuer_name)};
    certificate.tbs.serial = serial;
    issuer.tbs.key.bits = (struct bytes){issuer_key, sizeof(issuer_key)};
    buffer_clear(request);
    assert_true(ocsp_request_write(
        &certificate, &issuer, digest, nonce, request, &why));
}

/* --- requests of many certificates, extensions, names --------------------- */

struct parts {
    size_t ids;
    const char *digest;
    struct bytes name;       /* of the requestor: [1], whole; or none */
    struct bytes single;     /* [0] of each Request, whole; or none */
    struct bytes extensions; /* [2], whole; or none */
    struct bytes signature;  /* [0], whole; or none */
};

/* Serials 1, 2, 3 ... */
static struct bytes request_of(
    const struct parts *parts, uint8_t *room, size_t size)
{
    struct der_writer writer = der_writer_in(room, size);
    const size_t end = der_writer_mark(&writer);
    struct bytes encoding = {0};
    struct failure why = {0};

    der_write_raw(&writer, parts->signature);
    const size_t body = der_writer_mark(&writer);
    der_write_raw(&writer, parts->extensions);
    const size_t list = der_writer_mark(&writer);
    for (size_t i = parts->ids; i > 0; i--) {
        RELEASED(buffer) id = BUFFER("id", OCSP_ID_MAX);
        const uint8_t serial = (uint8_t)i;
        const size_t mark = der_writer_mark(&writer);

        assert_true(ocsp_certificate_id_write(parts->digest,
            (struct bytes){issuer_name, sizeof(issuer_name)},
            (struct bytes){issuer_key, sizeof(issuer_key)},
            (struct bytes){&serial, 1}, &id, &why));
        der_write_raw(&writer, parts->single);
        der_write_raw(&writer, buffer_view(&id));
        der_write_head(&writer, DER_SEQUENCE, mark);
    }
    der_write_head(&writer, DER_SEQUENCE, list);
    der_write_raw(&writer, parts->name);
    der_write_head(&writer, DER_SEQUENCE, body);
    der_write_head(&writer, DER_SEQUENCE, end);
    assert_true(der_writer_take(&writer, &encoding, &why));
    return encoding;
}

static void assert_refused(struct bytes der, const char *reason)
{
    struct ocsp_question question = {0};
    struct failure why = {0};

    assert_false(ocsp_question_read(der, &question, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    if (strstr(why.reason, reason) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", why.reason, reason);
}

static struct ocsp_question question_of(struct bytes der)
{
    struct ocsp_question question = {0};
    struct failure why = {0};

    if (!ocsp_question_read(der, &question, &why))
        fail_msg("%s", why.reason);
    return question;
}

/* --- what is read --------------------------------------------------------- */

static void our_own_request_is_read_as_it_was_written(void **state)
{
    static const uint8_t serial[] = {0x41, 2, 3};
    RELEASED(buffer) request = BUFFER("request", OCSP_REQUEST_MAX);
    static const struct {
        const char *digest;
        enum ocsp_id_hash hash;
        size_t length;
    } rows[] = {
        {"SHA1", OCSP_ID_SHA1, 20},
        {"SHA256", OCSP_ID_SHA256, 32},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        request_for((struct bytes){serial, sizeof(serial)}, rows[i].digest,
            (struct bytes){0}, &request);
        struct ocsp_question question = question_of(buffer_view(&request));

        assert_int_equal(question.id_count, 1);
        assert_int_equal(question.ids[0].hash, rows[i].hash);
        assert_int_equal(question.ids[0].id.name_hash.length, rows[i].length);
        assert_int_equal(question.ids[0].id.key_hash.length, rows[i].length);
        assert_true(bytes_equal(
            question.ids[0].id.serial, (struct bytes){serial, sizeof(serial)}));
        assert_int_equal(question.nonce.length, 0);
    }
}

static void the_whole_id_is_the_one_that_was_written(void **state)
{
    RELEASED(buffer) request = BUFFER("request", OCSP_REQUEST_MAX);
    RELEASED(buffer) id = BUFFER("id", OCSP_ID_MAX);
    const uint8_t serial = 7;
    struct failure why = {0};

    (void)state;
    request_for(
        (struct bytes){&serial, 1}, "SHA1", (struct bytes){0}, &request);
    assert_true(ocsp_certificate_id_write("SHA1",
        (struct bytes){issuer_name, sizeof(issuer_name)},
        (struct bytes){issuer_key, sizeof(issuer_key)},
        (struct bytes){&serial, 1}, &id, &why));
    struct ocsp_question question = question_of(buffer_view(&request));
    assert_true(bytes_equal(question.ids[0].whole, buffer_view(&id)));
}

static void several_certificates_are_asked_for_at_once(void **state)
{
    uint8_t room[OCSP_QUESTION_MAX];
    struct parts parts = {.ids = OCSP_QUESTION_IDS_MAX, .digest = "SHA256"};

    (void)state;
    struct ocsp_question question =
        question_of(request_of(&parts, room, sizeof(room)));
    assert_int_equal(question.id_count, OCSP_QUESTION_IDS_MAX);
    for (size_t i = 0; i < question.id_count; i++)
        assert_int_equal(question.ids[i].id.serial.start[0], i + 1);
    parts.ids = OCSP_QUESTION_IDS_MAX + 1;
    assert_refused(request_of(&parts, room, sizeof(room)),
        "asks for more than 32 certificates");
    parts.ids = 0;
    assert_refused(request_of(&parts, room, sizeof(room)),
        "asks for no certificate (RFC 6960, 4.1.1)");
}

/* The requestor's name (a mailbox) and a signature of nobody's. */
static void name_and_signature_are_passed_over(void **state)
{
    static const uint8_t name[] = {0xa1, 5, 0x81, 3, 'a', '@', 'b'};
    static const uint8_t signature[] = {0xa0, 0x14, 0x30, 0x12, 0x30, 0x0a,
        0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02, 0x03, 0x04,
        0x00, 1, 2, 3};
    uint8_t room[512];
    struct parts parts = {.ids = 1,
        .digest = "SHA1",
        .name = {name, sizeof(name)},
        .signature = {signature, sizeof(signature)}};

    (void)state;
    assert_int_equal(
        question_of(request_of(&parts, room, sizeof(room))).id_count, 1);
}

static void an_algorithm_without_its_null_is_the_same_algorithm(void **state)
{
    static const uint8_t request[] = {0x30, 0x40, 0x30, 0x3e, 0x30, 0x3c, 0x30,
        0x3a, 0x30, 0x38, 0x30, 0x07, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a,
        0x04, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,
        19, 20, 0x04, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
        17, 18, 19, 20, 0x02, 0x01, 0x05};
    uint8_t longer[sizeof(request)];

    (void)state;
    assert_int_equal(
        question_of((struct bytes){request, sizeof(request)}).ids[0].hash,
        OCSP_ID_SHA1);
    /* id-sha1 becomes something else: no table has it, but it can be read. */
    memcpy(longer, request, sizeof(request));
    longer[18] = 0x1b;
    assert_int_equal(
        question_of((struct bytes){longer, sizeof(longer)}).ids[0].hash,
        OCSP_ID_OTHER);
}

/* SHA-256's identifier over hashes of SHA-1. */
static void hashes_have_the_length_of_their_algorithm(void **state)
{
    static const uint8_t wrong[] = {0x30, 0x48, 0x30, 0x46, 0x30, 0x44, 0x30,
        0x42, 0x30, 0x40, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
        0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9,
        10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 0x04, 20, 1, 2, 3, 4, 5, 6,
        7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 0x02, 0x03, 1, 2,
        5};

    (void)state;
    assert_refused((struct bytes){wrong, sizeof(wrong)},
        "a CertID has hashes of 20 and 20 octets where its algorithm makes 32");
}

/* --- nonces (RFC 9654, 2.1) ----------------------------------------------- */

/* [2] with one extension of this type, which holds an OCTET STRING. */
static struct bytes extensions_of(struct bytes type, bool critical,
    struct bytes value, uint8_t *room, size_t size)
{
    struct der_writer writer = der_writer_in(room, size);
    const size_t end = der_writer_mark(&writer);
    struct bytes encoding = {0};
    struct failure why = {0};

    der_write_element(&writer, DER_OCTET_STRING, value);
    if (critical)
        der_write_boolean(&writer, true);
    der_write_oid(&writer, type);
    der_write_head(&writer, DER_SEQUENCE, end);
    der_write_head(&writer, DER_SEQUENCE, end);
    der_write_head(&writer, DER_CONTEXT_HOLDING(2), end);
    assert_true(der_writer_take(&writer, &encoding, &why));
    return encoding;
}

static const uint8_t nonce_type[] = {0x2b, 6, 1, 5, 5, 7, 0x30, 1, 2};

static struct bytes request_with_nonce(
    struct bytes nonce, uint8_t *room, size_t size)
{
    uint8_t inner[256], outer[300];
    struct der_writer writer = der_writer_in(inner, sizeof(inner));
    struct bytes value = {0};
    struct failure why = {0};

    der_write_element(&writer, DER_OCTET_STRING, nonce);
    assert_true(der_writer_take(&writer, &value, &why));
    struct parts parts = {.ids = 1,
        .digest = "SHA1",
        .extensions =
            extensions_of((struct bytes){nonce_type, sizeof(nonce_type)}, false,
                value, outer, sizeof(outer))};
    return request_of(&parts, room, size);
}

static void a_nonce_has_1_to_128_octets(void **state)
{
    uint8_t nonce[129];
    uint8_t room[512];

    (void)state;
    memset(nonce, 0x5a, sizeof(nonce));
    for (size_t length = 1; length <= OCSP_NONCE_MAX; length++) {
        struct bytes sent = {nonce, length};
        struct ocsp_question question =
            question_of(request_with_nonce(sent, room, sizeof(room)));

        assert_true(bytes_equal(question.nonce, sent));
    }
    assert_refused(
        request_with_nonce((struct bytes){nonce, 0}, room, sizeof(room)),
        "the nonce has 0 octets; it has 1 to 128 (RFC 9654, 2.1)");
    assert_refused(
        request_with_nonce((struct bytes){nonce, 129}, room, sizeof(room)),
        "the nonce has 129 octets; it has 1 to 128 (RFC 9654, 2.1)");
}

static void a_nonce_that_is_no_octet_string_is_refused(void **state)
{
    uint8_t outer[64], room[512];
    static const uint8_t bare[] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct parts parts = {.ids = 1,
        .digest = "SHA1",
        .extensions =
            extensions_of((struct bytes){nonce_type, sizeof(nonce_type)}, false,
                (struct bytes){bare, sizeof(bare)}, outer, sizeof(outer))};

    (void)state;
    assert_refused(
        request_of(&parts, room, sizeof(room)), "tag 0x01 where 0x04 belongs");
}

/* --- extensions ----------------------------------------------------------- */

static void a_critical_stranger_is_refused_by_its_name(void **state)
{
    static const uint8_t stranger[] = {0x2b, 6, 1, 4, 1, 1};
    static const uint8_t acceptable[] = {0x2b, 6, 1, 5, 5, 7, 0x30, 1, 4};
    uint8_t outer[64], room[512];
    struct parts parts = {.ids = 1, .digest = "SHA1"};

    (void)state;
    parts.extensions = extensions_of((struct bytes){stranger, sizeof(stranger)},
        true, (struct bytes){0}, outer, sizeof(outer));
    assert_refused(request_of(&parts, room, sizeof(room)),
        "the critical extension 1.3.6.1.4.1.1 of the OCSP request is not "
        "known here (RFC 6960, 4.4)");
    parts.extensions = extensions_of((struct bytes){stranger, sizeof(stranger)},
        false, (struct bytes){0}, outer, sizeof(outer));
    assert_int_equal(
        question_of(request_of(&parts, room, sizeof(room))).id_count, 1);
    parts.extensions =
        extensions_of((struct bytes){acceptable, sizeof(acceptable)}, true,
            (struct bytes){0}, outer, sizeof(outer));
    assert_int_equal(
        question_of(request_of(&parts, room, sizeof(room))).id_count, 1);
}

static void an_extension_of_one_certificate_is_held_to_the_same(void **state)
{
    static const uint8_t stranger[] = {0x2b, 6, 1, 4, 1, 1};
    uint8_t outer[64], room[512];
    struct parts parts = {.ids = 1, .digest = "SHA1"};

    (void)state;
    parts.single = extensions_of((struct bytes){stranger, sizeof(stranger)},
        true, (struct bytes){0}, outer, sizeof(outer));
    ((uint8_t *)outer)[sizeof(outer) - parts.single.length] =
        DER_CONTEXT_HOLDING(0);
    assert_refused(request_of(&parts, room, sizeof(room)),
        "the critical extension 1.3.6.1.4.1.1 of the OCSP request");
}

/* --- what is refused ------------------------------------------------------ */

static void every_truncation_of_a_request_is_refused(void **state)
{
    uint8_t room[512];
    struct bytes der = request_with_nonce(
        (struct bytes){issuer_key, sizeof(issuer_key)}, room, sizeof(room));

    (void)state;
    for (size_t length = 0; length < der.length; length++) {
        /* A copy of its own: a reader past its end is found. */
        uint8_t *cut = malloc(length + (length == 0));
        struct ocsp_question question = {0};
        struct failure why = {0};

        assert_non_null(cut);
        memcpy(cut, der.start, length);
        assert_false(
            ocsp_question_read((struct bytes){cut, length}, &question, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        free(cut);
    }
}

static void a_request_above_its_limit_is_refused(void **state)
{
    const uint8_t byte = 0x30;

    (void)state;
    assert_refused((struct bytes){&byte, OCSP_QUESTION_MAX + 1},
        "the OCSP request has 16385 bytes; at most 16384 are read");
}

static void there_is_only_version_1(void **state)
{
    static const uint8_t second[] = {
        0x30, 0x09, 0x30, 0x07, 0xa0, 3, 2, 1, 1, 0x30, 0};

    (void)state;
    assert_refused((struct bytes){second, sizeof(second)},
        "the OCSP request has version 2; there is only 1");
}

/* --- GET ------------------------------------------------------------------ */

enum spelling { SPELLED_RAW, SPELLED_UPPER, SPELLED_LOWER, SPELLED_ALL, LAST };

/* How clients spell base64 in a path: as it is; what is no letter escaped, in
 * either case; everything escaped. */
static size_t spell(struct bytes text, enum spelling spelling, char *path)
{
    size_t length = 0;

    for (size_t i = 0; i < text.length; i++) {
        uint8_t byte = text.start[i];
        bool is_special = byte == '/' || byte == '+' || byte == '=';

        if (spelling == SPELLED_RAW || (spelling != SPELLED_ALL && !is_special))
            path[length++] = (char)byte;
        else
            length += (size_t)snprintf(path + length, 4,
                spelling == SPELLED_LOWER ? "%%%02x" : "%%%02X", byte);
    }
    return length;
}

static void assert_path_gives(
    const char *path, size_t length, struct bytes request)
{
    RELEASED(buffer) der = BUFFER("request", OCSP_QUESTION_MAX);
    struct failure why = {0};

    if (!ocsp_question_from_path(
            (struct bytes){(const uint8_t *)path, length}, &der, &why))
        fail_msg("%.*s: %s", (int)length, path, why.reason);
    assert_true(bytes_equal(buffer_view(&der), request));
}

/* 100,000 requests for random serials: what GET carries is what POST does,
 * however the base64 was spelled. */
static void incident46_properties29_a_path_means_what_its_base64_says(
    void **state)
{
    RELEASED(buffer) request = BUFFER("request", OCSP_REQUEST_MAX);
    RELEASED(buffer) text = BUFFER("text", PATH_MAX_BYTES);
    uint64_t numbers = UINT64_C(0x9e3779b97f4a7c15);
    size_t double_slashes = 0, pluses = 0;
    struct failure why = {0};
    char path[PATH_MAX_BYTES];

    (void)state;
    for (size_t i = 0; i < REQUESTS; i++) {
        uint64_t serial[3] = {next_number(&numbers), next_number(&numbers),
            next_number(&numbers)};

        /* Every fourth one has bytes that spell slashes. */
        if (i % 4 == 0)
            serial[1] = UINT64_MAX;
        ((uint8_t *)serial)[0] = 0x41;
        request_for((struct bytes){(uint8_t *)serial, 1 + i % 20},
            i % 2 == 0 ? "SHA1" : "SHA256",
            i % 3 == 0 ? (struct bytes){(uint8_t *)serial, sizeof(serial)}
                       : (struct bytes){0},
            &request);
        buffer_clear(&text);
        assert_true(base64_append(&text, buffer_view(&request), 0, &why));
        double_slashes +=
            memmem(text.start, text.length, "//", 2) != NULL ? 1 : 0;
        pluses += memchr(text.start, '+', text.length) != NULL ? 1 : 0;
        for (enum spelling spelling = SPELLED_RAW; spelling < LAST; spelling++)
            assert_path_gives(path, spell(buffer_view(&text), spelling, path),
                buffer_view(&request));
    }
    assert_true(double_slashes > REQUESTS / 10);
    assert_true(pluses > REQUESTS / 10);
}

static void a_slash_too_many_in_front_is_no_part_of_the_base64(void **state)
{
    static const uint8_t request[] = {0x30, 0x03, 0x0a};

    (void)state;
    assert_path_gives("MAMK", 4, (struct bytes){request, 3});
    assert_path_gives("/MAMK", 5, (struct bytes){request, 3});
    assert_path_gives("//MAMK", 6, (struct bytes){request, 3});
}

static void line_ends_that_a_tool_left_in_are_passed_over(void **state)
{
    static const uint8_t request[] = {0x30, 0x03, 0x0a};

    (void)state;
    assert_path_gives("MA%0AMK%0D%0a", 13, (struct bytes){request, 3});
}

static void assert_path_refused(const char *path, const char *reason)
{
    RELEASED(buffer) der = BUFFER("request", OCSP_QUESTION_MAX);
    struct failure why = {0};

    assert_false(ocsp_question_from_path(bytes_of_text(path), &der, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_int_equal(der.length, 0);
    if (strstr(why.reason, reason) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", why.reason, reason);
}

static void a_path_that_is_no_base64_is_refused(void **state)
{
    (void)state;
    assert_path_refused("MAM%", "a % without two digits at offset 3");
    assert_path_refused("MAM%4", "a % without two digits at offset 3");
    assert_path_refused("MAM%4g", "a % without two digits at offset 3");
    assert_path_refused("MAM%g4", "a % without two digits at offset 3");
    assert_path_refused("MAM-", "not in the alphabet at offset 3");
    assert_path_refused("MAM%00", "not in the alphabet at offset 3");
    assert_path_refused("MAM", "a group of four characters is cut off");
    assert_path_refused("MAM%25%34%42", "not in the alphabet at offset 3");
}

static void a_path_longer_than_any_request_is_refused(void **state)
{
    size_t length = OCSP_QUESTION_MAX * 2;
    char *path = malloc(length + 1);

    (void)state;
    assert_non_null(path);
    memset(path, 'M', length);
    path[length] = '\0';
    assert_path_refused(path, "longer than a request of 16384 bytes");
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_own_request_is_read_as_it_was_written),
        cmocka_unit_test(the_whole_id_is_the_one_that_was_written),
        cmocka_unit_test(several_certificates_are_asked_for_at_once),
        cmocka_unit_test(name_and_signature_are_passed_over),
        cmocka_unit_test(an_algorithm_without_its_null_is_the_same_algorithm),
        cmocka_unit_test(hashes_have_the_length_of_their_algorithm),
        cmocka_unit_test(a_nonce_has_1_to_128_octets),
        cmocka_unit_test(a_nonce_that_is_no_octet_string_is_refused),
        cmocka_unit_test(a_critical_stranger_is_refused_by_its_name),
        cmocka_unit_test(an_extension_of_one_certificate_is_held_to_the_same),
        cmocka_unit_test(every_truncation_of_a_request_is_refused),
        cmocka_unit_test(a_request_above_its_limit_is_refused),
        cmocka_unit_test(there_is_only_version_1),
        cmocka_unit_test(
            incident46_properties29_a_path_means_what_its_base64_says),
        cmocka_unit_test(a_slash_too_many_in_front_is_no_part_of_the_base64),
        cmocka_unit_test(line_ends_that_a_tool_left_in_are_passed_over),
        cmocka_unit_test(a_path_that_is_no_base64_is_refused),
        cmocka_unit_test(a_path_longer_than_any_request_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
