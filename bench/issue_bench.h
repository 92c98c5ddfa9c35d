#ifndef BENCH_ISSUE_BENCH_H
#define BENCH_ISSUE_BENCH_H

#include "base/bytes.h"
#include "base/channel.h"
#include "server/household.h"

/* What the files of issue_bench share.  A benchmark ends at its first failure:
 * there is nobody to hand it on to. */
_Noreturn void give_up(const struct failure *why);
void give_up_unless(bool holds, const char *sentence);

double wall_seconds(void);
/* User and system time of all threads of a process. */
double process_seconds(pid_t process);

/* --- requests (issue_place.c) ------------------------------------------------
 */
/* Each has a P-256 key and a name of its own. */
struct bench_request {
    struct buffer der;     /* PKCS#10 */
    struct buffer message; /* the body of a CONTROL_ISSUE */
};

struct bench_requests {
    struct bench_request *all;
    size_t count;
};

void make_requests(struct bench_requests *requests, size_t count);
void bench_requests_free(struct bench_requests *requests);

/* --- an authority and its roles (issue_place.c) ------------------------------
 */
struct bench_place {
    char directory[PATH_ROOM];
    struct place place;
    int lock;
    struct household household;
    struct channel *channel; /* as a door speaks to the keeper */
    uint64_t next_id;
    int sign_log; /* for counting groups */
};

/* Makes an authority with keys of this kind in a new folder. */
void found_in(const char *directory, const char *algorithm);

/* Adds certificates with their journal events, as many as are missing; nothing
 * runs there yet. */
void fill_store(const char *directory, int64_t wanted);

/* Starts keeper and signer. */
void bench_place_open(struct bench_place *place, const char *directory);
void bench_place_close(struct bench_place *place);

/* Removes the folder and all in it. */
void remove_place(const char *directory);

/* --- the limit (issue_limit.c) ------------------------------------------- */
/*
 * What one issuance can't cost less than (DESIGN.md 3a): a P-256 verification,
 * for the request; a signature of the authority's kind; its verification.  On
 * contexts that are held, with keys and digests that are ready.
 *
 * In CPU seconds, measured for so long on this many threads at once: cores
 * that share a core's parts, or its clock, are slower together.
 */
double limit_cost(const char *algorithm, size_t threads, double seconds);

/* --- the load (issue_load.c) -------------------------------------------------
 */
struct figure {
    double seconds; /* of wall time */
    uint64_t certificates;
    uint64_t groups;       /* as the sign log has them */
    double keeper, signer; /* CPU seconds */
    double bench;          /* of this process: the door, no role */
};

/* Keeps this many requests unanswered, for so long; then waits for the rest. */
struct figure load_for(struct bench_place *place,
    const struct bench_requests *requests, size_t window, double seconds);

/* Milliseconds that one issuance takes while nothing else is asked. */
struct latency {
    double median, most_of_100; /* p50, p99 */
};
struct latency load_idle(struct bench_place *place,
    const struct bench_requests *requests, size_t count);

/* --- others (issue_peers.c, issue_cfssl.c) ------------------------------- */
/* Makes the folder, and in it what an authority needs: false without openssl.
 */
bool make_peer_authority(const char *folder);
void run_openssl_ca(const char *folder, const struct bench_requests *requests);
void run_cfssl(
    const char *folder, const struct bench_requests *requests, double seconds);

/* Starts a program of the search path there; what it says goes to "messages".
 */
pid_t start_program(const char *folder, char *const *words);
void write_text(const char *folder, const char *name, const char *text);
void request_as_pem(const struct bench_request *request, struct buffer *pem);

#endif
