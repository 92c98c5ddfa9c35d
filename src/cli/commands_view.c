#include "cli/command_options.h"

static const struct command_option view_options[] = {
    {.name = "html",
        .argument = "FILE",
        .help = "write one self-contained page to FILE"},
    {.name = "raw", .help = "also every element of the DER, with its offset"},
    {.name = "all",
        .help = "also the raw part, and every entry of a revocation list"},
    OPTION_FORCE,
    OPTION_JSON,
    OPTIONS_END,
};

const struct command commands_view[] = {
    {.words = "view",
        .summary = "show what any certificate, request, list or key says",
        .synopsis = "FILE|- [--json] [--html FILE] [--raw] [--all]",
        .operands_least = 1,
        .operands_most = 1,
        .options = view_options,
        .text =
            "Shows certificates and chains, requests, revocation lists, PKCS#7 "
            "and CMS, keys, OCSP answers and time-stamps, in any encoding; - "
            "is standard input. A file with several objects is shown one "
            "after the other; with --json they come as an array.\n\n"
            "General says who, by whom, from when to when and what for; "
            "Details every field and extension; Raw the DER, element by "
            "element. What a terminal would not show as it stands is shown "
            "escaped. Of a private key only the public part is shown.\n\n"
            "A damaged file is shown as far as it goes, with the offset of "
            "the damage.",
        .example = "chancery view server.pem\n"
                   "openssl s_client -connect www.example.org:443 </dev/null | "
                   "chancery view -\n"
                   "chancery view issuing.crl --html issuing.html",
        .exits = {{0, "it was shown"},
            {3, "the file is damaged; what there is was shown"},
            {6, "there is no such file"}},
        .run = run_view},
    {.words = NULL},
};
