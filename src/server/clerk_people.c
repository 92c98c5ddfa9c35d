#include "server/clerk.h"

#include <stdlib.h>
#include <string.h>

#include "authority/people.h"
#include "crypto/password.h"

/* --- fields -------------------------------------------------------------- */

struct people_fields {
    const struct configuration *configuration;
    char name[128];
    enum enrolment_role role;
    struct bytes certificate;
    int64_t local_user;
    int64_t lifetime_s;
    char hash[PASSWORD_ENCODED_ROOM]; /* of a link, token or password */
    struct rights rights;
    bool dry;
};

static bool take_role(struct people_fields *fields, const struct field *field,
    struct failure *why)
{
    char name[40];

    return field_text(field, name, sizeof(name), why) &&
           role_named(name, &fields->role, why);
}

static bool take_number(const struct field *field, int64_t least, int64_t most,
    int64_t *number, struct failure *why)
{
    uint64_t value = 0;

    if (!field_number(field, &value, why))
        return false;
    if (value < (uint64_t)least || value > (uint64_t)most)
        return fail_because(why, FAILURE_MALFORMED,
            "a number that is not from %lld to %lld", (long long)least,
            (long long)most);
    *number = (int64_t)value;
    return true;
}

static bool take_profile(struct people_fields *fields,
    const struct field *field, struct failure *why)
{
    char name[PROFILE_NAME_MAX];

    return field_text(field, name, sizeof(name), why) &&
           rights_add_profile(
               &fields->rights, fields->configuration, name, why);
}

static bool take_pattern(struct people_fields *fields,
    const struct field *field, struct failure *why)
{
    char pattern[512];

    return field_text(field, pattern, sizeof(pattern), why) &&
           rights_add_name(&fields->rights, pattern, why);
}

static bool take_field(struct people_fields *fields, const struct field *field,
    struct failure *why)
{
    int64_t dry = 0;

    switch (field->tag) {
    case CONTROL_NAME:
        return field_text(field, fields->name, sizeof(fields->name), why);
    case CONTROL_ROLE:
        return take_role(fields, field, why);
    case CONTROL_DER:
        fields->certificate = field->value;
        return true;
    case CONTROL_NUMBER:
        return take_number(field, 0, UINT32_MAX - 1, &fields->local_user, why);
    case CONTROL_HASH:
        return field_text(field, fields->hash, sizeof(fields->hash), why);
    case CONTROL_LIFETIME:
        return take_number(field, 0, INT32_MAX, &fields->lifetime_s, why);
    case CONTROL_PROFILES:
        return take_profile(fields, field, why);
    case CONTROL_NAMES:
        return take_pattern(fields, field, why);
    case CONTROL_DRY:
        if (!take_number(field, 0, 1, &dry, why))
            return false;
        fields->dry = dry == 1;
        return true;
    default:
        return fail_because(why, FAILURE_MALFORMED,
            "a field %u that a change of people does not have", field->tag);
    }
}

static bool take_fields(const struct clerk *clerk,
    const struct clerk_question *question, struct people_fields *fields,
    char object[static 128], struct failure *why)
{
    struct reader reader = reader_of(question->body);

    *fields = (struct people_fields){
        .configuration = clerk->authority->configuration, .local_user = -1};
    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_field(fields, &field, why))
            return false;
        (void)snprintf(object, 128, "%s", fields->name);
    }
    return true;
}

