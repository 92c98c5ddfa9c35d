"""The admin pages, served: who gets in and why not, what each role may press,
and that what is pressed is what `chancery` shows."""
import hashlib
import re
import subprocess
import time

import pytest

from admin_browser import Person, person
from making import make_request
from program import SURROUNDINGS
from served import served, until
from waiting import add_profile, ask, kinds

NAMES = {"administrator": "ada", "operator": "olga", "approver": "anna",
         "auditor": "audrey"}


class House:
    """A served authority with a person of each role, signed in."""

    def __init__(self, server, folder):
        self.server = server
        self.authority = server.authority
        self.folder = folder
        for role, name in NAMES.items():
            somebody = person(server, folder, name, role)
            assert somebody.sign_in().status == 200
            setattr(self, role, somebody)
        self.spare = person(server, folder, "sam", "auditor")
        self.count = 0

    def issue(self, *arguments, profile="server"):
        """The serial of a new certificate."""
        self.count += 1
        key = self.folder / f"host{self.count}.key"
        facts = self.authority.facts(
            "issue", "--profile", profile, "--san", f"host{self.count}.example",
            "--key-out", key, "--out", key.with_suffix(".pem"), *arguments)
        return facts["serial"]

    def status_of(self, serial):
        return self.authority.facts("show", serial)["status"]


@pytest.fixture(scope="module")
def house(pristine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("admin")
    authority = pristine.copy(folder / "authority")
    add_profile(authority, "duo", 2)
    add_profile(authority, "solo", 1)
    with served(authority, folder, listeners=("public", "plain", "admin")) \
            as server:
        yield House(server, folder)


# --- who gets in ---------------------------------------------------------------

def reason_of(page):
    assert page.status == 403, page.text
    return re.search(r"Reason: <code>([a-z-]+)</code>", page.text).group(1)


def test_kb094_without_a_certificate_the_page_says_so_and_what_to_do(house):
    page = Person(house.server).get("/admin/")
    assert reason_of(page) == "absent"
    assert "--p12-out" in page.words and not page.forms


def test_kb094_a_certificate_of_nobody_is_told_apart(house):
    files = house.folder / "nobody.pem", house.folder / "nobody.key"
    house.authority.run("issue", "--profile", "client", "--subject",
                        "CN=\\<b\\>nobody\\</b\\>", "--key-out", files[1],
                        "--out", files[0])
    page = Person(house.server, files).get("/admin/")
    assert reason_of(page) == "unknown"
    assert "\\&lt;b\\&gt;nobody" in page.text and "<b>nobody" not in (
        page.text)


def test_kb103_a_revoked_certificate_is_told_apart(house):
    somebody = person(house.server, house.folder, "gone", "operator")
    assert somebody.sign_in().status == 200
    serial = next(row["serial"] for row in house.authority.facts(
        "list", "--search", "gone"))
    house.authority.run("hold", serial)
    page = somebody.get("/admin/")
    assert reason_of(page) == "revoked"
    house.authority.run("unhold", serial)
    house.authority.run("revoke", serial)
    assert reason_of(somebody.get("/admin/requests")) == "revoked"


def test_kb094_a_self_signed_certificate_is_told_apart(house):
    files = house.folder / "self.pem", house.folder / "self.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=self", "-days",
         "30", "-addext", "extendedKeyUsage=clientAuth", "-keyout", files[1],
         "-out", files[0]], env=SURROUNDINGS, check=True, capture_output=True)
    assert reason_of(Person(house.server, files).get("/admin/")) in (
        "self-signed-untrusted", "root-untrusted", "issuer-missing")


def test_kb094_an_expired_certificate_is_told_apart(house):
    files = house.folder / "short.pem", house.folder / "short.key"
    house.authority.run("issue", "--profile", "client", "--subject", "CN=short",
                        "--lifetime", "2s", "--key-out", files[1],
                        "--out", files[0])
    time.sleep(3)
    page = Person(house.server, files).get("/admin/")
    assert reason_of(page) == "expired"
    assert "--p12-out" in page.words


def test_a_role_that_has_ended_does_not_get_in(house):
    somebody = person(house.server, house.folder, "former", "auditor")
    assert somebody.sign_in().status == 200
    house.authority.run("admin revoke", "former")
    assert reason_of(somebody.get("/admin/journal")) in ("unknown", "revoked")


