#ifndef PROTOCOLS_EXCHANGE_H
#define PROTOCOLS_EXCHANGE_H

#include "authority/authority.h"
#include "authority/caller.h"
#include "base/json.h"
#include "protocols/listener.h"

/*
 * One HTTP request on its way through the keeper, as an adapter sees it, and
 * the answer it makes.  The front read the framing; server/web decoded path,
 * query, form and credentials, found the route and knows who asks.  An adapter
 * reads, asks for what it wants through the verbs, and answers.  It never
 * signs, stores or publishes.
 *
 *     a handler either answers at once (exchange_answer) and returns true,
 *     or hands the exchange on with one of the verbs and returns true: then
 *     its finish is called once, on another thread, to answer;
 *     or returns false with why: server/web words the refusal in the manner of
 *     the route (page, problem+json, /certsrv, plain text), by the kind's
 *     status.
 */
enum exchange_method {
    EXCHANGE_GET = 1 << 0, /* HEAD is answered as GET; the front cuts */
    EXCHANGE_POST = 1 << 1,
    EXCHANGE_PUT = 1 << 2,
    EXCHANGE_PATCH = 1 << 3,
    EXCHANGE_DELETE = 1 << 4
};

/* A name and value of the query or of a form; UTF-8, ended by a zero.  An
 * uploaded file of multipart/form-data has its bytes in value, as they are. */
struct exchange_parameter {
    const char *name;
    struct bytes value; /* a zero stands behind it */
    const char *file;   /* name of an uploaded file, or NULL */
};
#define EXCHANGE_PARAMETERS_MAX 64

/* What became of the client certificate that was offered. */
enum exchange_certificate {
    CERTIFICATE_ABSENT,
    CERTIFICATE_VERIFIED, /* its chain is good, and its key was proved */
    CERTIFICATE_REFUSED   /* certificate_code says by which rule of verdicts */
};

#define EXCHANGE_REQUEST_ID_TEXT 27 /* 26 characters and a zero */

struct admin_sessions;
struct exchange;
struct keeper_status;
struct ocsp_question;
struct search;
struct store;

/* How an issuance that was asked for ended; views until finish returns. */
struct exchange_issued {
    bool awaits; /* people: request_id is its number, approvals how many */
    const char *request_id;
    int approvals;
    struct bytes certificate;  /* DER; length 0 when it awaits */
    const struct bytes *chain; /* DER of the issuers, without the root */
    size_t chain_count;
    struct bytes notices; /* lines, each ended by a newline */
};

/* Answers the exchange, or fails: then the failure is worded as a handler's. */
typedef bool exchange_finish_issue(struct exchange *exchange,
    const struct exchange_issued *issued, struct failure *why);
typedef bool exchange_finish_ask(
    struct exchange *exchange, json_t *facts, struct failure *why);
/* answer: the whole OCSPResponse, a view until finish returns. */
typedef bool exchange_finish_status(
    struct exchange *exchange, struct bytes answer, struct failure *why);

/* What is asked for; views that live until the adapter's call returns. */
struct exchange_wish {
    const char *profile;
    const char *authority; /* NULL: the only one that issues */
    struct bytes request;  /* PKCS#10, DER */
    struct bytes subject;  /* as in struct enrolment; length 0 */
    struct bytes general_names;
    int64_t lifetime_s, not_after;
    const char *origin; /* idempotency key, or NULL; stored as exchange_origin
                           says */
    /* A renewal: the serial it takes over from, and the proof. */
    struct bytes renews, proof;
};

struct exchange_verbs {
    /* Joins the road (authority/issue.h); a failure of the road comes as the
     * exchange's refusal, without a call of finish. */
    bool (*issue)(struct exchange *exchange, const struct exchange_wish *wish,
        exchange_finish_issue *finish, struct failure *why);
    /* A verb of the clerk (authority/control_protocol.h), as the caller. */
    bool (*ask)(struct exchange *exchange, uint16_t message,
        struct bytes fields, exchange_finish_ask *finish, struct failure *why);
    /* Joins a group of questions about status (authority/status_answer.h).
     * question: lives until finish was called, or the exchange ends. */
    bool (*status)(struct exchange *exchange,
        const struct ocsp_question *question, exchange_finish_status *finish,
        struct failure *why);
};

