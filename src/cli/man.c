#include "cli/man.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define PAGE_NAME_MAX 64

static const char environment[] =
    ".SH ENVIRONMENT\n"
    ".TP\n.B CHANCERY_DIR\nthe folder of the authority where \\-\\-dir is not "
    "given.\n"
    ".TP\n.B XDG_DATA_HOME\nwhere the folder \\(lqchancery\\(rq is looked for "
    "by users other than root.\n"
    ".TP\n.B NO_COLOR\nno colours on terminals.\n";

static const char exit_status[] =
    ".SH \"EXIT STATUS\"\n"
    "The same for every command: 0 done, or the answer is yes; 1 the answer "
    "is no;\n2 wrong usage; 3 malformed input; 4 not authenticated or not "
    "allowed;\n5 refused by a rule; 6 not found; 7 conflict or ambiguous;\n8 "
    "unavailable or locked, try later; 9 our own fault.\n";

/* groff_char(7): a hyphen alone becomes a typographic one, a backslash an
 * escape; a dot or quote at the start of a line, a request. */
static bool append_roff(
    struct buffer *text, const char *words, size_t length, struct failure *why)
{
    for (size_t i = 0; i < length; i++) {
        char character = words[i];
        bool begins_line = i == 0 || words[i - 1] == '\n';
        bool appended;

        if (begins_line && (character == '.' || character == '\''))
            appended = buffer_print(text, why, "\\&%c", character);
        else if (character == '-')
            appended = buffer_append_text(text, "\\-", why);
        else if (character == '\\')
            appended = buffer_append_text(text, "\\e", why);
        else
            appended = buffer_append_byte(text, (uint8_t)character, why);
        if (!appended)
            return false;
    }
    return true;
}

static bool append_text(
    struct buffer *text, const char *words, struct failure *why)
{
    return append_roff(text, words, strlen(words), why);
}

static void page_name(
    const struct command *command, char name[static PAGE_NAME_MAX])
{
    (void)snprintf(name, PAGE_NAME_MAX, "%s", command->words);
    for (char *blank = name; *blank != 0; blank++) {
        if (*blank == ' ')
            *blank = '-';
    }
}

/* man(7) titles are in capitals. */
static bool append_title(
    struct buffer *text, const char *page, struct failure *why)
{
    if (!buffer_print(text, why, ".TH CHANCERY%s", *page == 0 ? "" : "-"))
        return false;
    for (; *page != 0; page++) {
        if (!buffer_append_byte(
                text, (uint8_t)toupper((unsigned char)*page), why))
            return false;
    }
    return buffer_print(
        text, why, " 1 \"\" \"Chancery %s\" \"Chancery\"\n", CHANCERY_VERSION);
}

static bool append_head(struct buffer *text, const char *page,
    const char *summary, struct failure *why)
{
    return append_title(text, page, why) &&
           buffer_print(text, why, ".SH NAME\nchancery%s%s \\- ",
               *page == 0 ? "" : "\\-", page) &&
           append_text(text, summary, why) &&
           buffer_append_text(text, "\n.SH SYNOPSIS\n", why);
}

static bool append_paragraphs(
    struct buffer *text, const char *words, struct failure *why)
{
    for (;;) {
        const char *end = strstr(words, "\n\n");
        size_t length = end == NULL ? strlen(words) : (size_t)(end - words);

        if (!append_roff(text, words, length, why) ||
            !buffer_append_byte(text, '\n', why))
            return false;
        if (end == NULL)
            return true;
        if (!buffer_append_text(text, ".PP\n", why))
            return false;
        words = end + 2;
    }
}

static bool append_option(struct buffer *text,
    const struct command_option *option, struct failure *why)
{
    if (!buffer_append_text(text, ".TP\n.B \\-\\-", why) ||
        !append_text(text, option->name, why))
        return false;
    if (option->alias != NULL && (!buffer_append_text(text, ", \\-\\-", why) ||
                                     !append_text(text, option->alias, why)))
        return false;
    if (option->argument != NULL &&
        !buffer_print(text, why, " \\fI%s\\fR", option->argument))
        return false;
    return buffer_append_byte(text, '\n', why) &&
           append_text(text, option->help, why) &&
           buffer_append_text(text, ".\n", why);
}

static bool append_options(
    struct buffer *text, const struct command *command, struct failure *why)
{
    if (!buffer_append_text(text, ".SH OPTIONS\n", why))
        return false;
    for (const struct command_option *option = command->options;
         option->name != NULL; option++) {
        if (!append_option(text, option, why))
            return false;
    }
    return buffer_append_text(
        text, ".TP\n.B \\-\\-help\nprint a page of help.\n", why);
}

