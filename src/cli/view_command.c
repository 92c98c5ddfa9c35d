#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/fetching.h"
#include "cli/output.h"
#include "cli/view_container.h"
#include "cli/view_roots.h"
#include "x509/view/viewing.h"

/* Lists may be large. */
#define FILE_MAX (512 * 1024 * 1024)

/* The command and what it reads beside FILE. */
struct view_command {
    struct call *call;
    const char *operand;
    struct view_roots roots;
    struct fetching *fetching; /* NULL: without --fetch */
    struct viewing viewing;
};

static struct view_look look_of(const struct call *call)
{
    struct winsize size = {0};
    struct view_look look = {.width = SIZE_MAX};

    look.has_colour = *colour_begin(stdout, COLOUR_DIM) != 0;
    look.shows_raw = call_given(call, "raw") || call_given(call, "all");
    if (isatty(STDOUT_FILENO) != 0 &&
        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        look.width = size.ws_col;
    return look;
}

static bool give_question(
    void *owner, struct chain_question *question, struct failure *why)
{
    struct view_command *command = owner;

    if (!view_roots_read(command->call, &command->roots, question, why))
        return false;
    if (command->fetching != NULL)
        question->revocation = CHAIN_REVOCATION_SOFT;
    return true;
}

static bool judge(void *owner, const struct chain_question *question,
    struct chain_pool *untrusted, struct verdict *verdict, struct failure *why)
{
    const struct view_command *command = owner;

    return fetching_verify(
        command->fetching, question, untrusted, verdict, why);
}

static bool is_input(const struct view_command *command)
{
    return strcmp(command->operand, "-") == 0;
}

static bool open_store(void *owner, struct bytes store,
    struct container *container, struct failure *why)
{
    const struct view_command *command = owner;

    return view_open_pkcs12(
        command->call, command->viewing.name, store, container, why);
}

static struct viewing viewing_of(struct view_command *command)
{
    const struct call *call = command->call;
    struct viewing viewing =
        viewing_new(is_input(command) ? "standard input" : command->operand);

    viewing.makes_page = call_given(call, "html");
    viewing.makes_json = call->json;
    viewing.look = look_of(call);
    viewing.options = (struct view_options){.now = clock_now(),
        .shows_all = call_given(call, "all"),
        .file = is_input(command) ? NULL : command->operand};
    viewing.question = give_question;
    viewing.judge = judge;
    viewing.open_store = open_store;
    viewing.owner = command;
    return viewing;
}

static bool begin(struct view_command *command, struct failure *why)
{
    const char *page = call_text(command->call, "html");

    return (page == NULL || output_file_check(command->call, page, why)) &&
           viewing_begin(&command->viewing, why);
}

static bool finish(struct view_command *command, struct failure *why)
{
    const char *page = call_text(command->call, "html");
    struct bytes out;

    if (!viewing_end(&command->viewing, why))
        return false;
    out = buffer_view(&command->viewing.out);
    if (page != NULL && !output_file_write(command->call, page, out, 0644, why))
        return false;
    if (command->viewing.makes_json)
        return output_bytes(buffer_view(&command->viewing.json), why);
    return page != NULL || output_bytes(out, why);
}

/* --- what is shown -------------------------------------------------------- */

static bool read_file(const struct view_command *command, struct buffer *file,
    struct failure *why)
{
    return is_input(command)
               ? descriptor_read(STDIN_FILENO, "standard input", file, why)
               : file_read(command->operand, file, why);
}

static bool show_host(struct view_command *command, struct failure *why)
{
    RELEASED(container) container = container_new();

    command->viewing.options.file = NULL;
    return view_open_host(command->operand, &container, why) &&
           viewing_show_container(&command->viewing, &container, why);
}

static bool show_file(struct view_command *command, struct failure *why)
{
    RELEASED(buffer) file = BUFFER("the file", FILE_MAX);

    return read_file(command, &file, why) && begin(command, why) &&
           viewing_show_file(&command->viewing, buffer_view(&file), why);
}

static bool show_operand(struct view_command *command, struct failure *why)
{
    if (view_operand_is_address(command->operand))
        return begin(command, why) && show_host(command, why);
    return show_file(command, why);
}

bool run_view(struct call *call, struct failure *why)
{
    struct view_command command = {
        .call = call, .operand = call->options.operands[0]};
    bool ok;

    command.viewing = viewing_of(&command);
    ok = fetching_new(call, &command.fetching, why) &&
         show_operand(&command, why) && finish(&command, why);
    if (ok && command.viewing.is_damaged) {
        *why = command.viewing.damage;
        ok = false;
    }
    viewing_free(&command.viewing);
    view_roots_free(&command.roots);
    fetching_free(command.fetching);
    return ok;
}
