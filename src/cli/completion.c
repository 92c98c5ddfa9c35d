#include "cli/completion.h"

#include <string.h>

#include "cli/commands.h"

static const char head[] =
    "# bash completion for chancery(1), made by the program itself\n"
    "_chancery()\n"
    "{\n"
    "    local current=${COMP_WORDS[COMP_CWORD]}\n"
    "    local previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    local first=${COMP_WORDS[1]} second=${COMP_WORDS[2]-}\n"
    "    local options= values=\n"
    "    COMPREPLY=()\n"
    "    if ((COMP_CWORD == 1)); then\n"
    "        COMPREPLY=($(compgen -W \"";

static const char tail[] =
    "    esac\n"
    "    if [[ $current == -* ]]; then\n"
    "        COMPREPLY=($(compgen -W \"$options --help\" -- \"$current\"))\n"
    "    else\n"
    "        COMPREPLY=($(compgen -f -- \"$current\"))\n"
    "    fi\n"
    "}\n"
    "complete -o filenames -F _chancery chancery\n";

static size_t first_length(const struct command *command)
{
    return strcspn(command->words, " ");
}

/* The first command of all that begins with this word. */
static bool begins_group(const struct command *command)
{
    size_t length = first_length(command);

    for (EACH_COMMAND(row)) {
        if (first_length(row) == length &&
            strncmp(row->words, command->words, length) == 0)
            return row == command;
    }
    return false;
}

static bool append_first_words(struct buffer *text, struct failure *why)
{
    for (EACH_COMMAND(row)) {
        if (begins_group(row) && !buffer_print(text, why, "%.*s ",
                                     (int)first_length(row), row->words))
            return false;
    }
    return buffer_append_text(
        text, "help\" -- \"$current\"))\n        return\n    fi\n", why);
}

static bool append_second_words(
    const struct command *group, struct buffer *text, struct failure *why)
{
    size_t length = first_length(group);

    for (const struct command *row = group;
         row->words != NULL &&
         strncmp(row->words, group->words, length + 1) == 0;
         row++) {
        if (!buffer_print(text, why, "%s%s", row == group ? "" : " ",
                row->words + length + 1))
            return false;
    }
    return true;
}

/* "keys" alone is completed by its second words. */
static bool append_groups(struct buffer *text, struct failure *why)
{
    if (!buffer_append_text(text,
            "    if ((COMP_CWORD == 2)); then\n        case $first in\n", why))
        return false;
    for (EACH_COMMAND(row)) {
        if (row->words[first_length(row)] != ' ' || !begins_group(row))
            continue;
        if (!buffer_print(text, why, "        %.*s) values=\"",
                (int)first_length(row), row->words) ||
            !append_second_words(row, text, why) ||
            !buffer_append_text(text, "\" ;;\n", why))
            return false;
    }
    return buffer_append_text(text,
        "        esac\n"
        "        if [[ $values ]]; then\n"
        "            COMPREPLY=($(compgen -W \"$values\" -- \"$current\"))\n"
        "            return\n        fi\n    fi\n",
        why);
}

/* Options of one name take the same kind of argument in every command. */
static bool is_first_of_name(
    const struct command *command, const struct command_option *option)
{
    for (EACH_COMMAND(row)) {
        const struct command_option *same =
            command_option_named(row, option->name, strlen(option->name));

        if (same != NULL)
            return row == command;
    }
    return true;
}

static bool append_values_of(
    const struct command *command, struct buffer *text, struct failure *why)
{
    for (const struct command_option *option = command->options;
         option->name != NULL; option++) {
        if (option->values == NULL || !is_first_of_name(command, option))
            continue;
        if (!buffer_print(text, why, "    --%s) values=\"%s\" ;;\n",
                option->name, option->values))
            return false;
    }
    return true;
}

static bool append_values(struct buffer *text, struct failure *why)
{
    if (!buffer_append_text(text,
            "    case $previous in\n"
            "    --dir | --root-out)\n"
            "        COMPREPLY=($(compgen -d -- \"$current\"))\n"
            "        return ;;\n",
            why))
        return false;
    for (EACH_COMMAND(row)) {
        if (!append_values_of(row, text, why))
            return false;
    }
    return buffer_append_text(text,
        "    esac\n"
        "    if [[ $values ]]; then\n"
        "        COMPREPLY=($(compgen -W \"$values\" -- \"$current\"))\n"
        "        return\n    fi\n",
        why);
}

static bool append_options(
    const struct command *command, struct buffer *text, struct failure *why)
{
    bool has_two = strchr(command->words, ' ') != NULL;

    if (!buffer_print(text, why, "    \"%s%s) options=\"", command->words,
            has_two ? "\"" : " \"*"))
        return false;
    for (const struct command_option *option = command->options;
         option->name != NULL; option++) {
        if (!buffer_print(text, why, "%s--%s",
                option == command->options ? "" : " ", option->name))
            return false;
    }
    return buffer_append_text(text, "\" ;;\n", why);
}

bool completion_append(struct buffer *text, struct failure *why)
{
    if (!buffer_append_text(text, head, why) ||
        !append_first_words(text, why) || !append_groups(text, why) ||
        !append_values(text, why) ||
        !buffer_append_text(text, "    case \"$first $second\" in\n", why))
        return false;
    for (EACH_COMMAND(row)) {
        if (!append_options(row, text, why))
            return false;
    }
    return buffer_append_text(text, tail, why);
}
