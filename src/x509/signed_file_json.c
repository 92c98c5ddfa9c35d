#include "base/clock.h"
#include "base/text.h"
#include "x509/chain/explain.h"
#include "x509/signed_file.h"

#define SHOWN_MAX 4096

/* Names come visible from the engine; cut ones may end within a letter. */
static json_t *shown(const char *text)
{
    RELEASED(buffer) visible = BUFFER("a text of a signature", SHOWN_MAX);
    struct failure unshown = {0};
    struct bytes bytes = bytes_of_text(text);

    if (text_is_utf8(bytes))
        return json_string(text);
    if (!text_append_visible(&visible, bytes, &unshown))
        return NULL;
    return json_stringn((const char *)visible.start, visible.length);
}

static json_t *time_or_null(bool is_there, int64_t time)
{
    char text[CLOCK_TEXT] = "";

    if (!is_there)
        return json_null();
    clock_print(time, text);
    return json_string(text);
}

static json_t *text_or_null(const char *text)
{
    return text == NULL || *text == 0 ? json_null() : shown(text);
}

/* --- its parts ------------------------------------------------------------ */

static json_t *checks_of(const struct signed_notes *notes)
{
    json_t *checks = json_array();

    for (size_t i = 0; i < notes->count; i++) {
        const struct signed_note *note = &notes->notes[i];

        if (json_array_append_new(
                checks, json_pack("{s:s, s:s, s:s, s:o}", "rule",
                            chain_rule_name(note->rule), "reference",
                            chain_rule_reference(note->rule), "outcome",
                            verdict_outcome_name(note->outcome), "evidence",
                            shown(note->evidence))) != 0) {
            json_decref(checks);
            return NULL;
        }
    }
    return checks;
}

static json_t *json_of_stamp(const struct stamp *stamp)
{
    const char *kind =
        stamp->kind == STAMP_TOKEN ? "rfc3161" : "countersignature";

    return json_pack("{s:s, s:b, s:s, s:o, s:o, s:o}", "kind", kind, "valid",
        (int)stamp->is_valid, "code", verdict_code_name(stamp->notes.code),
        "time", time_or_null(stamp->time != 0, stamp->time), "authority",
        text_or_null(stamp->authority), "checks", checks_of(&stamp->notes));
}

static json_t *stamps_of(const struct stamps *stamps)
{
    json_t *array = json_array();

    for (size_t i = 0; i < stamps->count; i++) {
        if (json_array_append_new(array, json_of_stamp(&stamps->all[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static const char *kind_name(enum signature_kind kind)
{
    static const char *const names[] = {
        [SIGNATURE_OF_CMS] = "cms",
        [SIGNATURE_OF_PROGRAM] = "authenticode",
        [SIGNATURE_OF_TIME_STAMP] = "time-stamp",
        [SIGNATURE_NONE] = "none",
    };

    return names[kind];
}

static json_t *json_of_signature(
    const struct signature_verdict *signature, struct failure *why)
{
    json_t *json = NULL;

    if (!explain_json(&signature->verdict, &json, why))
        return NULL;
    if (json_object_set_new(
            json, "kind", json_string(kind_name(signature->kind))) != 0 ||
        json_object_set_new(json, "signer", text_or_null(signature->signer)) !=
            0 ||
        json_object_set_new(json, "digest", text_or_null(signature->digest)) !=
            0 ||
        json_object_set_new(json, "signing_time",
            time_or_null(
                signature->has_signing_time, signature->signing_time)) != 0 ||
        json_object_set_new(json, "stamped_at",
            time_or_null(signature->is_stamped, signature->stamped_at)) != 0 ||
        json_object_set_new(
            json, "time_stamps", stamps_of(&signature->stamps)) != 0 ||
        json_object_set_new(json, "checks", checks_of(&signature->notes)) !=
            0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

bool signed_file_json(
    const struct signed_file *file, json_t **json, struct failure *why)
{
    SCOPED(json_t) *whole = NULL;
    SCOPED(json_t) *signatures = json_array();

    if (!explain_json(signed_file_verdict(file), &whole, why))
        return false;
    for (size_t i = 0; i < file->signatures.count; i++) {
        if (json_array_append_new(signatures,
                json_of_signature(file->signatures.all[i], why)) != 0)
            return fail_because(why, FAILURE_INTERNAL, "out of memory");
    }
    if (json_object_set_new(whole, "kind",
            json_string(signed_file_kind_name(file->kind))) != 0 ||
        json_object_set(whole, "signatures", signatures) != 0)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    *json = KEEP(json_t, &whole);
    return true;
}
