#include "authority/issue.h"

#include "authority/requests.h"
#include "authority/steps.h"

typedef bool (*member_step)(struct authority *authority, struct desk *desk,
    struct issuance *issuance, struct failure *why);
typedef bool (*group_step)(struct authority *authority, struct desk *desk,
    struct issuance *group, size_t count, struct failure *why);

bool issuance_is_on_the_road(const struct issuance *issuance)
{
    return issuance->why.kind == FAILURE_NONE && !issuance->is_repeat &&
           !issuance->awaits;
}

static void each_takes(member_step step, struct authority *authority,
    struct desk *desk, struct issuance *group, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct failure why = {0};

        if (issuance_is_on_the_road(&group[i]) &&
            !step(authority, desk, &group[i], &why))
            group[i].why = why;
    }
}

static void all_take(group_step step, struct authority *authority,
    struct desk *desk, struct issuance *group, size_t count)
{
    struct failure why = {0};

    if (step(authority, desk, group, count, &why))
        return;
    for (size_t i = 0; i < count; i++) {
        if (group[i].why.kind != FAILURE_NONE || group[i].is_repeat)
            continue;
        group[i].why = why;
        group[i].awaits = false;
        buffer_clear(&group[i].certificate);
    }
}

void issue_certificates(struct authority *authority, struct desk *desk,
    struct issuance *group, size_t count)
{
    each_takes(issue_receive, authority, desk, group, count);
    each_takes(issue_authenticate, authority, desk, group, count);
    each_takes(issue_authorise, authority, desk, group, count);
    each_takes(issue_compose, authority, desk, group, count);
    each_takes(issue_lint, authority, desk, group, count);
    each_takes(issue_await, authority, desk, group, count);
    all_take(issue_sign, authority, desk, group, count);
    all_take(issue_record, authority, desk, group, count);
}

#define DRAFT_CEILING SIGNER_DRAFT_MAX

void issuance_begin(
    struct issuance *issuance, const struct enrolment *enrolment)
{
    struct buffer draft = issuance->draft;
    struct buffer certificate = issuance->certificate;

    issuance_names_free(&issuance->names);
    if (draft.ceiling == 0)
        draft = BUFFER("draft", DRAFT_CEILING);
    if (certificate.ceiling == 0)
        certificate = BUFFER("certificate", CERTIFICATE_MAX);
    buffer_clear(&draft);
    buffer_clear(&certificate);
    *issuance = (struct issuance){
        .enrolment = enrolment, .draft = draft, .certificate = certificate};
}

void issuance_free(struct issuance *issuance)
{
    issuance_names_free(&issuance->names);
    buffer_free(&issuance->draft);
    buffer_free(&issuance->certificate);
}
