#include "issue_bench.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "x509/pem.h"

/*
 * cfssl serve, which has no database here, asked over HTTP connections that
 * stay open.
 */
#define PORT 18888
#define CONNECTIONS 8
#define START_WAIT_S 10
#define ANSWER_ROOM 16384

struct asker {
    int socket;
    char answer[ANSWER_ROOM];
    size_t length;
};

static int connect_once(void)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
        .sin_port = htons(PORT),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    SCOPED_DESCRIPTOR int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;

    if (made < 0 ||
        connect(made, (const struct sockaddr *)&address, sizeof(address)) != 0)
        return -1;
    (void)setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return descriptor_keep(&made);
}

static bool connect_all(struct asker *askers)
{
    double until = wall_seconds() + START_WAIT_S;

    for (size_t i = 0; i < CONNECTIONS; i++) {
        askers[i].socket = connect_once();
        while (askers[i].socket < 0 && wall_seconds() < until) {
            (void)usleep(50000);
            askers[i].socket = connect_once();
        }
        if (askers[i].socket < 0)
            return false;
    }
    return true;
}

/* {"certificate_request": the PEM, its lines' ends escaped} */
static void write_question(
    const struct bench_request *request, struct buffer *question)
{
    RELEASED(buffer) pem = BUFFER("PEM", PEM_MAX);
    RELEASED(buffer) body = BUFFER("body", PEM_MAX);
    struct failure why = {0};
    bool ok;

    request_as_pem(request, &pem);
    ok = buffer_append_text(&body, "{\"certificate_request\":\"", &why);
    for (size_t i = 0; ok && i < pem.length; i++)
        ok = pem.start[i] == '\n'
                 ? buffer_append_text(&body, "\\n", &why)
                 : buffer_append_byte(&body, pem.start[i], &why);
    ok = ok && buffer_append_text(&body, "\"}", &why) &&
         buffer_print(question, &why,
             "POST /api/v1/cfssl/sign HTTP/1.1\r\nHost: localhost\r\n"
             "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
             body.length) &&
         buffer_append(question, buffer_view(&body), &why);
    if (!ok)
        give_up(&why);
}

static void send_question(const struct asker *asker, struct bytes question)
{
    give_up_unless(send(asker->socket, question.start, question.length,
                       MSG_NOSIGNAL) == (ssize_t)question.length,
        "cfssl takes no request");
}

static bool is_whole(const struct asker *asker)
{
    const char *body = strstr(asker->answer, "\r\n\r\n");
    const char *stated = strcasestr(asker->answer, "\r\nContent-Length:");

    if (body == NULL)
        return false;
    if (stated != NULL && stated < body)
        return strlen(body + 4) >= strtoul(stated + 17, NULL, 10);
    return strstr(body, "\r\n0\r\n\r\n") != NULL; /* chunked: the last one */
}

static void take_answer(struct asker *asker)
{
    asker->length = 0;
    asker->answer[0] = '\0';
    while (!is_whole(asker)) {
        ssize_t came = recv(asker->socket, asker->answer + asker->length,
            sizeof(asker->answer) - 1 - asker->length, 0);

        give_up_unless(came > 0, "cfssl does not answer");
        asker->length += (size_t)came;
        asker->answer[asker->length] = '\0';
    }
    give_up_unless(strstr(asker->answer, "BEGIN CERTIFICATE") != NULL,
        "cfssl answers without a certificate");
}

/* Every connection has a question on its way all the time. */
static size_t ask_all(struct asker *askers, const struct buffer *questions,
    size_t count, double seconds)
{
    double until = wall_seconds() + seconds;
    size_t asked = 0, answered = 0;

    for (; asked < CONNECTIONS; asked++)
        send_question(&askers[asked], buffer_view(&questions[asked % count]));
    while (wall_seconds() < until) {
        struct asker *asker = &askers[asked % CONNECTIONS];

        take_answer(asker);
        answered++;
        send_question(asker, buffer_view(&questions[asked++ % count]));
    }
    for (size_t i = 0; i < CONNECTIONS; i++, answered++)
        take_answer(&askers[i]);
    return answered;
}

static void measure(pid_t server, struct asker *askers,
    const struct bench_requests *requests, double seconds)
{
    struct buffer *questions = calloc(requests->count, sizeof(*questions));
    double begun, cpu, taken;
    size_t count;

    give_up_unless(questions != NULL, "out of memory");
    for (size_t i = 0; i < requests->count; i++) {
        questions[i] = BUFFER("question", PEM_MAX);
        write_question(&requests->all[i], &questions[i]);
    }
    (void)ask_all(askers, questions, requests->count, 1);
    begun = wall_seconds();
    cpu = process_seconds(server);
    count = ask_all(askers, questions, requests->count, seconds);
    cpu = process_seconds(server) - cpu;
    taken = wall_seconds() - begun;
    (void)printf("cfssl serve, %d connections, no database: %.0f/s, %.0f us of "
                 "CPU\n",
        CONNECTIONS, (double)count / taken, 1e6 * cpu / (double)count);
    for (size_t i = 0; i < requests->count; i++)
        buffer_free(&questions[i]);
    free(questions);
}

void run_cfssl(
    const char *folder, const struct bench_requests *requests, double seconds)
{
    static const char *const words[] = {"cfssl", "serve", "-loglevel", "4",
        "-ca", "ca.pem", "-ca-key", "ca.key", "-address", "127.0.0.1", "-port",
        "18888", NULL};
    /* As in make_peer_authority. */
    pid_t server = start_program(folder, (char *const *)(uintptr_t)words);
    struct asker *askers = calloc(CONNECTIONS, sizeof(*askers));
    int status = 0;

    give_up_unless(askers != NULL, "out of memory");
    if (connect_all(askers))
        measure(server, askers, requests, seconds);
    else
        (void)printf("cfssl: not installed, or it does not start\n");
    for (size_t i = 0; i < CONNECTIONS; i++)
        descriptor_close(&askers[i].socket);
    free(askers);
    (void)kill(server, SIGKILL);
    (void)waitpid(server, &status, 0);
}
