#include "cli/dispatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/completion.h"
#include "cli/help.h"
#include "cli/man.h"
#include "cli/nearest.h"
#include "cli/output.h"
#include "crypto/start.h"
#include "server/roles.h"

#define PAGE_MAX (256 * 1024)

static void call_free(struct call *call)
{
    options_free(&call->options);
}

static bool is_given(int count, const char *const *arguments, const char *word)
{
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], word) == 0)
            return true;
    }
    return false;
}

/* --- pages --------------------------------------------------------------- */

static bool fail_unknown_word(
    struct call *call, const char *group, const char *word, struct failure *why)
{
    const char *here = group == NULL ? translated_word(word) : NULL;
    const char *before = group == NULL ? "" : group;
    const char *blank = group == NULL ? "" : " ";
    char found[WORD_ROOM];

    if (here != NULL)
        return fail_usage(call, why,
            "there is no command \"%.40s\"; here it is: %s", word, here);
    if (nearest_word(group, word, found))
        return fail_usage(call, why,
            "there is no command \"%s%s%.40s\": is \"%s%s%s\" meant?", before,
            blank, word, before, blank, found);
    return fail_usage(call, why,
        "there is no command \"%s%s%.40s\": chancery help lists those there "
        "are",
        before, blank, word);
}

static bool append_help(struct call *call, const char *first,
    const char *second, struct buffer *page, struct failure *why)
{
    const struct command *command;
    int used = 0;

    if (first == NULL)
        return help_append_program(page, why);
    command = command_named(first, second, &used);
    if (command != NULL)
        return help_append_command(command, page, why);
    if (!command_is_group(first))
        return fail_unknown_word(call, NULL, first, why);
    if (second == NULL)
        return help_append_group(first, page, why);
    return fail_unknown_word(call, first, second, why);
}

static bool print_help(struct call *call, const char *first, const char *second,
    struct failure *why)
{
    RELEASED(buffer) page = BUFFER("help", PAGE_MAX);

    return append_help(call, first, second, &page, why) &&
           output_bytes(buffer_view(&page), why);
}

static bool print_man_page(const char *name, struct failure *why)
{
    RELEASED(buffer) page = BUFFER("a manual page", PAGE_MAX);

    return man_append(name == NULL ? "chancery" : name, &page, why) &&
           output_bytes(buffer_view(&page), why);
}

static bool print_completion(struct failure *why)
{
    RELEASED(buffer) page = BUFFER("the completion", PAGE_MAX);

    return completion_append(&page, why) &&
           output_bytes(buffer_view(&page), why);
}

/* --- commands ------------------------------------------------------------ */

static bool run(struct call *call, const char *const *arguments, size_t count,
    struct failure *why)
{
    if (!options_read(call->command, arguments, count, &call->options, why)) {
        call->is_usage = why->kind != FAILURE_INTERNAL;
        return false;
    }
    if (call->options.wants_help) {
        RELEASED(buffer) page = BUFFER("help", PAGE_MAX);

        return help_append_command(call->command, &page, why) &&
               output_bytes(buffer_view(&page), why);
    }
    return crypto_start(why) && call->command->run(call, why);
}

/* Options may stand before the command too: how many arguments are those that
 * every command has. */
static int count_leading(int count, const char *const *arguments)
{
    int leading = 0;

    while (leading < count) {
        if (strcmp(arguments[leading], "--json") == 0 ||
            strncmp(arguments[leading], "--dir=", 6) == 0)
            leading++;
        else if (strcmp(arguments[leading], "--dir") == 0 &&
                 leading + 1 < count)
            leading += 2;
        else
            break;
    }
    return leading;
}

/* The arguments without the words of the command. */
static bool run_command(struct call *call, const char *const *arguments,
    int count, int leading, int words, struct failure *why)
{
    const char **rest = calloc((size_t)count + 1, sizeof(*rest));
    size_t taken = 0;
    bool done;

    if (rest == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    for (int i = 0; i < count; i++) {
        if (i < leading || i >= leading + words)
            rest[taken++] = arguments[i];
    }
    done = run(call, rest, taken, why);
    free(rest);
    return done;
}

static bool dispatch_words(struct call *call, const char *const *arguments,
    int count, struct failure *why)
{
    int leading = count_leading(count, arguments);
    const char *first = leading < count ? arguments[leading] : NULL;
    const char *second = leading + 1 < count ? arguments[leading + 1] : NULL;
    int words = 0;

    if (first == NULL)
        return fail_usage(call, why,
            "no command is given: chancery help lists those there are");
    call->command = command_named(first, second, &words);
    if (call->command != NULL)
        return run_command(call, arguments, count, leading, words, why);
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0)
        return print_help(call, NULL, NULL, why);
    if (strcmp(first, "help") == 0)
        return print_help(call, second,
            leading + 2 < count ? arguments[leading + 2] : NULL, why);
    if (strcmp(first, "--version") == 0) {
        call->command = command_named("version", NULL, &words);
        return run_command(call, arguments, count, leading, 1, why);
    }
    if (strcmp(first, "--man-page") == 0)
        return print_man_page(second, why);
    if (strcmp(first, "--bash-completion") == 0)
        return print_completion(why);
    if (!command_is_group(first))
        return fail_unknown_word(call, NULL, first, why);
    if (second == NULL)
        return fail_usage(call, why,
            "%s is said with a second word: chancery help %s lists them", first,
            first);
    if (strcmp(second, "--help") == 0 || strcmp(second, "-h") == 0)
        return print_help(call, first, NULL, why);
    return fail_unknown_word(call, first, second, why);
}

static int run_role(const char *name)
{
    struct call call = {0};
    struct failure why = {0};

    role_prepare(name);
    if (!crypto_start(&why))
        return tell_failure(&call, &why);
    return role_main(name);
}

int dispatch(int count, const char *const *arguments)
{
    RELEASED(call) call = {0};
    struct failure why = {0};

    if (count == 3 && strcmp(arguments[1], "--role") == 0)
        return run_role(arguments[2]);
    call.json = is_given(count, arguments, "--json");
    if (!dispatch_words(&call, arguments + 1, count - 1, &why) ||
        !output_finish(&why)) {
        (void)fflush(stdout);
        return tell_failure(&call, &why);
    }
    return call.status;
}
