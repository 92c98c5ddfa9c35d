#include "x509/chain/explain.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "x509/chain/explain_words.h"

/* What is said of the certificate, behind its name. */
static const char *const phrases[VERDICT_CODES] = {
    [VERDICT_OK] = "is valid",
    [VERDICT_MALFORMED] = "can't be read",
    [VERDICT_SIGNATURE_INVALID] = "is not what its issuer signed",
    [VERDICT_ALGORITHM_REFUSED] = "is signed in a way that is not taken",
    [VERDICT_KEY_TOO_WEAK] = "has, or is signed by, a key that is not taken",
    [VERDICT_EXPIRED] = "has expired",
    [VERDICT_NOT_YET_VALID] = "is not valid yet",
    [VERDICT_ISSUER_MISSING] = "has an issuer that is missing",
    [VERDICT_ROOT_UNTRUSTED] = "is a root that is not among the trusted ones",
    [VERDICT_SELF_SIGNED_UNTRUSTED] =
        "is signed by itself, and is not among the trusted ones",
    [VERDICT_DISTRUSTED] = "is distrusted",
    [VERDICT_NAME_MISMATCH] = "is for another name",
    [VERDICT_NAME_MISSING] = "has no name of this kind",
    [VERDICT_USAGE_MISMATCH] = "is not for this use",
    [VERDICT_NOT_AN_AUTHORITY] = "may not issue certificates",
    [VERDICT_PATH_TOO_LONG] = "has too many certificates below it",
    [VERDICT_NAME_CONSTRAINT_VIOLATED] =
        "has a name that an authority above it may not certify",
    [VERDICT_POLICY_VIOLATED] = "breaks the policies",
    [VERDICT_CRITICAL_EXTENSION_UNKNOWN] =
        "has a critical extension that is not understood",
    [VERDICT_PROFILE_VIOLATED] = "breaks the profile",
    [VERDICT_REVOKED] = "is revoked",
    [VERDICT_REVOCATION_UNKNOWN] = "may be revoked or not, which is unknown",
    [VERDICT_CRL_EXPIRED] = "has no status of the time that was asked for",
    [VERDICT_CRL_MALFORMED] = "has a status that can't be read",
    [VERDICT_CRL_SIGNATURE_INVALID] =
        "has a status that its issuer did not sign",
    [VERDICT_BUDGET_EXCEEDED] = "can't be judged within the limits",
    [VERDICT_NO_SIGNATURE] = "is not signed",
    [VERDICT_CONTENT_ALTERED] = "signed another content",
    [VERDICT_EXPIRED_WITHOUT_TIMESTAMP] =
        "has expired, and no time-stamp says that it signed before",
    [VERDICT_WRONG_PASSWORD] = "can't be opened with this password",
    [VERDICT_UNSUPPORTED_ALGORITHM] = "is encrypted in a way that is not here",
};

/* Cut where it is full. */
struct wording {
    char *text;
    size_t length;
};

__attribute__((format(printf, 2, 3))) static void say(
    struct wording *wording, const char *format, ...)
{
    size_t room = VERDICT_SENTENCE - wording->length;
    va_list arguments;
    int written;

    va_start(arguments, format);
    written =
        vsnprintf(wording->text + wording->length, room, format, arguments);
    va_end(arguments);
    if (written > 0)
        wording->length += (size_t)written < room ? (size_t)written : room - 1;
}

/* --- the sentence -------------------------------------------------------- */

static const struct verdict_certificate *blamed_on(
    const struct verdict *verdict)
{
    const struct verdict_path *best = verdict->paths;

    if (verdict->path_count == 0 || best->length == 0)
        return NULL;
    return &best->certificates[verdict->place < best->length
                                   ? verdict->place
                                   : best->length - 1];
}

