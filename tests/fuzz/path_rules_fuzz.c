#include <stdlib.h>
#include <string.h>

#include "x509/chain/constraints.h"
#include "x509/chain/host.h"
#include "x509/chain/judgement.h"
#include "x509/chain/name_constraints.h"
#include "x509/chain/policy_extension.h"
#include "x509/chain/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CERTIFICATES_MAX 4

/* What a caller asks for: what is read reads again, and matches itself as a
 * presented name where it is a host. */
static void ask(struct bytes text)
{
    struct reference_name name = {0};
    struct failure why;

    if (!reference_name_guess(text, &name, &why)) {
        if (why.kind != FAILURE_UNSUITABLE)
            abort();
        return;
    }
    if (!reference_name_read(name.kind, name.text, &name, &why))
        abort();
    if (name.kind == REFERENCE_DNS && host_is_wellformed(name.text) &&
        !host_matches(name.text, name.text))
        abort();
    if (name.kind == REFERENCE_EMAIL && !mailbox_equals(name.text, name.text))
        abort();
}

/* Values of extensions alone. */
static void read_values(struct bytes value)
{
    struct name_constraints constraints = {0};
    struct policy_constraints policy_constraints = {0};
    struct general_name base = {0};
    struct der_reader list = {0};
    struct bytes first = {0}, second = {0};
    struct failure why;
    uint32_t after = 0;

    if (name_constraints_read(value, &constraints, &why)) {
        while (!der_at_end(&constraints.permitted) &&
               name_constraints_next(&constraints.permitted, &base, &why)) {
            if (constraint_holds(&base, &base) &&
                !constraint_may_hold(&base, &base))
                abort();
        }
    }
    if (policies_read(value, &list, &why)) {
        while (!der_at_end(&list) && policies_next(&list, &first, &why))
            continue;
    }
    if (policy_mappings_read(value, &list, &why)) {
        while (!der_at_end(&list) &&
               policy_mappings_next(&list, &first, &second, &why))
            continue;
    }
    if (policy_constraints_read(value, &policy_constraints, &why) &&
        policy_constraints.explicit_after > SKIP_CERTIFICATES_MAX)
        abort();
    if (inhibit_any_policy_read(value, &after, &why) &&
        after > SKIP_CERTIFICATES_MAX)
        abort();
}

static void free_record(struct verdict_path *record)
{
    for (size_t i = 0; i < record->check_count; i++)
        free(record->checks[i].evidence);
    free(record->checks);
}

/* A rule says the same with a record and without. */
static void judge(
    struct judgement judgement, bool (*rule)(struct judgement *judgement))
{
    struct judgement told = judgement;
    struct verdict_path record = {0};
    bool keeps = rule(&judgement);

    told.record = &record;
    if (rule(&told) != keeps || judgement.has_failed == keeps ||
        told.code != judgement.code)
        abort();
    free_record(&record);
}

/* Certificates one behind the other, as a path. */
static void judge_path(struct bytes input, uint8_t profile)
{
    struct chain_certificate certificates[CERTIFICATES_MAX];
    const struct chain_certificate *path[CERTIFICATES_MAX];
    struct reference_name name = {0};
    struct chain_question question = {
        .profile = (enum chain_profile)(profile % 3),
        .names = &name,
        .name_count = 1,
        .policies.require_explicit = (profile & 4) != 0};
    struct chain_budget budget = {0};
    struct judgement judgement = {.question = &question,
        .path = path,
        .has_anchor = true,
        .budget = &budget};
    struct der_reader reader = der_reader_of(input), inside = {0};
    struct bytes der = {0};
    struct failure why;
    bool at_extension = false;
    uint8_t tag = 0;

    if (!reference_name_read(
            REFERENCE_DNS, bytes_of_text("example.com"), &name, &why))
        abort();
    while (judgement.length < CERTIFICATES_MAX && !der_at_end(&reader) &&
           der_read_any(&reader, &tag, &inside, &der, &why) &&
           chain_certificate_read(der, "fuzz", &certificates[judgement.length],
               &at_extension, &why)) {
        path[judgement.length] = &certificates[judgement.length];
        judgement.length++;
    }
    if (judgement.length == 0)
        return;
    judge(judgement, judge_names);
    judge(judgement, judge_constraints);
    judge(judgement, judge_policies);
    judge(judgement, judge_profile);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = {0};

    if (size == 0)
        return 0;
    input = (struct bytes){.start = data + 1, .length = size - 1};
    ask(input);
    read_values(input);
    judge_path(input, data[0]);
    return 0;
}
