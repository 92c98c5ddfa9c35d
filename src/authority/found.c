#include "authority/found.h"

#include <stdlib.h>

#include "authority/issue.h"
#include "crypto/digest.h"

/* A root is its own issuer before it has a certificate: name and key come from
 * its request. */
static bool add_founding_root(struct authority *authority,
    const struct request *request,
    uint8_t identifier[static KEY_IDENTIFIER_BYTES],
    struct authority_issuer **root, struct failure *why)
{
    struct public_key_parts parts = {0};

    if (!spki_parts(&request->key, &parts, why) ||
        !key_identifier(request->key.bits, identifier, why) ||
        !authority_add_issuer(
            authority, FOUND_ROOT, (struct bytes){0}, root, why))
        return false;
    (*root)->issues = true;
    (*root)->key = 0;
    (*root)->issuer = (struct issuer){.name = (*root)->name,
        .subject = request->subject,
        .key_identifier = {identifier, KEY_IDENTIFIER_BYTES},
        .not_before = INT64_MIN,
        .not_after = TIME_WITHOUT_END,
        .algorithm = parts.algorithm->signs_with,
        .url = ""};
    return true;
}

static bool issue_one(struct authority *authority,
    const struct enrolment *enrolment, struct buffer *certificate,
    int64_t *founded, struct failure *why)
{
    struct desk *desk = calloc(1, sizeof(*desk));
    struct issuance issuance = {0};
    bool ok;

    if (desk == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    issuance_begin(&issuance, enrolment);
    issue_certificates(authority, desk, &issuance, 1);
    *why = issuance.why;
    *founded = issuance.founded;
    ok = why->kind == FAILURE_NONE &&
         buffer_append(certificate, buffer_view(&issuance.certificate), why);
    issuance_free(&issuance);
    signing_free(&desk->signing);
    free(desk);
    return ok;
}

static bool found_root(struct authority *authority,
    const struct founding_requests *requests, struct buffer *certificate,
    int64_t *id, struct failure *why)
{
    const bool is_sole = requests->issuing.length == 0;
    const struct enrolment enrolment = {.caller = requests->caller,
        .profile = "root",
        .authority = FOUND_ROOT,
        .request = requests->root,
        .founds = FOUND_ROOT,
        .founds_issuing = is_sole,
        .founds_shards = authority->configuration->crl_shards};
    /* A root that issues leaves itself has no authority below it. */
    struct profile profile = *profile_root();
    uint8_t identifier[KEY_IDENTIFIER_BYTES];
    struct request request = {0};
    struct authority_issuer *root = NULL;
    bool ok;

    if (is_sole)
        profile.path_length = 0;
    if (!request_read(requests->root, &request, why))
        return false;
    ok = add_founding_root(authority, &request, identifier, &root, why) &&
         authority_add_rule(root, &profile, why) &&
         issue_one(authority, &enrolment, certificate, id, why);
    /* Its rule views this function's own profile. */
    authority_forget_issuers(authority);
    return ok;
}

static bool found_issuing(struct authority *authority,
    const struct founding_requests *requests, struct bytes root_certificate,
    int64_t root_id, struct buffer *certificate, struct failure *why)
{
    const struct enrolment enrolment = {.caller = requests->caller,
        .profile = "subordinate",
        .authority = FOUND_ROOT,
        .request = requests->issuing,
        .founds = FOUND_ISSUING,
        .founds_issuing = true,
        .founds_shards = authority->configuration->crl_shards};
    struct authority_issuer *root = NULL;
    int64_t id = 0;

    if (!authority_add_issuer(
            authority, FOUND_ROOT, root_certificate, &root, why))
        return false;
    root->id = root_id;
    root->issuer.authority = root->id;
    root->issues = true;
    root->key = 0;
    return authority_add_rule(root, profile_subordinate(), why) &&
           issue_one(authority, &enrolment, certificate, &id, why);
}

bool found_authorities(struct authority *authority,
    const struct founding_requests *requests, struct buffer *root,
    struct buffer *issuing, struct failure *why)
{
    int64_t root_id = 0;

    if (!found_root(authority, requests, root, &root_id, why))
        return false;
    return requests->issuing.length == 0 ||
           found_issuing(
               authority, requests, buffer_view(root), root_id, issuing, why);
}
