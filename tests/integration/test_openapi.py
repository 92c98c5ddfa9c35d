"""Every operation that /api/openapi.json tells of, with valid, invalid and
hostile input: no answer is outside the document, and none is a 5xx but a
documented 503."""
import base64
import json
import random
import ssl
import time
from urllib.parse import quote

import pytest

from openapi import Document
from program import Chancery
from rest_world import ROOT, Client, World, openssl
from served import served
from waiting import add_profile

@pytest.fixture(scope="module")
def world(program, tmp_path_factory):
    folder = tmp_path_factory.mktemp("openapi")
    authority = Chancery(program, folder / "authority")
    authority.run("init", "--name", "Test", "--url", "http://pki.example")
    add_profile(authority, "watched", 1)
    with served(authority, folder) as server:
        made = World(authority, server, folder)
        made.prepare()
        yield made
        for client in made.clients.values():
            client.close()


def target_of(world, path):
    for name, value in (("{serial}", world.serial), ("{id}", world.request),
                        ("{name}", "issuing" if "authorities" in path
                         else "server")):
        path = path.replace(name, value)
    return ROOT + path


# --- what is told -------------------------------------------------------------

def test_the_document_is_whole(world):
    world.document.check()


# --- valid --------------------------------------------------------------------

def scenario(world):
    """(operationId, wanted status, body); in an order that works."""
    renewed = {"csr": world.csr("renewed")}
    plain = {"profile": "server", "csr": world.csr("plain"),
             "names": ["a.example.org", "dns:b.example.org"],
             "subject": "CN=a.example.org", "lifetime": "10d",
             "authority": "issuing"}
    return [
        ("issueCertificate", 201, plain), ("renewCertificate", 201, renewed),
        ("listCertificates", 200, None), ("getCertificate", 200, None),
        ("getCertificateHistory", 200, None), ("listRequests", 200, None),
        ("getRequest", 200, None), ("denyRequest", 200, {"reason": "no"}),
        ("withdrawRequest", 200, {}), ("approveRequest", 200, None),
        ("fetchRequest", 200, {}), ("listProfiles", 200, None),
        ("getProfile", 200, None), ("pauseProfile", 200, {"reason": "x"}),
        ("resumeProfile", 200, {}), ("pauseAll", 200, {}),
        ("resumeAll", 200, {}), ("listAuthorities", 200, None),
        ("getAuthority", 200, None), ("getLists", 200, None),
        ("publishList", 200, {}), ("listJournal", 200, None),
        ("getStatus", 200, None), ("holdCertificate", 200, {}),
        ("unholdCertificate", 200, {}),
        ("revokeCertificate", 200, {"reason": "superseded", "comment": "x"}),
    ]


def proof_of(world, stem, statement):
    path = world.folder / "statement"
    path.write_bytes(statement)
    return base64.b64encode(openssl(
        "dgst", "-sha256", "-sign", world.folder / f"{stem}.key", path)).decode()


def test_every_operation_works_and_answers_as_it_is_told(world):
    told = {operation["operationId"]: (method, path, operation)
            for method, path, operation in world.document.operations()}
    steps = scenario(world)
    assert {name for name, _, _ in steps} == set(told)
    for name, wanted, body in steps:
        method, path, operation = told[name]
        if name in ("withdrawRequest", "approveRequest"):
            world.request = world.wait(name)
        if name == "fetchRequest":
            body = {"proof": proof_of(
                world, "approveRequest",
                f"chancery request 1\n{world.request}".encode())}
        headers = {"Content-Type": "application/json"} if body else {}
        status, found, answer = world.clients["person"].ask(
            method.upper(), target_of(world, path),
            json.dumps(body) if body else None, headers)
        assert status == wanted, (name, answer)
        world.document.check_answer(operation, status,
                                    found["Content-Type"], answer)
    world.serial = world.issue("again")["serial"]
    world.request = world.wait("again")


def test_a_certificate_comes_in_the_form_that_is_liked(world):
    target = f"{ROOT}/certificates/{world.serial}"
    ask = world.clients["auditor"].ask
    status, headers, der = ask("GET", target,
                               headers={"Accept": "application/pkix-cert"})
    assert (status, headers["Content-Type"]) == (200, "application/pkix-cert")
    status, headers, chain = ask(
        "GET", target, headers={"Accept": "application/pem-certificate-chain"})
    assert status == 200
    assert ssl.PEM_cert_to_DER_cert(
        chain.decode().split("-----BEGIN", 2)[1].join(
            ["-----BEGIN", ""])) == der
    (world.folder / "chain.pem").write_bytes(chain)
    openssl("verify", "-CAfile", world.server.roots, "-untrusted",
            world.folder / "chain.pem", world.folder / "chain.pem")
    status, headers, body = ask("HEAD", target)
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 500


