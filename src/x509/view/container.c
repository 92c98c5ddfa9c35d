#include "x509/view/container.h"

#include <string.h>

static void show_protection(struct view_document *document, const char *label,
    const char *value, uint64_t iterations)
{
    size_t node;

    node = view_print(document, document->general, label, "%s",
        value[0] == '\0' ? "none" : value);
    if (iterations > 0)
        view_note(
            document, node, "%llu iterations", (unsigned long long)iterations);
}

static void show_object(struct view_document *document, size_t list,
    const struct container_object *object)
{
    const char *kind = input_kind_name(object->kind);
    size_t node;

    if (object->kind == INPUT_OTHER)
        kind = object->length == 0
                   ? "a secret of another kind, which stays in the container"
                   : "an object of another kind";
    node = object->name[0] == '\0'
               ? view_print(document, list, NULL, "%s", kind)
               : view_text(document, list, kind, bytes_of_text(object->name));
    if (object->is_of_private_key)
        view_note(document, node, "its public part alone left the reader");
}

bool view_container_facts(const struct container *container,
    struct view_document *document, struct failure *why)
{
    const bool is_pkcs12 = strcmp(container->kind, "PKCS#12") == 0;
    size_t list;

    if (!view_start(document, (struct bytes){0},
            is_pkcs12 ? "pkcs12" : "tls_server",
            is_pkcs12 ? "PKCS#12 store" : "TLS server", why))
        return false;
    show_protection(document, is_pkcs12 ? "MAC" : "Version",
        container->integrity, container->integrity_iterations);
    show_protection(document, is_pkcs12 ? "Encryption" : "Cipher",
        container->encryption, container->encryption_iterations);
    list =
        view_list(document, document->general, is_pkcs12 ? "Contents" : "Sent");
    for (size_t i = 0; i < container->count; i++)
        show_object(document, list, &container->objects[i]);
    return view_finish(document, why);
}
