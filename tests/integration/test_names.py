"""Names of the whole world go through unchanged, in strings others can read."""
import unicodedata

import pytest
from cryptography import x509
from cryptography.x509.name import _ASN1Type as StringType

from consumers import say
from making import attribute, make_request, new_key, read_certificate
from program import MALFORMED, REFUSED, USAGE
from terminal import Terminal

# RFC 5280, appendix A.1: the upper bounds of the attributes.
LONGEST = {"CN": 64, "O": 64, "OU": 64, "L": 128, "ST": 128}
READABLE = {StringType.UTF8String, StringType.PrintableString}

PIECES = [
    ",", "+", "\"", "=", ";", "<", ">", "\\", "#", "&", "/", "'", "%", "$",
    "{}", "[", "|", "`", "~", "^", "?", "*", "@", ":", "!", "(", ")", "_",
    "\\,", "\\2C", "\\00", "\\\"", "CN=root", ",O=Other", "+OU=Other",
    "/CN=root", "#0500", "%00", "%s%n", "${HOME}", "$(id)", "'; DROP TABLE",
    "<script>", "&amp;", "--json", "-", "../..", "\u00a0", "\u00ad", "\u200b",
    "\u200d", "\u202e", "\u2066", "\ufeff", "\u2028", "\u0301", "e\u0301",
    "\ufb01", "\u1e9e", "\u00df", "\u0130", "\u0131", "\u212a", "\ud7ff",
    "\ue000", "\ufffd", "\uffff", "\U00010000", "\U0001f511", "\U0010ffff",
]
WORLD = [
    "Zoë", "Łódź", "Ærøskøbing", "Ελλάς", "Москва", "Հայաստան", "ישראל",
    "العربية", "हिन्दी", "ไทย", "ქართული", "አማርኛ", "中文", "日本語", "한국어",
    "ខ្មែរ", "தமிழ்", "ﷺ", "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "İstanbul", "Straße", "naïve", "Ω",
]


def hostile_names():
    """A few hundred, each of at most 64 characters."""
    names = list(WORLD) + PIECES
    for piece in PIECES:
        names += [f"{piece}begin", f"end{piece}", f"mid{piece}dle"]
    names += [f"{a} {b}" for a, b in zip(WORLD, reversed(WORLD))]
    names += [" blank before", "blank after ", " ", "  two  ", "\u3000wide",
              "#sharp", " #sharp", "x" * 64, "é" * 64, "\U0001f511" * 64]
    names += ["".join(chr(start + i) for i in range(24))
              for start in range(0xa1, 0x3000, 0x180)
              if all(unicodedata.category(chr(start + i)) not in ("Cc", "Cs")
                     for i in range(24))]
    return names


def unescape(text):
    """RFC 4514, 3: the value of a single attribute."""
    out, i = bytearray(), 0
    while i < len(text):
        if text[i] != "\\":
            out += text[i].encode()
            i += 1
        elif text[i + 1] in "0123456789abcdefABCDEF":
            out.append(int(text[i + 1:i + 3], 16))
            i += 3
        else:
            out += text[i + 1].encode()
            i += 2
    return out.decode()


def split_name(text):
    """[(type, value)] of an RFC 4514 string without multi-valued parts, most
    specific first."""
    parts, part, i = [], "", 0
    while i < len(text):
        if text[i] == "\\":
            part += text[i:i + 2]
            i += 2
        elif text[i] == ",":
            parts.append(part)
            part = ""
            i += 1
        else:
            part += text[i]
            i += 1
    parts.append(part)
    return [(kind, unescape(value))
            for kind, _, value in (part.partition("=") for part in parts)]


def groups_of(names):
    """The names, five to a subject, each under the kind that has room."""
    kinds = ("O", "OU", "L", "ST", "CN")
    for i in range(0, len(names), 5):
        yield [(kind, name) for kind, name in zip(kinds, names[i:i + 5])
               if len(name) <= LONGEST[kind]]


