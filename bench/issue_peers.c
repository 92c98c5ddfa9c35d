#include "issue_bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "x509/pem.h"

#define OPENSSL_COUNT 1000

static const char settings[] = "[ca]\n"
                               "default_ca = bench\n"
                               "[bench]\n"
                               "database = index.txt\n"
                               "rand_serial = yes\n"
                               "new_certs_dir = out\n"
                               "certificate = ca.pem\n"
                               "private_key = ca.key\n"
                               "default_md = sha256\n"
                               "default_days = 90\n"
                               "policy = any\n"
                               "unique_subject = no\n"
                               "copy_extensions = copy\n"
                               "x509_extensions = leaf\n"
                               "[any]\n"
                               "commonName = supplied\n"
                               "[leaf]\n"
                               "basicConstraints = CA:FALSE\n"
                               "keyUsage = critical,digitalSignature\n"
                               "extendedKeyUsage = serverAuth\n"
                               "subjectKeyIdentifier = hash\n"
                               "authorityKeyIdentifier = keyid\n";

void write_text(const char *folder, const char *name, const char *text)
{
    char path[PATH_ROOM];
    struct failure why = {0};
    FILE *file = NULL;

    if (!path_join(path, folder, name, &why))
        give_up(&why);
    file = fopen(path, "we");
    give_up_unless(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0,
        "a file for the others can't be written");
}

void request_as_pem(const struct bench_request *request, struct buffer *pem)
{
    struct failure why = {0};

    buffer_clear(pem);
    if (!pem_append(
            pem, "CERTIFICATE REQUEST", buffer_view(&request->der), &why))
        give_up(&why);
}

pid_t start_program(const char *folder, char *const *words)
{
    pid_t process;

    (void)fflush(NULL); /* the child would print it again */
    process = fork();
    give_up_unless(process >= 0, "no process can be made");
    if (process > 0)
        return process;
    if (chdir(folder) == 0 && freopen("/dev/null", "re", stdin) != NULL &&
        freopen("/dev/null", "we", stdout) != NULL &&
        freopen("messages", "ae", stderr) != NULL)
        (void)execvp(words[0], words);
    _exit(127);
}

/* Runs it to its end; CPU seconds, or below zero when it failed. */
static double run_program(const char *folder, char *const *words)
{
    struct rusage usage = {0};
    pid_t process = start_program(folder, words);
    int status = 0;

    give_up_unless(
        wait4(process, &status, 0, &usage) == process, "a process is lost");
    if (status != 0)
        return -1;
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

bool make_peer_authority(const char *folder)
{
    static const char *const words[] = {"openssl", "req", "-x509", "-newkey",
        "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-sha256",
        "-subj", "/CN=Peer", "-days", "3650", "-keyout", "ca.key", "-out",
        "ca.pem", NULL};
    char path[PATH_ROOM];
    struct failure why = {0};

    if (!path_join(path, folder, "out", &why))
        give_up(&why);
    give_up_unless(
        mkdir(folder, 0700) == 0 && mkdir(path, 0700) == 0, "no folder");
    write_text(folder, "settings", settings);
    write_text(folder, "index.txt", "");
    /* execvp's words have no const and are not written to all the same. */
    return run_program(folder, (char *const *)(uintptr_t)words) >= 0;
}

static void write_requests(const char *folder,
    const struct bench_requests *requests, size_t count, char **words)
{
    RELEASED(buffer) pem = BUFFER("PEM", PEM_MAX);
    const char *text = NULL;
    struct failure why = {0};

    for (size_t i = 0; i < count; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "%zu.pem", i);
        request_as_pem(&requests->all[i], &pem);
        if (!buffer_as_text(&pem, &text, &why))
            give_up(&why);
        write_text(folder, name, text);
        words[i] = strdup(name);
        give_up_unless(words[i] != NULL, "out of memory");
    }
}

/* One process, many requests. */
void run_openssl_ca(const char *folder, const struct bench_requests *requests)
{
    static const char *const first[] = {"openssl", "ca", "-batch", "-notext",
        "-config", "settings", "-infiles"};
    const size_t head = sizeof(first) / sizeof(*first);
    size_t count =
        requests->count < OPENSSL_COUNT ? requests->count : OPENSSL_COUNT;
    char **words = calloc(head + count + 1, sizeof(*words));
    double begun, cpu, taken;

    give_up_unless(words != NULL, "out of memory");
    memcpy(words, first, sizeof(first));
    write_requests(folder, requests, count, words + head);
    begun = wall_seconds();
    cpu = run_program(folder, words);
    taken = wall_seconds() - begun;
    if (cpu < 0)
        (void)printf("openssl ca: failed\n");
    else
        (void)printf("openssl ca, one process for %zu requests: %.0f/s, "
                     "%.0f us of CPU\n",
            count, (double)count / taken, 1e6 * cpu / (double)count);
    for (size_t i = 0; i < count; i++)
        free(words[head + i]);
    free(words);
}