def test_curl_signs_in_with_a_certificate(house):
    jar = house.folder / "cookies"
    words = ["curl", "-sS", "--cacert", str(house.server.roots), "--cert",
             str(house.administrator.files[0]), "--key",
             str(house.administrator.files[1]), "-b", str(jar), "-c", str(jar)]
    url = house.server.url("admin").replace("127.0.0.1", "localhost")

    def curl(*arguments):
        return subprocess.run(
            [*words, *arguments], env=SURROUNDINGS, check=True,
            capture_output=True, text=True).stdout

    page = curl("-L", f"{url}admin/")
    token = re.search(r'name="token" value="([0-9a-f]{64})"', page).group(1)
    page = curl("-L", "--data", f"token={token}", f"{url}admin/sign-in")
    assert "<h1>Overview</h1>" in page
    assert "Overview" in curl(f"{url}admin/")


# --- sessions and forms -----------------------------------------------------------

def test_the_cookie_is_for_this_host_tls_and_no_script(house):
    somebody = Person(house.server, house.spare.files)
    form = somebody.get("/admin/").form("/admin/sign-in")
    answer = somebody.send(form, follow=False)
    assert answer.status == 303 and answer.headers["Location"] == "/admin/"
    said = answer.headers["Set-Cookie"]
    assert said.startswith("__Host-chancery=")
    assert re.match(r"__Host-chancery=[0-9a-f]{64};", said)
    for word in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
        assert word in said
    assert "Domain" not in said


def test_a_page_is_gone_back_to_after_signing_in_and_no_other_site(house):
    somebody = Person(house.server, house.spare.files)
    page = somebody.sign_in("/admin/people")
    assert "<h1>People</h1>" in page.text
    for elsewhere in ("https://evil.example/", "//evil.example/admin/",
                      "/admin//evil.example", "/admin/\\evil.example",
                      "/enrol", "/admin/sign-in", "/admin/a\nb"):
        form = somebody.get("/admin/sign-in").form("/admin/sign-in")
        answer = somebody.send(form, follow=False, to=elsewhere)
        assert answer.headers["Location"] == "/admin/", elsewhere


def test_a_cookie_is_of_its_certificate(house):
    thief = Person(house.server, house.spare.files)
    thief.cookie = house.administrator.cookie
    answer = thief.ask("GET", "/admin/")
    assert answer.status == 303
    assert answer.headers["Location"].startswith("/admin/sign-in")


def test_signing_out_ends_the_session(house):
    somebody = Person(house.server, house.spare.files)
    page = somebody.sign_in()
    cookie = somebody.cookie
    page = somebody.send(page.form("/admin/sign-out"))
    assert "<h1>Signed out</h1>" in page.text
    assert "Max-Age=0" in page.headers["Set-Cookie"]
    somebody.cookie = cookie
    assert somebody.ask("GET", "/admin/").status == 303


def test_a_form_is_of_its_session_and_of_its_action(house):
    serial = house.issue()
    path = f"/admin/certificates/{serial}"
    own = house.operator.get(path).form("/hold")
    other = house.administrator.get(path).form("/hold")
    assert own["fields"]["token"] != other["fields"]["token"]
    wrong = [{}, {"token": ""}, {"token": other["fields"]["token"]},
             {"token": house.operator.get(path).form("/admin/sign-out")
              ["fields"]["token"]}, {"token": own["fields"]["token"][:-1]}]
    for fields in wrong:
        page = house.operator.ask("POST", own["action"], fields)
        assert page.status == 403 and "session" in page.words, page.text
        assert house.status_of(serial) == "valid"
    assert house.operator.send(own).status == 200
    assert house.status_of(serial) == "held"


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"}, {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
    {"Referer": "https://evil.example/a"}])
def test_a_form_sent_from_another_site_is_refused(house, headers):
    serial = house.issue()
    form = house.operator.get(f"/admin/certificates/{serial}").form("/hold")
    page = house.operator.ask("POST", form["action"], form["fields"], headers)
    assert page.status == 403 and "another site" in page.words
    assert house.status_of(serial) == "valid"


def test_another_hosts_name_is_refused(house):
    for name in ("evil.example", "localhost.evil.example", "127.0.0.2"):
        page = house.administrator.ask("GET", "/admin/",
                                       headers={"Host": f"{name}:8444"})
        assert page.status == 403 and "no name of this server" in page.words
    for name in ("LOCALHOST", "127.0.0.1:8444", "[::1]:8444"):
        assert house.administrator.ask(
            "GET", "/admin/", headers={"Host": name}).status == 200


