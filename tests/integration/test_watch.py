"""What watches: /health and /metrics of a server, as others read them."""
import contextlib
import http.server
import json
import re
import shutil
import sqlite3

import pytest
from rest_world import Client
from served import get, served, until
from serving import folder_served, free_port, http_served

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? "
                    r"(-?[0-9]+(?:\.[0-9]+)?)\Z")


def samples_of(text):
    """{name{labels}: value} of Prometheus' text format 0.0.4, read strictly:
    each family once, with its HELP and TYPE before its samples."""
    assert text.endswith("\n")
    found, families, family = {}, set(), None
    lines = text[:-1].split("\n")
    for at, line in enumerate(lines):
        if line.startswith("# HELP "):
            family = line.split(" ")[2]
            assert family not in families, f"{family} comes twice"
            families.add(family)
            kind = lines[at + 1].split(" ")
            assert kind[:3] == ["#", "TYPE", family]
            assert kind[3] in ("counter", "gauge")
            assert family.endswith("_total") == (kind[3] == "counter")
        elif not line.startswith("# TYPE "):
            sample = SAMPLE.match(line)
            assert sample, line
            name, labels, value = sample.groups()
            assert name == family, f"{name} stands below {family}"
            key = name + (f"{{{labels}}}" if labels else "")
            assert key not in found, key
            found[key] = float(value)
    return found


@pytest.fixture
def watched(authority, tmp_path):
    token = authority.facts("token create", "scraper", "--role", "auditor")
    with served(authority, tmp_path) as server:
        yield server, Client(server, "admin", token=token["token"])


def metrics(client):
    status, headers, body = client.ask("GET", "/metrics")
    assert status == 200, body
    assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return samples_of(body.decode())


def test_properties53_a_scraper_with_a_token_reads_what_ends(watched):
    _, client = watched

    def ends():
        return {name: value for name, value in metrics(client).items()
                if name.startswith("chancery_expiry_seconds")}

    def all_there():
        seen = ends()
        return seen if any("ocsp-signer" in name for name in seen) else None

    seen = until(all_there, "the signer of OCSP answers among what ends")
    for kind, name in (("authority", "issuing"), ("authority", "root"),
                       ("list", "issuing"), ("list", "root"),
                       ("server", "public"), ("server", "admin"),
                       ("ocsp-signer", "issuing"), ("token", "scraper")):
        key = f'chancery_expiry_seconds{{kind="{kind}",name="{name}"}}'
        assert seen[key] > 86400, key


def test_metrics_are_a_text_that_a_strict_reader_takes(watched):
    server, client = watched
    before = metrics(client)
    assert get(server, "/metrics")[0] == 404
    assert Client(server, "public").ask("GET", "/metrics")[0] == 404
    assert Client(server, "admin").ask("GET", "/metrics")[0] == 401
    after = metrics(client)
    answered = 'chancery_http_requests_total{listener="admin",status="200"}'
    refused = 'chancery_http_requests_total{listener="admin",status="401"}'
    assert after[answered] == before.get(answered, 0) + 1
    assert after[refused] == before.get(refused, 0) + 1
    assert after["chancery_healthy"] == 1
    assert after["chancery_requests_waiting"] == 0
    assert after["chancery_signed_total"] > 0


def test_health_tells_the_public_little_and_people_all(watched):
    server, client = watched
    status, headers, body = get(server, "/health")
    assert status == 200 and headers["content-type"] == "application/json"
    assert json.loads(body) == {"status": "ok"}
    told = json.loads(client.ask("GET", "/health")[2])
    assert told["status"] == "ok" and told["reasons"] == []




# --- what was published -------------------------------------------------------

def with_address(pristine, folder, url):
    """A copy whose settings say where what it publishes can be fetched."""
    authority = pristine.copy(folder / "addressed")
    settings = authority.directory / "chancery.yaml"
    text = settings.read_text()
    assert "\nurl:" not in text
    settings.write_text(f"url: {url}\n" + text)
    return authority


def start_addressed(pristine, tmp_path, port):
    authority = with_address(pristine, tmp_path, f"http://127.0.0.1:{port}")
    token = authority.facts("token create", "scraper", "--role", "auditor")
    return authority, token["token"]


def warnings_of(client):
    status, _, body = client.ask("GET", "/health")
    assert status in (200, 503)
    told = json.loads(body)
    return {row["about"]: row["sentence"]
            for row in told["reasons"] + told["warnings"]}


