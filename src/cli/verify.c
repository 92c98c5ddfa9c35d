#include "cli/fetching.h"
#include "cli/output.h"
#include "cli/verify_as.h"
#include "cli/verify_batch.h"
#include "cli/verify_inquiry.h"
#include "cli/verify_signed.h"
#include "cli/verify_tell.h"

static bool judge_signed(
    struct call *call, const struct inquiry *inquiry, struct failure *why)
{
    static const char *const others[] = {"fetch", "as"};

    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        if (call_given(call, others[i]))
            return fail_usage(call, why,
                "--%s is for certificates, not for signed files", others[i]);
    }
    return verify_signed_file(call, inquiry, why);
}

/* program: of --as, at path; or NULL. */
static bool judge(struct call *call, const struct inquiry *inquiry,
    struct fetching *fetching, const struct as_program *program,
    const char *path, struct failure *why)
{
    struct verdict verdict = {0};
    bool told;

    if (inquiry->is_signed_file)
        return judge_signed(call, inquiry, why);
    if (!fetching_verify(
            fetching, &inquiry->question, inquiry->untrusted, &verdict, why))
        return false;
    if (inquiry->roots_file != NULL)
        notice(call, "trusted roots: those of %s", inquiry->roots_file);
    told =
        program == NULL
            ? verdict_tell(call, &verdict, call_given(call, "all-rules"), why)
            : verify_as_tell(call, program, path, inquiry, &verdict, why);
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
    const struct as_program *program = NULL;
    struct inquiry inquiry = {0};
    char path[PATH_ROOM] = "";
    bool done = verify_as_begin(call, &program, path, why) &&
                fetching_new(call, &fetching, why) &&
                inquiry_read(call, &inquiry, why);

    if (done)
        done = judge(call, &inquiry, fetching, program, path, why);
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
