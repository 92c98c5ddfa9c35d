#include "x509/view/path.h"

#include "base/hex.h"
#include "x509/view/fields.h"

static void show_check(struct view_document *document, size_t list,
    const struct verdict_check *check)
{
    size_t node = view_print(document, list, chain_rule_name(check->rule), "%s",
        check->evidence == NULL ? "" : check->evidence);

    view_note(document, node, "%s", chain_rule_reference(check->rule));
    view_tone(document, node, VIEW_BAD);
}

/* Kept ones are counted: what fails is what one looks for. */
static void show_checks(struct view_document *document, size_t group,
    const struct verdict_path *path, size_t place)
{
    int64_t counts[] = {
        [VERDICT_PASS] = 0, [VERDICT_FAIL] = 0, [VERDICT_SKIPPED] = 0};
    size_t list = VIEW_NOWHERE;

    for (size_t i = 0; i < path->check_count; i++) {
        const struct verdict_check *check = &path->checks[i];

        if (check->place != place)
            continue;
        counts[check->outcome]++;
        if (check->outcome != VERDICT_FAIL)
            continue;
        if (list == VIEW_NOWHERE)
            list = view_list(document, group, "Rules not kept");
        show_check(document, list, check);
    }
    (void)view_number(document, group, "Rules kept", counts[VERDICT_PASS]);
    (void)view_number(
        document, group, "Rules not asked", counts[VERDICT_SKIPPED]);
}

static void show_certificate(struct view_document *document, size_t list,
    const struct verdict_path *path, size_t place)
{
    const struct verdict_certificate *held = &path->certificates[place];
    struct certificate certificate = {0};
    struct failure why = {0};
    char fingerprint[SHA256_TEXT] = "";
    bool is_bad = path->code != VERDICT_OK && path->place == place;
    size_t group = view_group(document, list, NULL);
    size_t node = VIEW_NOWHERE;

    if (certificate_read(held->der, &certificate, &why))
        (void)view_name(document, group, "Subject", certificate.tbs.subject);
    node = view_print(document, group, "Verdict", "%s",
        is_bad            ? verdict_code_name(path->code)
        : held->is_anchor ? "trusted"
                          : "ok");
    view_tone(document, node, is_bad ? VIEW_BAD : VIEW_GOOD);
    if (is_bad)
        view_note(document, node, "%s", path->evidence);
    if (held->origin != NULL)
        (void)view_print(document, group, "Found in", "%s", held->origin);
    hex_print((struct bytes){held->sha256, SHA256_BYTES}, fingerprint);
    (void)view_print(document, group, "Fingerprint SHA-256", "%s", fingerprint);
    show_checks(document, group, path, place);
}

void view_verdict(struct view_document *document, const struct verdict *verdict)
{
    enum view_tone tone = verdict->valid ? VIEW_GOOD : VIEW_BAD;

    view_tone(document,
        view_words(document, document->general, "Verdict",
            bytes_of_text(verdict->sentence)),
        tone);
    view_tone(document,
        view_words(document, document->path, "Verdict",
            bytes_of_text(verdict->sentence)),
        tone);
    (void)view_print(document, document->path, "Code", "%s",
        verdict_code_name(verdict->code));
    (void)view_yes_no(document, document->path, "Valid", verdict->valid);
    if (verdict->remedy[0] != 0)
        (void)view_words(
            document, document->path, "Remedy", bytes_of_text(verdict->remedy));
}

void view_path_certificates(struct view_document *document, size_t parent,
    const struct verdict *verdict)
{
    size_t list = VIEW_NOWHERE;

    if (verdict->path_count == 0)
        return;
    list = view_list(document, parent, "Certificates");
    for (size_t i = verdict->paths[0].length; i > 0; i--)
        show_certificate(document, list, &verdict->paths[0], i - 1);
}

void view_path(struct view_document *document, const struct verdict *verdict)
{
    view_verdict(document, verdict);
    view_path_certificates(document, document->path, verdict);
}

void view_no_path(struct view_document *document, const char *reason)
{
    (void)view_print(document, document->path, "Verdict", "%s", reason);
}
