#include "server/web/health.h"

bool health_tell(struct exchange *exchange, struct failure *why)
{
    return exchange_header(exchange, "Cache-Control", "no-store", why) &&
           exchange_answer(exchange, 200, "application/json",
               bytes_of_text("{\"status\":\"ok\"}\n"), why);
}
