#include "protocols/certsrv/numbers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store/store_requests.h"

void submission_free(struct submission *submission)
{
    buffer_free(&submission->certificate);
}

/* Names of people and accounts are never given again, so that this stays true
 * for years. */
bool submission_is_callers(const struct exchange *exchange, const char *actor)
{
    return actor != NULL && actor[0] != '\0' &&
           exchange->caller.way != CALLER_ANYONE &&
           strcmp(exchange->caller.actor, actor) == 0;
}

int64_t submission_number_of_request(int64_t row)
{
    return 2 * row + 1;
}

static int64_t number_of_certificate(int64_t row)
{
    return 2 * row;
}

/* --- what it means ------------------------------------------------------- */

struct finding {
    const struct exchange *exchange;
    struct submission *submission;
    int64_t row; /* that is looked for; then the certificate's of a request */
    bool is_found;
};

static void end(struct submission *submission, const char *how, const char *why)
{
    submission->state = SUBMISSION_ENDED;
    (void)snprintf(submission->sentence, sizeof(submission->sentence), "%s%s%s",
        how, why[0] == '\0' ? "" : ": ", why);
}

static bool take_certificate(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct finding *finding = context;
    struct submission *submission = finding->submission;

    if (!submission_is_callers(finding->exchange, row->actor) || !row->sealed)
        return true;
    finding->is_found = true;
    submission->authority = row->authority;
    submission->state = SUBMISSION_ISSUED;
    if (row->status == CERTIFICATE_REVOKED)
        end(submission, "Revoked", "");
    else if (row->status == CERTIFICATE_HELD)
        end(submission, "Revoked", "the certificate is on hold");
    else
        (void)snprintf(
            submission->sentence, sizeof(submission->sentence), "Issued");
    return buffer_append(&submission->certificate, row->der, why);
}

static bool take_request(
    void *context, const struct request_row *row, struct failure *why)
{
    struct finding *finding = context;
    struct submission *submission = finding->submission;

    (void)why;
    if (row->number != finding->row ||
        !submission_is_callers(finding->exchange, row->actor))
        return true;
    finding->is_found = true;
    finding->row = row->certificate;
    submission->state = SUBMISSION_WAITS;
    (void)snprintf(submission->sentence, sizeof(submission->sentence),
        "Taken Under Submission");
    switch (row->state) {
    case REQUEST_WAITING:
        break;
    case REQUEST_ISSUED:
        submission->state = SUBMISSION_ISSUED;
        break;
    case REQUEST_DENIED:
        end(submission, "Denied by an approver", row->reason);
        break;
    case REQUEST_FAILED:
        end(submission, "Denied by a rule", row->reason);
        break;
    case REQUEST_WITHDRAWN:
        end(submission, "Denied by whoever asked: it was withdrawn", "");
        break;
    }
    return true;
}

static bool find_certificate(struct finding *finding, struct failure *why)
{
    struct failure absent = {0};

    finding->is_found = false;
    if (store_certificate_by_id(finding->exchange->store, finding->row,
            take_certificate, finding, &absent) ||
        absent.kind == FAILURE_NOT_FOUND)
        return true;
    *why = absent;
    return false;
}

static bool find_request(struct finding *finding, struct failure *why)
{
    const struct request_filter one = {
        .after_number = finding->row - 1, .limit = 1};

    return store_list_requests(
               finding->exchange->store, &one, take_request, finding, why) &&
           (!finding->is_found ||
               finding->submission->state != SUBMISSION_ISSUED ||
               find_certificate(finding, why));
}

#define DIGITS_MAX 18

static bool read_number(const char *text, int64_t *number, struct failure *why)
{
    size_t length = strlen(text);
    int64_t read = 0;

    if (length == 0 || length > DIGITS_MAX ||
        strspn(text, "0123456789") != length)
        return fail_because(why, FAILURE_MALFORMED,
            "ReqID is a number of 1 to %d digits", DIGITS_MAX);
    for (size_t i = 0; i < length; i++)
        read = 10 * read + (text[i] - '0');
    *number = read;
    return true;
}

bool submission_find(const struct exchange *exchange, const char *number,
    struct submission *submission, struct failure *why)
{
    struct finding finding = {exchange, submission, 0, false};

    *submission = (struct submission){
        .certificate = BUFFER("certificate", CERTIFICATE_MAX)};
    if (!read_number(number, &submission->number, why))
        return false;
    finding.row = submission->number / 2;
    if (submission->number % 2 == 1 ? !find_request(&finding, why)
                                    : !find_certificate(&finding, why))
        return false;
    return finding.is_found ||
           fail_because(why, FAILURE_NOT_FOUND,
               "%s has asked for nothing under the number %" PRId64,
               exchange->caller.actor, submission->number);
}

/* --- of what was just asked for ------------------------------------------ */

static bool take_row(
    void *context, const struct certificate_row *row, struct failure *why)
{
    (void)why;
    *(int64_t *)context = number_of_certificate(row->id);
    return true;
}

static bool take_request_row(
    void *context, const struct request_row *row, struct failure *why)
{
    (void)why;
    *(int64_t *)context = submission_number_of_request(row->number);
    return true;
}

bool submission_number(const struct exchange *exchange,
    const struct exchange_issued *issued, int64_t *number, struct failure *why)
{
    struct certificate certificate = {0};

    if (issued->awaits)
        return store_request_by_id(
            exchange->store, issued->request_id, take_request_row, number, why);
    return certificate_read(issued->certificate, &certificate, why) &&
           store_certificate_by_serial(
               exchange->store, certificate.tbs.serial, take_row, number, why);
}
