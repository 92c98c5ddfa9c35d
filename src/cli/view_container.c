#include "cli/view_container.h"

#include <string.h>
#include <unistd.h>

#include "cli/passphrase.h"
#include "cli/terminal.h"
#include "server/reader.h"

bool view_operand_is_address(const char *operand)
{
    char host[READER_HOST_ROOM];
    char port[READER_PORT_ROOM];
    struct failure why = {0};

    return access(operand, F_OK) != 0 &&
           reader_address_split(operand, host, port, &why);
}

bool view_open_host(
    const char *address, struct container *container, struct failure *why)
{
    char host[READER_HOST_ROOM];
    char port[READER_PORT_ROOM];

    return reader_address_split(address, host, port, why) &&
           reader_connect(NULL, host, port, container, why);
}

/* --- PKCS#12 -------------------------------------------------------------- */

static bool refuse(struct call *call, const char *path, enum verdict_code code,
    const struct failure *cause, struct failure *why)
{
    call->code = verdict_code_name(code);
    if (code == VERDICT_WRONG_PASSWORD)
        advise(call, "give it with --passphrase-file FILE");
    return fail_because(
        why, cause->kind, "%.120s: %.270s", path, cause->reason);
}

static bool ask_for_one(const char *path, int *passphrase, struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", 1024);
    const char *text = NULL;

    return buffer_print(&question, why, "Passphrase of %.200s: ", path) &&
           buffer_as_text(&question, &text, why) &&
           passphrase_ask(text, false, passphrase, why);
}

bool view_open_pkcs12(struct call *call, const char *path, struct bytes file,
    struct container *container, struct failure *why)
{
    SCOPED_DESCRIPTOR int passphrase = -1;
    enum verdict_code code = VERDICT_OK;
    struct failure cause = {0};

    if (!passphrase_given(call, "passphrase-file", &passphrase, why))
        return false;
    if (reader_open(NULL, file, passphrase, container, &code, &cause))
        return true;
    if (code != VERDICT_WRONG_PASSWORD || passphrase >= 0 ||
        !terminal_is_there())
        return refuse(call, path, code, &cause, why);
    if (!ask_for_one(path, &passphrase, why))
        return false;
    cause = (struct failure){0};
    return reader_open(NULL, file, passphrase, container, &code, &cause) ||
           refuse(call, path, code, &cause, why);
}

/* --- facts ---------------------------------------------------------------- */

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
