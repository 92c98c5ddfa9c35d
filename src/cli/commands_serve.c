#include "cli/command_options.h"

static const struct command_option serve_options[] = {
    {.name = "listen",
        .argument = "ADDR:PORT",
        .help = "https for everybody: pages, enrolment, REST; otherwise as "
                "chancery.yaml says, or [::]:8443"},
    {.name = "http-listen",
        .argument = "ADDR:PORT",
        .help = "plain http: revocation lists, OCSP, certificates of the "
                "authorities; otherwise [::]:8080"},
    {.name = "admin-listen",
        .argument = "ADDR:PORT",
        .help = "https for those with a role, by client certificate; otherwise "
                "127.0.0.1:8444"},
    {.name = "mtls-listen",
        .argument = "ADDR:PORT",
        .help = "https that asks enrolling clients for a certificate; "
                "otherwise none"},
    {.name = "units",
        .argument = "DIR",
        .help = "connect to DIR/signer.sock, DIR/keeper.sock and DIR/front.sock"
                ", behind which a service manager starts each role, in place "
                "of starting them"},
    OPTION_PASSPHRASE_FILE("open the issuing keys with it"),
    OPTION_PASSPHRASE_FD,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

const struct command commands_serve[] = {
    {.words = "serve",
        .summary = "put the authority on the network",
        .synopsis = "[--listen ADDR:PORT] [--http-listen ADDR:PORT] "
                    "[--admin-listen ADDR:PORT] [--mtls-listen ADDR:PORT] "
                    "[--passphrase-file FILE] [--json]",
        .options = serve_options,
        .text =
            "Runs until SIGTERM or SIGINT. An address is ADDR:PORT, [V6]:PORT "
            "or :PORT; `none` leaves a listener away. When everything answers "
            "it prints where it serves and the root's fingerprint (one JSON "
            "object with --json), and tells systemd.\n\n"
            "Commands go on working while it serves: they reach it through "
            "DIR/control.sock. Without a passphrase it runs locked: "
            "revocation lists and OCSP are answered, nothing is issued, until "
            "`chancery unlock`. A `chancery lock` outlasts a restart.\n\n"
            "SIGHUP reads chancery.yaml again: a file that is wrong changes "
            "nothing, and its line and column are told in the log. Addresses "
            "are changed by a restart. A part of the server that dies is "
            "started again; requests it had are answered 503, none is made "
            "twice. SIGTERM lets what is under way finish, for at most 10 "
            "seconds; a second one ends it at once.",
        .example = "chancery serve\n"
                   "chancery serve --listen :443 --http-listen :80\n"
                   "chancery serve --admin-listen none",
        .exits = {{0, "it was told to end"},
            {2, "an address can't be understood"},
            {5, "addresses that can't be together"},
            {6, "there is no authority"}, {7, "the folder is served already"},
            {8, "an address is taken, or a command held the folder"}},
        .run = run_serve},
    {.words = NULL},
};
