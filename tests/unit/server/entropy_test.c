#include "road_fixture.h"

/*
 * That serials are random is shown where they come out, in certificates that
 * went the whole road, and not where they are made (incident 6).
 */
enum { GROUPS = 8, PER_GROUP = 250, CERTIFICATES = GROUPS * PER_GROUP };

static void count_bits(struct bytes der, int set[SERIAL_BYTES * 8])
{
    struct certificate certificate = {0};
    struct failure why = {0};

    assert_done(certificate_read(der, &certificate, &why), why);
    assert_int_equal(certificate.tbs.serial.length, SERIAL_BYTES);
    for (size_t bit = 0; bit < SERIAL_BYTES * 8; bit++)
        set[bit] += certificate.tbs.serial.start[bit / 8] >> (7 - bit % 8) & 1;
}

static void issue_group(struct bytes request, int set[SERIAL_BYTES * 8])
{
    RELEASED(answers) answers = {0};
    SCOPED_STRUCT(client) *client = NULL;

    open_client(folder, &client);
    for (uint64_t i = 1; i <= PER_GROUP; i++)
        (void)send_wish(client, "server", NULL, request);
    for (size_t i = 0; i < PER_GROUP; i++)
        take_answer(client, &answers);
    for (uint64_t i = 1; i <= PER_GROUP; i++)
        count_bits(buffer_view(&answers.certificates[i]), set);
}

/* Each bit is set in half of n, within seven times the square root of n / 4,
 * which chance exceeds once in 10^11; all of them together too (the monobit
 * test of NIST SP 800-22, 2.1). */
static void
incident06_properties05_serials_of_certificates_hold_128_random_bits(
    void **state)
{
    enum { SIGMA = 23 }; /* the square root of 2,000 / 4 */
    enum { BITS = 128, SIGMA_OF_ALL = 253 };
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    int set[SERIAL_BYTES * 8] = {0};
    int all = 0;

    (void)state;
    new_request("www.example.org", &request);
    for (int i = 0; i < GROUPS; i++)
        issue_group(buffer_view(&request), set);
    assert_int_equal(set[0], 0); /* positive */
    for (size_t bit = 8; bit < SERIAL_BYTES * 8; bit++) {
        assert_in_range(set[bit], CERTIFICATES / 2 - 7 * SIGMA,
            CERTIFICATES / 2 + 7 * SIGMA);
        all += set[bit];
    }
    assert_in_range(all, CERTIFICATES * BITS / 2 - 7 * SIGMA_OF_ALL,
        CERTIFICATES * BITS / 2 + 7 * SIGMA_OF_ALL);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        on_a_copy(
            incident06_properties05_serials_of_certificates_hold_128_random_bits),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_template, remove_template);
}
