#ifndef SERVER_ADMIN_CALL_H
#define SERVER_ADMIN_CALL_H

#include "base/json.h"
#include "server/admin/admin.h"
#include "server/admin/sessions.h"
#include "server/pages/html.h"

/*
 * One request for an admin page on its way through the table.
 */
#define BY_ADMINISTRATOR ROLE_BIT(ROLE_ADMINISTRATOR)
#define BY_OPERATORS (BY_ADMINISTRATOR | ROLE_BIT(ROLE_OPERATOR))
#define BY_APPROVERS (BY_OPERATORS | ROLE_BIT(ROLE_APPROVER))
#define BY_AUDITORS (BY_ADMINISTRATOR | ROLE_BIT(ROLE_AUDITOR))
#define BY_ALL (BY_APPROVERS | BY_AUDITORS)

struct admin_call;
/* Answers, or hands the exchange on, or says why not. */
typedef bool admin_function(struct admin_call *call, struct failure *why);

struct admin_row {
    enum exchange_method method; /* EXCHANGE_GET or EXCHANGE_POST */
    const char *path;            /* one segment may be "*" */
    const char *title;
    const char *here; /* the place in the navigation */
    unsigned roles;   /* that may see it; 0: whoever has a certificate in a
                         row, without a session.  Of a POST the clerk says */
    admin_function *function;
};

#define ADMIN_ARGUMENT_ROOM 128

struct admin_call {
    struct exchange *exchange;
    const struct admin_row *row;
    char argument[ADMIN_ARGUMENT_ROOM]; /* the segment for "*"; "" */
    uint8_t secret[SESSION_SECRET_BYTES];
    bool is_signed_in;
    char who[128]; /* "alice (approver)" */
    char token[SHA256_TEXT];
    struct buffer out;
    struct buffer question; /* fields for the clerk */
    /* Of a form that was not filled in well: its field, and what is wrong. */
    const char *wrong_field, *wrong;
};

/* The page up to its heading; title NULL: the row's. */
MUST_CHECK bool admin_begin(
    struct admin_call *call, const char *title, struct failure *why);
/* The rest of the page, answered with 200, or 400 where a field is wrong. */
MUST_CHECK bool admin_end(struct admin_call *call, struct failure *why);
MUST_CHECK bool admin_end_as(
    struct admin_call *call, unsigned status, struct failure *why);

bool admin_may(const struct admin_call *call, unsigned roles);

/* What was done before the redirect to this page, by the word of ?done=. */
struct admin_done {
    const char *word, *sentence;
};
MUST_CHECK bool admin_tell_done(struct admin_call *call,
    const struct admin_done *rows, struct failure *why);

/* <dt>name</dt><dd>value</dd>; nothing where the value is empty. */
MUST_CHECK bool admin_fact(struct buffer *out, const char *name,
    const char *value, struct failure *why);

/* The same of a SHA-256 in hexadecimal, which may be broken between bytes. */
MUST_CHECK bool admin_hash(struct buffer *out, const char *name,
    const char *sha256, struct failure *why);

/* Alternative names as one entry of <dl>; nothing where there are none. */
MUST_CHECK bool admin_names(
    struct buffer *out, const json_t *names, struct failure *why);
/* What a list calls something: one without a subject by its first name. */
const char *admin_title(const char *subject, const json_t *names);

/* --- forms (forms.c) ----------------------------------------------------- */
/* <form> with its token; action is escaped. */
MUST_CHECK bool form_begin(
    struct admin_call *call, const char *action, struct failure *why);
MUST_CHECK bool form_token(struct admin_call *call, const char *action,
    char token[static SHA256_TEXT], struct failure *why);
/* A labelled line of text, with what is wrong with it. */
struct form_field {
    const char *id, *name, *label, *hint; /* hint: NULL, none */
    bool is_required;
    int length_max;
};
MUST_CHECK bool form_line(struct admin_call *call,
    const struct form_field *field, struct failure *why);
/* One of a <select>, also in a form that only asks. */
MUST_CHECK bool form_option(struct buffer *out, const char *value,
    const char *text, bool is_chosen, struct failure *why);
MUST_CHECK bool form_end(struct admin_call *call, const char *button,
    bool is_danger, struct failure *why);
/* The form's token, for the path it was sent to.  FAILURE_FORBIDDEN. */
MUST_CHECK bool form_check(struct admin_call *call, struct failure *why);
/* A text of a form without blanks at its ends; longer ones than room are
 * wrong.  False: call->wrong says what is, for this field. */
bool form_take(struct admin_call *call, const char *name, bool is_required,
    char *text, size_t room);

/* --- entry (entry.c) -------------------------------------------------------
 */
/* Who it is; *is_in false: the exchange is answered with how to get in. */
MUST_CHECK bool entry_pass(
    struct admin_call *call, bool *is_in, struct failure *why);
admin_function entry_show, entry_sign_in, entry_sign_out;
/* FAILURE_FORBIDDEN: the request names another host than this server's, as one
 * does whose name was pointed here by somebody else. */
MUST_CHECK bool entry_check_host(
    const struct exchange *exchange, struct failure *why);

/* --- pages ------------------------------------------------------------------
 */
admin_function overview_show;
admin_function requests_list, requests_show, requests_approve, requests_deny;
admin_function certificates_list, certificates_show, revocation_show,
    revocation_do, revocation_hold, revocation_release;
admin_function profiles_list, profiles_show, profiles_pause, profiles_resume;
admin_function authorities_show, lists_show, lists_publish_now;
admin_function journal_show, people_show;

#endif
