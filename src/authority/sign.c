#include "authority/steps.h"

/* The members of the group that are on the road. */
struct signing_group {
    struct draft_to_sign drafts[SIGNER_GROUP_MAX];
    struct issuance *members[SIGNER_GROUP_MAX];
    size_t count;
};

/* Who left the road leaves its serial to others; what goes to the signer is
 * used up there, whatever comes of it. */
static void gather(struct signer_client *signer, struct issuance *group,
    size_t count, struct signing_group *gathered)
{
    gathered->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!issuance_is_on_the_road(&group[i])) {
            signer_client_give_back(signer, &group[i].reserved);
            continue;
        }
        group[i].reserved = (struct reserved_serial){0};
        gathered->members[gathered->count] = &group[i];
        gathered->drafts[gathered->count++] = (struct draft_to_sign){
            .key = group[i].issuer->key, .draft = buffer_view(&group[i].draft)};
    }
}

/* Joins a draft and its signature: what was linted is what was signed. */
static bool seal(struct issuance *issuance, const struct signed_draft *result,
    struct failure *why)
{
    issuance->why = result->why;
    return result->why.kind != FAILURE_NONE ||
           certificate_seal(buffer_view(&issuance->draft),
               issuance->issuer->issuer.algorithm->identifier,
               result->signature, &issuance->certificate, why);
}

bool issue_sign(struct authority *authority, struct desk *desk,
    struct issuance *group, size_t count, struct failure *why)
{
    struct signing_group gathered;

    desk->has_ticket = false;
    desk->has_lost = false;
    gather(authority->signer, group, count, &gathered);
    if (gathered.count == 0)
        return true;
    if (!signer_client_sign(authority->signer, gathered.drafts, gathered.count,
            &desk->signing, why))
        return false;
    desk->has_ticket = true;
    for (size_t i = 0; i < gathered.count && !desk->has_lost; i++)
        desk->has_lost =
            !seal(gathered.members[i], &desk->signing.drafts[i], why);
    return !desk->has_lost;
}
