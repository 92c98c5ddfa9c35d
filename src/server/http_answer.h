#ifndef SERVER_HTTP_ANSWER_H
#define SERVER_HTTP_ANSWER_H

#include "base/bytes.h"

/*
 * An HTTP/1.1 answer of a stranger (RFC 9112), strictly: what two readers may
 * read in two ways (two lengths, a length beside chunks, blanks before a colon,
 * folded lines) is refused.  Nothing is decompressed: we ask for no coding, and
 * one that comes all the same is refused by its name.
 */
#define HTTP_HEAD_MAX (16 * 1024)
#define HTTP_FIELDS_MAX 100

struct http_answer {
    unsigned int status; /* 200 to 599 */
    bool is_chunked;
    bool has_length;
    uint64_t length;
    struct bytes location; /* views into the head; length 0: absent */
    struct bytes type;     /* without its parameters */
};

/* Where the head ends, its empty line included; 0: not yet. */
size_t http_head_end(struct bytes so_far);

/* FAILURE_MALFORMED names what is wrong; FAILURE_FORBIDDEN: it is encoded. */
MUST_CHECK bool http_answer_read(
    struct bytes head, struct http_answer *answer, struct failure *why);

/* A body in chunks (7.1), as it comes by pieces. */
struct http_chunks {
    enum {
        CHUNK_SIZE,
        CHUNK_DATA,
        CHUNK_DATA_END,
        CHUNK_TRAILER,
        CHUNKS_ENDED
    } at;
    char line[32]; /* of a size; a longer one is refused */
    size_t line_length;
    size_t trailer_length;
    uint64_t left; /* of this chunk */
};

/* Appends the data to body; what comes behind the end is refused. */
MUST_CHECK bool http_chunks_take(struct http_chunks *chunks, struct bytes piece,
    struct buffer *body, struct failure *why);

#endif
