#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/front_protocol.h"
#include "server/web/visit.h"

static void insist(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_text(const char *text)
{
    insist(text == NULL || strlen(text) <= FRONT_REQUEST_MAX);
}

/* Whatever was decoded, its texts end and its values have a zero behind them.
 */
static void look_at(const struct exchange *exchange)
{
    read_text(exchange->path);
    read_text(exchange->host);
    read_text(exchange->cookie);
    read_text(exchange->content_type);
    insist(exchange->parameter_count <= EXCHANGE_PARAMETERS_MAX);
    for (size_t i = 0; i < exchange->parameter_count; i++) {
        const struct exchange_parameter *one = &exchange->parameters[i];

        read_text(one->name);
        read_text(one->file);
        insist(one->value.start[one->value.length] == 0);
        insist(exchange_parameter(exchange, one->name) != NULL);
    }
}

/* A frame of a front, after a byte for its listener: read, then decoded as a
 * worker does it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RELEASED(buffer) frame = BUFFER("frame", FRONT_REQUEST_MAX);
    struct visit *visit;
    struct failure why = {0};
    enum listener listener;

    if (size == 0)
        return 0;
    listener = (enum listener)(data[0] % LISTENER_KINDS);
    insist(buffer_append(&frame, (struct bytes){data + 1, size - 1}, &why));
    visit = calloc(1, sizeof(*visit));
    insist(visit != NULL);
    visit->frame = frame;
    visit->exchange.listener = listener;
    visit->exchange.path = "";
    if (front_request_read(
            buffer_view(&frame), listener, &visit->request, &why)) {
        insist(visit->request.certificate.start == NULL ||
               listener == LISTENER_ADMIN || listener == LISTENER_MTLS);
        if (visit_decode(visit, &why))
            insist(visit->route != NULL);
        look_at(&visit->exchange);
    }
    buffer_free(&visit->words);
    free(visit);
    return 0;
}
