#ifndef PROTOCOLS_REST_REST_H
#define PROTOCOLS_REST_REST_H

#include "protocols/exchange.h"

/*
 * The REST interface: everything below /api/v1/, and the OpenAPI document that
 * tells of it.  Both are made from one table (operation.h).  Every refusal is a
 * problem document (protocols/problem.h), those of the road and of the clerk
 * too, which server/web words by problem_answer_failure.
 *
 * Its route lets anybody in (WAY_ANYONE beside the others): who may ask for
 * what stands in the table.
 */
exchange_handler rest_answer;   /* "/api/v1/" and what begins so */
exchange_handler rest_document; /* "/api/openapi.json" */

#define REST_ROOT "/api/v1"
/* Bytes of a body: a request and a thousand names fit. */
#define REST_BODY_MAX ((size_t)512 * 1024)

#endif
