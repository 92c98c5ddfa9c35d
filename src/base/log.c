#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

#define LINE_BYTES_MAX 8192
/* Room that most lines need; and for what stands before one. */
#define LINE_BYTES_USUAL 512
#define LINE_HEAD_BYTES 128
#define FIELDS_MAX 16
#define ROLE_ROOM 24
#define HELD_BYTES_MAX ((size_t)64 * 1024)
#define JOURNAL_SOCKET "/run/systemd/journal/socket"

static struct {
    char role[ROLE_ROOM];
    enum log_level least;
    int journal; /* negative: plain lines */
    bool holds;
    struct buffer held;
} the_log = {.role = "chancery",
    .least = LOG_LEVEL_INFO,
    .journal = -1,
    .held = {.ceiling = HELD_BYTES_MAX, .name = "lines of the log"}};

static const struct {
    const char *name;
    int priority; /* syslog(3) */
} levels[] = {
    [LOG_LEVEL_ERROR] = {"error", 3},
    [LOG_LEVEL_WARNING] = {"warning", 4},
    [LOG_LEVEL_INFO] = {"info", 6},
    [LOG_LEVEL_DEBUG] = {"debug", 7},
};

/* systemd.exec(5): JOURNAL_STREAM is device:inode of the stream that standard
 * error was given.  It is somebody else's once standard error is redirected. */
static bool standard_error_is_the_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    char found[64];
    struct stat standard_error;

    if (stream == NULL || fstat(STDERR_FILENO, &standard_error) != 0)
        return false;
    (void)snprintf(found, sizeof(found), "%ju:%ju",
        (uintmax_t)standard_error.st_dev, (uintmax_t)standard_error.st_ino);
    return strcmp(stream, found) == 0;
}

/* Not blocking: a journald that hangs must not hang a role. */
static int open_journal(const char *path)
{
    SCOPED_DESCRIPTOR int journal =
        socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (journal < 0 || strlen(path) >= sizeof(address.sun_path))
        return -1;
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (connect(journal, (const struct sockaddr *)&address, sizeof(address)) !=
        0)
        return -1;
    return descriptor_keep(&journal);
}

void log_open_at(
    const char *role, enum log_level least, const char *journal_socket)
{
    (void)snprintf(the_log.role, sizeof(the_log.role), "%s", role);
    the_log.least = least;
    descriptor_close(&the_log.journal);
    if (standard_error_is_the_journal())
        the_log.journal = open_journal(journal_socket);
}

void log_open(const char *role, enum log_level least)
{
    log_open_at(role, least, JOURNAL_SOCKET);
}

/* A key is looked at for each field of each line: no call for a letter that
 * begins none of these words. */
static bool is_kept_out(const char *key)
{
    static const char *const secrets[] = {"pass", "secret", "token", "private"};

    for (; *key != '\0'; key++) {
        if (strchr("pPsStT", *key) == NULL)
            continue;
        for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); i++) {
            if (strncasecmp(key, secrets[i], strlen(secrets[i])) == 0)
                return true;
        }
    }
    return false;
}

/* text_append_visible leaves nothing that ends a line or a value but the
 * quotation mark. */
static bool append_value(
    struct buffer *line, const char *value, struct failure *why)
{
    struct bytes rest = bytes_of_text(value == NULL ? "" : value);

    for (;;) {
        const uint8_t *quote = memchr(rest.start, '"', rest.length);
        struct bytes piece = rest;

        if (quote != NULL)
            piece.length = (size_t)(quote - rest.start);
        if (!text_append_visible(line, piece, why))
            return false;
        if (quote == NULL)
            return true;
        if (!buffer_append_text(line, "\\\"", why))
            return false;
        rest.start = quote + 1;
        rest.length -= piece.length + 1;
    }
}

static bool append_field(
    struct buffer *line, const struct log_field *field, struct failure *why)
{
    if (is_kept_out(field->key))
        return buffer_print(line, why, " %s=<kept out>", field->key);
    return buffer_append_byte(line, ' ', why) &&
           buffer_append_text(line, field->key, why) &&
           buffer_append_text(line, "=\"", why) &&
           append_value(line, field->value, why) &&
           buffer_append_byte(line, '"', why);
}

