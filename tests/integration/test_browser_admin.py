"""The admin pages in a browser that has the administrator's certificate in its
own store: signed in, approved and revoked by keyboard alone, charts read;
accessibility and width by axe-core, light and dark."""
import pytest

from browser import Browser, needs_browser
from served import served
from test_browser import SHOTS, local
from waiting import add_profile, ask

pytestmark = needs_browser


@pytest.fixture(scope="module")
def house(pristine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser-admin")
    authority = pristine.copy(folder / "authority")
    add_profile(authority, "solo", 1)
    with served(authority, folder, listeners=("public", "plain", "admin")) \
            as server:
        facts = authority.facts("admin add", "ada", "--role", "administrator",
                                "--p12-out", folder / "ada.p12")
        (folder / "password").write_text(facts["password"])
        server.folder = folder
        yield server


@pytest.fixture
def browser(house, tmp_path):
    """Somebody's, who has imported what the administrator was given."""
    found = Browser(tmp_path / "home", house.roots)
    found.take_certificate(house.folder / "ada.p12", house.folder / "password")
    found.choose(local(house, "", "admin"))
    return found


def issue(server, name):
    """(serial, facts) of a new certificate."""
    key = server.folder / f"{name}.key"
    return server.authority.facts(
        "issue", "--profile", "server", "--san", name, "--key-out", key,
        "--out", key.with_suffix(".pem"))["serial"]


def signed_in(*steps):
    return [{"reach": "Sign in", "press": "Enter"}, *steps]


def test_kb094_a_browser_without_a_certificate_is_told_what_to_do(house,
                                                                  tmp_path):
    stranger = Browser(tmp_path / "stranger", house.roots)
    found = stranger.play("text", url=local(house, "/admin/", "admin"))
    assert found["status"] == 403
    assert "No client certificate was sent" in found["text"]
    assert "--p12-out" in found["text"]


def test_the_certificate_of_the_browsers_store_signs_in(house, browser):
    found = browser.play("text", url=local(house, "/admin/", "admin"))
    assert found["status"] == 200
    assert "you are ada (administrator)" in found["text"]


def test_a_request_is_approved_by_keyboard_alone(house, browser):
    number, _ = ask(house.authority, "keys.example", house.folder, "solo")
    found = browser.play("keyboard", url=local(house, "/admin/", "admin"),
                         steps=signed_in(
                             {"reach": "Requests", "press": "Enter"},
                             {"reach": "dns:keys.example", "press": "Enter"},
                             {"reach": "Approve", "press": "Enter"}))
    assert "the certificate is issued" in found["text"], found["text"]
    facts = house.authority.facts("requests show", number)
    assert facts["state"] == "issued"
    assert [one["actor"] for one in facts["approvals"]] == ["ada"]


def test_a_request_is_denied_by_keyboard_alone(house, browser):
    number, _ = ask(house.authority, "no.example", house.folder, "solo")
    found = browser.play(
        "keyboard", url=local(house, f"/admin/requests/{number}", "admin"),
        steps=signed_in(
            {"reach": "Reason for denying it", "type": "not ours"},
            {"reach": "Deny", "press": "Enter"}))
    assert "is denied" in found["text"], found["text"]
    facts = house.authority.facts("requests show", number)
    assert (facts["state"], facts["reason"]) == ("denied", "not ours")


def test_a_certificate_is_revoked_by_keyboard_alone(house, browser):
    serial = issue(house, "gone.example")
    found = browser.play(
        "keyboard", url=local(house, "/admin/", "admin"),
        steps=signed_in(
            {"reach": "Certificates", "press": "Enter"},
            {"reach": "Name, serial", "type": "gone.example", "press": "Enter"},
            {"reach": "dns:gone.example", "press": "Enter"},
            {"reach": "Revoke", "press": "Enter"},
            {"reach": "Reason, as the list", "type": "keyC"},
            {"reach": "Why, in words", "type": "the laptop was stolen"},
            {"reach": "Revoke it for good", "press": "Enter"}))
    assert "Revoked" in found["text"], found["text"]
    facts = house.authority.facts("show", serial, "--history")
    assert (facts["status"], facts["reason"]) == ("revoked", "keyCompromise")
    assert "the laptop was stolen" in str(facts)


def test_charts_and_their_tables_say_the_same(house, browser):
    for number in range(3):
        issue(house, f"chart{number}.example")
    count = len(house.authority.facts("list"))
    charts = browser.play("charts", url=local(house, "/admin/", "admin"))
    assert len(charts) == 2
    for chart in charts:
        values = [int(row[1]) for row in chart["rows"]]
        assert chart["title"] == chart["name"] != ""
        assert len(values) == len(chart["heights"]) > 3
        shown = [word for word in chart["words"] if word.isdigit()]
        assert [str(value) for value in values if value] == [
            word for word in shown if int(word) in values]
        highest = max(range(len(values)), key=values.__getitem__)
        assert chart["heights"][highest] == max(chart["heights"])
        assert [height > 0 for height in chart["heights"]] == [
            value > 0 for value in values]
    issued = next(chart for chart in charts if "ssued" in chart["title"])
    assert sum(int(row[1]) for row in issued["rows"]) == count


def test_every_admin_page_is_accessible_and_fits_a_telephone(house, browser):
    SHOTS.mkdir(parents=True, exist_ok=True)
    number, _ = ask(house.authority, "look.example", house.folder, "solo")
    good, gone = issue(house, "good.example"), issue(house, "bad.example")
    house.authority.run("revoke", gone, "--reason", "superseded")
    house.authority.run("pause", "--profile", "email")
    urls = [local(house, f"/admin/{path}", "admin") for path in (
        "", "requests", f"requests/{number}", "certificates",
        "certificates?search=none.such", f"certificates/{good}",
        f"certificates/{gone}", f"certificates/{good}/revoke", "profiles",
        "profiles/server", "profiles/email", "authorities", "crl", "journal",
        "people", "sign-in", "nothing")]
    found = browser.play("audit", urls=urls, shots=str(SHOTS),
                         entry=local(house, "/admin/", "admin"))
    house.authority.run("resume", "--profile", "email")
    assert len(found) == 2 * len(urls)
    assert [row for row in found if row["violations"] or row["scrolls"]] == []