def test_kb039_hostile_unicode_names_come_back_as_they_were_asked(
        open_authority, tmp_path):
    names, key = hostile_names(), new_key()
    assert len(names) > 300
    asked = {}
    for number, subject in enumerate(groups_of(names)):
        request = make_request(
            tmp_path / "request.pem",
            [attribute(kind, text) for kind, text in subject], key=key)
        facts = open_authority.facts("issue", "--profile", "client", "--csr",
                                     request)
        asked[facts["serial"]] = subject
        certificate = read_certificate(facts["certificate"])
        assert [part.value for part in certificate.subject] == [
            text for _, text in subject], number
        assert split_name(facts["subject"]) == list(reversed(subject)), number
    listed = {row["serial"]: row for row in open_authority.facts("list")}
    for serial, subject in asked.items():
        assert split_name(listed[serial]["subject"]) == list(reversed(subject))
    for serial in list(asked)[::8]:
        shown = open_authority.facts("show", serial)
        assert shown["subject"] == listed[serial]["subject"]
        assert [part.value for part in read_certificate(
            shown["certificate"]).subject] == [
                text for _, text in asked[serial]]


def test_kb039_a_name_given_by_subject_is_the_same_again(
        open_authority, tmp_path):
    for number, name in enumerate(WORLD + PIECES):
        if name == "\\00":
            continue
        first = open_authority.facts(
            "issue", "--profile", "client", "--csr",
            make_request(tmp_path / "request.pem",
                         [attribute("CN", name)]))
        again = open_authority.facts(
            "issue", "--profile", "client", "--subject", first["subject"],
            "--key-out", tmp_path / f"{number}.key")
        assert again["subject"] == first["subject"]
        assert [part.value for part in read_certificate(
            again["certificate"]).subject] == [name]
        if number % 3 == 0 and number > 30:
            break


def test_kb039_a_hostile_name_does_nothing_to_a_terminal(
        open_authority, tmp_path):
    name = "a\u202eevil\u200b\u2028line"
    facts = open_authority.facts(
        "issue", "--profile", "client", "--csr",
        make_request(tmp_path / "request.pem", [attribute("CN", name)]))
    for command in (["list"], ["show", facts["serial"]]):
        outcome = open_authority.run(*command)
        for character in "\u202e\u200b\u2028":
            assert character not in outcome.out, command
        assert "evil" in outcome.out
    assert "\\u202e" in open_authority.run(
        "show", facts["serial"]).out.replace("{", "").replace("}", "")


def test_kb039_a_name_is_found_by_any_part_of_it(open_authority, tmp_path):
    facts = open_authority.facts(
        "issue", "--profile", "client", "--csr",
        make_request(tmp_path / "request.pem",
                     [attribute("CN", "Gerätehaus & Söhne, Süd")]))
    for text in ("Gerätehaus", "& Söhne", "gERäTEHAUS"):
        rows = open_authority.facts("list", "--search", text)
        assert facts["serial"] in [row["serial"] for row in rows], text
    assert open_authority.facts("list", "--search", "Gerätehaus X") == []


@pytest.mark.parametrize("character", ["\x00", "\x01", "\n", "\r", "\x1b",
                                       "\x7f", "\x85", "\x9b"])
def test_control_characters_in_a_name_are_refused(
        character, open_authority, tmp_path):
    request = make_request(tmp_path / "request.pem",
                           [attribute("CN", f"a{character}b")])
    outcome = open_authority.refuses(
        {MALFORMED, REFUSED}, "issue", "--profile", "client", "--csr", request)
    assert "CN" in outcome.err, outcome.err


STRINGS = {
    "BMPString": StringType.BMPString,
    "UniversalString": StringType.UniversalString,
    "UTF8String": StringType.UTF8String,
}