def test_get_changes_nothing(house):
    serial = house.issue()
    before = house.authority.facts("show", serial, "--history")
    for page in ("hold", "release"):
        answer = house.administrator.ask(
            "GET", f"/admin/certificates/{serial}/{page}")
        assert answer.status == 405 and answer.headers["Allow"] == "POST"
    house.administrator.get(f"/admin/certificates/{serial}/revoke")
    assert house.authority.facts("show", serial, "--history") == before
    assert house.administrator.ask("POST", "/admin/", {}).status == 405


def test_the_pages_are_on_the_admin_listener_alone(house):
    somebody = Person(house.server, house.administrator.files)
    page = somebody.ask("GET", "/admin/")
    assert page.status == 303
    somebody.server = type("Elsewhere", (), {
        "ports": {"admin": house.server.ports["public"]}})
    assert somebody.ask("GET", "/admin/").status == 404


def test_properties43_neither_cookie_nor_token_is_in_log_or_journal(house):
    form = house.operator.get(
        f"/admin/certificates/{house.issue()}").form("/hold")
    house.operator.send(form)
    cookie = house.operator.cookie.partition("=")[2]
    said = house.server.log.encode()
    stored = b"".join(path.read_bytes() for path in
                      house.authority.directory.glob("chancery.db*"))
    for secret in (cookie, form["fields"]["token"]):
        assert secret.encode() not in said + stored


# --- what is pressed --------------------------------------------------------------

def test_two_people_approve_and_it_is_issued(house):
    number, _ = ask(house.authority, "two.example", house.folder)
    path = f"/admin/requests/{number}"
    assert "two.example" in house.auditor.get("/admin/requests").text
    page = house.approver.post(path, "/approve")
    assert "waits for another one" in page.words and "1 of 2" in page.words
    again = house.approver.post(path, "/approve")
    assert again.status == 409
    page = house.operator.post(path, "/approve")
    assert "the certificate is issued" in page.words
    facts = house.authority.facts("requests show", number)
    assert facts["state"] == "issued"
    assert {one["actor"] for one in facts["approvals"]} == {
        "anna", "olga"}
    link = re.search(r'href="(/admin/certificates/[^"]+)"', page.text)
    assert "two.example" in house.auditor.get(link.group(1)).text


def test_a_denial_needs_a_reason_which_its_field_says(house):
    number, _ = ask(house.authority, "no.example", house.folder, "solo")
    path = f"/admin/requests/{number}"
    page = house.approver.post(path, "/deny", reason="  ")
    assert page.status == 400
    assert 'aria-invalid="true"' in page.text and "Say why" in page.text
    page = house.approver.post(path, "/deny", reason="not <i>ours</i>")
    assert page.status == 200 and "is denied" in page.words
    assert "not &lt;i&gt;ours&lt;/i&gt;" in page.text
    facts = house.authority.facts("requests show", number)
    assert (facts["state"], facts["reason"]) == ("denied", "not <i>ours</i>")
    assert not [form for form in page.forms if "requests" in form["action"]]


def test_a_revocation_shows_first_what_it_touches(house):
    request = house.folder / "shared.csr"
    make_request(request, dns=("shared.example",))
    serials = []
    for _ in range(2):
        house.authority.run("issue", "--profile", "server", "--csr", request,
                            "--out", house.folder / f"s{len(serials)}.pem")
        serials = [row["serial"] for row in house.authority.facts(
            "list", "--search", "shared.example")]
    assert len(serials) == 2
    path = f"/admin/certificates/{serials[0]}/revoke"
    page = house.operator.get(path)
    assert "of the same key: 1" in page.words
    assert serials[1] in page.text
    page = house.operator.send(page.form("/revoke"), words="", reason="superseded")
    assert page.status == 400 and "Say why" in page.text
    assert house.status_of(serials[0]) == "valid"
    page = house.operator.send(page.form("/revoke"), words="lost",
                               reason="keyCompromise")
    assert page.status == 200 and "Revoked" in page.words
    shown = house.authority.facts("show", serials[0], "--history")
    assert shown["status"] == "revoked" and shown["reason"] == "keyCompromise"
    assert house.status_of(serials[1]) == "valid"
    assert "lost" in str(shown)


