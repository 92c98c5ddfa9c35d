#include "cli/terminal.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* The signals that end a program from its terminal. */
static const int leaving[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
#define LEAVING (sizeof(leaving) / sizeof(*leaving))

struct terminal {
    struct termios settings;
    struct sigaction actions[LEAVING];
    sigset_t mask;
};

/* The wait is to be interrupted, nothing else. */
static void on_leaving(int number)
{
    (void)number;
}

bool terminal_is_there(void)
{
    return isatty(STDIN_FILENO) == 1;
}

static void leave(const struct terminal *terminal)
{
    (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->settings);
    for (size_t i = 0; i < LEAVING; i++)
        (void)sigaction(leaving[i], &terminal->actions[i], NULL);
    (void)sigprocmask(SIG_SETMASK, &terminal->mask, NULL);
}

/* They are held back but while the answer is waited for, so that none comes
 * where nobody looks. */
static void take_signals(struct terminal *terminal)
{
    struct sigaction action = {.sa_handler = on_leaving};
    sigset_t held;

    (void)sigemptyset(&held);
    for (size_t i = 0; i < LEAVING; i++)
        (void)sigaddset(&held, leaving[i]);
    (void)sigprocmask(SIG_BLOCK, &held, &terminal->mask);
    for (size_t i = 0; i < LEAVING; i++)
        (void)sigaction(leaving[i], &action, &terminal->actions[i]);
}

static bool enter(struct terminal *terminal, bool echo, struct failure *why)
{
    struct termios settings;

    if (tcgetattr(STDIN_FILENO, &terminal->settings) != 0)
        return fail_because(
            why, FAILURE_UNAVAILABLE, "standard input is no terminal");
    take_signals(terminal);
    settings = terminal->settings;
    settings.c_lflag |= ICANON | ISIG | ECHO;
    settings.c_iflag |= ICRNL;
    if (!echo) {
        settings.c_lflag &= ~(tcflag_t)ECHO;
        settings.c_lflag |= ECHONL;
    }
    /* What was typed ahead stays: it may be the answer. */
    if (tcsetattr(STDIN_FILENO, TCSADRAIN, &settings) == 0)
        return true;
    leave(terminal);
    return fail_because(
        why, FAILURE_UNAVAILABLE, "the terminal's echo can't be turned off");
}

/* A terminal gives at most one line per read. */
static bool read_line(
    const struct terminal *terminal, struct secret *line, struct failure *why)
{
    struct pollfd waited = {.fd = STDIN_FILENO, .events = POLLIN};
    ssize_t length = -1;

    if (ppoll(&waited, 1, NULL, &terminal->mask) > 0)
        length = read(STDIN_FILENO, line->start, line->length);
    if (length <= 0) {
        (void)fputc('\n', stderr);
        return fail_because(
            why, FAILURE_UNAVAILABLE, "the question was not answered");
    }
    if (line->start[length - 1] != '\n')
        return fail_because(why, FAILURE_MALFORMED,
            "the answer is longer than %d bytes", ANSWER_MAX);
    line->length = (size_t)length - 1;
    return true;
}

bool terminal_ask(
    const char *question, bool echo, struct secret *answer, struct failure *why)
{
    RELEASED(secret) line = {0};
    struct terminal terminal = {0};
    bool answered;

    if (!secret_new(&line, ANSWER_MAX + 1, why))
        return false;
    if (!enter(&terminal, echo, why))
        return false;
    (void)fputs(question, stderr);
    (void)fflush(stderr);
    answered = read_line(&terminal, &line, why);
    leave(&terminal);
    if (!answered)
        return false;
    *answer = line;
    line = (struct secret){0};
    return true;
}

bool terminal_ask_text(const char *question, const char *preset, char *text,
    size_t room, struct failure *why)
{
    RELEASED(secret) answer = {0};
    char whole[ANSWER_MAX];

    (void)snprintf(whole, sizeof(whole), "%s%s%s%s: ", question,
        *preset == 0 ? "" : " [", preset, *preset == 0 ? "" : "]");
    if (!terminal_ask(whole, true, &answer, why))
        return false;
    if (answer.length >= room)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the answer is longer than %zu bytes", room - 1);
    if (answer.length == 0)
        (void)snprintf(text, room, "%s", preset);
    else
        (void)snprintf(
            text, room, "%.*s", (int)answer.length, (char *)answer.start);
    return true;
}

static bool is_word(const char *text, const char *word)
{
    return strcasecmp(text, word) == 0 ||
           (strlen(text) == 1 && strncasecmp(text, word, 1) == 0);
}

bool terminal_ask_yes(const char *question, bool *yes, struct failure *why)
{
    char text[16];

    for (;;) {
        if (!terminal_ask_text(question, "", text, sizeof(text), why))
            return false;
        if (is_word(text, "yes") || is_word(text, "no"))
            break;
        (void)fputs("Please answer yes or no.\n", stderr);
    }
    *yes = is_word(text, "yes");
    return true;
}
