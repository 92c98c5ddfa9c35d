#include "crypto/key.h"

#include "x509/view/fields.h"
#include "x509/view/view.h"

static void show_key(struct view_document *document, struct bytes encoding)
{
    struct der_reader reader = der_reader_of(encoding);
    struct spki key = {0};
    struct failure why = {0};

    if (!spki_read(&reader, &key, &why)) {
        view_damage(document, document->details, &why);
        return;
    }
    (void)view_key_line(document, document->general, "Key", &key);
    (void)view_key_details(document, document->details, &key);
}

void view_public_key(
    struct view_document *document, const struct view_options *options)
{
    (void)options;
    show_key(document, document->der);
}

/* The private part never reaches the document. */
void view_private_key(
    struct view_document *document, const struct view_options *options)
{
    SCOPED_STRUCT(private_key) *key = NULL;
    RELEASED(buffer) spki = BUFFER("the public part of a key", KEY_FILE_MAX);
    struct failure why = {0};

    (void)options;
    (void)view_print(document, document->general, "Shown",
        "the public part only: this file holds a private key");
    if (!key_file_read(document->der, NULL, &key, &why) ||
        !private_key_append_spki(key, &spki, &why)) {
        view_damage(document, document->details, &why);
        return;
    }
    show_key(document, buffer_view(&spki));
}
