#include "cli/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/terminal.h"

#define TRIES_MAX 3

static bool into_memory(
    const struct secret *secret, int *descriptor, struct failure *why)
{
    SCOPED_DESCRIPTOR int memory = memfd_create("passphrase", MFD_CLOEXEC);

    if (memory < 0)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "there is no memory for the passphrase: %s", strerror(errno));
    if (!descriptor_write(memory, "the passphrase", secret_view(secret), why))
        return false;
    if (lseek(memory, 0, SEEK_SET) != 0)
        return fail_because(
            why, FAILURE_INTERNAL, "the passphrase can't be read again");
    *descriptor = descriptor_keep(&memory);
    return true;
}

/* A file is handed on unread; a pipe can be read only once, so it is read
 * here. */
static bool take(
    int given, const char *name, int *descriptor, struct failure *why)
{
    SCOPED_DESCRIPTOR int file = given;
    RELEASED(secret) secret = {0};
    struct stat status;

    if (fstat(file, &status) != 0)
        return fail_in_file(why, "reading", name);
    if (S_ISREG(status.st_mode)) {
        *descriptor = descriptor_keep(&file);
        return true;
    }
    return descriptor_read_secret(file, name, &secret, why) &&
           into_memory(&secret, descriptor, why);
}

/* Links are followed: a credential is often one. */
static bool from_file(const char *path, int *descriptor, struct failure *why)
{
    int file = strcmp(path, "-") == 0
                   ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                   : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (file < 0)
        return fail_in_file(why, "opening the passphrase file", path);
    return take(file, path, descriptor, why);
}

static bool from_descriptor(
    struct call *call, const char *number, int *descriptor, struct failure *why)
{
    char *end = NULL;
    long value = strtol(number, &end, 10);
    int copy;

    if (number[0] < '0' || number[0] > '9' || *end != 0 || value > 65535)
        return fail_usage(
            call, why, "--passphrase-fd takes the number of a descriptor");
    copy = fcntl((int)value, F_DUPFD_CLOEXEC, 3);
    if (copy < 0)
        return fail_because(why, FAILURE_NOT_FOUND,
            "descriptor %ld, named by --passphrase-fd, is not open", value);
    return take(copy, "the passphrase's descriptor", descriptor, why);
}

bool passphrase_given(
    struct call *call, const char *option, int *descriptor, struct failure *why)
{
    const char *path = call_text(call, option);
    const char *number = strcmp(option, "passphrase-file") == 0
                             ? call_text(call, "passphrase-fd")
                             : NULL;

    if (path != NULL && number != NULL)
        return fail_usage(call, why,
            "--passphrase-file and --passphrase-fd exclude each other");
    if (path != NULL)
        return from_file(path, descriptor, why);
    return number == NULL || from_descriptor(call, number, descriptor, why);
}

static bool ask_again(
    const struct secret *first, bool *is_same, struct failure *why)
{
    RELEASED(secret) second = {0};

    if (!terminal_ask("The same again: ", false, &second, why))
        return false;
    *is_same = bytes_equal_secretly(secret_view(first), secret_view(&second));
    return true;
}

bool passphrase_ask(
    const char *question, bool twice, int *descriptor, struct failure *why)
{
    for (int tries = 0; tries < TRIES_MAX; tries++) {
        RELEASED(secret) first = {0};
        bool is_same = true;

        if (!terminal_ask(question, false, &first, why))
            return false;
        if (first.length == 0) {
            (void)fputs("An empty passphrase protects nothing.\n", stderr);
            continue;
        }
        if (twice && !ask_again(&first, &is_same, why))
            return false;
        if (is_same)
            return into_memory(&first, descriptor, why);
        (void)fputs("They are not the same.\n", stderr);
    }
    return fail_because(why, FAILURE_UNAVAILABLE, "no passphrase was given");
}
