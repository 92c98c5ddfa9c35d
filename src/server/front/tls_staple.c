#include "base/clock.h"
#include "server/front/tls_parts.h"
#include "x509/ocsp_question.h"
#include "x509/ocsp_request.h"

/* An answer is looked for again this often; a new one comes with each signing
 * of the table. */
#define STAPLE_LOOK_MS 10000

/* SHA-1 names the certificate and signs nothing: every table has it (RFC 5019,
 * 2.1.1). */
static bool write_question(const struct own_certificate *own,
    struct buffer *request, struct ocsp_question *question, struct failure *why)
{
    struct certificate leaf = {0}, issuer = {0};

    return certificate_read(own->chain[0], &leaf, why) &&
           certificate_read(own->chain[1], &issuer, why) &&
           ocsp_request_write(
               &leaf, &issuer, "SHA1", (struct bytes){0}, request, why) &&
           ocsp_question_read(buffer_view(request), question, why);
}

static bool find_answer(struct tls_listener *listener, struct status_map *map,
    struct buffer *answer, int64_t *until, bool *found, struct failure *why)
{
    RELEASED(buffer) request = BUFFER("OCSP request", OCSP_REQUEST_MAX);
    struct ocsp_question question = {0};
    int64_t since = 0;

    return write_question(listener->own, &request, &question, why) &&
           status_map_answer(
               map, &question, clock_now(), answer, found, &since, until, why);
}

bool tls_listener_staple_from(
    struct tls_listener *listener, struct status_map *map, struct failure *why)
{
    RELEASED(buffer) answer = BUFFER("stapled answer", STAPLE_MAX);
    const int64_t now_ms = clock_monotonic_ms();
    int64_t until = 0;
    bool found = false;

    if (listener->context == NULL || listener->own->chain_count < 2 ||
        now_ms < listener->staple_look_ms)
        return true;
    listener->staple_look_ms = now_ms + STAPLE_LOOK_MS;
    return find_answer(listener, map, &answer, &until, &found, why) &&
           (!found ||
               tls_listener_staple(listener, buffer_view(&answer), until, why));
}
