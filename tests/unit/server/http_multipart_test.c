#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "http_cases.h"
#include "server/http/multipart.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define TYPE "multipart/form-data; boundary=XX"
#define NAME "Content-Disposition: form-data; name=\"a\"\r\n"
#define PART "--XX\r\n" NAME "\r\n"
#define LAST "\r\n--XX--\r\n"

/* told: the parts as "name,file name,type:content;", or NULL when refused. */
struct form_case {
    const char *rule, *bytes;
    size_t length;
    const char *told;
    enum http_rule broken;
};

static const struct form_case contents[] = {
    {"7578 4: one part", BYTES(PART "b" LAST), "a,,:b;", HTTP_NO_RULE},
    {"7578 4: two parts", BYTES(PART "b\r\n" PART "c" LAST), "a,,:b;a,,:c;",
        HTTP_NO_RULE},
    {"2046 5.1.1: no CRLF at the end", BYTES(PART "b\r\n--XX--"), "a,,:b;",
        HTTP_NO_RULE},
    {"2046 5.1.1: an empty part", BYTES(PART LAST), "a,,:;", HTTP_NO_RULE},
    {"2046 5.1.1: no part", BYTES("--XX--\r\n"), "", HTTP_NO_RULE},
    {"2046 5.1.1: CRLF is content", BYTES(PART "\r\n\r\n" LAST),
        "a,,:\r\n\r\n;", HTTP_NO_RULE},
    {"2046 5.1.1: CR is content", BYTES(PART "\r\r\r" LAST), "a,,:\r\r\r;",
        HTTP_NO_RULE},
    {"2046 5.1.1: almost a boundary", BYTES(PART "\r\n--XY\r\n--X" LAST),
        "a,,:\r\n--XY\r\n--X;", HTTP_NO_RULE},
    {"2046 5.1.1: a boundary in a line", BYTES(PART "x--XX" LAST), "a,,:x--XX;",
        HTTP_NO_RULE},
    {"2046 5.1.1: a boundary behind LF", BYTES(PART "\n--XX" LAST),
        "a,,:\n--XX;", HTTP_NO_RULE},
    {"2046 5.1.1: begun twice", BYTES(PART "\r\n-\r\n--X\r" LAST),
        "a,,:\r\n-\r\n--X\r;", HTTP_NO_RULE},
    {"any bytes", BYTES(PART "\377\001\200" LAST), "a,,:\377\001\200;",
        HTTP_NO_RULE},
    {"2046 5.1.1: a preamble", BYTES("x\r\n" PART "b" LAST), NULL,
        HTTP_PART_PREAMBLE},
    {"2046 5.1.1: an empty preamble", BYTES("\r\n" PART "b" LAST), NULL,
        HTTP_PART_PREAMBLE},
    {"2046 5.1.1: another boundary", BYTES("--XY\r\n"), NULL,
        HTTP_PART_PREAMBLE},
    {"2046 5.1.1: a longer boundary first", BYTES("--XXY\r\n"), NULL,
        HTTP_PART_DELIMITER},
    {"2046 5.1.1: a longer boundary", BYTES(PART "b\r\n--XXY\r\n"), NULL,
        HTTP_PART_DELIMITER},
    {"2046 5.1.1: blanks behind a boundary", BYTES("--XX \r\n"), NULL,
        HTTP_PART_DELIMITER},
    {"2046 5.1.1: LF behind a boundary", BYTES("--XX\n"), NULL,
        HTTP_PART_DELIMITER},
    {"2046 5.1.1: one hyphen behind", BYTES(PART "b\r\n--XX-\r\n"), NULL,
        HTTP_PART_DELIMITER},
    {"2046 5.1.1: an epilogue", BYTES(PART "b" LAST "x"), NULL,
        HTTP_PART_EPILOGUE},
    {"2046 5.1.1: two ends of line", BYTES(PART "b" LAST "\r\n"), NULL,
        HTTP_PART_EPILOGUE},
    {"2046 5.1.1: three hyphens", BYTES(PART "b\r\n--XX---"), NULL,
        HTTP_PART_EPILOGUE},
    {"2046 5.1.1: parts behind the last", BYTES(PART "b" LAST PART), NULL,
        HTTP_PART_EPILOGUE},
    {"cut at the start", BYTES("--X"), NULL, HTTP_PART_CUT},
    {"cut in a head", BYTES("--XX\r\nContent-"), NULL, HTTP_PART_CUT},
    {"cut in a part", BYTES(PART "b"), NULL, HTTP_PART_CUT},
    {"cut before the last", BYTES(PART "b\r\n--XX"), NULL, HTTP_PART_CUT},
    {"cut in the last end", BYTES(PART "b\r\n--XX--\r"), NULL, HTTP_PART_CUT},
    {"nothing", BYTES(""), NULL, HTTP_PART_CUT},
};

