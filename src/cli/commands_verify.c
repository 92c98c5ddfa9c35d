#include "cli/command_options.h"
#include "cli/verify_as.h"
#include "x509/chain/explain.h"

static const struct command_option verify_options[] = {
    {.name = "roots",
        .argument = "FILE",
        .repeats = true,
        .help = "the certificates that are trusted; otherwise the machine's "
                "trust store"},
    {.name = "untrusted",
        .argument = "FILE",
        .repeats = true,
        .help = "certificates to build a path from, beside those of FILE"},
    {.name = "crl",
        .argument = "FILE",
        .repeats = true,
        .help = "revocation lists to look in"},
    {.name = "ocsp",
        .argument = "FILE",
        .repeats = true,
        .help = "an OCSP answer to look in"},
    {.name = "distrusted",
        .argument = "FILE",
        .repeats = true,
        .help = "certificates that are refused wherever they stand"},
    {.name = "time",
        .argument = "T",
        .help = "the time to judge at (RFC 3339, or seconds since 1970); "
                "otherwise now"},
    {.name = "name",
        .argument = "NAME",
        .repeats = true,
        .help = "a host, address or mailbox that it must be for; each one"},
    {.name = "purpose",
        .argument = "PURPOSE",
        .values = "server client email code-signing time-stamping ocsp any",
        .help = "what it must be for; otherwise any"},
    {.name = "revocation",
        .argument = "HOW",
        .values = "off soft hard",
        .help = "off: not asked; soft: refuse what is revoked; hard: refuse "
                "what is not known to be good; otherwise soft where --crl, "
                "--ocsp or --fetch is given, and off where not"},
    {.name = "max-depth", .argument = "N", .help = "at most N intermediates"},
    {.name = "profile",
        .argument = "PROFILE",
        .values = "rfc5280 webpki",
        .help = "also what section 4 of RFC 5280 wants of an issuer, or the "
                "CA/Browser Forum"},
    {.name = "policy",
        .argument = "OID",
        .repeats = true,
        .help = "a certificate policy that is wanted; otherwise any"},
    {.name = "require-explicit-policy",
        .help = "a policy must hold along the whole path"},
    {.name = "inhibit-mapping", .help = "policies may not be mapped"},
    {.name = "inhibit-any-policy", .help = "anyPolicy stands for none"},
    {.name = "content",
        .argument = "FILE",
        .help = "what a detached signature or a time-stamp is of"},
    {.name = "as",
        .argument = "PROGRAM",
        .values = AS_PROGRAM_WORDS,
        .help = "also ask that program, and end with its answer"},
    OPTIONS_FETCH,
    {.name = "all-rules", .help = "tell of every rule on every path"},
    {.name = "batch",
        .help = "answer JSON lines from standard input, one line each"},
    OPTION_JSON,
    OPTIONS_END,
};

static bool next_code(
    size_t place, const char **name, const char **meaning, const char **remedy)
{
    const struct code_page *page = explain_code((enum verdict_code)place);

    if (page == NULL)
        return false;
    *name = page->name;
    *meaning = page->meaning;
    *remedy = page->remedy;
    return true;
}

const struct command commands_verify[] = {
    {.words = "verify",
        .summary = "tell whether a certificate is valid, and exactly why not",
        .synopsis =
            "FILE [--roots FILE]... [--untrusted FILE]... [--crl "
            "FILE]... [--ocsp FILE]... [--time T] [--name NAME]... "
            "[--purpose PURPOSE] [--revocation off|soft|hard] "
            "[--max-depth N] [--profile rfc5280|webpki] "
            "[--content FILE] [--as PROGRAM] [--fetch [--fetch-allow PLACE]... "
            "[--fetch-time TIME]] [--json] | --batch",
        .operands_least = 0,
        .operands_most = 1,
        .options = verify_options,
        .text =
            "FILE is in any encoding; - is standard input. Its certificate is "
            "judged, of a chain the one that issued none of the others; the "
            "rest of FILE helps to find a path. All paths to a trusted "
            "certificate are tried. Nothing is fetched without --fetch: a "
            "missing issuer is named with where it may be.\n\n"
            "--fetch asks over http what is missing, at most 20 addresses, all "
            "side by side, on the ports 80 and 443 of other machines; a "
            "process "
            "that knows no file and no key connects. Of each the verdict tells "
            "the outcome and the time (rule \"fetched\", --all-rules). "
            "docs/fetching.md has the rules.\n\n"
            "The answer is a code, a sentence that names the certificate, the "
            "rule and what was found, what to do about it, and the path; "
            "--json has every rule with its evidence. Without --profile "
            "section 6 of RFC 5280 is held. Names are looked for in "
            "subjectAltName, never in the common name.\n\n"
            "A signed file is judged by its signers: CMS and PKCS#7, "
            "S/MIME mail, programs for Windows and UEFI (Authenticode) and "
            "time-stamps, told by what is in them. --purpose code-signing "
            "or email says that FILE must be one. docs/signed-files.md "
            "describes what counts.\n\n"
            "--as asks another program of this machine the same question: "
            "openssl (openssl verify) or gnutls (certtool --verify, of the "
            "package gnutls-bin), in /usr/bin or /usr/local/bin. The verdict "
            "comes first, then the program's answer in its own words, where "
            "the two differ, and what it can't be asked for.\n\n"
            "--batch answers each line of standard input, an object with id, "
            "leaf, roots (PEM or base64) and whatever else is asked, by a "
            "line with id, valid, code and sentence, in the same order. A "
            "line that can't be read, or is longer than 8 MiB, has the code "
            "malformed, and the run goes on; a root or intermediate that "
            "can't be read is passed over. docs/verdicts.md describes the "
            "lines.",
        .example = "chancery verify www.pem --name www.example.org --purpose "
                   "server\n"
                   "chancery verify www.pem --roots root.pem --untrusted "
                   "issuing.pem --crl issuing.crl\n"
                   "chancery verify letter.p7s --content letter.pdf\n"
                   "chancery verify --batch <questions.jsonl",
        .exits = {{0, "it is valid; with --batch: every line is answered"},
            {1, "it is not valid; with --as: for that program"},
            {3, "FILE holds no certificate that can be read"},
            {6, "a file that is named is not there, or the program of --as"},
            {8, "the program of --as gave no answer within ten seconds"}},
        .code_next = next_code,
        .run = run_verify},
    {.words = NULL},
};
