#ifndef SERVER_PAGES_PAGES_H
#define SERVER_PAGES_PAGES_H

#include "protocols/exchange.h"

/*
 * The public pages: handlers of their routes (server/routes.c).  They work
 * without scripts and in curl (kb 56); a refusal is worded as a page by
 * server/web.
 */

/* GET /: what this authority is, its roots' fingerprints, its state. */
exchange_handler page_home;

/* GET /status: a form; with ?serial=, or with a certificate pasted or uploaded
 * (POST), what OCSP says of it too, and no more: anybody may ask. */
exchange_handler page_status;

/* GET /enrol: the profiles that are open to others than administrators. */
exchange_handler page_enrol;
/* /enrol/PROFILE: what it takes and a form (GET); a request in any encoding,
 * pasted or uploaded, is handed in (POST) by anyone or with an account, as the
 * profile says.  Its answer is a page, or PEM for who asks by Accept. */
exchange_handler page_enrol_profile;

/* /requests/ID: what became of a request, for whoever proves to have its key
 * (kb 59); from any host, in any letters, for as long as requests are kept. */
exchange_handler page_request;

/* GET /enrol-key/PROFILE: makes the key in the browser, where the profile says
 * browser-key; and its script, GET /enrol.js.  What is handed in is the request
 * alone, at /enrol/PROFILE. */
exchange_handler page_browser_key, page_browser_script;

/* --- for the pages ------------------------------------------------------- */
/* The frame around a page, and the answer, which is never kept; of page_answer
 * with 200. */
MUST_CHECK bool page_begin(const struct exchange *exchange, const char *title,
    const char *here, struct buffer *out, struct failure *why);
MUST_CHECK bool page_answer(
    struct exchange *exchange, struct buffer *out, struct failure *why);
MUST_CHECK bool page_answer_as(struct exchange *exchange, unsigned status,
    struct buffer *out, struct failure *why);

/* The configured name, or "This authority". */
const char *page_authority(const struct authority *authority);

#endif
