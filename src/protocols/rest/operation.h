#ifndef PROTOCOLS_REST_OPERATION_H
#define PROTOCOLS_REST_OPERATION_H

#include "protocols/rest/rest.h"
#include "protocols/rest/schema.h"

/*
 * One row for each operation: what it is called, who may ask for it, what it
 * takes and what it answers.  Requests are checked by it, and the OpenAPI
 * document is written from it.
 */
enum operation_askers {
    ASKED_BY_ROLES, /* the roles of the row */
    ASKED_BY_KNOWN, /* whoever is known: the road has the last word */
    ASKED_BY_ANYONE /* with a proof in the body, or a role */
};

struct operation_answer {
    unsigned status; /* 0: the end */
    const struct schema *schema;
    const char *tells;
};
#define OPERATION_ANSWERS_MAX 3

#define OPERATION_ARGUMENT_ROOM 256

/* One call of an operation; lives until its function returns. */
struct rest_call {
    struct exchange *exchange;
    const struct operation *operation;
    char argument[OPERATION_ARGUMENT_ROOM]; /* of the path; "" */
    json_t *body; /* fits the row's schema; an empty object without one */
    struct problem problem; /* what is known of a refusal beside its sentence */
};

/* Answers, or hands the exchange on, or says why not. */
typedef bool operation_function(struct rest_call *call, struct failure *why);

#define TAKES_IDEMPOTENCY_KEY 1u
#define GIVES_CERTIFICATE 2u /* as PEM or DER too, by Accept */
#define BODY_IS_NEEDED 4u

struct operation {
    enum exchange_method method;
    const char *path; /* below REST_ROOT; one segment may be "{name}" */
    const char *id;   /* "listCertificates" */
    const char *tells;
    enum operation_askers askers;
    unsigned roles; /* ROLE_BITs */
    uint16_t verb;  /* of the clerk, who has the last word on roles and
                       journals a refusal; 0: none */
    unsigned flags;
    const struct schema_member *query; /* ended by one without a name; NULL */
    const struct schema *body;         /* of POST */
    struct operation_answer answers[OPERATION_ANSWERS_MAX];
    operation_function *function;
};
/* Ended by one without a path. */
const struct operation *operations(void);

/* --- for the functions ---------------------------------------------------- */

/* A parameter of the query or a member of the body; NULL where it is absent or
 * null. */
const char *rest_query(const struct rest_call *call, const char *name);
int64_t rest_query_number(
    const struct rest_call *call, const char *name, int64_t otherwise);
const char *rest_member(const struct rest_call *call, const char *name);

/* Says of a refusal which field is to blame; keeps the sentence.  Always
 * false. */
bool rest_blame(struct rest_call *call, const char *field, const char *rule,
    const char *found, const char *allowed);

/* 200 with this object, which is not taken over; NULL is a want of memory. */
MUST_CHECK bool rest_answer_facts(
    struct rest_call *call, json_t *facts, struct failure *why);

/* Asks the row's verb, and answers 200 with its facts. */
MUST_CHECK bool rest_ask(
    struct rest_call *call, const struct buffer *fields, struct failure *why);

/* A token reaches only the profiles it was given (incident 18). */
MUST_CHECK bool rest_reaches(
    const struct rest_call *call, const char *profile, struct failure *why);

/* --- pages of lists ------------------------------------------------------- */

/* Items of a page when none is said, and at most (the schema's bound). */
#define PAGE_ITEMS 100
#define PAGE_ITEMS_MAX 1000
/* Rows that one page looks at; encoded bytes that it tells of.  A page may be
 * shorter than its limit, even empty, and say what comes next. */
#define PAGE_ROWS_MAX 10000
#define PAGE_BYTES_MAX ((size_t)1024 * 1024)

struct rest_page {
    json_t *items;
    int64_t limit;
    int64_t after; /* the number behind which it begins */
    int64_t last;  /* of the last row that was looked at */
    int64_t rows;  /* looked at */
    size_t bytes;
    bool is_full; /* ended by a bound: there may be more */
};
/* Reads limit and cursor of the query. */
MUST_CHECK bool rest_page_begin(
    struct rest_call *call, struct rest_page *page, struct failure *why);
void rest_page_free(struct rest_page *page);
/* A row with this number was looked at; false ends the walk (is_full). */
bool rest_page_looks(struct rest_page *page, int64_t number);
/* Adds an item, taken over; NULL is a want of memory.  weight: of its row, in
 * bytes. */
MUST_CHECK bool rest_page_add(
    struct rest_page *page, json_t *item, size_t weight, struct failure *why);
/* {name: items, "next": a cursor or null}. */
MUST_CHECK bool rest_page_answer(struct rest_call *call, struct rest_page *page,
    const char *name, struct failure *why);

/* --- the operations ------------------------------------------------------- */
operation_function rest_list_certificates, rest_show_certificate,
    rest_show_history, rest_issue, rest_renew, rest_revoke, rest_hold,
    rest_list_requests, rest_show_request, rest_decide_request,
    rest_fetch_request, rest_list_profiles, rest_show_profile,
    rest_pause_profile, rest_pause_all, rest_list_authorities,
    rest_show_authority, rest_show_lists, rest_publish_list, rest_list_journal,
    rest_show_status;

#endif
