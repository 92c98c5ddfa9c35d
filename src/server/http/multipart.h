#ifndef SERVER_HTTP_MULTIPART_H
#define SERVER_HTTP_MULTIPART_H

#include "base/bytes.h"
#include "server/http/media.h"

/* RFC 2046, 5.1.1. */
#define MULTIPART_BOUNDARY_MAX 70
/* Bytes of a part's header lines, with their CRLFs; parts of a form; bytes of a
 * name, a file's name and a type with their zeros. */
#define MULTIPART_HEAD_MAX 2048
#define MULTIPART_PARTS_MAX 32
#define MULTIPART_TEXT_ROOM 256

enum multipart_state {
    MULTIPART_START,     /* at the first boundary */
    MULTIPART_DELIMITER, /* behind a boundary: "--" or CRLF */
    MULTIPART_HEAD,
    MULTIPART_CONTENT,
    MULTIPART_EPILOGUE
};

struct multipart_part {
    char name[MULTIPART_TEXT_ROOM];
    char file_name[MULTIPART_TEXT_ROOM]; /* as sent: never a path to open */
    char type[MULTIPART_TEXT_ROOM];      /* Content-Type, or "" */
    bool is_file;                        /* a file name was given */
};

struct multipart {
    enum multipart_state state;
    uint8_t delimiter[4 + MULTIPART_BOUNDARY_MAX]; /* CRLF "--" boundary */
    size_t delimiter_length;
    size_t matched; /* bytes of the delimiter, or of what follows it */
    bool is_last;
    size_t parts;
    struct multipart_part part;
    bool after_return;
    size_t head_length; /* of the head, all its lines */
    size_t line_length;
    uint8_t line[MULTIPART_HEAD_MAX];
};

enum multipart_kind {
    MULTIPART_NOTHING, /* feed more */
    MULTIPART_PART,    /* a part begins: see multipart->part */
    MULTIPART_PIECE,   /* content of the part: piece */
    MULTIPART_PART_END
};

struct multipart_event {
    enum multipart_kind kind;
    /* A view into received or into multipart: until the next call. */
    struct bytes piece;
};

/* Begins a form whose Content-Type is multipart/form-data (RFC 7578) with a
 * boundary. Fails as HTTP_MEDIA_MALFORMED or HTTP_BOUNDARY_INVALID. */
MUST_CHECK bool multipart_begin(struct multipart *form,
    const struct http_media *media, enum http_rule *broken);

/*
 * Takes from received up to the next event; *used is how many bytes. Call again
 * with the rest until all is used and the event is MULTIPART_NOTHING.
 *
 * Narrower than RFC 2046, as RFC 7578 forms are: no preamble, no text behind
 * the last boundary but one CRLF, no white space behind a boundary, no
 * Content-Transfer-Encoding; names are UTF-8 and not empty.
 */
MUST_CHECK bool multipart_feed(struct multipart *form, struct bytes received,
    size_t *used, struct multipart_event *event, enum http_rule *broken);

/* The body has ended: was the form complete? */
MUST_CHECK bool multipart_end(
    const struct multipart *form, enum http_rule *broken);

#endif
