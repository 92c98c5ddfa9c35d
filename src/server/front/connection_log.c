#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "server/front/connection_parts.h"
#include "server/http/request.h"

/* Neither query nor header values: either may hold a secret. */
void connection_log(struct connection *connection)
{
    const struct front *front = connection->front;
    struct transport_client client = {0};
    char status[NUMBER_TEXT], bytes[NUMBER_TEXT], milliseconds[NUMBER_TEXT];
    char certificate[SHA256_TEXT] = "";
    struct failure why = {0};

    if (connection_is_tls(connection))
        transport_client(connection->transport, &client);
    if (client.certificate.length > 0 &&
        !sha256_text(client.certificate, certificate, &why))
        certificate[0] = '\0';
    number_print(connection->status, status);
    number_print(connection->answer_bytes, bytes);
    number_print(
        (uint64_t)(clock_monotonic_ms() - connection->began_ms), milliseconds);
    log_event(LOG_LEVEL_INFO, "request", "id", connection->request_id,
        "listener", listener_name(front->listener), "peer",
        connection->address.text, "method",
        http_method_name(connection->request.method), "path", connection->path,
        "status", status, "bytes", bytes, "ms", milliseconds, "tls",
        client.protocol, "certificate", certificate, "judged",
        certificate[0] == '\0' ? "" : client.code, "broken",
        connection->broken == HTTP_NO_RULE ? ""
                                           : http_rule_name(connection->broken),
        NULL);
}

void connection_log_handshake(
    const struct connection *connection, const struct failure *why)
{
    if (why->kind != FAILURE_NONE)
        log_event(LOG_LEVEL_INFO, "handshake-failed", "listener",
            listener_name(connection->front->listener), "peer",
            connection->address.text, "why", why->reason, NULL);
}