bool log_compose(struct buffer *line, const char *event,
    const struct log_field *fields, struct failure *why)
{
    size_t before = line->length;
    bool composed = buffer_append_text(line, event, why);

    for (; composed && fields->key != NULL; fields++)
        composed = append_field(line, fields, why);
    if (!composed)
        line->length = before;
    return composed;
}

/* systemd.io/JOURNAL_NATIVE_PROTOCOL: a field a line; a composed line has no
 * newline within. */
static bool send_to_journal(
    enum log_level level, const char *event, const char *line)
{
    RELEASED(buffer) entry = BUFFER("a journal entry", LINE_BYTES_MAX + 512);
    struct failure why;

    return buffer_print(&entry, &why,
               "MESSAGE=%s\nPRIORITY=%d\nSYSLOG_IDENTIFIER=chancery-%s\n"
               "CHANCERY_ROLE=%s\nCHANCERY_EVENT=%s\n",
               line, levels[level].priority, the_log.role, the_log.role,
               event) &&
           write(the_log.journal, entry.start, entry.length) ==
               (ssize_t)entry.length;
}

/* One write, so that lines of several roles stay whole.  Nobody is left to be
 * told when it fails. */
static void write_lines(struct bytes lines)
{
    while (
        write(STDERR_FILENO, lines.start, lines.length) < 0 && errno == EINTR)
        ;
}

/* Several threads come here where nothing is ever held: none of them writes. */
void log_flush(void)
{
    if (the_log.held.length == 0)
        return;
    write_lines(buffer_view(&the_log.held));
    buffer_clear(&the_log.held);
}

void log_hold(void)
{
    the_log.holds = true;
}

static void print_line(enum log_level level, const char *line)
{
    RELEASED(buffer) whole = BUFFER("a log line", LINE_BYTES_MAX + 512);
    struct failure why;
    char time[CLOCK_TEXT];

    clock_print(clock_now(), time);
    if (!buffer_reserve(&whole, strlen(line) + LINE_HEAD_BYTES, &why) ||
        !buffer_append_text(&whole, time, &why) ||
        !buffer_append_byte(&whole, ' ', &why) ||
        !buffer_append_text(&whole, the_log.role, &why) ||
        !buffer_append_byte(&whole, '[', &why) ||
        !buffer_append_number(&whole, (uint64_t)getpid(), &why) ||
        !buffer_append_text(&whole, "] ", &why) ||
        !buffer_append_text(&whole, levels[level].name, &why) ||
        !buffer_append_text(&whole, ": ", &why) ||
        !buffer_append_text(&whole, line, &why) ||
        !buffer_append_byte(&whole, '\n', &why))
        return;
    if (the_log.holds && level > LOG_LEVEL_WARNING) {
        if (buffer_append(&the_log.held, buffer_view(&whole), &why))
            return;
        log_flush();
        if (buffer_append(&the_log.held, buffer_view(&whole), &why))
            return;
    }
    log_flush();
    write_lines(buffer_view(&whole));
}

static void tell(
    enum log_level level, const char *event, const struct log_field *fields)
{
    RELEASED(buffer) line = BUFFER("a log line", LINE_BYTES_MAX);
    struct failure why;
    const char *text = event;

    if (!buffer_reserve(&line, LINE_BYTES_USUAL, &why) ||
        !log_compose(&line, event, fields, &why) ||
        !buffer_as_text(&line, &text, &why))
        text = event;
    if (the_log.journal < 0 || !send_to_journal(level, event, text))
        print_line(level, text);
}

void log_event(enum log_level level, const char *event, ...)
{
    struct log_field fields[FIELDS_MAX + 1] = {0};
    va_list arguments;

    if (level > the_log.least)
        return;
    va_start(arguments, event);
    for (size_t i = 0; i < FIELDS_MAX; i++) {
        fields[i].key = va_arg(arguments, const char *);
        if (fields[i].key == NULL)
            break;
        fields[i].value = va_arg(arguments, const char *);
    }
    va_end(arguments);
    tell(level, event, fields);
}
