#include "cli/fetching.h"
#include "cli/output.h"
#include "cli/verify_batch.h"
#include "cli/verify_inquiry.h"
#include "cli/verify_signed.h"
#include "cli/verify_tell.h"

static bool judge(struct call *call, const struct inquiry *inquiry,
    struct fetching *fetching, struct failure *why)
{
    struct verdict verdict = {0};
    bool told;

    if (inquiry->is_signed_file)
        return fetching == NULL
                   ? verify_signed_file(call, inquiry, why)
                   : fail_usage(call, why,
                         "--fetch is for certificates, not for signed files");
    if (!fetching_verify(
            fetching, &inquiry->question, inquiry->untrusted, &verdict, why))
        return false;
    if (inquiry->roots_file != NULL)
        notice(call, "trusted roots: those of %s", inquiry->roots_file);
    told = verdict_tell(call, &verdict, call_given(call, "all-rules"), why);
    verdict_free(&verdict);
    return told;
}

/* A program that reads verdicts reads one of a file that holds none, too. */
static void tell_malformed(struct call *call, const struct failure *failure)
{
    struct verdict verdict = {0};
    struct failure untold = {0};

    question_malformed(&verdict, failure);
    if (!verdict_tell(call, &verdict, false, &untold))
        notice(call, "%s", untold.reason);
}

static bool verify_file(struct call *call, struct failure *why)
{
    SCOPED_STRUCT(fetching) *fetching = NULL;
    struct inquiry inquiry = {0};
    bool done =
        fetching_new(call, &fetching, why) && inquiry_read(call, &inquiry, why);

    if (done)
        done = judge(call, &inquiry, fetching, why);
    else if (call->json && !call->is_usage && why->kind == FAILURE_MALFORMED)
        tell_malformed(call, why);
    inquiry_free(&inquiry);
    return done;
}

bool run_verify(struct call *call, struct failure *why)
{
    if (!call_given(call, "batch"))
        return call->options.operand_count == 1
                   ? verify_file(call, why)
                   : fail_usage(call, why,
                         "verify takes one FILE, or --batch and none");
    if (call->options.operand_count != 0 ||
        call->options.value_count != 1u + call->json)
        return fail_usage(
            call, why, "--batch stands alone: each line says what it asks");
    return verify_batch(why);
}
