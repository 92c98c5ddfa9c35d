#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/bytes.h"

/*
 * What a role tells the machine's log: one event, one line, fields as
 * key=value.  To journald's socket when standard error is its stream
 * (JOURNAL_STREAM), otherwise as plain lines on standard error:
 *
 *     2026-11-21T00:47:03Z signer[812] warning: sandbox-degraded kernel="5.10"
 *
 * Values are quoted and escaped, so that no value can forge a line.  A secret
 * has no way in: there is no field type for it, and the value of a key whose
 * name contains "pass", "secret", "token" or "private" is replaced: <kept out>.
 */
enum log_level {
    LOG_LEVEL_ERROR,
    LOG_LEVEL_WARNING,
    LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG
};

struct log_field {
    const char *key; /* NULL ends a list */
    const char *value;
};

/* Names the role in every line.  Levels above the least are dropped. */
void log_open(const char *role, enum log_level least);

/* The same with journald's socket at this path, for tests. */
void log_open_at(
    const char *role, enum log_level least, const char *journal_socket);

/*
 *     log_event(LOG_LEVEL_INFO, "issued", "serial", serial, NULL);
 *
 * At most 16 fields, a NULL value is written "".  What can't be composed or
 * sent to journald goes to standard error as far as it goes.
 */
void log_event(enum log_level level, const char *event, ...)
    __attribute__((sentinel));

/*
 * From here on plain lines are kept, 64 KiB at most, until log_flush, or until
 * a warning or an error: for a role of one thread that tells of every request,
 * where a write for each would cost as much as the request.
 */
void log_hold(void);
/* Writes what is kept. */
void log_flush(void);

/* The line without its time, role and newline, for tests and journald. */
MUST_CHECK bool log_compose(struct buffer *line, const char *event,
    const struct log_field *fields, struct failure *why);

#endif
