#include "cli/output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define SHOWN_MAX (4 * 1024 * 1024)
#define JSON_LINE_MAX (16 * 1024 * 1024)

/* As in `chancery list | head`. */
static bool reader_has_gone;

/* --- colours ------------------------------------------------------------- */

static bool has_colours(FILE *stream)
{
    const char *terminal = getenv("TERM");
    const char *no_colour = getenv("NO_COLOR");

    return isatty(fileno(stream)) == 1 && terminal != NULL &&
           strcmp(terminal, "dumb") != 0 &&
           (no_colour == NULL || *no_colour == 0);
}

const char *colour_begin(FILE *stream, enum colour colour)
{
    if (colour == COLOUR_NONE || !has_colours(stream))
        return "";
    switch (colour) {
    case COLOUR_RED:
        return "\033[31m";
    case COLOUR_GREEN:
        return "\033[32m";
    case COLOUR_DIM:
        return "\033[2m";
    case COLOUR_NONE:
        break;
    }
    return "";
}

const char *colour_end(FILE *stream, enum colour colour)
{
    return *colour_begin(stream, colour) == 0 ? "" : "\033[0m";
}

/* --- failures ------------------------------------------------------------ */

int exit_code(enum failure_kind kind)
{
    switch (kind) {
    case FAILURE_MALFORMED:
        return 3;
    case FAILURE_UNAUTHENTICATED:
    case FAILURE_FORBIDDEN:
        return 4;
    case FAILURE_UNSUITABLE:
        return 5;
    case FAILURE_NOT_FOUND:
        return 6;
    case FAILURE_CONFLICT:
        return 7;
    case FAILURE_UNAVAILABLE:
        return 8;
    case FAILURE_NONE:
    case FAILURE_INTERNAL:
        break;
    }
    return 9;
}

static void tell_in_words(
    const struct call *call, const struct failure *failure)
{
    RELEASED(buffer) line = BUFFER("sentence", SHOWN_MAX);
    struct failure unshown = {0};
    const char *sentence = NULL;

    if (!text_append_shown(&line, failure->reason, &unshown) ||
        !buffer_as_text(&line, &sentence, &unshown))
        sentence = failure->reason;
    (void)fprintf(stderr, "%schancery:%s %s%s%s\n",
        colour_begin(stderr, COLOUR_RED), colour_end(stderr, COLOUR_RED),
        sentence, *call->remedy == 0 ? "" : ": ", call->remedy);
}

static const char *code_of(
    const struct call *call, const struct failure *failure)
{
    if (call->is_usage)
        return "usage";
    return call->code != NULL ? call->code : failure_code(failure->kind);
}

static bool tell_in_json(const struct call *call, const struct failure *failure)
{
    RELEASED(buffer) line = BUFFER("sentence", JSON_LINE_MAX);
    SCOPED(json_t) *error = json_pack("{s:{s:s, s:o, s:o}}", "error", "code",
        code_of(call, failure), "sentence", json_of_text(failure->reason),
        "remedy", json_of_text(call->remedy));
    struct failure unshown = {0};

    if (error == NULL || !json_append(&line, error, &unshown))
        return false;
    (void)fprintf(stderr, "%.*s\n", (int)line.length, (char *)line.start);
    return true;
}

int tell_failure(const struct call *call, const struct failure *failure)
{
    /* Whoever closed our standard output knows. */
    if (reader_has_gone)
        return exit_code(FAILURE_UNAVAILABLE);
    if (!call->json || !tell_in_json(call, failure))
        tell_in_words(call, failure);
    return call->is_usage ? 2 : exit_code(failure->kind);
}

void notice(const struct call *call, const char *format, ...)
{
    RELEASED(buffer) line = BUFFER("notice", SHOWN_MAX);
    struct failure unshown = {0};
    const char *shown = NULL;
    char *text = NULL;
    va_list arguments;

    if (call->json)
        return;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    if (text != NULL && text_append_shown(&line, text, &unshown) &&
        buffer_as_text(&line, &shown, &unshown))
        (void)fprintf(stderr, "%s\n", shown);
    free(text);
}

/* --- facts
 * ---------------------------------------------------------------------------
 */

static bool fail_in_output(struct failure *why)
{
    reader_has_gone = errno == EPIPE;
    (void)fail_in_file(why, "writing to", "standard output");
    why->kind = FAILURE_UNAVAILABLE;
    return false;
}

bool output_bytes(struct bytes bytes, struct failure *why)
{
    return bytes.length == 0 ||
           fwrite(bytes.start, 1, bytes.length, stdout) == bytes.length ||
           fail_in_output(why);
}

bool output_json(const json_t *value, struct failure *why)
{
    RELEASED(buffer) line = BUFFER("the output", JSON_LINE_MAX);

    if (value == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return json_append(&line, value, why) &&
           buffer_append_byte(&line, '\n', why) &&
           output_bytes(buffer_view(&line), why);
}

bool output_finish(struct failure *why)
{
    return (fflush(stdout) == 0 && ferror(stdout) == 0) || fail_in_output(why);
}

bool print_shown(const char *text, struct failure *why)
{
    RELEASED(buffer) shown = BUFFER("the output", SHOWN_MAX);

    return text_append_shown(&shown, text, why) &&
           output_bytes(buffer_view(&shown), why);
}

/* --- files a command was told to write ----------------------------------- */

static bool check_folder_of(const char *path, struct failure *why)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - path);
    char folder[PATH_ROOM];

    if (length >= sizeof(folder))
        return fail_because(why, FAILURE_UNSUITABLE,
            "the path of the file is longer than 1023 bytes");
    if (slash == NULL)
        (void)snprintf(folder, sizeof(folder), ".");
    else
        (void)snprintf(folder, sizeof(folder), "%.*s",
            length == 0 ? 1 : (int)length, path);
    if (access(folder, W_OK | X_OK) != 0)
        return fail_in_file(why, "writing into", folder);
    return true;
}

bool output_file_check(
    const struct call *call, const char *path, struct failure *why)
{
    struct stat status;

    if (*path == 0)
        return fail_because(
            why, FAILURE_MALFORMED, "the name of a file to write is empty");
    if (lstat(path, &status) == 0) {
        /* The file is replaced whole: a device would be lost. */
        if (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode))
            return fail_because(why, FAILURE_CONFLICT,
                "%.120s is there already, and no file: --force does not "
                "replace it",
                path);
        if (!call_given(call, "force"))
            return fail_because(why, FAILURE_CONFLICT,
                "%.120s is there already: --force overwrites it", path);
    } else if (errno != ENOENT) {
        return fail_in_file(why, "looking at", path);
    }
    return check_folder_of(path, why);
}

bool output_file_write(const struct call *call, const char *path,
    struct bytes contents, mode_t mode, struct failure *why)
{
    return file_write(path, contents, mode,
        call_given(call, "force") ? FILE_REPLACE : FILE_NEW_ONLY, why);
}