def test_the_certificate_of_an_authority_says_how_many_hang_on_it(house):
    house.issue()
    authority = next(row for row in house.authority.facts("ca list")
                     if row["issues"])
    serial = next(row["serial"] for row in house.authority.facts("list")
                  if row["sha256"] == authority["sha256"])
    page = house.operator.get(f"/admin/certificates/{serial}/revoke")
    count = int(re.search(r"(\d+) good certificates were issued below",
                          page.words).group(1))
    assert count >= 4
    assert house.status_of(serial) == "valid"


def test_a_hold_is_put_on_and_released(house):
    serial = house.issue()
    path = f"/admin/certificates/{serial}"
    page = house.operator.post(path, "/hold")
    assert "On hold" in page.words and house.status_of(serial) == "held"
    page = house.operator.post(path, "/release")
    assert "Released" in page.words and house.status_of(serial) == "valid"


def test_a_profile_is_paused_and_resumed(house):
    path = "/admin/profiles/email"
    page = house.operator.post(path, "/pause", reason="an & incident")
    assert page.status == 200 and "an &amp; incident" in page.text
    paused = house.authority.facts("status")["paused"]
    assert [(row["profile"], row["reason"]) for row in paused] == [
        ("email", "an & incident")]
    assert "Paused: email" in house.auditor.get("/admin/").words
    assert "Resumed" in house.operator.post(path, "/resume").words
    assert house.authority.facts("status")["paused"] == []


def test_a_list_is_published_now(house):
    path = house.authority.directory / "publish" / "crl" / "issuing.crl"
    before = hashlib.sha256(path.read_bytes()).digest()
    page = house.operator.post("/admin/crl", "/admin/crl/issuing/publish")
    assert "made and published" in page.words
    assert hashlib.sha256(path.read_bytes()).digest() != before


# --- roles -----------------------------------------------------------------------

def actions(page):
    return {form["action"].rpartition("/")[2] for form in page.forms
            if form["method"] == "post"} - {"sign-out"}


def test_buttons_are_there_for_those_who_may_press_them(house):
    number, _ = ask(house.authority, "roles.example", house.folder, "solo")
    serial = house.issue()
    pages = {f"/admin/requests/{number}": {"approve", "deny"},
             f"/admin/certificates/{serial}": {"hold"},
             "/admin/profiles/server": {"pause"},
             "/admin/crl": {"publish"}}
    for path, all_of_them in pages.items():
        for role in NAMES:
            may = role in ("administrator", "operator") or (
                role == "approver" and "requests" in path)
            found = actions(getattr(house, role).get(path))
            assert found == (all_of_them if may else set()), (path, role)


def test_an_approver_cannot_revoke_even_by_hand(house):
    serial = house.issue()
    action = f"/admin/certificates/{serial}/revoke"
    page = house.approver.get(action)
    assert page.status == 403 and "not for that role" in page.words
    page = house.approver.ask("POST", action, {
        "token": token_for(house.approver, action), "words": "x",
        "reason": "superseded"})
    assert page.status == 403, page.text
    assert house.status_of(serial) == "valid"


def token_for(somebody, action):
    """Nobody is given a token for what they may not press: any other's."""
    return somebody.get("/admin/").form("/admin/sign-out")["fields"]["token"]


def test_the_journal_is_for_auditors_and_administrators(house):
    for role in ("operator", "approver"):
        for path in ("/admin/journal", "/admin/people"):
            assert getattr(house, role).get(path).status == 403
    page = house.auditor.get("/admin/journal?kind=person-added")
    assert "<td>ada</td>" in page.text
    assert page.text.count("<th scope=\"row\">person-added</th>") == \
        kinds(house.authority).count("person-added")
    assert "<h1>People</h1>" in house.auditor.get("/admin/people").text


# --- what is seen ------------------------------------------------------------------

def test_search_finds_by_name_serial_and_status(house):
    serial = house.issue()
    name = f"host{house.count}.example"
    for query in (f"search={name}", f"search={serial[:10]}",
                  f"search={name}&status=valid&profile=server"):
        page = house.auditor.get(f"/admin/certificates?{query}")
        assert f"/admin/certificates/{serial}" in page.text, query
    page = house.auditor.get(f"/admin/certificates?search={name}"
                             "&status=revoked")
    assert "No certificate is like this" in page.words


