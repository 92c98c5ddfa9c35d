#include <string.h>

#include "authority/revoke.h"
#include "base/clock.h"
#include "server/pages/html.h"
#include "server/pages/pages.h"
#include "store/store_revocations.h"
#include "x509/input.h"
#include "x509/name_match.h"

#define FILE_MAX (256 * 1024)

static const char form[] =
    "<form method=\"get\" action=\"/status\">\n"
    "<label for=\"serial\">Serial number, in hexadecimal</label>\n"
    "<input id=\"serial\" name=\"serial\" autocomplete=\"off\" required>\n"
    "<button>Ask</button>\n</form>\n"
    "<form method=\"post\" action=\"/status\" "
    "enctype=\"multipart/form-data\">\n"
    "<label for=\"certificate\">Or the certificate: PEM, DER or base64"
    "</label>\n"
    "<input type=\"file\" id=\"certificate\" name=\"certificate\" required>\n"
    "<button>Ask</button>\n</form>\n";

/* What is asked about: one serial at some of our authorities. */
struct wanted {
    uint8_t room[20];
    struct bytes serial;
    struct bytes issuer; /* whole Name; length 0: any of ours */
    struct bytes der;    /* the certificate; length 0: by its serial alone */
};

/* --- one answer ---------------------------------------------------------- */

static bool add_revoked(
    struct buffer *out, const struct status_row *row, struct failure *why)
{
    char at[CLOCK_TEXT];

    clock_print(row->revoked_at, at);
    return html_print(out, why,
        "<p><span class=\"bad\">%s</span> since %s, reason: %s</p>\n",
        row->status == CERTIFICATE_HELD ? "On hold" : "Revoked", at,
        revocation_reason_name(row->reason));
}

static bool add_row(struct buffer *out, const struct authority_issuer *issuer,
    const struct wanted *wanted, const struct status_row *row,
    struct failure *why)
{
    char serial[SERIAL_TEXT], until[CLOCK_TEXT];

    serial_print(wanted->serial, serial);
    clock_print(row->not_after, until);
    if (!html_print(out, why,
            "<section class=\"card\">\n<h2>%s, of \xe2\x80\x9c%s\xe2\x80\x9d"
            "</h2>\n",
            serial, issuer->name))
        return false;
    if (row->status != CERTIFICATE_VALID && !add_revoked(out, row, why))
        return false;
    if (row->status == CERTIFICATE_VALID &&
        !html_raw(out, "<p class=\"good\">Not revoked</p>\n", why))
        return false;
    return html_print(out, why, "<p>%s %s</p>\n</section>\n",
        row->not_after < clock_now() ? "It ended" : "It ends", until);
}

static bool is_meant(
    const struct authority_issuer *issuer, const struct wanted *wanted)
{
    return issuer->der.length > 0 &&
           (wanted->issuer.length == 0 ||
               name_matches(wanted->issuer, issuer->certificate.tbs.subject));
}

static bool is_the_same(
    void *context, const struct certificate_row *row, struct failure *why)
{
    const struct wanted *wanted = context;

    return bytes_equal(row->der, wanted->der) ||
           fail_because(why, FAILURE_CONFLICT,
               "a certificate of this serial number was issued here, and it "
               "is another one than yours: yours is not of this authority");
}

/* An issuer's name and a serial may be copied. */
static bool check_is_ours(
    const struct exchange *exchange, struct wanted *wanted, struct failure *why)
{
    return wanted->der.length == 0 ||
           store_certificate_by_serial(
               exchange->store, wanted->serial, is_the_same, wanted, why);
}

static bool add_answers(struct buffer *out, const struct exchange *exchange,
    struct wanted *wanted, struct failure *why)
{
    const struct authority *authority = exchange->authority;
    size_t answers = 0;

    for (size_t i = 0; i < authority->issuer_count; i++) {
        struct status_row row = {0};
        bool found = false;

        if (!is_meant(&authority->issuers[i], wanted))
            continue;
        if (!store_status(exchange->store, authority->issuers[i].id,
                wanted->serial, &row, &found, why))
            return false;
        if (!found)
            continue;
        if (!check_is_ours(exchange, wanted, why) ||
            !add_row(out, &authority->issuers[i], wanted, &row, why))
            return false;
        answers++;
    }
    return answers > 0 ||
           fail_because(why, FAILURE_NOT_FOUND,
               "no certificate of this serial number was issued by an "
               "authority of this server; it is neither good nor revoked here");
}

/* --- what is asked ------------------------------------------------------- */

static bool take_serial(
    const char *text, struct wanted *wanted, struct failure *why)
{
    size_t length = 0;

    if (!serial_read(text, wanted->room, &length, why))
        return false;
    wanted->serial = (struct bytes){wanted->room, length};
    return true;
}

static bool take_certificate(const struct exchange *exchange,
    struct buffer *der, struct certificate *certificate, struct wanted *wanted,
    struct failure *why)
{
    const struct exchange_parameter *file =
        exchange_parameter(exchange, "certificate");

    if (file == NULL || file->value.length == 0)
        return fail_because(
            why, FAILURE_MALFORMED, "the form brought no certificate");
    if (!input_certificate(file->value, "the certificate", der, why) ||
        !certificate_read(buffer_view(der), certificate, why))
        return false;
    wanted->serial = certificate->tbs.serial;
    wanted->issuer = certificate->tbs.issuer;
    wanted->der = buffer_view(der);
    return true;
}

bool page_status(struct exchange *exchange, struct failure *why)
{
    RELEASED(buffer) out = BUFFER("page", HTML_PAGE_MAX);
    RELEASED(buffer) der = BUFFER("certificate", FILE_MAX);
    struct certificate certificate = {0};
    struct wanted wanted = {0};
    const char *serial = exchange_text(exchange, "serial");
    bool is_asked = exchange->method == EXCHANGE_POST || serial[0] != '\0';

    if (!page_begin(exchange, "Status of a certificate", "/status", &out, why))
        return false;
    if (exchange->method == EXCHANGE_POST) {
        if (!take_certificate(exchange, &der, &certificate, &wanted, why))
            return false;
    } else if (is_asked && !take_serial(serial, &wanted, why)) {
        return false;
    }
    return (!is_asked || add_answers(&out, exchange, &wanted, why)) &&
           html_raw(&out, form, why) && page_answer(exchange, &out, why);
}
