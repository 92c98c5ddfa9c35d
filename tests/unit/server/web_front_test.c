#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/channel.h"
#include "server/web/web.h"

/* A front's link, with the test as a front that was taken over. */

#define CANCELS 2000

static void a_front_that_only_cancels_gives_the_others_their_turn(void **state)
{
    static const uint8_t cancels[CANCELS * FRAME_HEAD_BYTES];
    struct front_link *front = NULL;
    struct visit *visit = NULL;
    int sockets[2], left = 0, turns = 0;
    struct failure why = {0};

    (void)state;
    assert_true(channel_pair(sockets, &why));
    assert_true(front_link_new(sockets[1], LISTENER_PUBLIC, &front, &why));
    assert_int_equal(send(sockets[0], cancels, sizeof(cancels), 0),
        (ssize_t)sizeof(cancels));
    do {
        assert_true(front_link_take(front, NULL, &visit));
        assert_null(visit);
        assert_int_equal(ioctl(sockets[1], FIONREAD, &left), 0);
        turns++;
    } while (left > 0 || front_link_holds(front));
    assert_true(turns >= CANCELS / 64);
    assert_true(front_link_take(front, NULL, &visit)); /* nothing came */
    descriptor_close(&sockets[0]);
    assert_false(front_link_take(front, NULL, &visit));
    front_link_end(front, 0);
    front_link_release(front);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_front_that_only_cancels_gives_the_others_their_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