static bool append_exits(
    struct buffer *text, const struct command *command, struct failure *why)
{
    if (!buffer_append_text(text, exit_status, why))
        return false;
    if (command->exits[0].meaning != NULL &&
        !buffer_append_text(text, "Here:\n", why))
        return false;
    for (size_t i = 0;
         i < COMMAND_EXITS_MAX && command->exits[i].meaning != NULL; i++) {
        if (!buffer_print(
                text, why, ".TP\n.B %d\n", command->exits[i].status) ||
            !append_text(text, command->exits[i].meaning, why) ||
            !buffer_append_text(text, ".\n", why))
            return false;
    }
    return true;
}

static bool append_code(struct buffer *text, const char *name,
    const char *meaning, const char *remedy, struct failure *why)
{
    if (!buffer_append_text(text, ".TP\n.B ", why) ||
        !append_text(text, name, why) || !buffer_append_byte(text, '\n', why) ||
        !append_text(text, meaning, why))
        return false;
    if (*remedy != 0 && (!buffer_append_text(text, "\nWhat to do: ", why) ||
                            !append_text(text, remedy, why) ||
                            !buffer_append_byte(text, '.', why)))
        return false;
    return buffer_append_byte(text, '\n', why);
}

static bool append_codes(
    struct buffer *text, const struct command *command, struct failure *why)
{
    const char *name = NULL, *meaning = NULL, *remedy = NULL;

    if (command->code_next == NULL)
        return true;
    if (!buffer_append_text(text, ".SH CODES\n", why))
        return false;
    for (size_t i = 0; command->code_next(i, &name, &meaning, &remedy); i++) {
        if (!append_code(text, name, meaning, remedy, why))
            return false;
    }
    return true;
}

static bool append_command(struct buffer *text, const struct command *command,
    const char *page, struct failure *why)
{
    return append_head(text, page, command->summary, why) &&
           buffer_print(text, why, ".B chancery %s\n", command->words) &&
           append_text(text, command->synopsis, why) &&
           buffer_append_text(text, "\n.SH DESCRIPTION\n", why) &&
           append_paragraphs(text, command->text, why) &&
           append_options(text, command, why) &&
           buffer_append_text(text, ".SH EXAMPLE\n.nf\n", why) &&
           append_text(text, command->example, why) &&
           buffer_append_text(text, "\n.fi\n", why) &&
           append_exits(text, command, why) &&
           append_codes(text, command, why) &&
           buffer_append_text(text, environment, why) &&
           buffer_append_text(
               text, ".SH \"SEE ALSO\"\n.BR chancery (1)\n", why);
}

static bool append_pages(struct buffer *text, struct failure *why)
{
    for (EACH_COMMAND(row)) {
        if (!buffer_print(text, why, ".TP\n.B chancery %s\n", row->words) ||
            !append_text(text, row->summary, why) ||
            !buffer_append_text(text, ".\n", why))
            return false;
    }
    return true;
}

static bool append_see_also(struct buffer *text, struct failure *why)
{
    if (!buffer_append_text(text, ".SH \"SEE ALSO\"\n", why))
        return false;
    for (EACH_COMMAND(row)) {
        char name[PAGE_NAME_MAX];

        page_name(row, name);
        if (!buffer_print(text, why, ".BR chancery-%s (1)%s\n", name,
                row[1].words == NULL ? "" : ","))
            return false;
    }
    return true;
}

static bool append_program(struct buffer *text, struct failure *why)
{
    return append_head(text, "", "a certificate authority", why) &&
           buffer_append_text(text,
               ".B chancery\nCOMMAND [OPTION]...\n"
               ".SH DESCRIPTION\n"
               "Runs an organisation's own certificate authority: it makes "
               "the authority,\nissues certificates, and keeps the keys. "
               "Options may stand before and after\noperands, as "
               "\\-\\-option value and \\-\\-option=value. Nothing is asked "
               "when standard\ninput is no terminal. Secrets are never "
               "arguments.\n"
               ".SH COMMANDS\n",
               why) &&
           append_pages(text, why) &&
           buffer_append_text(text,
               ".SH EXAMPLE\n.nf\nchancery init \\-\\-name Example\n.fi\n",
               why) &&
           buffer_append_text(text, exit_status, why) &&
           buffer_append_text(text, environment, why) &&
           append_see_also(text, why);
}

bool man_append(const char *page, struct buffer *text, struct failure *why)
{
    if (strcmp(page, "chancery") == 0)
        return append_program(text, why);
    if (strncmp(page, "chancery-", 9) == 0)
        page += 9;
    for (EACH_COMMAND(row)) {
        char name[PAGE_NAME_MAX];

        page_name(row, name);
        if (strcmp(name, page) == 0)
            return append_command(text, row, name, why);
    }
    return fail_because(
        why, FAILURE_NOT_FOUND, "there is no manual page %.40s", page);
}
