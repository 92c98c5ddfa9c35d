#ifndef AUTHORITY_AUDIT_LEDGER_H
#define AUTHORITY_AUDIT_LEDGER_H

#include "authority/event.h"
#include "store/store.h"

/* For audit.c: what journal, store and sign log say of each certificate, by its
 * serial, 64 bytes each. */
struct ledger;

MUST_CHECK bool ledger_new(struct ledger **ledger, struct failure *why);
void ledger_free(struct ledger *ledger); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(ledger, ledger_free)

/* FAILURE_CONFLICT: it does not fit what was told before. */
MUST_CHECK bool ledger_take_event(struct ledger *ledger, enum event_kind kind,
    const struct journal_event *event, struct failure *why);
MUST_CHECK bool ledger_take_row(struct ledger *ledger,
    const struct certificate_row *row, struct failure *why);
/* taken_in: the store must have it. */
MUST_CHECK bool ledger_take_intent(struct ledger *ledger, struct bytes serial,
    bool taken_in, struct failure *why);

/* What is missing anywhere: FAILURE_CONFLICT names the first by its event. */
MUST_CHECK bool ledger_compare(
    const struct ledger *ledger, int64_t *seq, struct failure *why);

#endif
