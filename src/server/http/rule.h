#ifndef SERVER_HTTP_RULE_H
#define SERVER_HTTP_RULE_H

#include "base/failure.h"

/*
 * Every reason for which the framing refuses what a client sent, in the order
 * of rule.c, which gives each its status, its name for logs, its reference and
 * a sentence.  The readers below server/http hand back one of these, in place
 * of a struct failure, as their last argument.
 */
enum http_rule {
    HTTP_NO_RULE,
    /* octets of the head, of chunk lines and of trailers */
    HTTP_BARE_LF,
    HTTP_BARE_CR,
    HTTP_NUL,
    HTTP_CONTROL,
    HTTP_NON_ASCII,
    /* the request line */
    HTTP_LEADING_LINES,
    HTTP_LINE_LONG,
    HTTP_LINE_WHITESPACE,
    HTTP_LINE_MALFORMED,
    HTTP_METHOD_MALFORMED,
    HTTP_METHOD_UNKNOWN,
    HTTP_VERSION_MALFORMED,
    HTTP_VERSION_UNSUPPORTED,
    HTTP_TARGET_MALFORMED,
    HTTP_TARGET_FRAGMENT,
    HTTP_TARGET_FORM,
    HTTP_TARGET_USER,
    /* the header section */
    HTTP_FIELD_LONG,
    HTTP_SECTION_LONG,
    HTTP_FIELDS_MANY,
    HTTP_FIELD_FOLDED,
    HTTP_FIELD_BEFORE,
    HTTP_FIELD_COLON,
    HTTP_FIELD_NAMELESS,
    HTTP_FIELD_SPACE,
    HTTP_FIELD_NAME,
    HTTP_FIELD_TWICE,
    HTTP_HOST_MISSING,
    HTTP_HOST_TWICE,
    HTTP_HOST_INVALID,
    HTTP_HOST_DIFFERS,
    HTTP_EXPECTATION,
    HTTP_CONTENT_CODING,
    /* the body's framing */
    HTTP_LENGTH_TWICE,
    HTTP_LENGTH_MALFORMED,
    HTTP_LENGTH_OVERFLOW,
    HTTP_LENGTH_WITH_CODING,
    HTTP_CODING_IN_1_0,
    HTTP_CODING_MALFORMED,
    HTTP_CODING_UNKNOWN,
    HTTP_CODING_NOT_LAST,
    HTTP_CODING_TWICE,
    HTTP_BODY_LONG,
    HTTP_CHUNK_SIZE,
    HTTP_CHUNK_OVERFLOW,
    HTTP_CHUNK_EXTENSION,
    HTTP_CHUNK_LINE_LONG,
    HTTP_CHUNK_END,
    HTTP_TRAILER_LONG,
    HTTP_TRAILER_FORBIDDEN,
    /* path and query */
    HTTP_PATH_LONG,
    HTTP_ESCAPE_MALFORMED,
    HTTP_ESCAPE_NUL,
    HTTP_ESCAPE_CONTROL,
    HTTP_ESCAPE_SLASH,
    HTTP_ESCAPE_UTF8,
    HTTP_PATH_DOTS,
    /* forms */
    HTTP_FORM_MALFORMED,
    HTTP_FORM_MANY,
    HTTP_FORM_TWICE,
    HTTP_MEDIA_MALFORMED,
    HTTP_BOUNDARY_INVALID,
    HTTP_PART_PREAMBLE,
    HTTP_PART_DELIMITER,
    HTTP_PART_HEAD_LONG,
    HTTP_PART_DISPOSITION,
    HTTP_PART_CODING,
    HTTP_PARTS_MANY,
    HTTP_PART_CUT,
    HTTP_PART_EPILOGUE,
    HTTP_MEMORY,
    HTTP_RULE_COUNT
};

/* How a reader stands after it was fed. */
enum http_step {
    HTTP_MORE,   /* everything was sound so far; feed the next bytes */
    HTTP_DONE,   /* what was to be read is complete */
    HTTP_REFUSED /* a rule is broken; feed nothing more */
};

/* The status that answers it: 400, 413, 414, 415, 417, 431, 501, 503, 505. */
unsigned http_rule_status(enum http_rule rule);

/* "bare-lf": for logs and problem documents; stays the same for ever. */
const char *http_rule_name(enum http_rule rule);

/* "RFC 9112, 2.2", or "limit" where the ceiling is ours. */
const char *http_rule_reference(enum http_rule rule);

/* What is wrong, as a sentence's words without its full stop. */
const char *http_rule_sentence(enum http_rule rule);

/* Must the connection be closed after the answer, because nobody can say where
 * the next request begins (RFC 9112, 9.3)?  False for what was found in a
 * sound frame: the body may be drained and the connection goes on. */
bool http_rule_closes(enum http_rule rule);

/* Stores the rule and returns false, as fail_because does. */
bool http_break(enum http_rule *broken, enum http_rule rule);

/* The same for readers that are fed: returns HTTP_REFUSED. */
enum http_step http_refuse(enum http_rule *broken, enum http_rule rule);

/* The rule as a failure of base: FAILURE_MALFORMED, for a ceiling
 * FAILURE_UNSUITABLE, for what we lack FAILURE_UNAVAILABLE. Returns false. */
bool http_rule_fail(enum http_rule rule, struct failure *why);

#endif
