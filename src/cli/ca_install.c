#include <stdio.h>
#include <string.h>

#include "authority/control_protocol.h"
#include "authority/hierarchy.h"
#include "base/file_failure.h"
#include "base/message.h"
#include "cli/ceremony_call.h"
#include "cli/output.h"
#include "x509/input.h"

/* What the two files hold, for the question and for a rehearsal. */
struct given {
    struct buffer file;
    struct input found;
};

struct answer {
    struct given answer, roots;
    struct hierarchy_answer chain; /* views of them */
};

static void given_free(struct given *given)
{
    input_free(&given->found);
    buffer_free(&given->file);
}

static void answer_free(struct answer *answer)
{
    given_free(&answer->answer);
    given_free(&answer->roots);
}

static bool read_file(const char *path, struct given *given,
    struct bytes certificates[static HIERARCHY_CHAIN_MAX], size_t *count,
    struct failure *why)
{
    const struct input *found = &given->found;

    given->file = BUFFER("the file", PEM_MAX);
    if (!file_read(path, &given->file, why) ||
        !input_certificates(
            buffer_view(&given->file), path, &given->found, why))
        return false;
    if (found->count > HIERARCHY_CHAIN_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "%.160s holds %zu certificates; a chain has %d at most", path,
            found->count, HIERARCHY_CHAIN_MAX);
    for (size_t i = 0; i < found->count; i++)
        certificates[i] = found->objects[i].der;
    *count = found->count;
    return true;
}

static bool read_answer(const char *file, const char *root,
    struct answer *answer, struct failure *why)
{
    struct hierarchy_answer *chain = &answer->chain;

    return read_file(file, &answer->answer, chain->certificates, &chain->count,
               why) &&
           (root == NULL || read_file(root, &answer->roots, chain->roots,
                                &chain->root_count, why));
}

static bool write_question(const struct hierarchy_answer *chain,
    struct buffer *message, struct failure *why)
{
    for (size_t i = 0; i < chain->count; i++) {
        if (!message_add(message, CONTROL_CHAIN, chain->certificates[i], why))
            return false;
    }
    for (size_t i = 0; i < chain->root_count; i++) {
        if (!message_add(message, CONTROL_DER, chain->roots[i], why))
            return false;
    }
    return message_add_text(message, CONTROL_WORDS, chain->file, why);
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

/* --ca: another authority's answer changes nothing. */
static bool check_name(struct call *call, const struct ceremony_call *ceremony,
    const struct hierarchy_answer *chain, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    struct hierarchy_installed found = {0};
    const char *name = call_text(call, "ca");

    if (name == NULL)
        return true;
    if (!place_open_store(&ceremony->ceremony.place, &store, why) ||
        !hierarchy_check(store, chain, &found, why))
        return false;
    return strcmp(found.name, name) == 0 ||
           fail_because(why, FAILURE_CONFLICT,
               "the certificate is for the key of \"%s\", not of \"%.100s\"",
               found.name, name);
}

static bool rehearse(struct call *call, const struct ceremony_call *ceremony,
    const struct hierarchy_answer *chain, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    SCOPED(json_t) *value = NULL;
    struct hierarchy_installed found = {0};

    if (!place_open_store(&ceremony->ceremony.place, &store, why) ||
        !hierarchy_check(store, chain, &found, why))
        return false;
    if (call->json) {
        value = json_pack("{s:b, s:s, s:b, s:s}", "dry_run", 1, "name",
            found.name, "already_there", (int)found.was_there, "root_sha256",
            found.root_sha256);
        return output_json(value, why);
    }
    if (found.was_there)
        (void)printf(
            "%s is present already; nothing would be done.\n", found.name);
    else
        (void)printf("The chain is good: %s would have its certificate, with "
                     "%zu above it.\n  its root         sha256 %s\n",
            found.name, found.above, found.root_sha256);
    return output_finish(why);
}

bool run_ca_install(struct call *call, struct failure *why)
{
    RELEASED(ceremony_call) ceremony = {0};
    RELEASED(answer) answer = {0};
    RELEASED(buffer) message = BUFFER("question", CONTROL_FRAME_MAX);
    const char *file = call->options.operands[0];
    SCOPED(json_t) *facts = NULL;
    char shown[PATH_SHOWN];

    path_print(file, shown);
    answer.chain.file = shown;
    if (!read_answer(file, call_text(call, "root"), &answer, why) ||
        !ceremony_call_begin(call, &ceremony, why) ||
        !check_name(call, &ceremony, &answer.chain, why))
        return false;
    if (call_given(call, "dry-run"))
        return rehearse(call, &ceremony, &answer.chain, why);
    return write_question(&answer.chain, &message, why) &&
           ceremony_call_ask(call, &ceremony, CONTROL_AUTHORITY_INSTALL,
               buffer_view(&message), &facts, why) &&
           tell(call, &ceremony, facts, why);
}
