#include "cli/help.h"

#include <string.h>

#define WIDTH 80
#define TEXT_INDENT 2
#define OPTION_COLUMN 26
#define SUMMARY_COLUMN 22

static const char exit_codes[] =
    "0 done, or the answer is yes; 1 the answer is no; 2 wrong usage; 3 "
    "malformed input; 4 not authenticated or not allowed; 5 refused by a rule; "
    "6 not found; 7 conflict; 8 unavailable or locked; 9 our own fault.";

static bool append_blanks(
    struct buffer *text, size_t count, struct failure *why)
{
    return count == 0 || buffer_print(text, why, "%*s", (int)count, "");
}

/* Words broken at the width; column: where the line stands already. */
static bool append_wrapped(struct buffer *text, const char *words,
    size_t length, size_t indent, size_t column, struct failure *why)
{
    const char *end = words + length;
    bool begins = true;

    while (words < end) {
        size_t word = strcspn(words, " ");

        if (word > (size_t)(end - words))
            word = (size_t)(end - words);
        if (!begins && column + 1 + word > WIDTH) {
            if (!buffer_append_byte(text, '\n', why) ||
                !append_blanks(text, indent, why))
                return false;
            column = indent;
        } else if (!begins) {
            if (!buffer_append_byte(text, ' ', why))
                return false;
            column++;
        }
        if (!buffer_append(
                text, (struct bytes){(const uint8_t *)words, word}, why))
            return false;
        column += word;
        begins = false;
        words += word;
        words += words < end;
    }
    return buffer_append_byte(text, '\n', why);
}

static bool append_paragraphs(
    struct buffer *text, const char *paragraphs, struct failure *why)
{
    for (;;) {
        const char *end = strstr(paragraphs, "\n\n");
        size_t length =
            end == NULL ? strlen(paragraphs) : (size_t)(end - paragraphs);

        if (!append_wrapped(text, paragraphs, length, 0, 0, why))
            return false;
        if (end == NULL)
            return true;
        if (!buffer_append_byte(text, '\n', why))
            return false;
        paragraphs = end + 2;
    }
}

/* "  --name ARGUMENT      help", the help in its own column. */
static bool append_row(struct buffer *text, const char *name,
    const char *argument, const char *help, size_t help_column,
    struct failure *why)
{
    size_t begin = text->length;
    size_t column;

    if (!buffer_print(text, why, "  %s%s%s", name, argument == NULL ? "" : " ",
            argument == NULL ? "" : argument))
        return false;
    column = text->length - begin;
    if (column + 2 > help_column) {
        if (!buffer_append_byte(text, '\n', why))
            return false;
        column = 0;
    }
    return append_blanks(text, help_column - column, why) &&
           append_wrapped(
               text, help, strlen(help), help_column, help_column, why);
}

static bool append_option(const struct command_option *option,
    struct buffer *text, struct failure *why)
{
    RELEASED(buffer) name = BUFFER("an option", 256);
    const char *shown = NULL;

    if (!buffer_print(&name, why, "--%s%s%s", option->name,
            option->alias == NULL ? "" : ", --",
            option->alias == NULL ? "" : option->alias) ||
        !buffer_as_text(&name, &shown, why))
        return false;
    return append_row(
        text, shown, option->argument, option->help, OPTION_COLUMN, why);
}

static bool append_options(
    const struct command *command, struct buffer *text, struct failure *why)
{
    if (!buffer_append_text(text, "\nOptions:\n", why))
        return false;
    for (const struct command_option *option = command->options;
         option->name != NULL; option++) {
        if (!append_option(option, text, why))
            return false;
    }
    return append_row(text, "--help", NULL, "this page", OPTION_COLUMN, why);
}

static bool append_example(
    const struct command *command, struct buffer *text, struct failure *why)
{
    const char *line = command->example;

    if (!buffer_append_text(text, "\nExample:\n", why))
        return false;
    while (*line != 0) {
        int length = (int)strcspn(line, "\n");

        if (!buffer_print(text, why, "  %.*s\n", length, line))
            return false;
        line += length;
        line += *line == '\n';
    }
    return true;
}

static bool append_exits(
    const struct command *command, struct buffer *text, struct failure *why)
{
    if (command->exits[0].meaning == NULL)
        return true;
    if (!buffer_append_text(text, "\nExit codes of note:\n", why))
        return false;
    for (size_t i = 0;
         i < COMMAND_EXITS_MAX && command->exits[i].meaning != NULL; i++) {
        if (!buffer_print(text, why, "  %d  %s\n", command->exits[i].status,
                command->exits[i].meaning))
            return false;
    }
    return true;
}

bool help_append_command(
    const struct command *command, struct buffer *text, struct failure *why)
{
    RELEASED(buffer) usage = BUFFER("a synopsis", 4096);

    return buffer_print(&usage, why, "Usage: chancery %s %s", command->words,
               command->synopsis) &&
           append_wrapped(text, (const char *)usage.start,
               usage.length - (*command->synopsis == 0), 8, 0, why) &&
           buffer_append_byte(text, '\n', why) &&
           append_paragraphs(text, command->text, why) &&
           append_options(command, text, why) &&
           append_example(command, text, why) &&
           append_exits(command, text, why);
}

static bool append_summaries(
    const char *group, struct buffer *text, struct failure *why)
{
    size_t length = group == NULL ? 0 : strlen(group);

    for (EACH_COMMAND(row)) {
        if (group != NULL && (strncmp(row->words, group, length) != 0 ||
                                 row->words[length] != ' '))
            continue;
        if (!append_row(
                text, row->words, NULL, row->summary, SUMMARY_COLUMN, why))
            return false;
    }
    return true;
}

bool help_append_group(
    const char *group, struct buffer *text, struct failure *why)
{
    return buffer_print(text, why, "Usage: chancery %s COMMAND\n\n", group) &&
           append_summaries(group, text, why) &&
           buffer_print(text, why,
               "\nMore about one: chancery help %s COMMAND\n", group);
}

bool help_append_program(struct buffer *text, struct failure *why)
{
    return buffer_append_text(text,
               "Chancery, a certificate authority.\n\n"
               "Usage: chancery COMMAND [OPTION]...\n\n",
               why) &&
           append_summaries(NULL, text, why) &&
           append_row(text, "help [COMMAND]", NULL, "tell more about a command",
               SUMMARY_COLUMN, why) &&
           buffer_append_text(text,
               "\nExample:\n"
               "  chancery init --name \"Example\"\n"
               "  chancery issue --profile server --san www.example.org "
               "--key-out www.key \\\n"
               "      --out www.pem --chain\n"
               "\nExit codes: ",
               why) &&
           append_wrapped(text, exit_codes, strlen(exit_codes), TEXT_INDENT,
               sizeof("Exit codes: ") - 1, why);
}