# --- idempotency and renewal --------------------------------------------------

def test_a_key_brings_the_same_certificate_and_never_another(world):
    body = {"profile": "server", "csr": world.csr("repeated")}
    key = {"Idempotency-Key": "order:17"}
    first = world.post("/certificates", body, headers=key)
    again = world.post("/certificates", body, headers=key)
    assert (first[0], again[0]) == (201, 201)
    assert json.loads(first[2])["serial"] == json.loads(again[2])["serial"]
    status, _, text = world.post(
        "/certificates", {**body, "lifetime": "3d"}, headers=key)
    assert status == 409
    assert json.loads(text)["type"].endswith(":idempotency-key-used")


def test_a_request_that_waits_keeps_its_key_too(world):
    body = {"profile": "watched", "csr": world.csr("kept")}
    key = {"Idempotency-Key": "order:18"}
    found = {json.loads(world.post("/certificates", body, headers=key)[2])
             ["request"]["id"] for _ in range(2)}
    assert len(found) == 1
    assert world.post("/certificates", {**body, "subject": "CN=b.example.org"},
                      headers=key)[0] == 409


def test_incident13_the_old_key_renews_without_a_role(world):
    issued = world.issue("old")
    csr = world.csr("new")
    der = openssl("req", "-outform", "DER", input=csr.encode())
    proof = proof_of(world, "old", b"chancery renewal 1\n" + der)
    target = f"/certificates/{issued['serial']}/renew"
    status, _, body = world.post(target, {"csr": csr, "proof": proof},
                                 "nobody")
    assert status == 201, body
    assert json.loads(body)["names"] == issued["names"]
    again = world.post(target, {"csr": csr, "proof": proof}, "nobody")
    assert json.loads(again[2])["serial"] == json.loads(body)["serial"]
    wrong = proof_of(world, "new", b"chancery renewal 1\n" + der)
    assert world.post(target, {"csr": world.csr("other"), "proof": wrong},
                      "nobody")[0] == 401
    assert world.post(target, {"csr": csr}, "nobody")[0] == 401


# --- lists --------------------------------------------------------------------

def test_pages_bring_everything_once(world):
    ask = world.clients["auditor"].ask
    found, cursor, pages = [], "", 0
    while cursor is not None and pages < 100:
        status, _, body = ask("GET", f"{ROOT}/certificates?limit=3" +
                              (f"&cursor={cursor}" if cursor else ""))
        assert status == 200
        page = json.loads(body)
        found += [row["serial"] for row in page["certificates"]]
        cursor, pages = page["next"], pages + 1
    assert found == [row["serial"] for row in world.authority.facts("list")]
    assert len(found) == len(set(found)) and pages > 2


def test_rest_and_the_command_line_say_the_same(world):
    ask = world.clients["auditor"].ask
    for target, command in (
            (f"/certificates/{world.serial}", ["show", world.serial]),
            ("/profiles/server", ["profiles show", "server"]),
            (f"/requests/{world.request}", ["requests show", world.request]),
            ("/certificates?search=www.example.org&limit=1000",
             ["list", "--search", "www.example.org"])):
        status, _, body = ask("GET", ROOT + target)
        assert status == 200
        said = json.loads(body)
        assert said.get("certificates", said) == world.authority.facts(
            *command), target


# --- invalid ------------------------------------------------------------------

def wrong_values(schema):
    yield from (5, 1.5, True, None, [], {}, "", "x" * 300_000, [5], [[]],
                ["x"] * 2000, "\u0000", "\ud7ff", "'\"<script>", "../..")
    if "enum" in schema:
        yield from (word.upper() for word in schema["enum"])


