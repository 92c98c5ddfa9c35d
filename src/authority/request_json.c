#include "authority/request_json.h"

#include <string.h>

#include "authority/facts.h"
#include "x509/request.h"

bool request_state_named(
    const char *name, enum request_state *state, struct failure *why)
{
    for (int i = 0; i < REQUEST_STATES; i++) {
        if (strcmp(request_state_name((enum request_state)i), name) == 0) {
            *state = (enum request_state)i;
            return true;
        }
    }
    return fail_because(why, FAILURE_MALFORMED,
        "\"%.40s\" is no state; there are waiting, issued, denied, failed and "
        "withdrawn",
        name);
}

/* The names asked for: those given beside the request, else its own. */
static bool subject_of(
    const struct request_row *row, struct buffer *subject, struct failure *why)
{
    struct request request = {0};

    if (row->subject.length > 0)
        return name_print(row->subject, subject, why);
    return request_read(row->der, &request, why) &&
           name_print(request.subject, subject, why);
}

/* The same of the alternative names. */
static bool add_names(
    const struct request_row *row, json_t *array, struct failure *why)
{
    struct extension extension = {0};
    struct der_reader names = der_reader_of(row->general_names);
    struct request request = {0};
    bool found = row->general_names.length > 0;

    if (found)
        return names_to_json(names, array, why);
    if (!request_read(row->der, &request, why) ||
        !extensions_find(
            request.extensions, OID_SUBJECT_ALT_NAME, &extension, &found, why))
        return false;
    return !found || (extension_general_names(extension.value, &names, why) &&
                         names_to_json(names, array, why));
}

static json_t *pack_row(const struct request_row *row, const char *subject)
{
    return json_pack("{s:s,s:s,s:o,s:s,s:s,s:s,s:s,s:i,s:o,s:o,s:o}", "id",
        row->id, "state", request_state_name(row->state), "subject",
        json_of_text(subject), "profile", row->profile, "profile_sha256",
        row->profile_sha256, "key_sha256", row->key_sha256, "actor", row->actor,
        "approvals_needed", row->approvals_needed, "asked_at",
        json_of_time(row->asked_at), "decided_at",
        json_of_time(row->decided_at), "reason", json_of_text(row->reason));
}

/* Only what passed every rule is stored (authority/requests.h). */
#define LINT_SAID "no findings when it was asked"

bool request_to_json(
    const struct request_row *row, json_t **value, struct failure *why)
{
    RELEASED(buffer) subject = BUFFER("subject", REQUEST_MAX * 4);
    const char *text = NULL;

    if (!subject_of(row, &subject, why) ||
        !buffer_as_text(&subject, &text, why))
        return false;
    *value = pack_row(row, text);
    return *value != NULL ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

static bool add_approval(void *context, const char *who, const char *actor,
    int64_t at, struct failure *why)
{
    (void)who;
    return json_array_append_new(
               context, json_pack("{s:o,s:o}", "actor", json_of_text(actor),
                            "at", json_of_time(at))) == 0 ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

bool request_details_to_json(struct store *store, const struct request_row *row,
    json_t **value, struct failure *why)
{
    SCOPED(json_t) *approvals = json_array();
    SCOPED(json_t) *names = json_array();
    SCOPED(json_t) *made = NULL;

    if (!request_to_json(row, &made, why) || !add_names(row, names, why) ||
        !store_list_approvals(store, row->number, add_approval, approvals, why))
        return false;
    if (json_object_set(made, "approvals", approvals) != 0 ||
        json_object_set(made, "names", names) != 0 ||
        json_object_set_new(made, "lint", json_string(LINT_SAID)) != 0)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    *value = KEEP(json_t, &made);
    return true;
}
