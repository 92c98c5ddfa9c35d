#include "support/path_desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void path_desk_put(
    struct path_desk *desk, const struct draft *drafts, size_t count)
{
    struct failure why = {0};
    bool at_extension = false;

    *desk = (struct path_desk){0};
    assert_true(count <= PATH_DESK_MAX);
    for (size_t i = 0; i < count; i++) {
        if (!chain_certificate_read(encoded_certificate(&drafts[i]), "desk",
                &desk->certificates[i], &at_extension, &why))
            fail_msg("%s", why.reason);
        desk->path[i] = &desk->certificates[i];
    }
    desk->judgement = (struct judgement){.question = &desk->question,
        .path = desk->path,
        .length = count,
        .has_anchor = true,
        .budget = &desk->budget};
}

void path_desk_good(struct draft *drafts, size_t count)
{
    char subject[40];

    drafts[0] = good_leaf();
    drafts[count - 1] = good_root();
    for (size_t i = 1; i + 1 < count; i++) {
        (void)snprintf(subject, sizeof(subject), "CN=Authority %zu", i);
        drafts[i] = good_subordinate();
        drafts[i].subject = name(subject);
    }
    for (size_t i = 0; i + 1 < count; i++) {
        drafts[i].issuer = drafts[i + 1].subject;
        part(&drafts[i], OID_AUTHORITY_KEY_IDENTIFIER)->value =
            issuer_identifier(i + 2 == count ? ISSUER_KEY : LEAF_KEY);
    }
}

static void clear_record(struct verdict_path *record)
{
    for (size_t i = 0; i < record->check_count; i++)
        free(record->checks[i].evidence);
    free(record->checks);
    *record = (struct verdict_path){0};
}

static bool ask(struct path_desk *desk, judge *rule, bool records)
{
    desk->judgement.record = records ? &desk->record : NULL;
    desk->judgement.has_failed = false;
    desk->judgement.evidence[0] = 0;
    return rule(&desk->judgement);
}

void assert_keeps(struct path_desk *desk, judge *rule)
{
    for (int records = 0; records < 2; records++) {
        bool keeps = ask(desk, rule, records != 0);

        clear_record(&desk->record);
        if (!keeps || desk->judgement.has_failed)
            fail_msg("%s", desk->judgement.evidence);
    }
}

void assert_fails(struct path_desk *desk, judge *rule, enum chain_rule failed,
    enum verdict_code code, size_t place, const char *words)
{
    for (int records = 0; records < 2; records++) {
        const struct judgement *judgement = &desk->judgement;
        bool keeps = ask(desk, rule, records != 0);

        clear_record(&desk->record);
        assert_false(keeps);
        assert_true(judgement->has_failed);
        if (strstr(judgement->evidence, words) == NULL)
            assert_string_equal(judgement->evidence, words);
        assert_string_equal(
            chain_rule_name(judgement->rule), chain_rule_name(failed));
        assert_string_equal(
            verdict_code_name(judgement->code), verdict_code_name(code));
        assert_int_equal(judgement->place, place);
    }
}

static bool ends_with(const char *evidence, const char *words)
{
    size_t length = strlen(evidence), wanted = strlen(words);

    return length >= wanted && strcmp(evidence + length - wanted, words) == 0;
}

static bool is_told(
    const struct verdict_path *record, enum chain_rule kept, const char *words)
{
    for (size_t i = 0; i < record->check_count; i++) {
        if (record->checks[i].rule == kept &&
            record->checks[i].outcome == VERDICT_PASS &&
            ends_with(record->checks[i].evidence, words))
            return true;
    }
    return false;
}

void assert_tells(struct path_desk *desk, judge *rule, enum chain_rule kept,
    const char *words)
{
    bool told = ask(desk, rule, true) && is_told(&desk->record, kept, words);

    clear_record(&desk->record);
    if (!told)
        fail_msg("nothing tells \"%s\"", words);
}
