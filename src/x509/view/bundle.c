#include "x509/view/bundle.h"

#include "base/clock.h"
#include "x509/view/fields.h"

static size_t count_certificates(const struct input *input)
{
    size_t count = 0;

    for (size_t i = 0; i < input->count; i++)
        count += input->objects[i].kind == INPUT_CERTIFICATE;
    return count;
}

bool view_is_bundle(const struct input *input)
{
    return count_certificates(input) >= VIEW_BUNDLE_LEAST;
}

/* What is asked of each; the lines come behind the counts. */
struct bundle {
    size_t expired, not_yet_valid, damaged;
};

static void show_line(struct view_document *document, size_t list,
    const struct certificate *certificate, int64_t now, struct bundle *bundle)
{
    const struct tbs_certificate *tbs = &certificate->tbs;
    size_t node = view_name(document, list, NULL, tbs->subject);
    char until[CLOCK_TEXT] = "";

    clock_print(tbs->not_after, until);
    if (tbs->not_after < now) {
        bundle->expired++;
        view_note(document, node, "expired %s", until);
        view_tone(document, node, VIEW_BAD);
    } else if (tbs->not_before > now) {
        bundle->not_yet_valid++;
        view_note(document, node, "not valid yet, until %s", until);
        view_tone(document, node, VIEW_BAD);
    } else {
        view_note(document, node, "until %s", until);
    }
}

static void show_lines(struct view_document *document,
    const struct input *input, int64_t now, struct bundle *bundle)
{
    size_t list =
        view_list(document, document->details, "Certificates, in their order");

    for (size_t i = 0; i < input->count; i++) {
        struct certificate certificate = {0};
        struct failure unread = {0};

        if (input->objects[i].kind != INPUT_CERTIFICATE)
            continue;
        if (certificate_read(input->objects[i].der, &certificate, &unread)) {
            show_line(document, list, &certificate, now, bundle);
            continue;
        }
        bundle->damaged++;
        view_tone(document,
            view_print(document, list, NULL, "(%s)", unread.reason), VIEW_BAD);
    }
}

static void show_count(
    struct view_document *document, const char *label, size_t count)
{
    if (count > 0)
        view_tone(document,
            view_number(document, document->general, label, (int64_t)count),
            VIEW_BAD);
}

bool view_bundle(const struct input *input, const struct view_options *options,
    struct view_document *document, struct failure *why)
{
    struct bundle bundle = {0};
    size_t certificates = count_certificates(input);

    if (!view_start(document, (struct bytes){0}, "bundle",
            "Bundle of certificates", why))
        return false;
    show_lines(document, input, options->now, &bundle);
    (void)view_number(
        document, document->general, "Certificates", (int64_t)certificates);
    show_count(document, "Expired", bundle.expired);
    show_count(document, "Not valid yet", bundle.not_yet_valid);
    show_count(document, "Damaged", bundle.damaged);
    if (input->count > certificates)
        (void)view_number(document, document->general, "Other objects",
            (int64_t)(input->count - certificates));
    return view_finish(document, why);
}
