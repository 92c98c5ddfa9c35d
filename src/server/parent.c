#include "server/parent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/process.h"
#include "base/refusal.h"
#include "base/sandbox.h"
#include "server/client_internal.h"
#include "server/control_socket.h"

#define COMMAND_DESCRIPTOR 3
#define READY_WAIT_MS 200000

static const struct channel_rule command_rules[] = {
    {PARENT_START, "start", 4096, 1, 1},
    {0},
};

static const struct channel_rule parent_answers[] = {
    {PARENT_READY, "ready", 16, 1, 0},
    {PARENT_FAILED, "failed", 4096, 1, 0},
    {0},
};

/* --- the role ------------------------------------------------------------ */

struct parent {
    struct place place;
    int lock, listener;
    struct household household;
};

static bool start_parent(
    struct parent *parent, const struct frame *frame, struct failure *why)
{
    struct reader reader = reader_of(frame->body);
    struct client_options options = {.passphrase = -1, .root_passphrase = -1};
    char directory[PATH_ROOM];
    struct field field = {0};

    if (!message_next(&reader, &field, why) ||
        !field_text(&field, directory, sizeof(directory), why) ||
        !place_open(directory, &parent->place, why) ||
        !place_lock(&parent->place, &parent->lock, why))
        return false;
    if (parent->lock < 0)
        return fail_because(why, FAILURE_CONFLICT,
            "another command holds %s; try again", directory);
    if (frame->descriptor_count == 1)
        options.passphrase = frame->descriptors[0];
    return control_socket_listen(&parent->place, &parent->listener, why) &&
           client_start_household(&options, &parent->place, parent->lock,
               parent->listener, &parent->household, why) &&
           signer_state_is_open(
               &parent->household.keys, FAILURE_UNAUTHENTICATED, why);
}

static void end_parent(struct parent *parent)
{
    household_end(&parent->household);
    if (parent->listener >= 0)
        control_socket_remove(&parent->place);
    descriptor_close(&parent->listener);
    descriptor_close(&parent->lock);
}

/* Sleeps until a child ends or SIGTERM comes; both are blocked from the start,
 * so none is missed. */
static void wait_for_the_end(void)
{
    sigset_t signals;
    int received = 0;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGCHLD);
    (void)sigwait(&signals, &received);
}

static void block_signals(void)
{
    sigset_t signals;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
}

static bool tell_failure(
    struct channel *channel, uint64_t id, const struct failure *refusal)
{
    RELEASED(buffer) answer = BUFFER("answer", 4096);
    struct failure why = {0};

    return refusal_write(&answer, refusal, &why) &&
           channel_answer(
               channel, PARENT_FAILED, id, buffer_view(&answer), &why);
}

/* Who started us may be waiting for the end of what it hears on standard
 * error.  Lines for the log go on to the journal, where there is one. */
static bool leave_standard_error(struct failure *why)
{
    SCOPED_DESCRIPTOR int nowhere = -1;

    if (!file_open("/dev/null", O_RDWR, 0, &nowhere, why))
        return false;
    return dup2(nowhere, STDERR_FILENO) == STDERR_FILENO ||
           fail_because(why, FAILURE_INTERNAL,
               "standard error can't be left: %s", strerror(errno));
}

static bool outlive_the_command(struct failure *why)
{
    if (!leave_standard_error(why))
        return false;
    if (setsid() < 0 || prctl(PR_SET_PDEATHSIG, 0) != 0 || chdir("/") != 0)
        return fail_because(why, FAILURE_INTERNAL,
            "the parent can't leave its command: %s", strerror(errno));
    block_signals();
    return true;
}

int parent_main(void)
{
    SCOPED_STRUCT(channel) *command = NULL;
    struct parent parent = {
        .lock = -1, .listener = -1, .household = {.connection = -1}};
    struct failure why = {0};
    struct frame frame = {0};
    bool ok;

    log_open("parent", LOG_LEVEL_INFO);
    if (!sandbox_keep_private(&why) || !outlive_the_command(&why) ||
        !channel_new(COMMAND_DESCRIPTOR, command_rules, 1, &command, &why) ||
        !channel_receive(command, -1, &frame, &why))
        return 9;
    ok = start_parent(&parent, &frame, &why);
    frame_close_descriptors(&frame);
    if (!ok) {
        /* Before anybody hears of it: who comes next must not meet us. */
        end_parent(&parent);
        (void)tell_failure(command, frame.id, &why);
        return 9;
    }
    ok = channel_answer(
        command, PARENT_READY, frame.id, (struct bytes){0}, &why);
    channel_free(KEEP(channel, &command));
    if (ok)
        wait_for_the_end();
    end_parent(&parent);
    return ok ? 0 : 9;
}

/* --- the command that starts it ------------------------------------------ */

static bool spawn_parent(const struct client_options *options,
    struct channel **channel, struct failure *why)
{
    const char *const arguments[] = {"chancery", "--role", "parent", NULL};
    int sockets[2] = {-1, -1};
    SCOPED_DESCRIPTOR int theirs = -1;
    struct process_start start = {.program = options->program != NULL
                                                 ? options->program
                                                 : "/proc/self/exe",
        .arguments = arguments,
        .descriptors = &theirs,
        .descriptor_count = 1,
        .user = (uid_t)-1,
        .group = (gid_t)-1};
    pid_t process = 0;

    if (!channel_pair(sockets, why))
        return false;
    theirs = sockets[1];
    return channel_new(sockets[0], parent_answers, 0, channel, why) &&
           process_spawn(&start, &process, why);
}

bool client_stay_unlocked(
    const struct client_options *options, struct failure *why)
{
    RELEASED(buffer) message = BUFFER("parent's start", 4096);
    SCOPED_STRUCT(channel) *channel = NULL;
    struct place place = {0};
    struct frame frame = {0};

    if (!place_open(options->directory, &place, why))
        return false;
    if (client_is_served(&place))
        return fail_because(
            why, FAILURE_CONFLICT, "%s is served already", place.directory);
    if (!spawn_parent(options, &channel, why) ||
        !message_add_text(&message, CONTROL_DIRECTORY, place.directory, why) ||
        !channel_send(channel, PARENT_START, 1, buffer_view(&message),
            &options->passphrase, options->passphrase >= 0 ? 1 : 0, 0, why) ||
        !channel_receive(channel, READY_WAIT_MS, &frame, why))
        return false;
    if (frame.type == PARENT_FAILED)
        return fail_as_told(why, frame.body, "parent");
    return true;
}