def test_kb107_a_published_list_is_fetched_from_its_address_and_compared(
        pristine, tmp_path):
    asked = []
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "crl").mkdir(parents=True)
    port = free_port()
    with folder_served(port, elsewhere, asked):
        authority, token = start_addressed(pristine, tmp_path, port)
        published = authority.directory / "publish" / "crl"
        for name in ("issuing.crl", "root.crl"):
            shutil.copy(published / name, elsewhere / "crl" / name)
        with served(authority, tmp_path) as server:
            client = Client(server, "admin", token=token)
            until(lambda: "/crl/root.crl" in asked, "a fetch of the list", 40)
            assert "published /crl/issuing.crl" not in warnings_of(client)
            authority.run("ca crl")
            about = "published /crl/issuing.crl"
            until(lambda: about in warnings_of(client),
                  "a warning of the old list", 60)
            sentence = warnings_of(client)[about]
            assert sentence.startswith(
                f"http://127.0.0.1:{port}/crl/issuing.crl, which certificates "
                "name: what is there (")
            assert "is not the list number" in sentence
            assert f'about="{about}"' in server.log
            assert metrics(client)[f'chancery_warning{{about="{about}"}}'] == 1


def test_kb104_lists_and_answers_are_asked_for_as_strangers_do(
        pristine, tmp_path, monkeypatch):
    chosen = [free_port(), free_port(), free_port()]
    authority, token = start_addressed(pristine, tmp_path, chosen[1])
    ports = iter(chosen)
    monkeypatch.setattr("served.free_port", lambda: next(ports))
    with served(authority, tmp_path) as server:
        client = Client(server, "admin", token=token)
        for path in ("/crl/issuing.crl", "/crl/root.crl", "/ocsp"):
            until(lambda: path in server.log, f"a fetch of {path}", 40)
        until(lambda: "validator" not in server.children(),
              "the validator's end", 20)
        assert not [about for about in warnings_of(client)
                    if about.startswith("published")]


def test_kb093_an_address_that_does_not_answer_is_warned_of(
        pristine, tmp_path):
    authority, token = start_addressed(pristine, tmp_path, free_port())
    with served(authority, tmp_path) as server:
        client = Client(server, "admin", token=token)
        about = "published /crl/issuing.crl"
        until(lambda: about in warnings_of(client), "a warning", 60)
        assert "refused" in warnings_of(client)[about]
        assert client.ask("GET", "/health")[0] == 200


# --- lists while it serves ----------------------------------------------------

def next_update(authority):
    """The end of the last list of the issuing authority, in the store."""
    with contextlib.closing(sqlite3.connect(
            authority.directory / "chancery.db")) as store:
        return store.execute(
            "SELECT max(next_update) FROM crl WHERE kind = -1 AND authority ="
            " (SELECT id FROM authority WHERE name = 'issuing')").fetchone()[0]


def age_lists(authority, seconds):
    """As if the lists had been made so much earlier."""
    with contextlib.closing(sqlite3.connect(
            authority.directory / "chancery.db", timeout=10)) as store, store:
        store.execute("DROP TRIGGER crl_number_grows")
        store.execute("UPDATE crl SET this_update = this_update - ?1,"
                      " next_update = next_update - ?1", (seconds,))


def test_properties11_a_list_half_over_is_made_anew_while_it_is_served(
        authority, tmp_path):
    file = authority.directory / "publish" / "crl" / "issuing.crl"
    with served(authority, tmp_path):
        before, until_then = file.read_bytes(), next_update(authority)
        age_lists(authority, 4 * 86400)
        until(lambda: file.read_bytes() != before, "a new list", 30)
        assert next_update(authority) >= until_then
        file.unlink()
        until(file.exists, "the lost list", 30)


# --- notices --------------------------------------------------------------------

def test_properties53_a_digest_of_what_ends_is_posted_and_journalled(
        authority, tmp_path):
    posts, port = [], free_port()

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            posts.append((self.path, self.headers["Content-Type"],
                          json.loads(self.rfile.read(length))))
            self.send_response(503 if len(posts) == 1 else 204)
            self.end_headers()

        def log_message(self, *words):
            pass

    settings = authority.directory / "chancery.yaml"
    settings.write_text(f"notices-webhook: http://127.0.0.1:{port}/hook\n"
                        + settings.read_text())
    authority.facts("token create", "ci", "--role", "auditor", "--lifetime",
                    "90d")
    with contextlib.closing(sqlite3.connect(
            authority.directory / "chancery.db")) as store, store:
        store.execute("UPDATE token SET made_at = made_at - 85 * 86400,"
                      " expires_at = expires_at - 85 * 86400")
    with http_served(port, Hook), served(authority, tmp_path) as server:
        until(lambda: len(posts) == 2, "a second try", 100)
        until(lambda: "notices-sent" in server.log, "the digest's record", 10)
        path, kind, digest = posts[1]
        assert (path, kind) == ("/hook", "application/json")
        assert digest["authority"] == "Integration Test"
        assert [(row["kind"], row["name"], row["within_days"])
                for row in digest["ends"]] == [("token", "ci", 7)]
        events = authority.facts("audit show")
        assert [event["kind"] for event in events].count("notices-sent") == 1
