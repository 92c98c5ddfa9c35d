#include "decisions_fixture.h"

#include "authority/serial_number.h"

/* A serial as people write it, and the one it means. */

static void add(struct fixture *fixture, const char *serial)
{
    struct serial_number number = {0};
    bool added = false;

    assert_done(fixture, serial_number_read(serial, &number, &fixture->why));
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(fixture,
        store_add_certificate(fixture->store,
            &(struct certificate_row){.serial = serial_number_view(&number),
                .der = bytes_of_text("certificate"),
                .sealed = true,
                .authority = 1,
                .profile = "server",
                .issued_at = 5,
                .not_after = 6},
            &added, &fixture->why));
    assert_true(added);
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
}

static void assert_means(
    struct fixture *fixture, const char *text, const char *serial)
{
    struct serial_number number = {0};
    char found[SERIAL_TEXT];

    assert_done(fixture,
        serial_number_find(fixture->store, text, &number, &fixture->why));
    serial_print(serial_number_view(&number), found);
    assert_string_equal(found, serial);
}

static bool finds(struct fixture *fixture, const char *text)
{
    struct serial_number number = {0};

    fixture->why = (struct failure){0};
    return serial_number_find(fixture->store, text, &number, &fixture->why);
}

/* X.690, 8.3. */
static void a_zero_stands_where_a_number_would_look_negative(void **state)
{
    static const struct {
        const char *text;
        size_t length;
        uint8_t first;
    } cases[] = {{"7f", 1, 0x7f}, {"80", 2, 0}, {"0", 1, 0}, {"0x0080", 2, 0},
        {"01:00", 2, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct serial_number number = {0};
        struct failure why = {0};

        assert_true(serial_number_read(cases[i].text, &number, &why));
        assert_int_equal(number.length, cases[i].length);
        assert_int_equal(number.contents[0], cases[i].first);
    }
}

static void the_whole_serial_or_its_first_eight_digits_find_it(void **state)
{
    struct fixture *fixture = *state;

    add(fixture, "a0b1c2d3e4f5");
    add(fixture, "123456789a");
    assert_means(fixture, "A0:B1:C2:D3:E4:F5", "a0b1c2d3e4f5");
    assert_means(fixture, "0xa0b1c2d3", "a0b1c2d3e4f5");
    assert_means(fixture, "a0b1c2d3e", "a0b1c2d3e4f5");
    assert_means(fixture, "12345678", "123456789a");
    assert_refused(fixture, finds(fixture, "a0b1c2d"), FAILURE_NOT_FOUND,
        "no certificate here has the serial a0b1c2d");
    assert_refused(fixture, finds(fixture, "a0b1c2d4"), FAILURE_NOT_FOUND,
        "no certificate");
    assert_refused(fixture, finds(fixture, "a0b1c2dg"), FAILURE_MALFORMED, "");
}

static void digits_that_begin_several_are_refused_with_two_of_them(void **state)
{
    struct fixture *fixture = *state;

    add(fixture, "1234567801");
    add(fixture, "1234567802");
    assert_refused(fixture, finds(fixture, "12345678"), FAILURE_CONFLICT,
        "begins several serials here, 1234567801 and 1234567802");
    /* The whole of one is that one, also where others begin with it. */
    add(fixture, "12345678");
    assert_means(fixture, "12345678", "12345678");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_zero_stands_where_a_number_would_look_negative),
        on_a_store(the_whole_serial_or_its_first_eight_digits_find_it),
        on_a_store(digits_that_begin_several_are_refused_with_two_of_them),
    };

    return cmocka_run_group_tests_name("serial number", tests, NULL, NULL);
}
