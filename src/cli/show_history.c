#include "cli/show_history.h"

#include <inttypes.h>
#include <stdio.h>

#include "authority/history.h"
#include "cli/output.h"
#include "store/search.h"

/* --- reading ------------------------------------------------------------- */

bool history_open(const struct place *place, struct store *store,
    const struct certificate_row *row, json_t **history, struct failure *why)
{
    SCOPED_STRUCT(search) *search = NULL;
    struct failure none = {0};
    char path[PATH_ROOM];

    if (!place_path(place, "search.db", path, why))
        return false;
    if (!search_open(path, false, &search, &none))
        search = NULL;
    return history_read(search, store, row, history, why);
}

/* --- for people ---------------------------------------------------------- */

static const struct {
    const char *key, *words;
} told[] = {
    {"reason", "because"},
    {"revocation_reason", "reason"},
    {"because", "because"},
    {"words", "words"},
    {"asked_by", "asked for by"},
    {"door", "by the door"},
    {"request", "request"},
    {"profile", "profile"},
    {"profile_sha256", "in the version"},
    {"authority", "authority"},
    {"approvers", "approved by"},
    {"approvals", "approvals"},
    {"lint", "lint"},
    {"sign_log", "in the sign log before byte"},
    {"renewed_by", "renewed by"},
    {"key_sha256", "key"},
};

static bool print_value(const json_t *value, struct failure *why)
{
    const json_t *member = NULL;
    size_t index = 0;

    if (json_is_integer(value))
        return printf("%" JSON_INTEGER_FORMAT, json_integer_value(value)) > 0;
    if (json_is_string(value))
        return print_shown(json_string_value(value), why);
    json_array_foreach(value, index, member)
    {
        if ((index > 0 && fputs(", ", stdout) < 0) || !print_value(member, why))
            return false;
    }
    return true;
}

static bool print_details(const json_t *details, struct failure *why)
{
    for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++) {
        const json_t *value = json_object_get(details, told[i].key);

        if (value == NULL || json_is_null(value))
            continue;
        (void)printf("    %s: ", told[i].words);
        if (!print_value(value, why))
            return false;
        (void)putchar('\n');
    }
    return true;
}

bool history_print(const json_t *history, struct failure *why)
{
    const json_t *value = NULL;
    size_t index = 0;

    json_array_foreach(json_object_get(history, "events"), index, value)
    {
        (void)printf(
            "%s  %s, by ", json_text(value, "at"), json_text(value, "meaning"));
        if (!print_shown(json_text(value, "actor"), why))
            return false;
        (void)putchar('\n');
        if (!print_details(json_object_get(value, "detail"), why))
            return false;
    }
    json_array_foreach(json_object_get(history, "lists"), index, value)
    {
        (void)printf("%s  it is on the %s list number %" JSON_INTEGER_FORMAT
                     "\n",
            json_text(value, "made"), json_text(value, "list"),
            json_integer_value(json_object_get(value, "number")));
    }
    return true;
}
