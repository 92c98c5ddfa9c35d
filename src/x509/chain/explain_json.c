#include "x509/chain/explain.h"

#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "x509/name.h"

/* INTERFACES.md: {"valid","code","sentence","remedy","path","other_paths"}. */

#define SHOWN_MAX (256 * 1024)

/* JSON has UTF-8 alone; other bytes, as of a text that was cut within a
 * letter, are made visible. */
static json_t *json_of_shown(struct bytes text)
{
    RELEASED(buffer) shown = BUFFER("a text of a verdict", SHOWN_MAX);
    struct failure unshown = {0};

    if (text_is_utf8(text))
        return json_stringn((const char *)text.start, text.length);
    if (!text_append_visible(&shown, text, &unshown))
        return NULL;
    return json_stringn(
        shown.length == 0 ? "" : (const char *)shown.start, shown.length);
}

static json_t *json_of_subject(struct bytes der)
{
    RELEASED(buffer) text = BUFFER("a subject", SHOWN_MAX);
    struct certificate certificate = {0};
    struct failure unread = {0};

    if (!certificate_read(der, &certificate, &unread) ||
        !name_print(certificate.tbs.subject, &text, &unread) ||
        text.length == 0)
        return json_string("");
    return json_of_shown(buffer_view(&text));
}

static json_t *json_of_check(const struct verdict_check *check)
{
    return json_pack("{s:s, s:s, s:s, s:o}", "rule",
        chain_rule_name(check->rule), "reference",
        chain_rule_reference(check->rule), "outcome",
        verdict_outcome_name(check->outcome), "evidence",
        json_of_shown(bytes_of_text(check->evidence)));
}

static json_t *checks_at(const struct verdict_path *path, size_t place)
{
    json_t *checks = json_array();

    for (size_t i = 0; i < path->check_count; i++) {
        if (path->checks[i].place == place &&
            json_array_append_new(checks, json_of_check(&path->checks[i])) !=
                0) {
            json_decref(checks);
            return NULL;
        }
    }
    return checks;
}

static json_t *json_of_certificate(
    const struct verdict_path *path, size_t place)
{
    const struct verdict_certificate *certificate = &path->certificates[place];
    char sha256[SHA256_TEXT];

    hex_print((struct bytes){certificate->sha256, SHA256_BYTES}, sha256);
    return json_pack("{s:s, s:o, s:o}", "sha256", sha256, "subject",
        json_of_subject(certificate->der), "checks", checks_at(path, place));
}

static json_t *json_of_path(const struct verdict_path *path)
{
    json_t *certificates = json_array();

    for (size_t i = 0; i < path->length; i++) {
        if (json_array_append_new(certificates, json_of_certificate(path, i)) !=
            0) {
            json_decref(certificates);
            return NULL;
        }
    }
    return certificates;
}

static json_t *json_of_other(const struct verdict_path *path)
{
    return json_pack("{s:s, s:s, s:o}", "code", verdict_code_name(path->code),
        "rule", path->code == VERDICT_OK ? "" : chain_rule_name(path->rule),
        "path", json_of_path(path));
}

static json_t *others_of(const struct verdict *verdict)
{
    json_t *others = json_array();

    for (size_t i = 1; i < verdict->path_count; i++) {
        if (json_array_append_new(others, json_of_other(&verdict->paths[i])) !=
            0) {
            json_decref(others);
            return NULL;
        }
    }
    return others;
}

bool explain_json(
    const struct verdict *verdict, json_t **json, struct failure *why)
{
    json_t *path =
        verdict->path_count == 0 ? json_array() : json_of_path(verdict->paths);
    json_t *value = json_pack("{s:b, s:s, s:o, s:o, s:o, s:o}", "valid",
        (int)verdict->valid, "code", verdict_code_name(verdict->code),
        "sentence", json_of_shown(bytes_of_text(verdict->sentence)), "remedy",
        json_of_shown(bytes_of_text(verdict->remedy)), "path", path,
        "other_paths", others_of(verdict));

    if (value == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    *json = value;
    return true;
}