#define EXCHANGE_HEADERS_MAX 12
#define EXCHANGE_ANSWER_MAX (8 * 1024 * 1024)

struct exchange {
    /* --- what was asked; set before the handler is called --------------- */
    enum listener listener;
    char request_id[EXCHANGE_REQUEST_ID_TEXT];
    const char *peer; /* "192.0.2.7" */
    enum exchange_method method;
    const char *path;      /* decoded, UTF-8 */
    struct bytes raw_path; /* as sent; of a path that ends in base64 */
    const char *host;      /* as sent, with its port; "" in HTTP/1.0 */
    bool is_tls;
    struct exchange_parameter parameters[EXCHANGE_PARAMETERS_MAX];
    size_t parameter_count;   /* of the query first, then of the form */
    const char *content_type; /* "application/json", lower case; "" */
    struct bytes body;        /* as sent */
    const char *accept, *idempotency_key, *origin, *referer, *user_agent,
        *cookie, *fetch_site, *if_match; /* NULL where absent */
    enum exchange_certificate certificate;
    struct bytes certificate_der;
    const char *certificate_code;     /* "revoked"; "" */
    const char *certificate_sentence; /* why it was refused; "" */
    struct caller caller;

    /* --- what it may use -------------------------------------------------- */
    const struct authority *authority;
    struct store *store; /* to read from, in the handler and in its finish */
    /* The index of the same; NULL: it is not there, and rows are walked. */
    struct search *search;
    struct admin_sessions *sessions;    /* of the admin pages (server/admin) */
    struct keeper_status *ocsp_answers; /* how many are ready (server); NULL */
    const struct exchange_verbs *verbs;
    const void *route; /* server/web's */
    void *own; /* the adapter's, kept between its handler and finish; freed by
                  free_own when the exchange ends */
    void (*free_own)(void *own);

    /* --- the answer ---------------------------------------------------------
     */
    unsigned status; /* 0: not answered yet */
    const char *answer_type;
    struct {
        const char *name;
        char value[512];
    } headers[EXCHANGE_HEADERS_MAX];
    size_t header_count;
    struct buffer answer; /* at most EXCHANGE_ANSWER_MAX */
};

/* The first parameter of this name, in any case (kb 59); NULL. */
const struct exchange_parameter *exchange_parameter(
    const struct exchange *exchange, const char *name);
/* Its value as a text; "" when it is absent or holds a zero. */
const char *exchange_text(const struct exchange *exchange, const char *name);

/* Sets status, type (a constant) and content.  Once. */
MUST_CHECK bool exchange_answer(struct exchange *exchange, unsigned status,
    const char *type, struct bytes content, struct failure *why);
MUST_CHECK bool exchange_answer_json(struct exchange *exchange, unsigned status,
    const char *type, const json_t *value, struct failure *why);
/* 303 to a path of ours. */
MUST_CHECK bool exchange_redirect(
    struct exchange *exchange, const char *path, struct failure *why);
/* name: a constant.  FAILURE_INTERNAL: no room, or a value that is no line. */
MUST_CHECK bool exchange_header(struct exchange *exchange, const char *name,
    const char *value, struct failure *why);

/*
 * An idempotency key as the store has it (store.h, origin): the caller's door
 * and who they are in front of it, so that keys of different doors and callers
 * never meet, whatever they choose.  FAILURE_UNSUITABLE: an empty key, or one
 * that is too long.
 */
MUST_CHECK bool exchange_origin(const struct exchange *exchange,
    const char *key, char origin[static STORE_ORIGIN_ROOM],
    struct failure *why);

/* The status for a kind of failure, one for each (DESIGN.md 5). */
unsigned exchange_status(enum failure_kind kind);

/* What a handler is. */
typedef bool exchange_handler(struct exchange *exchange, struct failure *why);

#endif