static bool say(json_t *answer, json_t *facts, struct failure *why)
{
    return json_object_update_new(answer, facts) == 0 ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

/* --- people -------------------------------------------------------------- */

static json_t *text_or_null(const char *text)
{
    return *text == '\0' ? json_null() : json_string(text);
}

static bool say_person(const struct clerk *clerk,
    const struct people_fields *fields, const struct person_changed *changed,
    json_t *answer, struct failure *why)
{
    json_t *user = fields->local_user < 0
                       ? json_null()
                       : json_integer((json_int_t)fields->local_user);

    return say(answer,
        json_pack("{s:s,s:s,s:b,s:b,s:o,s:o,s:o,s:o,s:s}", "name", fields->name,
            "role", role_name(fields->role), "renewed", (int)changed->was_there,
            "dry_run", (int)fields->dry, "certificate_sha256",
            text_or_null(changed->certificate_sha256), "not_after",
            json_of_time(changed->not_after), "local_user", user, "link_until",
            json_of_time(changed->link_until), "url",
            clerk->authority->configuration->url),
        why);
}

/* NAME, ROLE; a DER certificate, NUMBER of a local user, HASH of a link; DRY.
 * Facts: name, role, renewed, certificate_sha256, not_after, link_until, url.
 */
bool clerk_person_add(struct clerk *clerk,
    const struct clerk_question *question, json_t *answer,
    char object[static 128], struct failure *why)
{
    struct people_fields fields;
    struct person_changed changed = {0};
    struct person_change change = {.caller = question->caller,
        .name = fields.name,
        .owner = (int64_t)clerk->keeper->owner,
        .link_sha256 = fields.hash};

    if (!take_fields(clerk, question, &fields, object, why))
        return false;
    change.role = fields.role;
    change.certificate = fields.certificate;
    change.local_user = fields.local_user;
    change.dry = fields.dry;
    return person_add(clerk->authority, &change, &changed, why) &&
           say_person(clerk, &fields, &changed, answer, why);
}

typedef bool ending_of(struct authority *authority, const struct caller *caller,
    const char *name, bool dry, struct failure *why);

/* NAME, DRY. */
static bool end(struct clerk *clerk, const struct clerk_question *question,
    ending_of *ending, json_t *answer, char object[static 128],
    struct failure *why)
{
    struct people_fields fields;

    return take_fields(clerk, question, &fields, object, why) &&
           ending(clerk->authority, question->caller, fields.name, fields.dry,
               why) &&
           say(answer,
               json_pack("{s:s,s:b,s:b}", "name", fields.name, "ended",
                   (int)!fields.dry, "dry_run", (int)fields.dry),
               why);
}

bool clerk_person_end(struct clerk *clerk,
    const struct clerk_question *question, json_t *answer,
    char object[static 128], struct failure *why)
{
    return end(clerk, question, person_end, answer, object, why);
}

/* --- tokens -------------------------------------------------------------- */

/* asker 0: it never asks for a certificate. */
static bool say_rights(const struct clerk *clerk,
    const struct people_fields *fields, enum profile_asker asker,
    json_t *answer, struct failure *why)
{
    char closed[RIGHTS_ROOM] = "";

    if (asker != 0)
        rights_not_open(
            &fields->rights, clerk->authority->configuration, asker, closed);
    return say(answer,
        json_pack("{s:s,s:s,s:s,s:s,s:b}", "name", fields->name, "profiles",
            fields->rights.profiles, "not_open", closed, "names",
            fields->rights.names, "dry_run", (int)fields->dry),
        why);
}

/* NAME, ROLE, PROFILES..., NAMES..., LIFETIME, HASH, DRY.  Facts: name, role,
 * profiles, not_open, names (with spaces between), expires_at. */
bool clerk_token_make(struct clerk *clerk,
    const struct clerk_question *question, json_t *answer,
    char object[static 128], struct failure *why)
{
    struct people_fields fields;
    struct token_change change = {.caller = question->caller,
        .name = fields.name,
        .rights = &fields.rights,
        .sha256 = fields.hash};
    enum profile_asker asker = (enum profile_asker)0;
    int64_t expires_at = 0;

    if (!take_fields(clerk, question, &fields, object, why))
        return false;
    if (fields.role == ROLE_OPERATOR)
        asker = ASKER_TOKEN;
    change.role = fields.role;
    change.lifetime_s = fields.lifetime_s;
    change.dry = fields.dry;
    return token_make(clerk->authority, &change, &expires_at, why) &&
           say_rights(clerk, &fields, asker, answer, why) &&
           say(answer,
               json_pack("{s:s,s:o}", "role", role_name(fields.role),
                   "expires_at", json_of_time(expires_at)),
               why);
}

bool clerk_token_end(struct clerk *clerk, const struct clerk_question *question,
    json_t *answer, char object[static 128], struct failure *why)
{
    return end(clerk, question, token_end, answer, object, why);
}

/* --- accounts ------------------------------------------------------------ */

/* NAME, PROFILES..., NAMES..., HASH of the password, DRY. */
bool clerk_account_add(struct clerk *clerk,
    const struct clerk_question *question, json_t *answer,
    char object[static 128], struct failure *why)
{
    struct people_fields fields;
    struct account_change change = {.caller = question->caller,
        .name = fields.name,
        .rights = &fields.rights,
        .password = fields.hash};

    if (!take_fields(clerk, question, &fields, object, why))
        return false;
    change.dry = fields.dry;
    return account_add(clerk->authority, &change, why) &&
           say_rights(clerk, &fields, ASKER_ACCOUNT, answer, why);
}

bool clerk_account_end(struct clerk *clerk,
    const struct clerk_question *question, json_t *answer,
    char object[static 128], struct failure *why)
{
    return end(clerk, question, account_end, answer, object, why);
}
