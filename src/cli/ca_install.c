#include <stdio.h>

#include "authority/hierarchy.h"
#include "base/file_failure.h"
#include "base/message.h"
#include "cli/ceremony_call.h"
#include "cli/output.h"
#include "server/control_protocol.h"
#include "x509/input.h"

static bool add_file(const char *path, enum control_field tag,
    struct buffer *message, struct failure *why)
{
    RELEASED(buffer) file = BUFFER("the file", PEM_MAX);
    RELEASED(input) found = {0};

    if (!file_read(path, &file, why) ||
        !input_certificates(buffer_view(&file), path, &found, why))
        return false;
    if (found.count > HIERARCHY_CHAIN_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "%.160s holds %zu certificates; a chain has %d at most", path,
            found.count, HIERARCHY_CHAIN_MAX);
    for (size_t i = 0; i < found.count; i++) {
        if (!message_add(message, (uint8_t)tag, found.objects[i].der, why))
            return false;
    }
    return true;
}

static bool tell_in_json(const struct authority_known *installed,
    const json_t *facts, struct failure *why)
{
    SCOPED(json_t) *value = authority_to_json(installed);
    SCOPED(json_t) *more = json_pack("{s:O, s:O, s:O}", "already_there",
        json_object_get(facts, "present"), "waits_for_switch",
        json_object_get(facts, "coming"), "root_sha256",
        json_object_get(facts, "root_sha256"));

    if (value == NULL || more == NULL || json_object_update(value, more) != 0)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return output_json(value, why);
}

static bool tell(struct call *call, struct ceremony_call *ceremony,
    const json_t *facts, struct failure *why)
{
    const char *name = json_string_value(json_object_get(facts, "name"));
    const char *root = json_string_value(json_object_get(facts, "root_sha256"));
    bool was_there = json_is_true(json_object_get(facts, "present"));
    const struct authority_known *installed;

    if (!ceremony_call_read(ceremony, why))
        return false;
    installed = name == NULL ? NULL : ceremony_call_named(ceremony, name);
    if (installed == NULL)
        return fail_because(why, FAILURE_INTERNAL,
            "the installed authority is not in the store");
    if (call->json)
        return tell_in_json(installed, facts, why);
    (void)printf("%s %s: ", name,
        was_there ? "is present already" : "has its certificate");
    if (!print_shown(installed->facts.subject, why))
        return false;
    (void)printf("\n  valid until      %s\n", installed->facts.not_after);
    if (root != NULL && *root != '\0')
        (void)printf("  its root         sha256 %s\n", root);
    if (json_is_true(json_object_get(facts, "coming")))
        (void)printf("\nNext: chancery ca rollover\n");
    return output_finish(why);
}

static bool rehearse(struct call *call, const char *file, struct failure *why)
{
    SCOPED(json_t) *value =
        json_pack("{s:b, s:o}", "dry_run", 1, "file", json_of_text(file));

    if (call->json)
        return output_json(value, why);
    (void)printf("The certificates can be read; whether their chain is good "
                 "is checked when they are installed, before anything is "
                 "changed.\n");
    return output_finish(why);
}

bool run_ca_install(struct call *call, struct failure *why)
{
    RELEASED(ceremony_call) ceremony = {0};
    RELEASED(buffer) message = BUFFER("question", CONTROL_FRAME_MAX);
    const char *file = call->options.operands[0];
    const char *root = call_text(call, "root");
    SCOPED(json_t) *facts = NULL;
    char shown[PATH_SHOWN];

    path_print(file, shown);
    if (!add_file(file, CONTROL_CHAIN, &message, why) ||
        (root != NULL && !add_file(root, CONTROL_DER, &message, why)) ||
        !message_add_text(&message, CONTROL_WORDS, shown, why) ||
        !ceremony_call_begin(call, &ceremony, why))
        return false;
    if (call_given(call, "dry-run"))
        return rehearse(call, file, why);
    return ceremony_call_ask(call, &ceremony, CONTROL_AUTHORITY_INSTALL,
               buffer_view(&message), &facts, why) &&
           tell(call, &ceremony, facts, why);
}
