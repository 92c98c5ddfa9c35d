#include "server/front/addresses.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

/* Open addressing; a row without connections is free.  At most half of the
 * rows are ever taken. */
struct row {
    uint8_t bytes[8];
    size_t count;
};

struct addresses {
    size_t rows, taken; /* rows: a power of two */
    uint64_t seed;      /* so that nobody can aim at one row */
    struct row *row;
};

/* --- an address ----------------------------------------------------------- */

static void put_ipv4(struct address *address, const uint8_t *octets)
{
    /* No IPv6 prefix in use begins with zeros. */
    memset(address->bytes, 0, sizeof(address->bytes));
    memcpy(address->bytes + 4, octets, 4);
    (void)inet_ntop(AF_INET, octets, address->text, sizeof(address->text));
}

bool address_of(const struct sockaddr_storage *from, struct address *address)
{
    if (from->ss_family == AF_INET) {
        struct sockaddr_in ipv4;

        memcpy(&ipv4, from, sizeof(ipv4));
        put_ipv4(address, (const uint8_t *)&ipv4.sin_addr.s_addr);
        return true;
    }
    if (from->ss_family == AF_INET6) {
        struct sockaddr_in6 ipv6;

        memcpy(&ipv6, from, sizeof(ipv6));
        if (IN6_IS_ADDR_V4MAPPED(&ipv6.sin6_addr)) {
            put_ipv4(address, ipv6.sin6_addr.s6_addr + 12);
            return true;
        }
        memcpy(address->bytes, ipv6.sin6_addr.s6_addr, sizeof(address->bytes));
        (void)inet_ntop(
            AF_INET6, &ipv6.sin6_addr, address->text, sizeof(address->text));
        return true;
    }
    return false;
}

bool address_equal(const struct address *one, const struct address *other)
{
    return memcmp(one->bytes, other->bytes, sizeof(one->bytes)) == 0;
}

/* --- the table ------------------------------------------------------------ */

bool addresses_new(
    size_t most, struct addresses **addresses, struct failure *why)
{
    struct addresses *made = calloc(1, sizeof(*made));
    size_t rows = 16;

    while (rows < 2 * most)
        rows *= 2;
    if (made != NULL)
        made->row = calloc(rows, sizeof(*made->row));
    if (made == NULL || made->row == NULL) {
        addresses_free(made);
        return fail_because(
            why, FAILURE_INTERNAL, "no memory for a table of addresses");
    }
    made->rows = rows;
    random_fill((uint8_t *)&made->seed, sizeof(made->seed));
    *addresses = made;
    return true;
}

void addresses_free(struct addresses *addresses)
{
    if (addresses == NULL)
        return;
    free(addresses->row);
    free(addresses);
}

/* Where the search for an address begins. */
static size_t home_of(
    const struct addresses *addresses, const uint8_t bytes[static 8])
{
    uint64_t number;

    memcpy(&number, bytes, sizeof(number));
    number = (number ^ addresses->seed) * UINT64_C(0x9e3779b97f4a7c15);
    number ^= number >> 32;
    return (size_t)(number * UINT64_C(0xd6e8feb86659fd93) >> 20) &
           (addresses->rows - 1);
}

/* The row of an address, or the free one where it would stand. */
static struct row *find(
    const struct addresses *addresses, const struct address *address)
{
    size_t place = home_of(addresses, address->bytes);

    while (addresses->row[place].count > 0 &&
           memcmp(addresses->row[place].bytes, address->bytes,
               sizeof(address->bytes)) != 0)
        place = (place + 1) & (addresses->rows - 1);
    return &addresses->row[place];
}

size_t addresses_count(
    const struct addresses *addresses, const struct address *address)
{
    return find(addresses, address)->count;
}

bool addresses_enter(struct addresses *addresses, const struct address *address,
    struct failure *why)
{
    struct row *row = find(addresses, address);

    if (row->count == 0) {
        if (2 * (addresses->taken + 1) > addresses->rows)
            return fail_because(why, FAILURE_UNAVAILABLE,
                "connections from %zu addresses are open, as many as are "
                "counted",
                addresses->taken);
        memcpy(row->bytes, address->bytes, sizeof(row->bytes));
        addresses->taken++;
    }
    row->count++;
    return true;
}

/* Those behind a row that became free move up, so that no search ends before
 * what it looks for (Knuth 6.4, algorithm R). */
static void close_gap(struct addresses *addresses, size_t gap)
{
    const size_t mask = addresses->rows - 1;

    for (size_t next = (gap + 1) & mask; addresses->row[next].count > 0;
         next = (next + 1) & mask) {
        const size_t home = home_of(addresses, addresses->row[next].bytes);

        if (((next - home) & mask) < ((next - gap) & mask))
            continue;
        addresses->row[gap] = addresses->row[next];
        addresses->row[next].count = 0;
        gap = next;
    }
}

void addresses_leave(struct addresses *addresses, const struct address *address)
{
    struct row *row = find(addresses, address);

    if (row->count == 0)
        return;
    row->count--;
    if (row->count == 0) {
        addresses->taken--;
        close_gap(addresses, (size_t)(row - addresses->row));
    }
}