static void say_who(struct wording *wording, const struct verdict *verdict)
{
    const struct verdict_certificate *blamed = blamed_on(verdict);
    char name[CHAIN_NAME_TEXT];

    if (blamed == NULL) {
        say(wording, "the certificate");
        return;
    }
    explain_name(blamed->der, name);
    say(wording, "%s", name);
    if (verdict->place > 0)
        say(wording, " (certificate %zu of the path%s%s)", verdict->place + 1,
            blamed->origin == NULL ? "" : ", from ",
            blamed->origin == NULL ? "" : blamed->origin);
}

static void say_valid(struct wording *wording, const struct verdict *verdict)
{
    const struct verdict_path *best = verdict->paths;
    char leaf[CHAIN_NAME_TEXT], anchor[CHAIN_NAME_TEXT];

    if (verdict->path_count == 0 || best->length == 0) {
        say(wording, "the certificate is valid");
        return;
    }
    explain_name(best->certificates[0].der, leaf);
    if (best->length == 1) {
        say(wording, "%s is valid: it is trusted itself", leaf);
        return;
    }
    explain_name(best->certificates[best->length - 1].der, anchor);
    say(wording, "%s is valid: a path of %zu certificates ends at %s%s%s", leaf,
        best->length, anchor,
        best->certificates[best->length - 1].origin == NULL ? "" : ", from ",
        best->certificates[best->length - 1].origin == NULL
            ? ""
            : best->certificates[best->length - 1].origin);
}

/* --- where was looked ---------------------------------------------------- */

#define ORIGINS_TOLD 3

struct origins {
    const char *told[ORIGINS_TOLD];
    size_t count;
    bool are_more;
};

static void add_origin(struct origins *origins, const char *origin)
{
    for (size_t i = 0; i < origins->count; i++) {
        if (origins->told[i] == origin || strcmp(origins->told[i], origin) == 0)
            return;
    }
    if (origins->count == ORIGINS_TOLD)
        origins->are_more = true;
    else
        origins->told[origins->count++] = origin;
}

static void add_origins(struct origins *origins, const struct chain_pool *pool)
{
    size_t count = pool == NULL ? 0 : chain_pool_count(pool);

    for (size_t i = 0; i < count && !origins->are_more; i++) {
        const struct chain_certificate *certificate = chain_pool_at(pool, i);

        if (certificate->origin != NULL)
            add_origin(origins, certificate->origin);
    }
}

static void say_where_looked(
    struct wording *wording, const struct chain_question *question)
{
    struct origins origins = {0};

    add_origins(&origins, question->untrusted);
    add_origins(&origins, question->roots);
    if (origins.count == 0) {
        say(wording, "; there were no certificates to look in");
        return;
    }
    say(wording, "; looked in ");
    for (size_t i = 0; i < origins.count; i++)
        say(wording, "%s%s", i == 0 ? "" : ", ", origins.told[i]);
    if (origins.are_more)
        say(wording, " and others");
}

/* kb 71: who is missing, which the evidence says if there is one, and where it
 * is not. */
static void say_missing(struct wording *wording,
    const struct chain_question *question, const struct verdict *verdict)
{
    const struct verdict_certificate *blamed = blamed_on(verdict);
    char issuer[EXPLAIN_ISSUER] = "";

    if (blamed != NULL && *verdict->paths->evidence == 0)
        explain_issuer(blamed->der, issuer);
    if (*issuer != 0)
        say(wording, ", %s", issuer);
    say_where_looked(wording, question);
}

/* Whose evidence would say once more what the phrase says. */
static bool says_all(enum verdict_code code)
{
    return code == VERDICT_ROOT_UNTRUSTED ||
           code == VERDICT_SELF_SIGNED_UNTRUSTED;
}

static void say_failure(struct wording *wording,
    const struct chain_question *question, const struct verdict *verdict)
{
    say_who(wording, verdict);
    say(wording, " %s",
        verdict->rule == RULE_MAX_DEPTH ? "stands too far below its root"
                                        : phrases[verdict->code]);
    if (verdict->code == VERDICT_ISSUER_MISSING)
        say_missing(wording, question, verdict);
    if (verdict->path_count > 0 && *verdict->paths->evidence != 0 &&
        !says_all(verdict->code))
        say(wording, ": %s", verdict->paths->evidence);
    say(wording, " (rule %s, %s)", chain_rule_name(verdict->rule),
        chain_rule_reference(verdict->rule));
}

