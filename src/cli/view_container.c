#include "cli/view_container.h"

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
    if (code == VERDICT_WRONG_PASSWORD && !call_given(call, "passphrase-file"))
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
