#ifndef CLI_INIT_PLAN_H
#define CLI_INIT_PLAN_H

#include <stdio.h>

#include "authority/configuration.h"
#include "authority/people.h"
#include "base/json.h"
#include "cli/call.h"
#include "server/founding.h"

/* What `init` is going to make. */
struct init_plan {
    char directory[PATH_ROOM];
    bool is_default; /* nobody named the folder: those above it may be made */
    char name[sizeof(((struct configuration *)NULL)->name)];
    char url[sizeof(((struct configuration *)NULL)->url)];
    const struct key_algorithm *key;
    bool one_tier;
    bool subordinate;    /* no root: a request comes out */
    const char *request; /* --out: where it goes; NULL: standard output */
    int crl_shards;
    struct buffer settings; /* of --config, or empty */
    char use_key[SHA256_TEXT];
    const char *root_out;
    int passphrase, root_passphrase, use_key_passphrase; /* or -1 */
    /* The first administrator, known by a new .p12 or by a link; "": none. */
    char admin[PERSON_NAME_ROOM];
    char admin_p12[PATH_ROOM]; /* "": a link */
    json_t *admin_facts;       /* what was made of it, or NULL */
};
void init_plan_free(struct init_plan *plan);

/* From options and --config; what neither says is as it is without a
 * question. */
MUST_CHECK bool init_plan_read(
    struct call *call, struct init_plan *plan, struct failure *why);

/* The rules of name, url and key; the key is probed. */
MUST_CHECK bool init_plan_check(
    struct call *call, const struct init_plan *plan, struct failure *why);

/* DIR holds an authority that was set up with these very settings. */
MUST_CHECK bool init_plan_is_done(
    const struct init_plan *plan, bool *is_done, struct failure *why);

/* "64 hexadecimal digits" in either case, with or without colons. */
bool sha256_read(const char *text, char sha256[static SHA256_TEXT]);

/* --- the first administrator (init_admin.c) ------------------------------- */
MUST_CHECK bool init_admin_read(
    struct call *call, struct init_plan *plan, struct failure *why);
MUST_CHECK bool init_admin_check(
    struct call *call, const struct init_plan *plan, struct failure *why);
MUST_CHECK bool init_admin_ask(struct init_plan *plan, struct failure *why);
/* Once the authority is there, as `admin add` does it. */
MUST_CHECK bool init_admin_add(
    struct call *call, struct init_plan *plan, struct failure *why);

/* --- talking about it (init_dialog.c) ------------------------------------ */

/* Asks on the terminal for what no option said. */
MUST_CHECK bool init_dialog(
    struct call *call, struct init_plan *plan, struct failure *why);

/* Shows what will be made: on standard error before a question, on standard
 * output for --dry-run. */
MUST_CHECK bool init_preview(
    const struct init_plan *plan, FILE *stream, struct failure *why);

/* --- and about what was made (init_report.c) ----------------------------- */
MUST_CHECK bool init_report(struct call *call, const struct init_plan *plan,
    const struct founded *founded, struct failure *why);
MUST_CHECK bool init_report_plan(
    const struct init_plan *plan, struct failure *why);
MUST_CHECK bool init_report_done(
    struct call *call, const struct init_plan *plan, struct failure *why);

#endif
