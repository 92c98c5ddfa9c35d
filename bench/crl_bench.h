#ifndef BENCH_CRL_BENCH_H
#define BENCH_CRL_BENCH_H

#include <fcntl.h>
#include <sys/types.h>

#include "x509/crl_writer.h"

/* What crl.c (the encoder alone) and crl_store.c (the whole way) share. */
double seconds(void);
void end_unless(bool holds, const char *what);
void take_lesser(double *best, double taken);

/* The process's highest resident memory, in KiB. */
long peak_kib(pid_t process);

/* SHA-256 over a part of a file, the digest's time alone. */
double time_digest(int descriptor, const struct crl_span *span);

#define SECONDS_WANTED 1.5
#define KIB_WANTED (16 * 1024)
/* Exit code: whether it was as fast and small as is wanted. */
int run_store(size_t entries);

#endif