/* --- the remedy ---------------------------------------------------------- */

/* A machine whose clock says a time outside these has the wrong one: this was
 * written in 2026, and nobody runs it in 2076. */
#define CLOCK_LEAST INT64_C(1767225600)
#define CLOCK_MOST INT64_C(3345062400)
#define DAY_SECONDS INT64_C(86400)

/* kb 96: only where time was the rule, and the time was this machine's. */
static bool blames_the_clock(
    const struct chain_question *question, const struct verdict *verdict)
{
    int64_t now = clock_now();

    if (verdict->code != VERDICT_EXPIRED &&
        verdict->code != VERDICT_NOT_YET_VALID &&
        verdict->code != VERDICT_CRL_EXPIRED)
        return false;
    return (now < CLOCK_LEAST || now > CLOCK_MOST) &&
           question->time > now - DAY_SECONDS &&
           question->time < now + DAY_SECONDS;
}

static void remedy_clock(
    struct wording *wording, const struct chain_question *question)
{
    char time[CLOCK_TEXT];

    clock_print(question->time, time);
    say(wording,
        "this machine's clock says %s, which can't be: set it, and ask "
        "again",
        time);
}

static void remedy_missing(
    struct wording *wording, const struct verdict *verdict)
{
    const struct verdict_certificate *blamed = blamed_on(verdict);
    char address[EXPLAIN_ADDRESS], issuer[EXPLAIN_ISSUER] = "";

    if (blamed != NULL)
        explain_issuer(blamed->der, issuer);
    say(wording, "get the certificate of %s",
        *issuer == 0 ? "the issuer" : issuer);
    if (blamed != NULL && explain_issuer_address(blamed->der, address))
        say(wording, "; it may be at %s", address);
    say(wording, "; add it with --untrusted FILE, or with --roots FILE if it "
                 "is a root you trust");
}

static void remedy_untrusted(
    struct wording *wording, const struct verdict *verdict)
{
    const struct verdict_certificate *blamed = blamed_on(verdict);
    char name[CHAIN_NAME_TEXT];

    if (blamed == NULL) {
        say(wording, "%s", explain_code(verdict->code)->remedy);
        return;
    }
    explain_name(blamed->der, name);
    say(wording, "if you trust %s, whose SHA-256 is ", name);
    for (size_t i = 0; i < SHA256_BYTES; i++)
        say(wording, "%02x", (unsigned)blamed->sha256[i]);
    say(wording, ", add it with --roots FILE");
}

static void say_remedy(struct wording *wording,
    const struct chain_question *question, const struct verdict *verdict)
{
    if (blames_the_clock(question, verdict))
        remedy_clock(wording, question);
    else if (verdict->rule == RULE_MAX_DEPTH)
        say(wording, "allow more intermediates with --max-depth, or have it "
                     "issued by an authority nearer to the root");
    else if (verdict->code == VERDICT_ISSUER_MISSING)
        remedy_missing(wording, verdict);
    else if (verdict->code == VERDICT_ROOT_UNTRUSTED ||
             verdict->code == VERDICT_SELF_SIGNED_UNTRUSTED)
        remedy_untrusted(wording, verdict);
    else
        say(wording, "%s", explain_code(verdict->code)->remedy);
}

void explain_verdict(
    const struct chain_question *question, struct verdict *verdict)
{
    struct wording sentence = {.text = verdict->sentence};
    struct wording remedy = {.text = verdict->remedy};

    *verdict->sentence = 0;
    *verdict->remedy = 0;
    if (verdict->valid) {
        say_valid(&sentence, verdict);
        return;
    }
    say_failure(&sentence, question, verdict);
    say_remedy(&remedy, question, verdict);
}
