#include "authority/authorities.h"

#include <stdio.h>
#include <string.h>

void authorities_free(struct authorities *authorities)
{
    for (size_t i = 0; i < authorities->count; i++) {
        buffer_free(&authorities->rows[i].certificate);
        facts_free(&authorities->rows[i].facts);
    }
    authorities->count = 0;
}

static bool add_authority(
    void *context, const struct authority_row *row, struct failure *why)
{
    struct authorities *authorities = context;
    struct authority_known *known;

    if (authorities->count == AUTHORITIES_KNOWN_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "there are more than %d authorities", AUTHORITIES_KNOWN_MAX);
    known = &authorities->rows[authorities->count];
    *known = (struct authority_known){
        .issues = row->issues && row->state == AUTHORITY_ACTIVE,
        .state = row->state,
        .certificate = BUFFER("certificate", CERTIFICATE_MAX)};
    (void)snprintf(known->name, sizeof(known->name), "%s", row->name);
    if (!buffer_append(&known->certificate, row->certificate, why))
        return false;
    authorities->count++;
    return facts_read(
        buffer_view(&known->certificate), true, &known->facts, why);
}

bool authorities_read(
    struct store *store, struct authorities *authorities, struct failure *why)
{
    return store_list_authorities(store, add_authority, authorities, why);
}

/* "root, issuing". */
static const char *names_of(const struct authorities *authorities,
    bool issuing_only, struct buffer *text)
{
    struct failure full = {0};
    const char *names = "none";
    const char *before = "";

    for (size_t i = 0; i < authorities->count; i++) {
        if (issuing_only && !authorities->rows[i].issues)
            continue;
        if (!buffer_print(
                text, &full, "%s%s", before, authorities->rows[i].name))
            return names;
        before = ", ";
    }
    return text->length > 0 && buffer_as_text(text, &names, &full) ? names
                                                                   : "none";
}

static bool find_issuing(const struct authorities *authorities,
    const struct authority_known **found, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("names of authorities", 8192);
    const struct authority_known *issuing = NULL;
    size_t count = 0;

    for (size_t i = 0; i < authorities->count; i++) {
        if (authorities->rows[i].issues) {
            issuing = &authorities->rows[i];
            count++;
        }
    }
    if (count == 0)
        return fail_because(why, FAILURE_NOT_FOUND, "no authority issues");
    if (count > 1)
        return fail_because(why, FAILURE_CONFLICT,
            "several authorities issue: name one with --ca, of %s",
            names_of(authorities, true, &text));
    *found = issuing;
    return true;
}

bool authorities_find(const struct authorities *authorities, const char *name,
    const struct authority_known **found, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("names of authorities", 8192);

    if (name == NULL)
        return find_issuing(authorities, found, why);
    for (size_t i = 0; i < authorities->count; i++) {
        if (strcmp(authorities->rows[i].name, name) == 0) {
            *found = &authorities->rows[i];
            return true;
        }
    }
    return fail_because(why, FAILURE_NOT_FOUND,
        "there is no authority \"%.64s\"; there are: %s", name,
        names_of(authorities, false, &text));
}

const char *authority_state_name(enum authority_state state)
{
    switch (state) {
    case AUTHORITY_ACTIVE:
        return "active";
    case AUTHORITY_COMING:
        return "coming";
    case AUTHORITY_RETIRING:
        return "retiring";
    case AUTHORITY_RETIRED:
        return "retired";
    }
    return "unknown";
}

json_t *authority_to_json(const struct authority_known *authority)
{
    const struct facts *facts = &authority->facts;

    return json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:s}", "name",
        authority->name, "subject", facts->subject, "sha256", facts->sha256,
        "key", facts->key, "issues", (int)authority->issues, "state",
        authority_state_name(authority->state), "not_after", facts->not_after);
}

bool authorities_to_json(
    const struct authorities *authorities, json_t **array, struct failure *why)
{
    SCOPED(json_t) *made = json_array();

    for (size_t i = 0; i < authorities->count; i++) {
        if (json_array_append_new(
                made, authority_to_json(&authorities->rows[i])) != 0)
            return fail_because(why, FAILURE_INTERNAL, "out of memory");
    }
    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    *array = KEEP(json_t, &made);
    return true;
}