def test_pages_follow_each_other_without_a_gap(house):
    seen, path = [], "/admin/journal"
    for _ in range(40):
        page = house.auditor.get(path)
        seen += [int(number) for number in
                 re.findall(r"<tr><td>(\d+)</td>", page.text)]
        onward = re.search(r'href="([^"]*after=\d+)">Further', page.text)
        if not onward:
            break
        path = onward.group(1).replace("&amp;", "&")
    assert seen == list(range(1, len(seen) + 1))
    assert len(seen) >= len(kinds(house.authority)) - 5


def test_hostile_names_are_shown_and_do_nothing(house):
    name = '"><script>alert(1)</script>&\u202e'
    house.authority.run("issue", "--profile", "client", "--subject",
                        "CN=" + name.replace('"', '\\"').replace(
                            "<", "\\<").replace(">", "\\>"),
                        "--key-out", house.folder / "hostile.key", "--out",
                        house.folder / "hostile.pem")
    serial = [row["serial"] for row in house.authority.facts("list")][-1]
    for path in ("/admin/certificates?expiring=90d",
                 f"/admin/certificates/{serial}",
                 "/admin/certificates?search=%22%3E%3Cscript%3E",
                 "/admin/journal?object=%3Cscript%3Ealert(1)%3C/script%3E",
                 "/admin/requests?state=waiting&done=%3Cscript%3E"):
        page = house.administrator.get(path)
        assert page.status == 200, (path, page.text)
        assert "<script" not in page.text and "\u202e" not in page.text
    for path in ("/admin/requests?state=%3Cscript%3E",
                 "/admin/%3Cscript%3E", "/admin/certificates/%3Cscript%3E",
                 "/admin/certificates?expiring=%3Cscript%3E",
                 "/admin/journal?after=-1", "/admin/journal?after=9" + 30 * "9",
                 "/admin/profiles/%3Cscript%3E", "/admin/requests/%00"):
        page = house.administrator.get(path)
        assert 400 <= page.status < 500, (path, page.status)
        assert "<script" not in page.text


def test_the_overview_tells_the_state_and_what_is_ahead(house):
    house.issue("--lifetime", "5d")
    page = house.auditor.get("/admin/")
    for words in ("Requests that wait", "issuing", "usable",
                  "end within so many days", "Issued each day"):
        assert words in page.words, words
    within = dict(re.findall(
        r'<th scope="row">(\d+) days?</th><td>(\d+)</td>', page.text))
    assert int(within["7"]) >= 1 and int(within["30"]) >= int(within["7"])
    today = re.findall(
        r'<th scope="row">\d\d-\d\d</th><td>(\d+)</td>', page.text)
    assert len(today) == 14
    assert sum(map(int, today)) == len(house.authority.facts("list"))
    assert page.text.count("<svg role=\"img\"") == 2
    assert "script" not in page.text and "style=" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"


def test_every_page_is_there_for_the_auditor(house):
    for path in ("/admin/", "/admin/requests", "/admin/requests?state=all",
                 "/admin/certificates", "/admin/profiles",
                 "/admin/profiles/server", "/admin/authorities", "/admin/crl",
                 "/admin/journal", "/admin/people"):
        page = house.auditor.get(path)
        assert page.status == 200, (path, page.text)
        assert page.text.count("<h1>") == 1
        assert 'aria-current="page"' in page.text
    assert house.auditor.get("/admin/nothing").status == 404


# --- what the keeper loses -----------------------------------------------------------

def test_a_keeper_that_ends_takes_the_sessions_and_nothing_else(
        authority, tmp_path):
    with served(authority, tmp_path, listeners=("admin",)) as server:
        somebody = person(server, tmp_path, "olga", "operator")
        somebody.sign_in()
        server.kill("keeper")
        page = until(lambda: (page := somebody.ask("GET", "/admin/"))
                     and page.status != 503 and page, "another keeper")
        assert page.status == 303
        assert "<h1>Overview</h1>" in somebody.sign_in().text


def test_locked_keys_are_told_and_what_needs_none_goes_on(authority, tmp_path):
    with served(authority, tmp_path, listeners=("admin",)) as server:
        somebody = person(server, tmp_path, "olga", "operator")
        somebody.sign_in()
        authority.run("lock")
        assert "can't be used: locked" in somebody.get("/admin/").words
        page = somebody.post("/admin/profiles/email", "/pause", reason="locked")
        assert page.status == 200 and "Paused" in page.words
        page = somebody.post("/admin/crl", "/admin/crl/issuing/publish")
        assert page.status == 503 and "locked" in page.words
