#ifndef TESTS_UNIT_SERVER_FRONT_FIXTURE_H
#define TESTS_UNIT_SERVER_FRONT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/channel.h"
#include "server/front/accept.h"
#include "server/front/connection.h"

/*
 * A plain front with a few routes of its own, clients at the other ends of
 * socket pairs, and a keeper that is the test.
 *
 *     GET        /hello   "hello", by the front
 *     GET        /big     BIG_BYTES, by the front
 *     GET        /version and /style.css, for a test that sets answer_constant
 *     GET, POST  /keeper  by the keeper; bodies up to 4096 bytes
 *     POST       /api/v1  the same, worded as problems
 *     GET, POST  /ocsp    from scene->front->statuses, which a test sets
 */
#define BIG_BYTES ((size_t)1024 * 1024)

struct scene {
    struct front *front;
    struct channel *keeper; /* the test's end; NULL: none is there */
    unsigned hellos;        /* requests that were counted at /hello */
};

/* Deadlines of 60 ms and more, so that a test takes no longer. */
struct front_limits short_limits(void);

struct scene *scene_new(const struct front_limits *limits);
void scene_free(struct scene *scene);
DEFINE_SCOPED_STRUCT(scene, scene_free)
/* A keeper comes, in the place of one that is there. */
void scene_keeper(struct scene *scene);
void scene_keeper_dies(struct scene *scene);

/* Lets the front's loop turn for so long. */
void scene_turn(struct scene *scene, int64_t milliseconds);

/* A client of the address 192.0.2.LAST; its end of the connection. */
int scene_client(struct scene *scene, uint8_t last);

void client_send(int client, struct bytes bytes);
void client_say(int client, const char *words);
/* Everything that comes until nothing more does; "" when nothing did.  The
 * text is valid until the next call.  *closed: the front has ended it. */
const char *client_hear(struct scene *scene, int client, bool *closed);
/* The same, with its length; a zero stands behind it. */
struct bytes client_receive(struct scene *scene, int client, bool *closed);

/* The next question to the keeper; false: none came. */
bool keeper_hear(struct scene *scene, struct frame *frame);
/* The value of a field of the question, as text. */
const char *keeper_field(const struct frame *frame, uint8_t tag);
void keeper_answer(
    struct scene *scene, uint64_t id, uint64_t status, const char *body);

unsigned count_of(const char *text, const char *piece);

#endif