@pytest.mark.parametrize("string", STRINGS)
def test_kb038_every_string_type_becomes_one_that_all_can_read(
        string, open_authority, tmp_path):
    request = make_request(tmp_path / "request.pem", [
        attribute("O", "Zoë & Söhne", STRINGS[string]),
        attribute("CN", "Plain name", STRINGS[string])])
    facts = open_authority.facts("issue", "--profile", "client", "--csr",
                                 request)
    certificate = read_certificate(facts["certificate"])
    for name in (certificate.subject, certificate.issuer):
        assert {part._type for part in name} <= READABLE
    assert [part.value for part in certificate.subject] == [
        "Zoë & Söhne", "Plain name"]
    told = any("encoded anew" in notice for notice in facts["notices"])
    assert told == (string != "UTF8String"), facts["notices"]


def test_kb038_what_the_program_writes_itself_is_utf8_or_printable(
        open_authority, tmp_path):
    facts = open_authority.facts(
        "issue", "--profile", "client", "--subject",
        "C=DE,ST=Baden-Württemberg,L=Köln,O=Acme,OU=北京,CN=Zoë,serialNumber=7",
        "--key-out", tmp_path / "key")
    types = {part.oid._name: part._type
             for part in read_certificate(facts["certificate"]).subject}
    assert types.pop("countryName") == StringType.PrintableString
    assert types.pop("serialNumber") == StringType.PrintableString
    assert set(types.values()) == {StringType.UTF8String}


def test_kb038_authorities_of_any_name_have_utf8_names(released):
    released.run("init", "--name", "Behörde 北京 & \"Co\"")
    for authority in ("root", "issuing"):
        certificate = read_certificate(
            released.run("ca show", "--ca", authority).out)
        for part in [*certificate.subject, *certificate.issuer]:
            assert part._type == StringType.UTF8String
        done, words = say(
            "openssl", "x509", "-noout", "-subject", "-nameopt", "utf8,sname",
            "-inform", "DER", "-in",
            released.directory / "publish/ca" / f"{authority}.cer")
        assert done and "Behörde 北京" in words, words


def test_kb038_the_preview_shows_each_attributes_encoding(released):
    terminal = Terminal([released.program, "init", "--dir",
                         released.directory, "--name", "Behörde & Söhne",
                         "--url", "http://pki.example.org", "--key", "p256",
                         "--root-out", str(released.directory) + "-root"])
    terminal.expect("first administrator")
    terminal.say("\n")
    _, seen = terminal.expect("yes or no")
    assert "UTF8String" in seen and "Behörde & Söhne" in seen, seen
    assert "BMPString" not in seen
    terminal.say("no\n")
    status, _ = terminal.end()
    assert status == 1
    assert not released.directory.exists()


def test_names_that_are_no_names_are_refused_with_the_reason(
        open_authority, tmp_path):
    for name, word in (("dns:a..b", "label"), ("dns:-a.example", "hyphen"),
                       ("dns:" + "a" * 64 + ".example", "63"),
                       ("ip:1.2.3", "address"), ("email:nobody", "@"),
                       ("dns:zoë.example", "xn--"), ("fax:1", "fax")):
        outcome = open_authority.refuses(
            {USAGE, MALFORMED, REFUSED}, "issue", "--profile", "server",
            "--san", name, "--key-out", tmp_path / "key")
        assert word in outcome.err, (name, outcome.err)


def test_pages_of_a_search_lose_nothing(open_authority, tmp_path):
    for name in ("Pages one", "two pages", "subpages three", "pages four"):
        open_authority.facts(
            "issue", "--profile", "client", "--csr",
            make_request(tmp_path / "request.pem", [attribute("CN", name)]))
    whole = [row["subject"] for row in open_authority.facts(
        "list", "--search", "PAGES")]
    assert whole == ["CN=Pages one", "CN=two pages", "CN=pages four",
                     "CN=subpages three"]
    paged, after = [], []
    while True:
        rows = open_authority.facts(
            "list", "--search", "PAGES", "--limit", "1", *after)
        if not rows:
            break
        paged += [row["subject"] for row in rows]
        after = ["--after", rows[0]["serial"]]
    assert paged == whole
