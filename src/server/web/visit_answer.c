#include "server/front_protocol.h"
#include "server/web/visit.h"

#include "base/message.h"

bool visit_write_answer(
    const struct visit *visit, struct buffer *message, struct failure *why)
{
    const struct exchange *exchange = &visit->exchange;

    if (!message_add_number(
            message, FRONT_FIELD_STATUS, exchange->status, why) ||
        !message_add_text(
            message, FRONT_FIELD_TYPE, exchange->answer_type, why))
        return false;
    for (size_t i = 0; i < exchange->header_count; i++) {
        if (!message_add_text(message, FRONT_FIELD_HEADER_NAME,
                exchange->headers[i].name, why) ||
            !message_add_text(message, FRONT_FIELD_HEADER_VALUE,
                exchange->headers[i].value, why))
            return false;
    }
    return message_add(
        message, FRONT_FIELD_BODY, buffer_view(&exchange->answer), why);
}