/* A form of one part with this head. */
#define HEAD(lines) BYTES("--XX\r\n" lines "\r\n" LAST)
#define SAYS(parameters) HEAD("Content-Disposition: " parameters "\r\n")

static const struct form_case heads[] = {
    {"7578 4.2: a file", SAYS("form-data; name=\"a\"; filename=\"b.c\""),
        "a,b.c,:;", HTTP_NO_RULE},
    {"7578 4.2: a token", SAYS("form-data; name=a"), "a,,:;", HTTP_NO_RULE},
    {"7578 4.2: no case", HEAD("content-disposition:FORM-DATA;NAME=a\r\n"),
        "a,,:;", HTTP_NO_RULE},
    {"7578 4.2: no file chosen", SAYS("form-data; name=\"a\"; filename=\"\""),
        "a,,:;", HTTP_NO_RULE},
    {"7578 4.2: UTF-8", SAYS("form-data; name=\"a\"; filename=\"\303\251\""),
        "a,\303\251,:;", HTTP_NO_RULE},
    {"9110 5.6.4: an escape", SAYS("form-data; name=\"a\\\"b\\\\\""),
        "a\"b\\,,:;", HTTP_NO_RULE},
    {"a semicolon in a name", SAYS("form-data; name=\"a;b=c\""), "a;b=c,,:;",
        HTTP_NO_RULE},
    {"7578 4.4: a type", HEAD(NAME "Content-Type: text/plain\r\n"),
        "a,,text/plain:;", HTTP_NO_RULE},
    {"7578 4.8: other headers", HEAD("X: y\r\n" NAME), "a,,:;", HTTP_NO_RULE},
    {"7578 4.2: no disposition", HEAD("X: y\r\n"), NULL, HTTP_PART_DISPOSITION},
    {"7578 4.2: no head", HEAD(""), NULL, HTTP_PART_DISPOSITION},
    {"7578 4.2: no name", SAYS("form-data"), NULL, HTTP_PART_DISPOSITION},
    {"7578 4.2: an empty name", SAYS("form-data; name=\"\""), NULL,
        HTTP_PART_DISPOSITION},
    {"7578 4.2: a file alone", SAYS("form-data; filename=\"b\""), NULL,
        HTTP_PART_DISPOSITION},
    {"7578 4.2: another kind", SAYS("attachment; name=\"a\""), NULL,
        HTTP_PART_DISPOSITION},
    {"7578 4.2: two names", SAYS("form-data; name=a; name=b"), NULL,
        HTTP_PART_DISPOSITION},
    {"7578 4.2: two files", SAYS("form-data; name=a; filename=b; filename=c"),
        NULL, HTTP_PART_DISPOSITION},
    {"7578 4.2: filename*", SAYS("form-data; name=a; filename*=UTF-8''b"), NULL,
        HTTP_PART_DISPOSITION},
    {"7578 4.2: two dispositions", HEAD(NAME NAME), NULL,
        HTTP_PART_DISPOSITION},
    {"9110 5.6.4: an open quote", SAYS("form-data; name=\"a"), NULL,
        HTTP_PART_DISPOSITION},
    {"9110 5.6.4: behind the quote", SAYS("form-data; name=\"a\"b"), NULL,
        HTTP_PART_DISPOSITION},
    {"9110 5.6.6: no sign", SAYS("form-data; name"), NULL,
        HTTP_PART_DISPOSITION},
    {"9110 5.6.6: a semicolon behind", SAYS("form-data; name=a;"), NULL,
        HTTP_PART_DISPOSITION},
    {"3629 3: Latin-1", SAYS("form-data; name=\"\351\""), NULL,
        HTTP_ESCAPE_UTF8},
    {"7578 4.7: base64", HEAD(NAME "Content-Transfer-Encoding: base64\r\n"),
        NULL, HTTP_PART_CODING},
    {"7578 4.7: binary", HEAD(NAME "Content-Transfer-Encoding: binary\r\n"),
        NULL, HTTP_PART_CODING},
    {"9110 8.3: a bad type", HEAD(NAME "Content-Type: text\r\n"), NULL,
        HTTP_MEDIA_MALFORMED},
    {"9110 8.3: two types",
        HEAD(NAME "Content-Type: a/b\r\nContent-Type: a/b\r\n"), NULL,
        HTTP_FIELD_TWICE},
    {"9112 5.2: folded", HEAD("X: y\r\n z\r\n" NAME), NULL, HTTP_FIELD_FOLDED},
    {"9112 5.1: a space before the colon", HEAD("X : y\r\n" NAME), NULL,
        HTTP_FIELD_SPACE},
    {"9112 5: no colon", HEAD("X\r\n" NAME), NULL, HTTP_FIELD_COLON},
    {"9112 5: no name", HEAD(": y\r\n" NAME), NULL, HTTP_FIELD_NAMELESS},
    {"9110 5.1: UTF-8 in a name", HEAD("\303\251: y\r\n" NAME), NULL,
        HTTP_FIELD_NAME},
    {"9112 2.2: LF", HEAD("X: y\n" NAME), NULL, HTTP_BARE_LF},
    {"9112 2.2: CR", HEAD("X: y\rz\r\n" NAME), NULL, HTTP_BARE_CR},
    {"NUL", HEAD("X: \0\r\n" NAME), NULL, HTTP_NUL},
    {"a control", HEAD("X: \001\r\n" NAME), NULL, HTTP_CONTROL},
};

