#include "authority/steps.h"

#include "base/clock.h"
#include "x509/lint/lint.h"

static bool decide_validity(struct issuance *issuance, struct failure *why)
{
    return compose_validity(issuance->enrolment, issuance->rule->profile,
        &issuance->issuer->issuer, clock_now(), &issuance->not_before,
        &issuance->not_after, &issuance->names.notices, why);
}

/* A root's own name is its issuer's: no other may be (kb 90). */
static struct bytes name_to_differ_from(const struct issuance *issuance)
{
    if (issuance->issuer->der.length == 0)
        return (struct bytes){0};
    return issuance->issuer->issuer.subject;
}

bool issue_compose(struct authority *authority, struct desk *desk,
    struct issuance *issuance, struct failure *why)
{
    struct draft_wishes wishes = {
        .serial = {issuance->serial, SERIAL_BYTES},
        .key = issuance->request.key,
        .algorithm = issuance->key.algorithm,
    };

    (void)desk;
    if (!names_decide(issuance->enrolment, &issuance->request,
            issuance->rule->profile, name_to_differ_from(issuance),
            &issuance->names, why) ||
        !decide_validity(issuance, why) ||
        !signer_client_serial(authority->signer, issuance->serial, why))
        return false;
    wishes.not_before = issuance->not_before;
    wishes.not_after = issuance->not_after;
    wishes.subject = issuance->names.subject;
    wishes.general_names = issuance->names.general_names;
    return compose_draft(
        issuance->rule->composer, &wishes, &issuance->draft, why);
}

/* What is linted here is what is signed: the same bytes (properties 2). */
bool issue_lint(struct authority *authority, struct desk *desk,
    struct issuance *issuance, struct failure *why)
{
    const struct authority_issuer *issuer = issuance->issuer;
    struct tbs_certificate draft = {0};
    struct lint_report report;

    (void)authority;
    (void)desk;
    if (!tbs_certificate_read(buffer_view(&issuance->draft), &draft, why))
        return false;
    if (lint_draft(&draft,
            issuer->der.length == 0 ? NULL : &issuer->certificate.tbs, &report))
        return true;
    return fail_in_lint(why, &report);
}
