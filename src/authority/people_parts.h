#ifndef AUTHORITY_PEOPLE_PARTS_H
#define AUTHORITY_PEOPLE_PARTS_H

#include "authority/people.h"

/* What the sources of people.h share. */

/* FAILURE_UNSUITABLE: person_name_fault. */
MUST_CHECK bool check_person_name(
    const char *what, const char *name, struct failure *why);
/* FAILURE_MALFORMED: not 64 hexadecimal digits, lower-case. */
MUST_CHECK bool check_sha256(const char *text, struct failure *why);
/* FAILURE_MALFORMED; FAILURE_UNSUITABLE: not valid any more. */
MUST_CHECK bool check_certificate(
    struct bytes der, int64_t *not_after, struct failure *why);

enum person_role role_in_store(enum enrolment_role role);

/* authority_write, and undone again when dry. */
MUST_CHECK bool write_or_try(struct authority *authority, bool dry,
    authority_change *change, void *context, struct failure *why);

#endif
