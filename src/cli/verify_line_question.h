#ifndef CLI_VERIFY_LINE_QUESTION_H
#define CLI_VERIFY_LINE_QUESTION_H

#include "base/json.h"
#include "x509/chain/question.h"
#include "x509/chain/question_words.h"
#include "x509/chain/revocation.h"

/* What a line of `verify --batch` asks, with all that the question points
 * into. */
enum line_role {
    LINE_LEAF,
    LINE_ROOTS,
    LINE_UNTRUSTED,
    LINE_DISTRUSTED,
    LINE_CRLS,
    LINE_OCSP,
    LINE_ROLES
};

/* A certificate or list: a part of the line's DER. */
struct line_object {
    enum line_role role;
    size_t offset, length;
};

#define LINE_OBJECTS_MAX 20000
#define LINE_NAMES_MAX 1000

struct line_question {
    struct chain_question question;
    struct buffer der;
    struct line_object *objects;
    size_t object_count, object_room;
    struct chain_pool *pools[LINE_ROLES]; /* of roots, untrusted, distrusted */
    struct status_source *sources;
    const struct status_source **source_list;
    struct reference_name *names;
    struct question_oid *purpose_oids, *policy_oids;
    struct bytes *purposes, *policies;
};

/* FAILURE_MALFORMED names the key and what is wrong with it. */
MUST_CHECK bool line_question_read(
    const json_t *line, struct line_question *asked, struct failure *why);
void line_question_free(struct line_question *asked);

/* The certificates and lists of the line (cli/verify_line_objects.c): first
 * all are decoded, then, when the DER stands still, pools and sources made. */
MUST_CHECK bool line_objects_read(
    const json_t *line, struct line_question *asked, struct failure *why);
MUST_CHECK bool line_objects_place(
    struct line_question *asked, struct failure *why);

/* The value of a key; NULL where it is absent or null. */
const json_t *line_value(const json_t *line, const char *key);

#endif
