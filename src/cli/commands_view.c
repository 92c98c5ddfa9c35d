#include "cli/command_options.h"

static const struct command_option view_options[] = {
    {.name = "roots",
        .argument = "FILE",
        .repeats = true,
        .help = "trust the roots in FILE; otherwise those of the machine"},
    OPTIONS_FETCH,
    {.name = "html",
        .argument = "FILE",
        .help = "write one self-contained page to FILE"},
    {.name = "raw", .help = "also every element of the DER, with its offset"},
    {.name = "all",
        .help = "also the raw part, and 20,000 entries of a revocation list"},
    OPTION_PASSPHRASE_FILE("the passphrase of a PKCS#12 store; otherwise a "
                           "terminal is asked where it has one"),
    OPTION_FORCE,
    OPTION_JSON,
    OPTIONS_END,
};

const struct command commands_view[] = {
    {.words = "view",
        .summary = "show what any certificate, request, list or key says",
        .synopsis =
            "FILE|-|HOST:PORT [--roots FILE]... "
            "[--fetch] [--passphrase-file FILE] [--json] [--html FILE] [--raw] "
            "[--all]",
        .operands_least = 1,
        .operands_most = 1,
        .options = view_options,
        .text =
            "Shows certificates and chains, requests, revocation lists, PKCS#7 "
            "and CMS, keys, OCSP answers, time-stamps, signed mail and signed "
            "programs, in any encoding; - is standard input. A file with "
            "several objects is shown one after the other, one with many "
            "certificates behind a list of them; with --json they come as an "
            "array.\n\n"
            "General says who, by whom, from when to when and what for; "
            "Details every field and extension; Path whether a "
            "certificate or a signature is good and why not, as verify says it "
            "without further options (with --fetch, as with that); Raw the "
            "DER, element by element. What a terminal "
            "would not show as it stands is shown "
            "escaped. Of a private key only the public part is shown.\n\n"
            "A PKCS#12 store is opened by a process that can do nothing else, "
            "within limits: 5,000,000 iterations, 256 MiB, 20 s of CPU. "
            "HOST:PORT shows what the server sends in its TLS handshake, "
            "trusted or not.\n\n"
            "A damaged file is shown as far as it goes, with the offset of "
            "the damage.",
        .example = "chancery view server.pem\n"
                   "chancery view www.example.org:443\n"
                   "chancery view store.p12 --passphrase-file passphrase\n"
                   "chancery view issuing.crl --html issuing.html",
        .exits = {{0, "it was shown"},
            {3, "the file is damaged; what there is was shown"},
            {4, "this is not the passphrase"},
            {5, "the store uses an algorithm that is not read, or goes beyond "
                "a limit"},
            {6, "there is no such file or host"},
            {8, "the server can't be reached, or does not speak TLS"}},
        .run = run_view},
    {.words = NULL},
};