def bodies_of(world, operation):
    """Bodies that are wrong in one way each."""
    content = operation["requestBody"]["content"]["application/json"]["schema"]
    schema = world.document.follow(content["$ref"])
    good = {"profile": "server", "csr": world.known_csr, "reason": "no",
            "proof": "AQID"}
    good = {name: value for name, value in good.items()
            if name in schema["properties"] and name in schema["required"]}
    for name, member in schema["properties"].items():
        for value in wrong_values(member):
            yield {**good, name: value}
        if name in schema["required"]:
            yield {key: value for key, value in good.items() if key != name}
    yield {**good, "unknown": 1}
    yield {**good, "__proto__": {}}


RAW = [b"", b"{", b"[]", b"null", b"5", b"\"x\"", b"\xff\xfe", b"{\"a\":1e400}",
       b"{\"a\":" + b"[" * 1000 + b"]" * 1000 + b"}", b"{\"a\":1,\"a\":2}",
       b"{}" * 2, b"\x00", b"{\"profile\":\"\\ud800\"}", b"x" * 100_000]
TYPES = [None, "text/plain", "application/x-www-form-urlencoded",
         "multipart/form-data; boundary=x", "application/json; charset=latin-1",
         "application/json;", "nonsense", "application/xml"]
QUERIES = ["?limit=0", "?limit=99999", "?limit=x", "?limit=1&limit=2",
           "?cursor=zz", "?cursor=" + "f" * 16, "?unknown=1", "?status=",
           "?status=x", "?search=" + "a" * 300, "?search=%00", "?%zz=1", "?a",
           "?expiring=never", "?kind=x", "?state=x", "?=", "?&&",
           "?" + "&".join(f"p{i}=1" for i in range(200))]
ARGUMENTS = ["..", "%2e%2e", "%2e%2e%2f%2e%2e", "%00", "%ff", "%c3%28", "'",
             "%22", "%3Cscript%3E", "a" * 255, "a" * 5000, "0" * 64, "-1",
             "0x", "::", "%20", "*", "{serial}", quote("\u202egnp"), "%25",
             "5;a=b", "null"]


def check(world, client, method, target, operation, body=None, headers=None):
    status, found, answer = world.clients[client].ask(
        method, target, body, headers)
    shown = (method, target[:200], (body or b"")[:200], headers, answer[:300])
    assert status < 500 or status == 503, shown
    kind = found["Content-Type"]
    # A head that can't be read has no address, so no manner of its own.
    if kind.startswith("text/plain") and status in (400, 414, 431):
        return status
    if kind == "application/problem+json":
        assert json.loads(answer)["status"] == status
    if operation is not None:
        world.document.check_answer(operation, status, kind, answer)
    return status


def test_wrong_bodies_and_types_are_refused_as_it_is_told(world):
    world.known_csr = world.csr("known")
    json_type = {"Content-Type": "application/json"}
    tried = 0
    for method, path, operation in world.document.operations():
        if method != "post":
            continue
        target = target_of(world, path)
        for body in bodies_of(world, operation):
            # Those who may, but for what would pause or revoke.
            who = "auditor" if "x-roles" in operation else "operator"
            check(world, who, "POST", target, operation,
                  json.dumps(body).encode(), json_type)
            tried += 1
        for body in RAW:
            check(world, "auditor", "POST", target, operation, body, json_type)
        for kind in TYPES:
            check(world, "auditor", "POST", target, operation, b"{}",
                  {"Content-Type": kind} if kind else {})
        assert check(world, "auditor", "POST", target, operation,
                     b"{" + b" " * 600_000 + b"}", json_type) == 413
    assert tried > 200


def test_wrong_queries_paths_and_methods_are_refused_as_it_is_told(world):
    for method, path, operation in world.document.operations():
        target = target_of(world, path)
        for query in QUERIES:
            check(world, "auditor", method.upper(), target + query, operation)
        before, _, behind = path.partition("{")
        for argument in ARGUMENTS if behind else []:
            check(world, "auditor", method.upper(),
                  ROOT + before + argument + behind.partition("}")[2],
                  operation)
        others = {"GET", "POST", "PUT", "PATCH", "DELETE"} - {
            name.upper() for name in world.document.whole["paths"][path]}
        for other in others:
            status, headers, _ = world.clients["auditor"].ask(other, target)
            assert status == 405
            assert set(headers["Allow"].split(", ")) - {"HEAD"} == {
                name.upper() for name in world.document.whole["paths"][path]}


