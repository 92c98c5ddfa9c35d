/*
 * A load for a web server: connections that are kept alive, each with one
 * request at a time, over HTTP or TLS; or handshakes; or idle connections.
 *
 *     http_load [--tls [--old]] [--handshakes | --idle] [--connections N]
 *               [--warm S] [--seconds S] [--pid P]... [--header LINE]...
 *               [--bodies FILE --type MEDIA] ADDRESS PORT PATH
 *
 * --bodies: bodies for POST, each behind its length in 4 bytes, big-endian;
 * they take turns.  --warm: what is done before it counts.  --old: TLS 1.2
 * without tickets.  --pid: whose CPU time is told.  --idle holds the
 * connections for the seconds.  It prints one JSON object; latencies are in
 * microseconds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#define CONNECTIONS_MAX 20000
#define ANSWER_ROOM (256 * 1024)
#define REQUEST_ROOM (64 * 1024)
#define PIDS_MAX 32
#define LATENCIES_MAX 4000000

enum state { CONNECTING, SHAKING, SENDING, RECEIVING };

struct connection {
    int socket;
    SSL *tls;
    enum state state;
    uint32_t waits_for;
    double asked_at;
    size_t length, sent;     /* of the request */
    size_t received, wanted; /* of the answer; wanted 0: head not complete */
    char request[REQUEST_ROOM];
    char answer[ANSWER_ROOM];
};

static struct load {
    const char *path, *type, *headers[16];
    size_t header_count;
    bool is_tls, is_old, handshakes, idle;
    size_t connections;
    double warm, seconds;
    struct sockaddr_in address;
    SSL_CTX *context;
    int poll;
    uint8_t *bodies;
    size_t bodies_length, bodies_position;
    pid_t pids[PIDS_MAX];
    double cpu[PIDS_MAX];
    size_t pid_count;

    uint64_t answers, broken, shaken, bytes, statuses[6], held;
    float *latencies;
    size_t latency_count;
    bool ends;
} load = {.connections = 64, .seconds = 5.0};

_Noreturn static void give_up(const char *sentence)
{
    (void)fprintf(stderr, "http_load: %s (%s)\n", sentence, strerror(errno));
    exit(9);
}

