"""The server's pages, as curl and a browser without scripts see them."""
import re
import subprocess

from program import SURROUNDINGS


def curl(server, path, *words, listener="public"):
    """(status, headers, body) of curl, which knows the authority's root."""
    done = subprocess.run(
        ["curl", "-sS", "-i", "--max-time", "60", "--cacert",
         str(server.roots), *map(str, words), server.url(listener, path)],
        check=False, capture_output=True, env=SURROUNDINGS)
    assert done.returncode == 0, done.stderr.decode()
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    while head.startswith(b"HTTP/1.1 100"):
        head, _, body = body.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in
               (line.partition(":") for line in lines[1:])}
    return int(lines[0].split()[1]), headers, body.decode(errors="replace")


def main_of(page):
    """What stands in <main>, without markup."""
    inside = page.split('<main id="main">')[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", inside)).strip()


def open_profile(authority, profile="server", who="anyone", more=""):
    """Lets others ask for it, for names below example.org."""
    path = authority.directory / "chancery.yaml"
    text = path.read_text(encoding="utf-8")
    head, _, rest = text.partition(f"\n  {profile}:\n")
    body, who_line, tail = rest.partition("    who: [administrator, operator]")
    assert who_line, text
    body = re.sub(r"    subject: .*", "    subject: [CN]", body)
    path.write_text(
        f"{head}\n  {profile}:\n{body}    who: [administrator, operator, {who}]\n"
        f"    allowed-names: [example.org, \"*.example.org\"]\n"
        f"    wildcards: no\n{more}{tail}", encoding="utf-8")


def make_request(folder, name="www.example.org", kind="ec"):
    """(key, request) by the openssl command."""
    key, request = folder / f"{name}.key", folder / f"{name}.csr"
    options = {"ec": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
               "rsa": ["rsa:2048"]}[kind]
    subprocess.run(
        ["openssl", "req", "-new", "-newkey", *options, "-nodes", "-keyout",
         str(key), "-out", str(request), "-subj", f"/CN={name}", "-addext",
         f"subjectAltName=DNS:{name}"], check=True, capture_output=True)
    return key, request
