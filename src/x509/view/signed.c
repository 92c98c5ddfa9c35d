#include "x509/view/signed.h"

#include "x509/pe.h"
#include "x509/view/path.h"
#include "x509/view/signatures.h"

bool view_is_signed_file(struct bytes file)
{
    enum signed_file_kind kind = signed_file_kind_of(file);

    return kind == SIGNED_FILE_PROGRAM || kind == SIGNED_FILE_MAIL;
}

bool view_asker_ask_file(struct view_asker *asker, struct bytes file,
    struct signed_file *judged, struct view_document *document,
    struct failure *why)
{
    return signed_file_verify(file, NULL, &asker->question, judged, why) &&
           view_signed_file(judged, document, why);
}

/* What pads an entry, or hides in it, is the verdict's business. */
static bool next_of_program(
    struct bytes file, size_t *position, struct bytes *der)
{
    struct pe pe = {0};
    struct pe_certificate entry = {0};
    struct failure unread = {0};
    bool found = false;

    if (!pe_read(file, &pe, &unread))
        return false;
    while (
        pe_next_certificate(&pe, position, &entry, &found, &unread) && found) {
        struct der_reader reader = der_reader_of(entry.contents);
        struct der_reader inside = {0};
        uint8_t tag = 0;

        if (entry.type == PE_PKCS_SIGNED_DATA &&
            der_read_any(&reader, &tag, &inside, der, &unread))
            return true;
    }
    return false;
}

bool view_signed_next(struct bytes file, const struct signed_file *judged,
    size_t *position, struct bytes *der)
{
    if (judged->kind == SIGNED_FILE_PROGRAM)
        return next_of_program(file, position, der);
    *der = judged->der;
    return (*position)++ == 0 && der->length > 0;
}

bool view_asker_ask_signed(struct view_asker *asker, struct bytes der,
    struct view_document *document, struct failure *why)
{
    RELEASED(signed_file) judged = {0};
    struct failure unjudged = {0};

    if (!signed_file_is(der))
        return true;
    if (signed_file_verify(der, NULL, &asker->question, &judged, &unjudged)) {
        if (signed_file_verdict(&judged)->code != VERDICT_NO_SIGNATURE)
            view_signatures(document, &judged);
        return true;
    }
    if (unjudged.kind == FAILURE_INTERNAL) {
        *why = unjudged;
        return false;
    }
    view_no_path(document,
        unjudged.kind == FAILURE_NOT_FOUND
            ? "not asked: what is signed stands in another file, which "
              "chancery verify takes with --content"
            : unjudged.reason);
    return true;
}
