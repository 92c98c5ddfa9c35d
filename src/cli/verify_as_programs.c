#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process_capture.h"
#include "base/text.h"
#include "cli/verify_as.h"

static const struct as_program programs[] = {
    {.word = "openssl",
        .command = "openssl",
        .package = "openssl",
        .version_option = "version",
        .compose = as_question_of_openssl,
        /* 1: it did not come so far as to judge. */
        .no_status = 2,
        .foreword = "error /dev/fd/"},
    {.word = "gnutls",
        .command = "certtool",
        .package = "gnutls-bin",
        .version_option = "--version",
        .compose = as_question_of_gnutls,
        .no_status = 1,
        .foreword = "Use --verify-profile",
        .opening = "Chain verification output: "},
};

const struct as_program *as_program_named(const char *word)
{
    for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
        if (strcmp(programs[i].word, word) == 0)
            return &programs[i];
    }
    return NULL;
}

bool as_program_find(const struct as_program *program,
    const char *const *folders, char path[static PATH_ROOM],
    struct failure *why)
{
    static const char *const usual[] = {"/usr/bin", "/usr/local/bin", NULL};
    const char *const *folder = folders != NULL ? folders : usual;

    for (; *folder != NULL; folder++) {
        if (!path_join(path, *folder, program->command, why))
            return false;
        if (access(path, X_OK) == 0)
            return true;
    }
    return fail_because(why, FAILURE_NOT_FOUND,
        "%s is asked by its program %s, which is neither in /usr/bin nor in "
        "/usr/local/bin: the package %s brings it",
        program->word, program->command, program->package);
}

/* --- words ---------------------------------------------------------------- */

/* The text behind the last opening, or all of it. */
static struct bytes behind_opening(struct bytes said, const char *opening)
{
    size_t length = opening == NULL ? 0 : strlen(opening);

    for (size_t from = said.length; length > 0 && from >= length; from--) {
        if (memcmp(said.start + from - length, opening, length) == 0)
            return (struct bytes){said.start + from, said.length - from};
    }
    return said;
}

static struct bytes take_line(struct bytes *rest)
{
    const uint8_t *end = memchr(rest->start, '\n', rest->length);
    size_t length = end == NULL ? rest->length : (size_t)(end - rest->start);
    struct bytes line = {rest->start, length};

    rest->start += length + (end != NULL);
    rest->length -= length + (end != NULL);
    while (line.length > 0 && line.start[line.length - 1] == ' ')
        line.length--;
    return line;
}

bool as_words(const struct as_program *program, struct bytes said,
    struct buffer *words, struct failure *why)
{
    struct bytes rest = behind_opening(said, program->opening);

    while (rest.length > 0) {
        struct bytes line = take_line(&rest);

        if (line.length == 0 || bytes_begin_with(line, program->foreword))
            continue;
        if ((words->length > 0 && !buffer_append_text(words, "; ", why)) ||
            !text_append_visible(words, line, why))
            return false;
    }
    return true;
}

/* --- asking --------------------------------------------------------------- */

static bool run(const char *path, const char *const *arguments,
    const int *files, size_t file_count, struct buffer *said, int *status,
    struct failure *why)
{
    const struct process_start start = {.program = path,
        .arguments = arguments,
        .descriptors = files,
        .descriptor_count = file_count,
        .user = (uid_t)-1,
        .group = (gid_t)-1};

    return process_capture(&start, AS_TIME_MS, said, status, why);
}

/* "OpenSSL 3.0.22 25 Aug 2026", "certtool 3.7.9": the second word. */
static bool read_version(const struct as_program *program, const char *path,
    char version[static AS_VERSION_ROOM], struct failure *why)
{
    RELEASED(buffer) said = BUFFER("a version", AS_OUTPUT_MAX);
    const char *const arguments[] = {
        program->command, program->version_option, NULL};
    const char *text = NULL;
    size_t length;
    int status = 0;

    if (!run(path, arguments, NULL, 0, &said, &status, why) ||
        !buffer_as_text(&said, &text, why))
        return false;
    text += strcspn(text, " \n");
    text += *text == ' ';
    length = strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz.-+");
    if (status != 0 || length == 0 || length >= AS_VERSION_ROOM)
        return fail_because(
            why, FAILURE_UNAVAILABLE, "%s does not tell its version", path);
    memcpy(version, text, length);
    version[length] = 0;
    return true;
}

static bool settle(const struct as_program *program, int status,
    struct as_answer *answer, struct failure *why)
{
    const char *words = NULL;

    if (!buffer_as_text(&answer->words, &words, why))
        return false;
    if (!WIFEXITED(status))
        return fail_because(why, FAILURE_UNAVAILABLE,
            "%s was ended by signal %d before it answered", program->command,
            WTERMSIG(status));
    if (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != program->no_status)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "%s did not judge, and ended with %d: %.200s", program->command,
            WEXITSTATUS(status), words);
    answer->is_valid = WEXITSTATUS(status) == 0;
    return true;
}

bool as_program_ask(const struct as_program *program, const char *path,
    const struct as_question *question, struct as_answer *answer,
    struct failure *why)
{
    RELEASED(buffer) said = BUFFER("what a program said", AS_OUTPUT_MAX);
    int status = 0;

    return read_version(program, path, answer->version, why) &&
           run(path, question->arguments, question->files, question->file_count,
               &said, &status, why) &&
           as_words(program, buffer_view(&said), &answer->words, why) &&
           settle(program, status, answer, why);
}
