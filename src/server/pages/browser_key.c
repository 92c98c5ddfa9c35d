#include <string.h>

#include "server/pages/html.h"
#include "server/pages/pages.h"
#include "server/pages/profile_page.h"

/* The one page with a script, which is a file of ours, and may speak to us
 * alone. */
static const char policy[] =
    "default-src 'none'; script-src 'self'; connect-src 'self'; "
    "style-src 'self'; img-src data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'";

#define PREFIX "/enrol-key/"

static bool add_form(
    struct buffer *out, const struct profile *profile, struct failure *why)
{
    return html_print(out, why,
        "<p>A key is made in this browser, and leaves it only in the file "
        "that you take home: only the request for it is sent. Without scripts, "
        "use <a href=\"/enrol/%s\">a request of your own</a>.</p>\n"
        "<form id=\"make\" method=\"post\" action=\"/enrol/%s\" hidden>\n"
        "<label for=\"common\">Common name (may stay empty)</label>\n"
        "<input id=\"common\" name=\"common\" autocomplete=\"off\">\n"
        "<label for=\"names\">Names: host names, addresses, mailboxes</label>\n"
        "<textarea id=\"names\" name=\"names\" spellcheck=\"false\" "
        "aria-describedby=\"one\"></textarea>\n"
        "<p class=\"hint\" id=\"one\">One on each line.</p>\n"
        "<button id=\"go\" name=\"go\">Make key and certificate</button>\n"
        "</form>\n<p id=\"said\" role=\"status\"></p>\n"
        "<section id=\"taken\" class=\"card\" hidden>\n"
        "<h2>Take it home</h2>\n"
        "<p><a id=\"file\" class=\"button\" download=\"%s.p12\">Save key and "
        "certificate (PKCS#12)</a></p>\n"
        "<dl><dt>Its password</dt><dd><code id=\"password\"></code></dd></dl>\n"
        "<p class=\"note warn\">Neither the file nor the password is kept "
        "anywhere: closing this page loses them.</p>\n</section>\n"
        "<noscript><p>Scripts are off.</p></noscript>\n"
        "<script src=\"/enrol.js\"></script>\n",
        profile->name, profile->name, profile->name);
}

bool page_browser_key(struct exchange *exchange, struct failure *why)
{
    RELEASED(buffer) out = BUFFER("page", HTML_PAGE_MAX);
    const struct profile *profile = NULL;
    const char *name = exchange->path + strlen(PREFIX);

    if (!configuration_profile(
            exchange->authority->configuration, name, &profile, why))
        return false;
    if (!profile_is_open(profile) || !profile->browser_key)
        return fail_because(why, FAILURE_NOT_FOUND,
            "profile %s makes no keys in the browser (browser-key)", name);
    return page_begin(exchange, profile->name, "/enrol", &out, why) &&
           profile_describe(&out, profile, why) &&
           add_form(&out, profile, why) &&
           exchange_header(exchange, "Content-Security-Policy", policy, why) &&
           page_answer(exchange, &out, why);
}

bool page_browser_script(struct exchange *exchange, struct failure *why)
{
    return exchange_header(exchange, "Cache-Control", "no-cache", why) &&
           exchange_answer(exchange, 200, "text/javascript; charset=utf-8",
               bytes_of_text(html_script()), why);
}
