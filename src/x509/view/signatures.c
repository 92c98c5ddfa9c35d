#include "x509/view/signatures.h"

#include "x509/view/fields.h"
#include "x509/view/path.h"

static void show_notes(struct view_document *document, size_t group,
    const struct signed_notes *notes)
{
    size_t list = VIEW_NOWHERE;

    for (size_t i = 0; i < notes->count; i++) {
        const struct signed_note *note = &notes->notes[i];
        size_t node = VIEW_NOWHERE;

        if (note->outcome != VERDICT_FAIL)
            continue;
        if (list == VIEW_NOWHERE)
            list = view_list(document, group, "Rules not kept");
        node = view_print(
            document, list, chain_rule_name(note->rule), "%s", note->evidence);
        view_note(document, node, "%s", chain_rule_reference(note->rule));
        view_tone(document, node, VIEW_BAD);
    }
}

/* --- time-stamps ---------------------------------------------------------- */

static void show_stamp(
    struct view_document *document, size_t list, const struct stamp *stamp)
{
    size_t group = view_group(document, list, NULL);
    size_t node = view_print(document, group, "Verdict", "%s",
        stamp->is_valid ? "ok" : verdict_code_name(stamp->notes.code));

    view_tone(document, node, stamp->is_valid ? VIEW_GOOD : VIEW_BAD);
    (void)view_print(document, group, "Kind", "%s",
        stamp->kind == STAMP_TOKEN ? "time-stamp (RFC 3161)"
                                   : "countersignature");
    if (stamp->time != 0)
        (void)view_time(document, group, "Stamped at", stamp->time);
    if (*stamp->authority != 0)
        (void)view_print(document, group, "Stamped by", "%s", stamp->authority);
    show_notes(document, group, &stamp->notes);
}

static void show_stamps(
    struct view_document *document, size_t group, const struct stamps *stamps)
{
    size_t list = VIEW_NOWHERE;

    if (stamps->count == 0)
        return;
    list = view_list(document, group, "Time-stamps");
    for (size_t i = 0; i < stamps->count; i++)
        show_stamp(document, list, &stamps->all[i]);
}

/* --- signatures ----------------------------------------------------------- */

static void show_signature(struct view_document *document, size_t list,
    const struct signature_verdict *signature)
{
    const struct verdict *verdict = &signature->verdict;
    size_t group = view_group(document, list, NULL);
    size_t node = view_print(
        document, group, "Verdict", "%s", verdict_code_name(verdict->code));

    view_tone(document, node, verdict->valid ? VIEW_GOOD : VIEW_BAD);
    if (*signature->signer != 0)
        (void)view_print(document, group, "Signed by", "%s", signature->signer);
    if (signature->digest != NULL)
        (void)view_print(document, group, "Digest", "%s", signature->digest);
    if (signature->has_signing_time)
        view_note(document,
            view_time(document, group, "Signing time", signature->signing_time),
            "by the signer's own clock");
    if (signature->is_stamped)
        (void)view_time(document, group, "Stamped at", signature->stamped_at);
    (void)view_words(
        document, group, "Found", bytes_of_text(verdict->sentence));
    show_notes(document, group, &signature->notes);
    show_stamps(document, group, &signature->stamps);
    view_path_certificates(document, group, verdict);
}

void view_signatures(
    struct view_document *document, const struct signed_file *file)
{
    size_t list = VIEW_NOWHERE;

    view_verdict(document, signed_file_verdict(file));
    for (size_t i = 0; i < file->signatures.count; i++) {
        if (file->signatures.all[i]->kind == SIGNATURE_NONE)
            continue;
        if (list == VIEW_NOWHERE)
            list = view_list(document, document->path, "Signatures");
        show_signature(document, list, file->signatures.all[i]);
    }
}

bool view_signed_file(const struct signed_file *file,
    struct view_document *document, struct failure *why)
{
    const bool is_program = file->kind == SIGNED_FILE_PROGRAM;
    size_t signatures = 0;

    if (!view_start(document, (struct bytes){0},
            is_program ? "program" : "signed_mail",
            is_program ? "Program" : "Signed mail", why))
        return false;
    for (size_t i = 0; i < file->signatures.count; i++)
        signatures += file->signatures.all[i]->kind != SIGNATURE_NONE;
    (void)view_number(
        document, document->general, "Signatures", (int64_t)signatures);
    view_signatures(document, file);
    return view_finish(document, why);
}