def test_who_may_not_is_refused_as_it_is_told(world):
    for method, path, operation in world.document.operations():
        target = target_of(world, path)
        wanted = {"nobody": {401, 400, 415}, "liar": {401}}
        for role in ("operator", "approver", "auditor"):
            if role not in operation.get("x-roles", [role]):
                wanted[role] = {403, 400, 415}
        for who, statuses in wanted.items():
            status = check(world, who, method.upper(), target, operation)
            assert status in statuses, (who, method, path)


def test_hostile_headers_are_refused_or_passed_over(world):
    target = f"{ROOT}/certificates/{world.serial}"
    operation = world.document.whole["paths"]["/certificates/{serial}"]["get"]
    for name, values in {
            "Accept": ["", ",", "*", "text/html", "a/b;q=9", "x" * 5000,
                       "application/json;q=0", ";;;"],
            "Idempotency-Key": ["", "k" * 5000, "\xe9"],
            "Authorization": ["Bearer", "Bearer ", "Basic eDp5", "Digest x",
                              "Bearer " + "A" * 5000, "bearer\tx"],
            "Content-Type": ["", "/", "a/b;c", "x" * 5000],
            "Origin": ["null", "https://evil.example", ""],
            "Cookie": ["a=b; " * 300]}.items():
        for value in values:
            check(world, "auditor", "GET", target, operation, None,
                  {name: value})


def test_a_thousand_requests_at_random_find_no_fault_of_ours(world):
    random.seed(5)
    rows = list(world.document.operations())
    values = [None, True, 0, -1, 2 ** 62, "", "server", "issuing", "a" * 100,
              [], ["a.example.org"], {}, {"a": []}, "90d", world.serial]
    names = ["profile", "csr", "names", "subject", "lifetime", "not_after",
             "authority", "reason", "comment", "proof", "x"]
    for _ in range(1000):
        method, path, operation = random.choice(rows)
        body = {random.choice(names): random.choice(values)
                for _ in range(random.randrange(4))}
        target = target_of(world, path) + random.choice(["", "", "?limit=5"])
        check(world, random.choice(["auditor", "nobody"]), method.upper(),
              target, operation,
              json.dumps(body).encode() if method == "post" else None,
              {"Content-Type": "application/json"} if method == "post" else {})


# --- kb 65 --------------------------------------------------------------------

def test_kb065_a_locked_authority_is_told_apart(world):
    csr = world.csr("locked")
    world.authority.run("lock")
    try:
        status, headers, body = world.post(
            "/certificates", {"profile": "server", "csr": csr})
        assert status == 503 and headers["Retry-After"]
        assert json.loads(body)["type"] == "urn:chancery:problem:locked"
        status, _, body = world.clients["auditor"].ask("GET", f"{ROOT}/status")
        assert status == 200 and json.loads(body)["locked"] is True
    finally:
        world.authority.run("unlock")
    assert world.post("/certificates", {"profile": "server", "csr": csr})[0] \
        == 201


# --- what is journalled, and a keeper that died --------------------------------

def test_a_comment_reaches_the_journal(world):
    serial = world.issue("commented")["serial"]
    assert world.post(f"/certificates/{serial}/revoke", {
        "reason": "keyCompromise", "comment": "laptop lost"})[0] == 200
    status, _, body = world.clients["auditor"].ask(
        "GET", f"{ROOT}/journal?object={serial}&kind=revoked")
    event, = json.loads(body)["events"]
    assert status == 200 and event["actor"] == "alice"
    assert event["detail"]["words"] == "laptop lost"
    assert event["detail"]["door"] == "api"


def test_properties31_without_a_keeper_the_answer_is_a_documented_503(
        authority, tmp_path):
    with served(authority, tmp_path) as server:
        made = World(authority, server, tmp_path)
        token = authority.facts("token create", "t", "--role", "auditor",
                                "--profiles", "server", "--names", "*.a.b")
        made.clients["auditor"] = Client(server, "public",
                                         token=token["token"])
        made.document = Document(
            made.clients["auditor"].ask("GET", "/api/openapi.json")[2])
        operation = made.document.whole["paths"]["/profiles"]["get"]
        server.kill("keeper")
        statuses = set()
        for _ in range(400):
            statuses.add(check(made, "auditor", "GET", f"{ROOT}/profiles",
                               operation))
            if 200 in statuses:
                break
            time.sleep(0.05)
        made.clients["auditor"].close()
    assert 200 in statuses and statuses <= {200, 503}
