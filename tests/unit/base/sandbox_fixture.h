#ifndef TESTS_UNIT_BASE_SANDBOX_FIXTURE_H
#define TESTS_UNIT_BASE_SANDBOX_FIXTURE_H

#include "base/file.h"
#include "base/sandbox.h"

/*
 * Children that lock themselves in as a role, and do something inside.
 */

#ifdef CHANCERY_SANITIZED
#define SECCOMP_HOLDS false
#else
#define SECCOMP_HOLDS true
#endif

/* Skips the test where seccomp is left out, and says so. */
void need_seccomp(void);

/* What a child does inside; 0: as it should be.  No assertions in there: they
 * would jump back into the parent's tests. */
typedef int (*deed)(const char *folder);

#define COULD_NOT_ENTER 99

extern const struct sandbox signer;
extern const struct sandbox keys;

/* In a child: locks it in and does the deed; COULD_NOT_ENTER, or its result. */
int enter_and_do(
    const struct sandbox *sandbox, deed inside, const char *folder);

/* The wait status of a child that does it as this role. */
int status_of(const struct sandbox *sandbox, deed inside, const char *folder);

void expect_done(
    const struct sandbox *sandbox, deed inside, const char *folder);
void expect_killed(const struct sandbox *sandbox, deed inside);

/* A child that does it and is not locked in, unless it does that itself. */
void expect_in_child(deed outside, const char *folder);

/* The result of a call that failed, as what is not allowed fails. */
bool is_refused(int result);

void make_folder(char folder[static PATH_ROOM]);
void remove_folder(const char *folder);

#endif