static double now(void)
{
    struct timespec time = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double cpu_of(pid_t process)
{
    struct timespec taken = {0};
    clockid_t clock = 0;

    if (clock_getcpuclockid(process, &clock) != 0 ||
        clock_gettime(clock, &taken) != 0)
        return -1.0;
    return (double)taken.tv_sec + (double)taken.tv_nsec / 1e9;
}

/* --- requests ------------------------------------------------------------ */

static void take_body(const uint8_t **body, size_t *length)
{
    const uint8_t *at;

    *body = NULL;
    *length = 0;
    if (load.bodies == NULL)
        return;
    if (load.bodies_position + 4 > load.bodies_length)
        load.bodies_position = 0;
    at = load.bodies + load.bodies_position;
    *length =
        (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
    *body = at + 4;
    load.bodies_position += 4 + *length;
}

static void write_request(struct connection *connection)
{
    const uint8_t *body = NULL;
    size_t body_length = 0, length;

    take_body(&body, &body_length);
    length = (size_t)snprintf(connection->request, REQUEST_ROOM,
        "%s %s HTTP/1.1\r\nHost: localhost\r\n", body == NULL ? "GET" : "POST",
        load.path);
    for (size_t i = 0; i < load.header_count; i++)
        length += (size_t)snprintf(connection->request + length,
            REQUEST_ROOM - length, "%s\r\n", load.headers[i]);
    if (body != NULL)
        length += (size_t)snprintf(connection->request + length,
            REQUEST_ROOM - length,
            "Content-Type: %s\r\nContent-Length: %zu\r\n", load.type,
            body_length);
    length += (size_t)snprintf(
        connection->request + length, REQUEST_ROOM - length, "\r\n");
    if (length + body_length > REQUEST_ROOM)
        give_up("a body is too long");
    if (body != NULL)
        memcpy(connection->request + length, body, body_length);
    connection->length = length + body_length;
    connection->sent = 0;
    connection->received = 0;
    connection->wanted = 0;
    connection->asked_at = now();
}

/* --- connections --------------------------------------------------------- */

static void wait_for(struct connection *connection, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = connection};

    if (connection->waits_for == events)
        return;
    if (epoll_ctl(load.poll,
            connection->waits_for == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
            connection->socket, &event) != 0)
        give_up("epoll");
    connection->waits_for = events;
}

static void open_connection(struct connection *connection)
{
    const int yes = 1;

    connection->socket =
        socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (connection->socket < 0)
        give_up("socket");
    (void)setsockopt(
        connection->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    if (connect(connection->socket, (struct sockaddr *)&load.address,
            sizeof(load.address)) != 0 &&
        errno != EINPROGRESS)
        give_up("connect");
    connection->waits_for = 0;
    connection->state = CONNECTING;
    wait_for(connection, EPOLLOUT);
}

static void close_connection(struct connection *connection)
{
    if (connection->tls != NULL) {
        (void)SSL_shutdown(connection->tls);
        SSL_free(connection->tls);
        connection->tls = NULL;
    }
    (void)close(connection->socket);
    connection->socket = -1;
}

static void start_anew(struct connection *connection)
{
    close_connection(connection);
    if (!load.ends)
        open_connection(connection);
}

static void broken(struct connection *connection)
{
    load.broken++;
    ERR_clear_error();
    start_anew(connection);
}

/* False: it waits for the socket, or is broken and begun anew. */
static bool transferred(struct connection *connection, ssize_t count)
{
    int error;

    if (count > 0)
        return true;
    if (connection->tls == NULL) {
        if (count < 0 && errno == EAGAIN)
            wait_for(
                connection, connection->state == SENDING ? EPOLLOUT : EPOLLIN);
        else
            broken(connection);
        return false;
    }
    error = SSL_get_error(connection->tls, (int)count);
    if (error == SSL_ERROR_WANT_READ)
        wait_for(connection, EPOLLIN);
    else if (error == SSL_ERROR_WANT_WRITE)
        wait_for(connection, EPOLLOUT);
    else
        broken(connection);
    return false;
}

/* --- one step ------------------------------------------------------------ */

static bool shake(struct connection *connection)
{
    if (connection->tls == NULL) {
        connection->tls = SSL_new(load.context);
        if (connection->tls == NULL ||
            SSL_set_fd(connection->tls, connection->socket) != 1)
            give_up("TLS");
        SSL_set_connect_state(connection->tls);
    }
    if (!transferred(connection, SSL_do_handshake(connection->tls)))
        return false;
    load.shaken++;
    return true;
}

static bool send_request(struct connection *connection)
{
    while (connection->sent < connection->length) {
        const char *from = connection->request + connection->sent;
        size_t left = connection->length - connection->sent;
        ssize_t count = connection->tls != NULL
                            ? SSL_write(connection->tls, from, (int)left)
                            : write(connection->socket, from, left);

        if (!transferred(connection, count))
            return false;
        connection->sent += (size_t)count;
    }
    return true;
}

static void read_head(struct connection *connection)
{
    char *end = memmem(connection->answer, connection->received, "\r\n\r\n", 4);
    const char *length;

    if (end == NULL)
        return;
    *end = '\0';
    length = strcasestr(connection->answer, "\r\nContent-Length:");
    connection->wanted =
        (size_t)(end - connection->answer) + 4 +
        (length == NULL ? 0 : (size_t)strtoul(length + 17, NULL, 10));
    if (connection->wanted > ANSWER_ROOM)
        give_up("an answer is too long");
}

static void answered(struct connection *connection)
{
    int status = connection->answer[9] - '0';

    load.answers++;
    load.bytes += connection->received;
    load.statuses[status >= 1 && status <= 5 ? status : 0]++;
    if (load.latency_count < LATENCIES_MAX)
        load.latencies[load.latency_count++] =
            (float)((now() - connection->asked_at) * 1e6);
}

static bool receive(struct connection *connection)
{
    while (
        connection->wanted == 0 || connection->received < connection->wanted) {
        char *into = connection->answer + connection->received;
        size_t room = ANSWER_ROOM - connection->received;
        ssize_t count = connection->tls != NULL
                            ? SSL_read(connection->tls, into, (int)room)
                            : read(connection->socket, into, room);

        if (!transferred(connection, count))
            return false;
        connection->received += (size_t)count;
        if (connection->wanted == 0)
            read_head(connection);
    }
    answered(connection);
    return true;
}

static void begin_request(struct connection *connection)
{
    connection->state = SENDING;
    write_request(connection);
}

static void step(struct connection *connection)
{
    if (connection->state == CONNECTING)
        connection->state = load.is_tls ? SHAKING : SENDING;
    if (connection->state == SHAKING) {
        if (!shake(connection))
            return;
        if (load.handshakes) {
            start_anew(connection);
            return;
        }
    }
    if (load.idle) {
        load.held++;
        wait_for(connection, EPOLLRDHUP);
        return;
    }
    if (connection->state != RECEIVING && connection->length == 0)
        begin_request(connection);
    for (;;) {
        if (connection->state != RECEIVING) {
            connection->state = SENDING;
            if (!send_request(connection))
                return;
            connection->state = RECEIVING;
        }
        if (!receive(connection))
            return;
        connection->state = SENDING;
        write_request(connection);
        if (load.ends)
            return;
    }
}

/* --- the run ------------------------------------------------------------- */

static void begin_counting(void)
{
    load.answers = load.broken = load.shaken = load.bytes = 0;
    memset(load.statuses, 0, sizeof(load.statuses));
    load.latency_count = 0;
    for (size_t i = 0; i < load.pid_count; i++)
        load.cpu[i] = cpu_of(load.pids[i]);
}

/* Returns the seconds that count. */
static double run(struct connection *connections)
{
    double begin = now() + load.warm, end = begin + load.seconds;
    double stopped = begin;
    bool counts = false;

    for (size_t i = 0; i < load.connections; i++)
        open_connection(&connections[i]);
    while (!load.ends) {
        struct epoll_event events[256];
        int count = epoll_wait(load.poll, events, 256, 20);

        for (int i = 0; i < count; i++)
            step(events[i].data.ptr);
        stopped = now();
        load.ends = stopped >= end;
        if (counts || stopped < begin)
            continue;
        counts = true;
        begin = stopped;
        begin_counting();
    }
    for (size_t i = 0; i < load.pid_count; i++)
        load.cpu[i] = cpu_of(load.pids[i]) - load.cpu[i];
    for (size_t i = 0; i < load.connections; i++) {
        if (connections[i].socket >= 0)
            close_connection(&connections[i]);
    }
    return stopped - begin;
}

static int by_size(const void *left, const void *right)
{
    const float *a = left, *b = right;

    return (*a > *b) - (*a < *b);
}

static double percentile(double part)
{
    return load.latency_count == 0
               ? 0.0
               : (double)load.latencies[(
                     size_t)(part * (double)(load.latency_count - 1))];
}

static void print_figures(double wall)
{
    struct rusage own = {0};

    (void)getrusage(RUSAGE_SELF, &own);
    qsort(load.latencies, load.latency_count, sizeof(*load.latencies), by_size);
    (void)printf("{\"answers\":%llu,\"broken\":%llu,\"handshakes\":%llu,"
                 "\"held\":%llu,\"bytes\":%llu,\"seconds\":%.3f,"
                 "\"status\":[%llu,%llu,%llu,%llu],\"p50\":%.0f,\"p99\":%.0f,"
                 "\"own\":%.3f,\"cpu\":[",
        (unsigned long long)load.answers, (unsigned long long)load.broken,
        (unsigned long long)load.shaken, (unsigned long long)load.held,
        (unsigned long long)load.bytes, wall,
        (unsigned long long)load.statuses[2],
        (unsigned long long)load.statuses[3],
        (unsigned long long)load.statuses[4],
        (unsigned long long)load.statuses[5], percentile(0.5), percentile(0.99),
        (double)own.ru_utime.tv_sec + (double)own.ru_utime.tv_usec / 1e6 +
            (double)own.ru_stime.tv_sec + (double)own.ru_stime.tv_usec / 1e6);
    for (size_t i = 0; i < load.pid_count; i++)
        (void)printf("%s%.4f", i == 0 ? "" : ",", load.cpu[i]);
    (void)printf("]}\n");
}

static void read_bodies(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat status;

    if (file == NULL || fstat(fileno(file), &status) != 0)
        give_up(path);
    load.bodies_length = (size_t)status.st_size;
    load.bodies = malloc(load.bodies_length);
    if (load.bodies == NULL ||
        fread(load.bodies, 1, load.bodies_length, file) != load.bodies_length)
        give_up(path);
    (void)fclose(file);
}

static const struct option options[] = {
    {"tls", no_argument, NULL, 't'},
    {"old", no_argument, NULL, 'o'},
    {"handshakes", no_argument, NULL, 'k'},
    {"idle", no_argument, NULL, 'i'},
    {"connections", required_argument, NULL, 'c'},
    {"warm", required_argument, NULL, 'w'},
    {"seconds", required_argument, NULL, 's'},
    {"pid", required_argument, NULL, 'p'},
    {"header", required_argument, NULL, 'h'},
    {"bodies", required_argument, NULL, 'b'},
    {"type", required_argument, NULL, 'y'},
    {0},
};

static void take_option(int option)
{
    if (option == 't')
        load.is_tls = true;
    else if (option == 'o')
        load.is_old = true;
    else if (option == 'k')
        load.handshakes = true;
    else if (option == 'i')
        load.idle = true;
    else if (option == 'c')
        load.connections = strtoul(optarg, NULL, 10);
    else if (option == 'w')
        load.warm = strtod(optarg, NULL);
    else if (option == 's')
        load.seconds = strtod(optarg, NULL);
    else if (option == 'p' && load.pid_count < PIDS_MAX)
        load.pids[load.pid_count++] = (pid_t)strtol(optarg, NULL, 10);
    else if (option == 'h' && load.header_count < 16)
        load.headers[load.header_count++] = optarg;
    else if (option == 'b')
        read_bodies(optarg);
    else if (option == 'y')
        load.type = optarg;
    else
        exit(2);
}

static void prepare(char **operands)
{
    load.address.sin_family = AF_INET;
    load.address.sin_port = htons((uint16_t)strtoul(operands[1], NULL, 10));
    if (inet_pton(AF_INET, operands[0], &load.address.sin_addr) != 1 ||
        load.connections == 0 || load.connections > CONNECTIONS_MAX)
        exit(2);
    load.path = operands[2];
    load.poll = epoll_create1(EPOLL_CLOEXEC);
    load.latencies = malloc(LATENCIES_MAX * sizeof(*load.latencies));
    load.context = SSL_CTX_new(TLS_client_method());
    if (load.poll < 0 || load.latencies == NULL || load.context == NULL)
        give_up("no memory");
    (void)SSL_CTX_set_session_cache_mode(load.context, SSL_SESS_CACHE_OFF);
    if (load.is_old) {
        (void)SSL_CTX_set_max_proto_version(load.context, TLS1_2_VERSION);
        (void)SSL_CTX_set_options(load.context, SSL_OP_NO_TICKET);
    }
}

int main(int argument_count, char **arguments)
{
    struct connection *connections;
    int option;

    while ((option = getopt_long(
                argument_count, arguments, "", options, NULL)) != -1)
        take_option(option);
    if (argument_count - optind != 3)
        return 2;
    prepare(arguments + optind);
    connections = calloc(load.connections, sizeof(*connections));
    if (connections == NULL)
        give_up("no memory");
    print_figures(run(connections));
    free(connections);
    SSL_CTX_free(load.context);
    free(load.latencies);
    free(load.bodies);
    return 0;
}
