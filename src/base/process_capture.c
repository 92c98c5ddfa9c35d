#include "base/process_capture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

#define PIECE 4096

static bool keep(struct buffer *output, struct bytes piece, struct failure *why)
{
    size_t room = output->ceiling - output->length;

    if (piece.length > room)
        piece.length = room;
    return buffer_append(output, piece, why);
}

/* *at_end: the program has closed its output; otherwise the time is over. */
static bool hear(int pipe, int64_t deadline, struct buffer *output,
    bool *at_end, struct failure *why)
{
    struct pollfd readable = {.fd = pipe, .events = POLLIN};
    uint8_t piece[PIECE];

    /* One that never falls silent has to meet the deadline, too. */
    for (*at_end = false; clock_ms_until(deadline) > 0;) {
        int count = poll(&readable, 1, clock_ms_until(deadline));
        ssize_t length;

        if (count <= 0)
            continue;
        length = read(pipe, piece, sizeof(piece));
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0)
            return fail_in_file(why, "hearing", "a program");
        *at_end = length == 0;
        if (*at_end)
            return true;
        if (!keep(output, (struct bytes){piece, (size_t)length}, why))
            return false;
    }
    return true;
}

static bool hear_to_the_end(const struct process_start *start, int pipe,
    pid_t process, int timeout_ms, struct buffer *output, int *status,
    struct failure *why)
{
    int64_t deadline = clock_monotonic_ms() + timeout_ms;
    struct failure unended = {0};
    bool at_end = false;
    bool heard = hear(pipe, deadline, output, &at_end, why);
    int found = 0;

    if (!process_end(process, heard && at_end ? clock_ms_until(deadline) : 0,
            &found, heard ? why : &unended) ||
        !heard)
        return false;
    /* Killed by us for sure where it had not closed its output; where it had,
     * but went on, the signal tells. */
    if (!at_end || (WIFSIGNALED(found) && WTERMSIG(found) == SIGKILL))
        return fail_because(why, FAILURE_UNAVAILABLE,
            "%.200s did not answer within %d ms, and was ended", start->program,
            timeout_ms);
    *status = found;
    return true;
}

bool process_capture(const struct process_start *start, int timeout_ms,
    struct buffer *output, int *status, struct failure *why)
{
    struct process_start piped = *start;
    SCOPED_DESCRIPTOR int hears = -1;
    SCOPED_DESCRIPTOR int says = -1;
    int ends[2];
    pid_t process = -1;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return fail_in_file(why, "making a pipe for", start->program);
    hears = ends[0];
    says = ends[1];
    piped.output = &says;
    if (!process_spawn(&piped, &process, why))
        return false;
    /* Ours must go: the end is there when nobody holds it any more. */
    descriptor_close(&says);
    return hear_to_the_end(
        start, hears, process, timeout_ms, output, status, why);
}
