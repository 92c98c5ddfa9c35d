#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/scoped.h"
#include "cli/nearest.h"

/* An option as people know it: never with what follows "=". */
#define SHOWN_MAX 40

static bool is_option(const char *argument)
{
    return argument[0] == '-' && argument[1] != 0;
}

static bool fail_unknown_option(
    const struct command *command, const char *argument, struct failure *why)
{
    int length = (int)strcspn(argument, "=");
    const char *advice = translated_option(argument);
    const struct command_option *near;

    if (length > SHOWN_MAX)
        length = SHOWN_MAX;
    if (advice != NULL)
        return fail_because(why, FAILURE_MALFORMED, "%s has no option %.*s: %s",
            command->words, length, argument, advice);
    near = nearest_option(command, argument);
    if (near != NULL)
        return fail_because(why, FAILURE_MALFORMED,
            "%s has no option %.*s: is --%s meant?", command->words, length,
            argument, near->name);
    return fail_because(why, FAILURE_MALFORMED,
        "%s has no option %.*s: chancery %s --help lists those it has",
        command->words, length, argument, command->words);
}

static bool take_value(const struct command_option *option, const char *text,
    struct options *options, struct failure *why)
{
    if (!option->repeats && option_is_given(options, option->name))
        return fail_because(
            why, FAILURE_MALFORMED, "--%s is given twice", option->name);
    options->values[options->value_count++] =
        (struct option_value){.option = option, .text = text};
    return true;
}

/* *taken: how many arguments it was. */
static bool read_option(const struct command *command,
    const char *const *arguments, size_t count, struct options *options,
    size_t *taken, struct failure *why)
{
    const char *name = arguments[0] + 2;
    size_t length = strcspn(name, "=");
    const char *value = name[length] == '=' ? name + length + 1 : NULL;
    const struct command_option *option;

    *taken = 1;
    if (strcmp(arguments[0], "-h") == 0 || strcmp(arguments[0], "--help") == 0)
        return options->wants_help = true;
    if (strncmp(arguments[0], "--", 2) != 0)
        return fail_unknown_option(command, arguments[0], why);
    option = command_option_named(command, name, length);
    if (option == NULL)
        return fail_unknown_option(command, arguments[0], why);
    if (option->argument == NULL)
        return value == NULL ? take_value(option, NULL, options, why)
                             : fail_because(why, FAILURE_MALFORMED,
                                   "--%s takes no value", option->name);
    if (value != NULL)
        return take_value(option, value, options, why);
    if (count < 2 || strncmp(arguments[1], "--", 2) == 0)
        return fail_because(why, FAILURE_MALFORMED,
            "--%s is given without its %s", option->name, option->argument);
    *taken = 2;
    return take_value(option, arguments[1], options, why);
}

static bool check_operands(const struct command *command,
    const struct options *options, struct failure *why)
{
    size_t least = (size_t)command->operands_least;
    size_t most = (size_t)command->operands_most;

    if (options->wants_help)
        return true;
    if (options->operand_count < least)
        return fail_because(why, FAILURE_MALFORMED,
            "something is missing: chancery %s %s", command->words,
            command->synopsis);
    if (options->operand_count > most)
        return fail_because(why, FAILURE_MALFORMED,
            "chancery %s does not take \"%.60s\"", command->words,
            options->operands[most]);
    return true;
}

static bool read_all(const struct command *command,
    const char *const *arguments, size_t count, struct options *options,
    struct failure *why)
{
    bool options_end = false;

    for (size_t i = 0, taken = 1; i < count; i += taken) {
        taken = 1;
        if (!options_end && strcmp(arguments[i], "--") == 0) {
            options_end = true;
        } else if (options_end || !is_option(arguments[i])) {
            options->operands[options->operand_count++] = arguments[i];
        } else if (!read_option(command, arguments + i, count - i, options,
                       &taken, why)) {
            return false;
        }
    }
    return check_operands(command, options, why);
}

bool options_read(const struct command *command, const char *const *arguments,
    size_t count, struct options *options, struct failure *why)
{
    RELEASED(options) read = {0};

    read.values = calloc(count + 1, sizeof(*read.values));
    read.operands = calloc(count + 1, sizeof(*read.operands));
    if (read.values == NULL || read.operands == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    if (!read_all(command, arguments, count, &read, why))
        return false;
    *options = read;
    read = (struct options){0};
    return true;
}

void options_free(struct options *options)
{
    free(options->values);
    free(options->operands);
    *options = (struct options){0};
}

const char *option_next(
    const struct options *options, const char *name, size_t *position)
{
    while (*position < options->value_count) {
        const struct option_value *value = &options->values[(*position)++];

        if (strcmp(value->option->name, name) == 0)
            return value->text;
    }
    return NULL;
}

const char *option_text(const struct options *options, const char *name)
{
    size_t position = 0;

    return option_next(options, name, &position);
}

bool option_is_given(const struct options *options, const char *name)
{
    for (size_t i = 0; i < options->value_count; i++) {
        if (strcmp(options->values[i].option->name, name) == 0)
            return true;
    }
    return false;
}
