#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "authority/control_protocol.h"
#include "authority/requests.h"
#include "base/base64.h"
#include "base/message.h"
#include "crypto/key.h"
#include "protocols/origin.h"
#include "server/pages/certificate_links.h"
#include "server/pages/html.h"
#include "server/pages/pages.h"
#include "x509/certificate.h"

#define REQUESTS "/requests/"
#define CHAIN_MAX 16

/* The number is found by whatever letters it comes in: addresses are typed, and
 * old programs turn them into capitals (kb 59). */
static void take_id(
    const struct exchange *exchange, char id[static REQUEST_ID_TEXT])
{
    const char *given = exchange->path + strlen(REQUESTS);
    size_t length = 0;

    for (; given[length] != '\0' && length + 1 < REQUEST_ID_TEXT; length++)
        id[length] = (char)tolower((unsigned char)given[length]);
    id[length] = '\0';
}

/* --- the proof ----------------------------------------------------------- */

static bool add_form(struct buffer *out, const char *id, struct failure *why)
{
    return html_print(out, why,
        "<p>The key of a request proves whose it is. Sign its number with the "
        "key, and paste what comes out.</p>\n"
        "<pre><code>printf 'chancery request 1\\n%s' |\n"
        "  openssl dgst -sha256 -sign my.key | base64</code></pre>\n"
        "<p class=\"hint\">For a key of P-384: -sha384, of P-521: -sha512. "
        "For Ed25519: printf ... &gt; number; openssl pkeyutl -sign -rawin "
        "-inkey my.key -in number | base64. Or let the program do it: "
        "chancery requests fetch %s --key my.key</p>\n"
        "<form method=\"post\" action=\"" REQUESTS "%s\">\n"
        "<label for=\"proof\">Signature, in base64</label>\n"
        "<textarea id=\"proof\" name=\"proof\" required spellcheck=\"false\" "
        "autocomplete=\"off\"></textarea>\n"
        "<button>Look</button>\n</form>\n",
        id, id, id);
}

static bool show_form(
    struct exchange *exchange, const char *id, struct failure *why)
{
    RELEASED(buffer) out = BUFFER("page", HTML_PAGE_MAX);

    return page_begin(exchange, "A request", "/enrol", &out, why) &&
           html_print(&out, why,
               "<dl><dt>Number</dt><dd class=\"hash\">%s</dd></dl>\n", id) &&
           add_form(&out, id, why) && page_answer(exchange, &out, why);
}

/* --- what became of it --------------------------------------------------- */

static bool add_state(
    struct buffer *out, const json_t *facts, struct failure *why)
{
    const char *state = json_text(facts, "state");
    const char *reason = json_text(facts, "reason");

    return html_print(out, why,
               "<dl><dt>Number</dt><dd class=\"hash\">%s</dd>\n"
               "<dt>Profile</dt><dd>%s</dd>\n<dt>State</dt><dd>%s</dd>\n",
               json_text(facts, "id"), json_text(facts, "profile"), state) &&
           (reason[0] == '\0' ||
               html_print(out, why, "<dt>Reason</dt><dd>%s</dd>\n", reason)) &&
           html_raw(out, "</dl>\n", why) &&
           (strcmp(state, "waiting") != 0 ||
               html_raw(out,
                   "<p>It waits for the approval of people; look again "
                   "later.</p>\n",
                   why));
}

/* The chain stands in one buffer, each with where it ends. */
struct decoded {
    struct buffer bytes;
    size_t ends[CHAIN_MAX + 1];
    size_t count;
};

static void decoded_free(struct decoded *decoded)
{
    buffer_free(&decoded->bytes);
}

static bool decode(
    struct decoded *decoded, const json_t *encoded, struct failure *why)
{
    const char *text = json_string_value(encoded);

    if (text == NULL || decoded->count > CHAIN_MAX)
        return fail_because(
            why, FAILURE_INTERNAL, "a certificate can't be shown");
    if (!base64_read(bytes_of_text(text), &decoded->bytes, why))
        return false;
    decoded->ends[decoded->count++] = decoded->bytes.length;
    return true;
}

static struct bytes decoded_at(const struct decoded *decoded, size_t index)
{
    size_t start = index == 0 ? 0 : decoded->ends[index - 1];

    return (struct bytes){
        decoded->bytes.start + start, decoded->ends[index] - start};
}

static bool add_certificate(
    struct buffer *out, const json_t *facts, struct failure *why)
{
    RELEASED(decoded)
    decoded = {
        .bytes = BUFFER("certificates", (CHAIN_MAX + 1) * CERTIFICATE_MAX)};
    struct bytes chain[CHAIN_MAX];
    const json_t *above = NULL;
    size_t index = 0;

    if (json_object_get(facts, "certificate") == NULL)
        return true;
    if (!decode(&decoded, json_object_get(facts, "certificate"), why))
        return false;
    json_array_foreach(json_object_get(facts, "chain"), index, above)
    {
        if (!decode(&decoded, above, why))
            return false;
    }
    for (index = 1; index < decoded.count; index++)
        chain[index - 1] = decoded_at(&decoded, index);
    return certificate_links(
        out, decoded_at(&decoded, 0), chain, decoded.count - 1, why);
}

static bool finish(
    struct exchange *exchange, json_t *facts, struct failure *why)
{
    RELEASED(buffer) out = BUFFER("page", HTML_PAGE_MAX);

    return page_begin(exchange, "A request", "/enrol", &out, why) &&
           add_state(&out, facts, why) && add_certificate(&out, facts, why) &&
           page_answer(exchange, &out, why);
}

static bool ask(struct exchange *exchange, const char *id, struct failure *why)
{
    RELEASED(buffer) fields = BUFFER("question", 16 * 1024);
    RELEASED(buffer) proof = BUFFER("the proof", SIGNATURE_MAX);
    const struct exchange_parameter *given =
        exchange_parameter(exchange, "proof");

    if (given == NULL || given->value.length == 0)
        return fail_because(why, FAILURE_MALFORMED, "the field proof is empty");
    return exchange_check_origin(exchange, why) &&
           base64_read(given->value, &proof, why) &&
           message_add_text(&fields, CONTROL_ID, id, why) &&
           message_add(&fields, CONTROL_PROOF, buffer_view(&proof), why) &&
           exchange->verbs->ask(
               exchange, CONTROL_FETCH, buffer_view(&fields), finish, why);
}

bool page_request(struct exchange *exchange, struct failure *why)
{
    char id[REQUEST_ID_TEXT];

    take_id(exchange, id);
    return exchange->method == EXCHANGE_POST ? ask(exchange, id, why)
                                             : show_form(exchange, id, why);
}
