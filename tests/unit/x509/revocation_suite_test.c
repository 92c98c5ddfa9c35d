#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/file.h"
#include "support/words.h"
#include "x509/chain/judgement.h"
#include "x509/chain/revocation.h"

/*
 * Every case of BoringSSL's revocation suite, where CHANCERY_SUITE_REVOCATION
 * names what tests/support/extract_revocation.py wrote: one list or answer, one
 * certificate and its issuer.
 */
#define SUITE_MAX (4 * 1024 * 1024)
#define OBJECT_MAX (64 * 1024)
#define WORDS 7

enum word { KIND, NAME, EXPECTED, TIME, STATUS, ISSUER, CERTIFICATE };

/* Where we differ, and why. */
static const struct {
    const char *name, *found, *reason;
} differences[] = {
    {"bad_idp_indirectcrl", "GOOD",
        "an issuer's indirect list speaks of its own certificates too (RFC "
        "5280, 5.2.5 and 6.3.3 (b)(1); NIST PKITS 4.14.22)"},
    {"bad_thisupdate_too_old", "GOOD",
        "the suite's caller wants lists of at most 7 days; RFC 5280 has "
        "nextUpdate for that, which is to come"},
};

static const char *expected_of(const char *name, const char *expected)
{
    for (size_t i = 0; i < sizeof(differences) / sizeof(*differences); i++) {
        if (strcmp(differences[i].name, name) == 0) {
            print_message("%s: %s\n", name, differences[i].reason);
            return differences[i].found;
        }
    }
    return expected;
}

static void decode(const char *text, struct buffer *der)
{
    struct failure why = {0};

    assert_true(base64_read(bytes_of_text(text), der, &why));
}

static void read_certificate(
    const struct buffer *der, struct chain_certificate *certificate)
{
    struct failure why = {0};
    bool at_extension = false;

    assert_true(chain_certificate_read(
        buffer_view(der), "suite", certificate, &at_extension, &why));
}

static const char *answer_of(const struct judgement *judgement, bool is_good)
{
    if (is_good)
        return "GOOD";
    return judgement->code == VERDICT_REVOKED ? "REVOKED" : "UNKNOWN";
}

static bool agrees(char *const words[WORDS])
{
    RELEASED(buffer) status = BUFFER("status", OBJECT_MAX);
    RELEASED(buffer) issuer = BUFFER("issuer", OBJECT_MAX);
    RELEASED(buffer) leaf = BUFFER("certificate", OBJECT_MAX);
    struct chain_certificate certificates[2];
    const struct chain_certificate *const path[] = {
        &certificates[0], &certificates[1]};
    struct status_source source = {0};
    const struct status_source *const sources[] = {&source};
    struct chain_question question = {.time = strtoll(words[TIME], NULL, 10),
        .revocation = CHAIN_REVOCATION_HARD,
        .sources = sources,
        .source_count = 1};
    struct chain_budget budget = {.cpu_started_ms = clock_thread_cpu_ms()};
    struct judgement judgement = {.question = &question,
        .path = path,
        .length = 2,
        .has_anchor = true,
        .budget = &budget};
    const char *expected = expected_of(words[NAME], words[EXPECTED]);
    const char *answer = NULL;

    decode(words[STATUS], &status);
    decode(words[ISSUER], &issuer);
    decode(words[CERTIFICATE], &leaf);
    read_certificate(&leaf, &certificates[0]);
    read_certificate(&issuer, &certificates[1]);
    status_source_read(buffer_view(&status), words[NAME],
        strcmp(words[KIND], "ocsp") == 0, &source);
    answer = answer_of(&judgement, judge_revocation(&judgement));
    if (strcmp(answer, expected) == 0)
        return true;
    print_error("%s %s: %s, not %s: %s\n", words[KIND], words[NAME], answer,
        expected, judgement.evidence);
    return false;
}

static void split(char *line, char *words[WORDS])
{
    for (size_t i = 0; i < WORDS; i++) {
        words[i] = next_word(&line, " ");
        assert_non_null(words[i]);
    }
}

static void every_case_of_the_suite_agrees_or_is_a_named_difference(
    void **state)
{
    RELEASED(buffer) suite = BUFFER("suite", SUITE_MAX);
    const char *path = getenv("CHANCERY_SUITE_REVOCATION");
    struct failure why = {0};
    char *rest;
    size_t failed = 0;

    (void)state;
    if (path == NULL) {
        print_message("no suite (CHANCERY_SUITE_REVOCATION is not set)\n");
        skip();
    }
    assert_true(file_read(path, &suite, &why));
    assert_true(buffer_append_byte(&suite, '\0', &why));
    rest = (char *)suite.start;
    for (char *line = next_word(&rest, "\n"); line != NULL;
         line = next_word(&rest, "\n")) {
        char *words[WORDS];

        split(line, words);
        failed += !agrees(words);
    }
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            every_case_of_the_suite_agrees_or_is_a_named_difference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