static void tell(struct multipart *form, const struct multipart_event *event,
    struct buffer *told)
{
    struct failure why = {0};

    if (event->kind == MULTIPART_PART)
        assert_true(buffer_print(told, &why, "%s,%s,%s:", form->part.name,
            form->part.file_name, form->part.type));
    else if (event->kind == MULTIPART_PIECE)
        assert_true(buffer_append(told, event->piece, &why));
    else if (event->kind == MULTIPART_PART_END)
        assert_true(buffer_append_text(told, ";", &why));
}

static bool feed_part(struct multipart *form, struct bytes part,
    struct buffer *told, enum http_rule *broken)
{
    struct multipart_event event;
    size_t used = 0;

    do {
        if (!multipart_feed(form, part, &used, &event, broken))
            return false;
        tell(form, &event, told);
        part.start += used;
        part.length -= used;
    } while (part.length > 0 || event.kind != MULTIPART_NOTHING);
    return true;
}

static struct multipart *begin(const char *type)
{
    struct multipart *form = malloc(sizeof(*form));
    struct http_media media;
    enum http_rule broken = HTTP_NO_RULE;

    assert_non_null(form);
    assert_true(http_media_read(bytes_of_text(type), &media, &broken));
    assert_true(multipart_begin(form, &media, &broken));
    return form;
}

static bool feed_form(const struct form_case *row, unsigned parting,
    struct buffer *told, enum http_rule *broken)
{
    struct multipart *form = begin(TYPE);
    uint64_t seed = parting;
    bool is_taken = true;
    size_t fed = 0;

    while (is_taken && fed < row->length) {
        size_t length = http_parted(parting, &seed, row->length - fed);

        is_taken = feed_part(form,
            (struct bytes){(const uint8_t *)row->bytes + fed, length}, told,
            broken);
        fed += length;
    }
    is_taken = is_taken && multipart_end(form, broken);
    free(form);
    return is_taken;
}

static void check_forms(const struct form_case *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (unsigned parting = 0; parting < HTTP_PARTINGS; parting++) {
            const struct form_case *row = &rows[i];
            RELEASED(buffer) told = BUFFER("told", 4096);
            enum http_rule broken = HTTP_NO_RULE;
            bool is_taken = feed_form(row, parting, &told, &broken);

            if (is_taken != (row->told != NULL) || broken != row->broken)
                fail_msg("%s: parting %u: got %s", row->rule, parting,
                    http_rule_name(broken));
            if (is_taken &&
                !bytes_equal(buffer_view(&told), bytes_of_text(row->told)))
                fail_msg(
                    "%s: parting %u: told differently", row->rule, parting);
        }
}

static void parts_lie_between_boundaries_in_every_parting(void **state)
{
    (void)state;
    check_forms(contents, COUNT(contents));
}

static void the_head_of_a_part_names_it_once(void **state)
{
    (void)state;
    check_forms(heads, COUNT(heads));
}

