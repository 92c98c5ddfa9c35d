#include "revocation_fixture.h"

#include <sys/stat.h>

#include "server/pages/html.h"
#include "server/pages/roots.h"
#include "x509/pkcs7.h"

static const struct authority_issuer *root(void)
{
    for (size_t i = 0; i < here.authority.issuer_count; i++) {
        if (here.authority.issuers[i].parent == here.authority.issuers[i].id)
            return &here.authority.issuers[i];
    }
    fail_msg("no root");
    return NULL;
}

static const char *text_of(struct buffer *page)
{
    const char *text = NULL;
    struct failure why = {0};

    assert_done(buffer_as_text(page, &text, &why), why);
    return text;
}

static const char *page_here(struct buffer *page)
{
    struct failure why = {0};

    assert_done(roots_page(&here.authority, page, &why), why);
    return text_of(page);
}

static void read_published(const char *name, struct buffer *contents)
{
    char path[PATH_ROOM];
    struct failure why = {0};

    assert_done(path_join(path, here.publish, name, &why), why);
    assert_done(file_read(path, contents, &why), why);
}

static void kb081_a_root_is_shown_by_its_fingerprint_and_never_by_its_serial(
    void **state)
{
    RELEASED(buffer) page = BUFFER("page", 1024 * 1024);
    const char *text = page_here(&page);
    RELEASED(buffer) shown = BUFFER("fingerprint", 1024);
    char fingerprint[ROOT_FINGERPRINT], serial[SERIAL_TEXT];
    struct failure why = {0};

    (void)state;
    assert_done(
        root_fingerprint(buffer_view(&root()->der), fingerprint, &why), why);
    assert_done(html_fingerprint(&shown, fingerprint, &why), why);
    assert_non_null(strstr(text, text_of(&shown)));
    serial_print(root()->certificate.tbs.serial, serial);
    assert_null(strstr(text, serial));
}

static void kb082_the_pages_advise_to_compare_and_install_nothing(void **state)
{
    RELEASED(buffer) page = BUFFER("page", 1024 * 1024);
    RELEASED(buffer) old = BUFFER("page", 1024 * 1024);
    const char *texts[2] = {page_here(&page), NULL};
    struct failure why = {0};

    (void)state;
    assert_done(roots_old_page(&here.authority, &old, &why), why);
    texts[1] = text_of(&old);
    for (size_t i = 0; i < 2; i++) {
        assert_non_null(strstr(texts[i], "Compare the fingerprint"));
        assert_null(strstr(texts[i], "<script"));
        assert_null(strstr(texts[i], "<form"));
        assert_null(strstr(texts[i], "<object"));
    }
}

static size_t count_in(struct buffer *page, const char *part)
{
    const char *text = text_of(page);
    size_t count = 0;

    while ((text = strstr(text, part)) != NULL) {
        text += strlen(part);
        count++;
    }
    return count;
}

static void the_old_page_has_one_link_for_each_root(void **state)
{
    RELEASED(buffer) old = BUFFER("page", 1024 * 1024);
    char link[SHA256_TEXT + 32] = "<a href=\"/root/";
    struct failure why = {0};

    (void)state;
    assert_done(roots_old_page(&here.authority, &old, &why), why);
    assert_int_equal(count_in(&old, link), 1);
    assert_done(
        sha256_text(buffer_view(&root()->der), link + strlen(link), &why), why);
    assert_int_equal(count_in(&old, link), 1);
}

static void every_link_of_the_page_leads_to_a_published_file(void **state)
{
    RELEASED(buffer) page = BUFFER("page", 1024 * 1024);
    struct failure why = {0};
    const char *text;
    size_t links = 0;

    (void)state;
    assert_done(roots_publish(&here.authority, &why), why);
    text = page_here(&page);
    while ((text = strstr(text, "href=\"/")) != NULL) {
        char name[256], path[PATH_ROOM];
        struct stat status;

        text += strlen("href=\"/");
        (void)snprintf(
            name, sizeof(name), "%.*s", (int)strcspn(text, "\""), text);
        /* The front's own constant, and the list that a keeper makes. */
        if (strcmp(name, "style.css") == 0 || strncmp(name, "crl/", 4) == 0)
            continue;
        assert_done(path_join(path, here.publish, name, &why), why);
        if (stat(path, &status) != 0)
            fail_msg("%s leads nowhere", name);
        links++;
    }
    assert_true(links >= 5);
}

static void published_chains_go_up_to_the_root(void **state)
{
    RELEASED(buffer) p7b = BUFFER("chain", 1024 * 1024);
    struct pkcs7 pkcs7 = {0};
    struct bytes certificate = {0};
    struct failure why = {0};
    size_t count = 0;

    (void)state;
    assert_done(roots_publish(&here.authority, &why), why);
    read_published("ca/issuing.p7b", &p7b);
    assert_done(pkcs7_read(buffer_view(&p7b), &pkcs7, &why), why);
    while (!der_at_end(&pkcs7.certificates)) {
        assert_done(
            pkcs7_next_certificate(&pkcs7.certificates, &certificate, &why),
            why);
        count += certificate.length > 0 ? 1 : 0;
    }
    assert_int_equal(count, 2);
}

static void a_name_is_never_markup(void **state)
{
    RELEASED(buffer) page = BUFFER("page", 1024 * 1024);
    struct configuration *settings = here.configuration;

    (void)state;
    (void)snprintf(settings->name, sizeof(settings->name), "A<b>&\"C");
    assert_non_null(strstr(page_here(&page), "A&lt;b&gt;&amp;&quot;C"));
    assert_null(strstr(page_here(&page), "A<b>"));
}

static void what_is_there_already_is_left_alone(void **state)
{
    char path[PATH_ROOM];
    struct stat before, after;
    struct failure why = {0};

    (void)state;
    assert_done(roots_publish(&here.authority, &why), why);
    assert_done(path_join(path, here.publish, "roots.html", &why), why);
    assert_int_equal(stat(path, &before), 0);
    assert_done(roots_publish(&here.authority, &why), why);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);

    assert_done(
        file_write(path, bytes_of_text("other"), 0644, FILE_REPLACE, &why),
        why);
    assert_done(roots_publish(&here.authority, &why), why);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_size, after.st_size);
}

static void the_profile_for_apple_holds_the_root(void **state)
{
    RELEASED(buffer) profile = BUFFER("profile", 1024 * 1024);
    struct failure why = {0};

    (void)state;
    assert_done(roots_publish(&here.authority, &why), why);
    read_published("roots.mobileconfig", &profile);
    assert_non_null(
        strstr(text_of(&profile), "<string>com.apple.security.root</string>"));
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        on_a_desk(
            kb081_a_root_is_shown_by_its_fingerprint_and_never_by_its_serial),
        on_a_desk(kb082_the_pages_advise_to_compare_and_install_nothing),
        on_a_desk(the_old_page_has_one_link_for_each_root),
        on_a_desk(every_link_of_the_page_leads_to_a_published_file),
        on_a_desk(published_chains_go_up_to_the_root),
        on_a_desk(a_name_is_never_markup),
        on_a_desk(what_is_there_already_is_left_alone),
        on_a_desk(the_profile_for_apple_holds_the_root),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_template, remove_template);
}
