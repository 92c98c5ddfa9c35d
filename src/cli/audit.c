#include "authority/audit.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/audit_report.h"
#include "cli/authorities.h"
#include "cli/output.h"

/* --- what was found ------------------------------------------------------ */

static json_t *signers_to_json(const char *lines)
{
    json_t *array = json_array();

    while (array != NULL && *lines != '\0') {
        size_t length = strcspn(lines, "\n");
        size_t name = strcspn(lines, " ");

        (void)json_array_append_new(
            array, json_pack("{s:s%,s:s%}", "authority", lines, name, "sha256",
                       lines + name + 1, length - name - 1));
        lines += length + (lines[length] == '\n');
    }
    return array;
}

json_t *audit_to_json(
    const struct audit_report *report, const struct failure *fault)
{
    char at[CLOCK_TEXT];
    bool is_whole = fault->kind == FAILURE_NONE;

    clock_print(report->checkpoint_at, at);
    return json_pack("{s:b,s:s?,s:o,s:I,s:I,s:I,s:I,s:s?,s:I,s:I,s:I,s:o}",
        "whole", (int)is_whole, "why", is_whole ? NULL : fault->reason,
        "broken_event",
        report->broken_seq == 0 || is_whole
            ? json_null()
            : json_integer((json_int_t)report->broken_seq),
        "events", (json_int_t)report->events, "certificates",
        (json_int_t)report->certificates, "checkpoints",
        (json_int_t)report->checkpoints, "signed_until",
        (json_int_t)report->checkpoint_seq, "signed_at",
        report->checkpoint_seq == 0 ? NULL : at, "tail",
        (json_int_t)report->tail, "sign_log_bytes",
        (json_int_t)report->log_bytes, "sign_log_torn",
        (json_int_t)report->log_torn, "signers",
        signers_to_json(report->signers));
}

static void print_tail(const struct audit_report *report)
{
    if (report->checkpoint_seq == 0)
        (void)puts("No checkpoint was signed yet: the events are held by "
                   "their own chain alone.");
    else if (report->tail > 0)
        (void)printf("The last %" PRId64
                     " events came after the last checkpoint: they are held "
                     "by the chain alone.\n",
            report->tail);
    if (report->log_torn > 0)
        (void)printf("The last %" PRIu64
                     " bytes of the sign log are no whole record: an "
                     "interrupted write, cut off at the next start.\n",
            report->log_torn);
}

static void print_signers(const char *lines)
{
    while (*lines != '\0') {
        size_t length = strcspn(lines, "\n");

        (void)printf("    %.*s\n", (int)length, lines);
        lines += length + (lines[length] == '\n');
    }
}

static void print_report(
    const struct audit_report *report, const struct failure *fault)
{
    char at[CLOCK_TEXT];

    clock_print(report->checkpoint_at, at);
    if (fault->kind != FAILURE_NONE) {
        (void)printf("The journal is BROKEN: %s.\n", fault->reason);
        if (report->broken_seq != 0)
            (void)printf("The first event that is wrong: %" PRId64 "\n",
                report->broken_seq);
        return;
    }
    (void)printf("The journal is whole: %" PRId64 " events, %" PRId64
                 " certificates, %" PRIu64 " bytes of the sign log.\n",
        report->events, report->certificates, report->log_bytes);
    if (report->checkpoint_seq != 0)
        (void)printf("Signed until event %" PRId64 ", at %s, in %" PRId64
                     " checkpoints by\n",
            report->checkpoint_seq, at, report->checkpoints);
    print_signers(report->signers);
    print_tail(report);
}

/* --- the command --------------------------------------------------------- */

/* A journal that is not whole is an answer, and no failure. */
static bool is_an_answer(const struct failure *fault)
{
    return fault->kind == FAILURE_NONE || fault->kind == FAILURE_CONFLICT ||
           fault->kind == FAILURE_INTERNAL;
}

bool audit_place(const struct place *place, struct audit_report *report,
    struct failure *fault, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    SCOPED_DESCRIPTOR int sign_log = -1;
    char path[PATH_ROOM];

    *report = (struct audit_report){0};
    if (!place_path(place, "sign.log", path, why) ||
        !place_open_store(place, &store, why))
        return false;
    if (!file_open(path, O_RDONLY, 0, &sign_log, why)) {
        if (why->kind != FAILURE_NOT_FOUND)
            return false;
        return fail_because(fault, FAILURE_CONFLICT,
                   "the sign log is missing: there is no %.200s", path) ||
               true;
    }
    if (!audit_verify(store, sign_log, report, fault) && !is_an_answer(fault)) {
        *why = *fault;
        return false;
    }
    return true;
}

bool run_audit_verify(struct call *call, struct failure *why)
{
    struct audit_report report;
    struct failure fault = {0};
    struct place place = {0};
    SCOPED(json_t) *value = NULL;

    if (!call_place(call, &place, why) ||
        !audit_place(&place, &report, &fault, why))
        return false;
    call->status = fault.kind == FAILURE_NONE ? 0 : 1;
    if (!call->json) {
        print_report(&report, &fault);
        return true;
    }
    value = audit_to_json(&report, &fault);
    return output_json(value, why);
}