static void a_form_may_have_32_parts_and_no_more(void **state)
{
    struct multipart *form = begin(TYPE);
    enum http_rule broken = HTTP_NO_RULE;
    RELEASED(buffer) told = BUFFER("told", 4096);

    (void)state;
    for (size_t i = 0; i < MULTIPART_PARTS_MAX; i++) {
        if (i > 0)
            assert_true(feed_part(form, bytes_of_text("\r\n"), &told, &broken));
        assert_true(feed_part(form, bytes_of_text(PART), &told, &broken));
    }
    assert_false(feed_part(form, bytes_of_text("\r\n" PART), &told, &broken));
    assert_int_equal(broken, HTTP_PARTS_MANY);
    free(form);
}

static void the_head_of_a_part_has_2048_bytes_and_no_more(void **state)
{
    struct multipart *form = begin(TYPE);
    enum http_rule broken = HTTP_NO_RULE;
    RELEASED(buffer) told = BUFFER("told", 4096);

    (void)state;
    assert_true(feed_part(form, bytes_of_text("--XX\r\nX:"), &told, &broken));
    for (size_t i = 2; i < MULTIPART_HEAD_MAX; i++)
        assert_true(feed_part(form, bytes_of_text("y"), &told, &broken));
    assert_false(feed_part(form, bytes_of_text("y"), &told, &broken));
    assert_int_equal(broken, HTTP_PART_HEAD_LONG);
    free(form);
}

static void a_name_of_256_bytes_is_refused(void **state)
{
    struct multipart *form = begin(TYPE);
    enum http_rule broken = HTTP_NO_RULE;
    RELEASED(buffer) told = BUFFER("told", 4096);

    (void)state;
    assert_true(feed_part(form,
        bytes_of_text("--XX\r\nContent-Disposition: form-data; name=\""), &told,
        &broken));
    for (size_t i = 0; i < MULTIPART_TEXT_ROOM; i++)
        assert_true(feed_part(form, bytes_of_text("y"), &told, &broken));
    assert_false(feed_part(form, bytes_of_text("\"\r\n"), &told, &broken));
    assert_int_equal(broken, HTTP_PART_DISPOSITION);
    free(form);
}

static void a_form_has_a_boundary_of_70_characters_at_most(void **state)
{
    static const struct {
        const char *type;
        enum http_rule broken;
    } rows[] = {
        {"multipart/form-data; boundary=a", HTTP_NO_RULE},
        {"Multipart/Form-Data;Boundary=\"a b\"", HTTP_NO_RULE},
        {"multipart/form-data; charset=utf-8; boundary=a", HTTP_NO_RULE},
        {"multipart/form-data; boundary="
         "0123456789012345678901234567890123456789012345678901234567890123"
         "456789",
            HTTP_NO_RULE},
        {"multipart/form-data; boundary="
         "0123456789012345678901234567890123456789012345678901234567890123"
         "4567890",
            HTTP_BOUNDARY_INVALID},
        {"multipart/form-data", HTTP_BOUNDARY_INVALID},
        {"multipart/form-data; boundary=\"\"", HTTP_BOUNDARY_INVALID},
        {"multipart/form-data; boundary=\"a \"", HTTP_BOUNDARY_INVALID},
        {"multipart/form-data; boundary=\"a;b\"", HTTP_BOUNDARY_INVALID},
        {"multipart/form-data; boundary=a; boundary=b", HTTP_BOUNDARY_INVALID},
        {"multipart/mixed; boundary=a", HTTP_MEDIA_MALFORMED},
        {"application/x-www-form-urlencoded", HTTP_MEDIA_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct multipart form;
        struct http_media media;
        enum http_rule broken = HTTP_NO_RULE;

        assert_true(
            http_media_read(bytes_of_text(rows[i].type), &media, &broken));
        assert_int_equal(multipart_begin(&form, &media, &broken),
            rows[i].broken == HTTP_NO_RULE);
        assert_int_equal(broken, rows[i].broken);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_lie_between_boundaries_in_every_parting),
        cmocka_unit_test(the_head_of_a_part_names_it_once),
        cmocka_unit_test(a_form_may_have_32_parts_and_no_more),
        cmocka_unit_test(the_head_of_a_part_has_2048_bytes_and_no_more),
        cmocka_unit_test(a_name_of_256_bytes_is_refused),
        cmocka_unit_test(a_form_has_a_boundary_of_70_characters_at_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
