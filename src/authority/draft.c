#include "authority/steps.h"

#include <stdio.h>
#include <string.h>

#include "authority/ending.h"
#include "authority/shard.h"
#include "base/clock.h"
#include "x509/lint/lint.h"

static bool decide_validity(struct issuance *issuance, struct failure *why)
{
    const struct profile *profile = issuance->rule->profile;
    struct buffer *notices = &issuance->names.notices;
    int64_t now = clock_now();

    return compose_validity(issuance->enrolment, profile,
               &issuance->issuer->issuer, now, &issuance->not_before,
               &issuance->not_after, notices, why) &&
           ending_notice(issuance->issuer, profile, now, notices, why);
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
        !issue_authorise_names(issuance, why) ||
        !decide_validity(issuance, why) ||
        !signer_client_serial(authority->signer, &issuance->reserved, why))
        return false;
    memcpy(issuance->serial, issuance->reserved.bytes, SERIAL_BYTES);
    wishes.not_before = issuance->not_before;
    wishes.not_after = issuance->not_after;
    wishes.subject = issuance->names.subject;
    wishes.general_names = issuance->names.general_names;
    return compose_draft(
        issuance->rule->composer, &wishes, &issuance->draft, why);
}

/* --- lint ---------------------------------------------------------------- */

#define ADDRESS_ROOM 700

struct addresses {
    char list[ADDRESS_ROOM], certificate[ADDRESS_ROOM], ocsp[ADDRESS_ROOM];
    struct lint_expectations expected;
};

/* The addresses that the settings promise, worded apart from compose: a
 * certificate without them is never signed (kb 63). */
static void expect_addresses(
    const struct issuance *issuance, struct addresses *addresses)
{
    const struct issuer *issuer = &issuance->issuer->issuer;
    unsigned int shard = crl_shard_of(
        (struct bytes){issuance->serial, SERIAL_BYTES}, issuer->crl_shards);

    addresses->expected = (struct lint_expectations){0};
    if (issuance->issuer->der.length == 0 || issuer->url == NULL ||
        issuer->url[0] == '\0')
        return;
    (void)snprintf(addresses->certificate, ADDRESS_ROOM, "%s/ca/%s.cer",
        issuer->url, issuer->name);
    addresses->expected.issuer_address = addresses->certificate;
    if (issuance->rule->profile->ocsp_no_check)
        return;
    if (!issuance->rule->profile->is_authority) {
        (void)snprintf(addresses->ocsp, ADDRESS_ROOM, "%s/ocsp", issuer->url);
        addresses->expected.ocsp_address = addresses->ocsp;
    }
    if (issuer->crl_shards > 1)
        (void)snprintf(addresses->list, ADDRESS_ROOM, "%s/crl/%s/%u.crl",
            issuer->url, issuer->name, shard);
    else
        (void)snprintf(addresses->list, ADDRESS_ROOM, "%s/crl/%s.crl",
            issuer->url, issuer->name);
    addresses->expected.crl_address = addresses->list;
}

/* What is linted here is what is signed: the same bytes (properties 2). */
bool issue_lint(struct authority *authority, struct desk *desk,
    struct issuance *issuance, struct failure *why)
{
    const struct authority_issuer *issuer = issuance->issuer;
    struct tbs_certificate draft = {0};
    struct addresses addresses;
    struct lint_report report;

    (void)authority;
    (void)desk;
    if (!tbs_certificate_read(buffer_view(&issuance->draft), &draft, why))
        return false;
    expect_addresses(issuance, &addresses);
    if (lint_draft(&draft,
            issuer->der.length == 0 ? NULL : &issuer->certificate.tbs,
            &addresses.expected, &report))
        return true;
    return fail_in_lint(why, &report);
}
