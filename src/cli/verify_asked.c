#include <stdlib.h>

#include "cli/verify_inquiry.h"

static bool read_time(
    struct call *call, struct chain_question *question, struct failure *why)
{
    const char *text = call_text(call, "time");
    struct failure unread = {0};

    question->time = clock_now();
    if (text == NULL || clock_read(text, &question->time, &unread))
        return true;
    return fail_usage(call, why, "--time: %.200s", unread.reason);
}

static bool read_words(
    struct call *call, struct chain_question *question, struct failure *why)
{
    const char *purpose = call_text(call, "purpose");
    const char *profile = call_text(call, "profile");
    const char *revocation = call_text(call, "revocation");
    struct failure unread = {0};

    if (purpose != NULL &&
        !question_purpose(purpose, &question->purpose, &unread))
        return fail_usage(call, why, "--purpose: %s", unread.reason);
    if (profile != NULL &&
        !question_profile(profile, &question->profile, &unread))
        return fail_usage(call, why, "--profile: %s", unread.reason);
    question->revocation = call_given(call, "crl") ||
                                   call_given(call, "ocsp") ||
                                   call_given(call, "fetch")
                               ? CHAIN_REVOCATION_SOFT
                               : CHAIN_REVOCATION_OFF;
    if (revocation != NULL &&
        !question_revocation(revocation, &question->revocation, &unread))
        return fail_usage(call, why, "--revocation: %s", unread.reason);
    return true;
}

static bool read_depth(
    struct call *call, struct chain_question *question, struct failure *why)
{
    const char *text = call_text(call, "max-depth");
    char *end = NULL;
    unsigned long depth;

    if (text == NULL)
        return true;
    depth = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != 0 || depth > UINT16_MAX)
        return fail_usage(call, why,
            "--max-depth is a number of intermediates, from 0 to %d",
            UINT16_MAX);
    question->has_max_depth = true;
    question->max_depth = (uint32_t)depth;
    return true;
}

static bool read_names(
    struct call *call, struct inquiry *inquiry, struct failure *why)
{
    struct failure unread = {0};
    const char *text = NULL;
    size_t position = 0;

    while ((text = option_next(&call->options, "name", &position)) != NULL) {
        if (!reference_name_guess(bytes_of_text(text),
                &inquiry->names[inquiry->question.name_count], &unread))
            return fail_usage(call, why, "--name: %s", unread.reason);
        inquiry->question.name_count++;
    }
    inquiry->question.names = inquiry->names;
    return true;
}

static bool read_policies(
    struct call *call, struct inquiry *inquiry, struct failure *why)
{
    struct policy_question *policies = &inquiry->question.policies;
    struct failure unread = {0};
    const char *text = NULL;
    size_t position = 0;

    while ((text = option_next(&call->options, "policy", &position)) != NULL) {
        struct question_oid *oid = &inquiry->oids[policies->initial_count];

        if (!question_oid_read(text, oid, &unread))
            return fail_usage(call, why, "--policy: %s", unread.reason);
        inquiry->policies[policies->initial_count++] =
            (struct bytes){oid->contents, oid->length};
    }
    policies->initial = inquiry->policies;
    policies->require_explicit = call_given(call, "require-explicit-policy");
    policies->inhibit_mapping = call_given(call, "inhibit-mapping");
    policies->inhibit_any = call_given(call, "inhibit-any-policy");
    return true;
}

bool inquiry_read_asked(
    struct call *call, struct inquiry *inquiry, struct failure *why)
{
    return read_time(call, &inquiry->question, why) &&
           read_words(call, &inquiry->question, why) &&
           read_depth(call, &inquiry->question, why) &&
           read_names(call, inquiry, why) && read_policies(call, inquiry, why);
}
