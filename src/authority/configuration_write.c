#include "authority/configuration.h"

#include "authority/configuration_first.h"
#include "authority/configuration_setting.h"

static const char head[] =
    "# All settings of this certificate authority.  Written once by `chancery "
    "init`;\n"
    "# from here on it is yours: no program changes it.  `chancery config "
    "check`\n"
    "# reads it and says what is wrong, with line and column.\n"
    "\n"
    "# The organisation's name, as its authorities carry it.\n";

static const char serving[] =
    "\n"
    "# Where `chancery serve` answers; these are the addresses without this "
    "section.\n"
    "# serve:\n"
    "#   listen: \"[::]:8443\"            # https: pages, enrolment, REST\n"
    "#   http-listen: \"[::]:8080\"       # plain: lists, OCSP, certificates\n"
    "#   admin-listen: \"127.0.0.1:8444\" # https with a client certificate\n"
    "#   mtls-listen: none               # the same, for those who enrol\n"
    "#   names: [pki.example.org]        # of this server, for its own "
    "certificate\n"
    "#   connections-per-address: 64\n";

/* One character of checked UTF-8; *text moves past it. */
static uint32_t next_character(const uint8_t **text)
{
    uint8_t first = *(*text)++;
    int more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    uint32_t character = more == 0 ? first : first & (0x3fu >> more);

    for (; more > 0; more--)
        character = character << 6 | (*(*text)++ & 0x3fu);
    return character;
}

/* YAML 1.1, 5.1 and 5.5: line breaks of Unicode, the byte order mark and
 * non-characters; and what an editor shows in another order than it stands. */
static bool is_written_as_number(uint32_t character)
{
    return character == 0x2028 || character == 0x2029 || character == 0xfeff ||
           (character >= 0x200b && character <= 0x200f) ||
           (character >= 0x202a && character <= 0x202e) ||
           (character >= 0x2060 && character <= 0x206f) ||
           (character & 0xfffe) == 0xfffe;
}

/* In double quotes, where only these characters mean anything else. */
static bool append_quoted(
    struct buffer *out, const char *text, struct failure *why)
{
    const uint8_t *next = (const uint8_t *)text;

    if (!buffer_append_byte(out, '"', why))
        return false;
    while (*next != 0) {
        const uint8_t *start = next;
        uint32_t character = next_character(&next);
        struct bytes bytes = {.start = start, .length = (size_t)(next - start)};

        if ((character == '"' || character == '\\') &&
            !buffer_append_byte(out, '\\', why))
            return false;
        if (is_written_as_number(character)
                ? !buffer_print(out, why, "\\U%08x", character)
                : !buffer_append(out, bytes, why))
            return false;
    }
    return buffer_append_byte(out, '"', why);
}

/* "key: "text"" where there is a text that keeps its rule, else a comment that
 * shows how it would be written. */
static bool append_setting(struct buffer *out, const char *key,
    const char *text, const char *fault, const char *example,
    struct failure *why)
{
    if (text == NULL)
        return buffer_print(out, why, "# %s: %s\n", key, example);
    if (fault != NULL)
        return fail_because(why, FAILURE_MALFORMED, "%s", fault);
    return buffer_print(out, why, "%s: ", key) &&
           append_quoted(out, text, why) && buffer_append_byte(out, '\n', why);
}

static bool append_names(
    struct buffer *out, const char *name, const char *url, struct failure *why)
{
    const char *given_name = name != NULL && *name != 0 ? name : NULL;
    const char *given_url = url != NULL && *url != 0 ? url : NULL;

    return append_setting(out, "name", given_name,
               given_name == NULL ? NULL : configuration_name_fault(name),
               "Example", why) &&
           buffer_append_text(out,
               "\n"
               "# Where what is published can be fetched; it is written into "
               "every\n"
               "# certificate that is issued while it stands here.  Plain http "
               "is what "
               "verifiers\n"
               "# fetch: what they get is signed, and TLS would need itself "
               "first.\n",
               why) &&
           append_setting(out, "url", given_url,
               given_url == NULL ? NULL : configuration_url_fault(url),
               "http://pki.example.org", why);
}

static bool append_founding(struct buffer *out, const struct key_algorithm *key,
    bool one_tier, int crl_shards, struct failure *why)
{
    if (!buffer_append_text(out,
            "\n"
            "# How the authorities were made.  Read by `chancery init "
            "--config` alone.\n",
            why))
        return false;
    if (key != NULL && !buffer_print(out, why, "key: %s\n", key->name))
        return false;
    return buffer_print(out, why, "one-tier: %s\ncrl-shards: %d\n",
        one_tier ? "yes" : "no", crl_shards);
}

bool configuration_write_first(const char *name, const char *url,
    const struct key_algorithm *key, bool one_tier, int crl_shards,
    struct buffer *text, struct failure *why)
{
    RELEASED(buffer) written = BUFFER("chancery.yaml", CONFIGURATION_MAX);

    if (crl_shards < 1 || crl_shards > CONFIGURATION_CRL_SHARDS_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "crl-shards is a number from 1 to %d",
            CONFIGURATION_CRL_SHARDS_MAX);
    return buffer_append_text(&written, head, why) &&
           append_names(&written, name, url, why) &&
           buffer_append_text(&written, serving, why) &&
           append_founding(&written, key, one_tier, crl_shards, why) &&
           configuration_append_profiles(&written, why) &&
           buffer_append(text, buffer_view(&written), why);
}
