#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/output.h"
#include "x509/input.h"
#include "x509/lint/lint.h"
#include "x509/lint/lint_crl.h"

/* What is judged: any certificate, request or list; lists may be large. */
#define FILE_MAX (512 * 1024 * 1024)

struct judgement {
    unsigned int scopes;
    const struct tbs_certificate *issuer; /* NULL: unknown */
    struct lint_report report;            /* of one object */
    size_t count;                         /* of all */
    json_t *findings;
};

static bool read_scopes(
    struct call *call, unsigned int *scopes, struct failure *why)
{
    static const struct {
        const char *name;
        enum lint_scope scope;
    } known[] = {{"rfc5280", LINT_RFC5280}, {"br", LINT_BR}, {"own", LINT_OWN}};
    const char *text = NULL;
    size_t position = 0;

    *scopes = 0;
    while ((text = option_next(&call->options, "scope", &position)) != NULL) {
        unsigned int before = *scopes;
        bool found = false;

        for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
            found |= strcmp(text, known[i].name) == 0;
            if (strcmp(text, known[i].name) == 0)
                *scopes = before | known[i].scope;
        }
        if (!found)
            return fail_usage(
                call, why, "--scope is one of rfc5280, br and own");
    }
    if (*scopes == 0)
        *scopes = LINT_SCOPES;
    return true;
}

static bool read_file(
    const char *path, struct buffer *file, struct failure *why)
{
    return strcmp(path, "-") == 0
               ? descriptor_read(STDIN_FILENO, "standard input", file, why)
               : file_read(path, file, why);
}

static bool judge_request(
    struct bytes der, struct judgement *judgement, struct failure *why)
{
    struct request request = {0};

    if (!request_read(der, &request, why))
        return false;
    (void)lint_request(&request, judgement->scopes, &judgement->report);
    return true;
}

static bool judge_object(const struct input_object *object,
    struct judgement *judgement, struct failure *why)
{
    if (object->kind == INPUT_REQUEST)
        return judge_request(object->der, judgement, why);
    if (object->kind == INPUT_CERTIFICATE)
        return lint_encoded(object->der, judgement->issuer, judgement->scopes,
            &judgement->report, why);
    (void)lint_crl_encoded(
        object->der, judgement->issuer, judgement->scopes, &judgement->report);
    return true;
}

static bool is_judged(enum input_kind kind)
{
    return kind == INPUT_CERTIFICATE || kind == INPUT_REQUEST ||
           kind == INPUT_CRL;
}

static const char *kind_code(enum input_kind kind)
{
    if (kind == INPUT_REQUEST)
        return "request";
    return kind == INPUT_CRL ? "crl" : "certificate";
}

/* --- telling ----------------------------------------------------------------
 */

static bool print_finding(
    const struct lint_finding *finding, size_t place, struct failure *why)
{
    if (place > 0)
        (void)printf("object %zu: ", place);
    (void)printf("%s (%s): ", finding->rule, finding->reference);
    return print_shown(finding->sentence, why) &&
           (putchar('\n') != EOF || output_finish(why));
}

static bool tell_object(const struct call *call, struct judgement *judgement,
    size_t place, struct failure *why)
{
    const struct lint_report *report = &judgement->report;

    for (size_t i = 0; i < report->count; i++) {
        const struct lint_finding *finding = &report->findings[i];
        json_t *value = NULL;

        if (!call->json) {
            if (!print_finding(finding, place, why))
                return false;
            continue;
        }
        value = json_pack("{s:s, s:s, s:o}", "rule", finding->rule, "reference",
            finding->reference, "sentence", json_of_text(finding->sentence));
        if (place > 0 && value != NULL)
            (void)json_object_set_new(
                value, "object", json_integer((json_int_t)place));
        (void)json_array_append_new(judgement->findings, value);
    }
    if (report->cut)
        notice(call, "there are more findings than are shown");
    judgement->count += report->count;
    return true;
}

static bool finish(struct call *call, struct judgement *judgement,
    const char *path, enum input_kind kind, struct failure *why)
{
    SCOPED(json_t) *value = NULL;

    call->status = judgement->count > 0;
    if (!call->json)
        return judgement->count > 0 || puts("nothing found") >= 0 ||
               output_finish(why);
    value = json_pack("{s:o, s:s, s:O, s:b}", "file", json_of_text(path),
        "kind", kind_code(kind), "findings", judgement->findings, "clean",
        (int)(judgement->count == 0));
    return output_json(value, why);
}

static bool fail_in(const char *path, const struct input_object *object,
    const struct failure *cause, struct failure *why)
{
    if (object->line > 0)
        return fail_because(why, cause->kind,
            "%.150s, the block on line %zu: %.200s", path, object->line,
            cause->reason);
    return fail_because(
        why, cause->kind, "%.150s: %.200s", path, cause->reason);
}

static bool judge_all(struct call *call, const struct input *input,
    const char *path, struct judgement *judgement, struct failure *why)
{
    enum input_kind kind = INPUT_OTHER;
    struct failure cause = {0};
    size_t judged = 0;

    for (size_t i = 0; i < input->count; i++) {
        const struct input_object *object = &input->objects[i];

        if (!is_judged(object->kind))
            continue;
        if (judged++ == 0)
            kind = object->kind;
        if (!judge_object(object, judgement, &cause))
            return fail_in(path, object, &cause, why);
        if (!tell_object(call, judgement, input->count > 1 ? i + 1 : 0, why))
            return false;
    }
    if (judged == 0)
        return fail_because(why, FAILURE_MALFORMED,
            "%s holds no certificate, request or revocation list", path);
    return finish(call, judgement, path, kind, why);
}

static bool read_issuer(const char *path, struct buffer *der,
    struct certificate *issuer, struct failure *why)
{
    RELEASED(buffer) file = BUFFER("the issuer's file", PEM_MAX);

    return file_read(path, &file, why) &&
           input_certificate(buffer_view(&file), path, der, why) &&
           certificate_read(buffer_view(der), issuer, why);
}

static bool judge_file(
    struct call *call, struct judgement *judgement, struct failure *why)
{
    RELEASED(buffer) file = BUFFER("the file", FILE_MAX);
    const char *path = call->options.operands[0];
    struct input input = {0};
    bool ok;

    ok = read_file(path, &file, why) &&
         input_read(buffer_view(&file), path, &input, why) &&
         judge_all(call, &input, path, judgement, why);
    input_free(&input);
    return ok;
}

bool run_lint(struct call *call, struct failure *why)
{
    RELEASED(buffer) issuer_der = BUFFER("the issuer", CERTIFICATE_MAX);
    SCOPED(json_t) *findings = json_array();
    struct judgement *judgement = calloc(1, sizeof(*judgement));
    const char *issuer_path = call_text(call, "issuer");
    struct certificate issuer = {0};
    bool ok;

    if (judgement == NULL || findings == NULL) {
        free(judgement);
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    }
    judgement->findings = findings;
    ok = read_scopes(call, &judgement->scopes, why) &&
         (issuer_path == NULL ||
             read_issuer(issuer_path, &issuer_der, &issuer, why));
    if (ok && issuer_path != NULL)
        judgement->issuer = &issuer.tbs;
    ok = ok && judge_file(call, judgement, why);
    free(judgement);
    return ok;
}
