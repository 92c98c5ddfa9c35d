"""chancery verify: one file, and lines by --batch."""
import json
import subprocess
import threading

import pytest

from program import (DONE, MALFORMED, NO, NOT_FOUND, OBJECTS, SURROUNDINGS,
                     USAGE)

HERE = OBJECTS / "verify"
AT = "2027-01-01T00:00:00Z"
CODES = """ok malformed signature-invalid algorithm-refused key-too-weak expired
not-yet-valid issuer-missing root-untrusted self-signed-untrusted distrusted
name-mismatch name-missing usage-mismatch not-an-authority path-too-long
name-constraint-violated policy-violated critical-extension-unknown
profile-violated revoked revocation-unknown crl-expired crl-malformed
crl-signature-invalid budget-exceeded no-signature content-altered
expired-without-timestamp wrong-password unsupported-algorithm""".split()


@pytest.fixture
def verify(program):
    def run(*arguments, text=None, at=AT):
        time = ["--time", at] if at else []
        return subprocess.run([program, "verify", *map(str, arguments), *time],
                              input=text, env=SURROUNDINGS, timeout=60,
                              capture_output=True)
    return run


@pytest.fixture
def leaf(verify):
    """The leaf with its whole chain at hand, and what else is said."""
    def run(*arguments, status=DONE, at=AT):
        done = verify(HERE / "leaf.pem", "--roots", HERE / "root.pem",
                      "--untrusted", HERE / "issuing.pem", "--json",
                      *arguments, at=at)
        assert done.returncode == status, done.stderr
        return json.loads(done.stdout)
    return run


@pytest.fixture
def batch(program):
    def run(lines):
        done = subprocess.run([program, "verify", "--batch"], input=lines,
                              env=SURROUNDINGS, timeout=120,
                              capture_output=True)
        assert done.returncode == DONE, done.stderr
        return [json.loads(row) for row in done.stdout.splitlines()]
    return run


def question(name="one", **more):
    return {"id": name, "leaf": (HERE / "leaf.pem").read_text(),
            "roots": [(HERE / "root.pem").read_text()], "time": AT,
            "untrusted": [(HERE / "issuing.pem").read_text()], **more}


# --- one file -----------------------------------------------------------------

def test_the_json_is_that_of_the_interface(leaf):
    value = leaf()
    assert set(value) == {"valid", "code", "sentence", "remedy", "path",
                          "other_paths"}
    assert value["valid"] is True and value["code"] == "ok"
    assert [row["subject"] for row in value["path"]] == [
        "CN=www.example.org", "CN=Verify Issuing", "O=Example,CN=Verify Root"]
    for row in value["path"]:
        assert set(row) == {"sha256", "subject", "checks"}
        for check in row["checks"]:
            assert set(check) == {"rule", "reference", "outcome", "evidence"}
            assert check["outcome"] in ("pass", "skipped")
    assert "signature" in {c["rule"] for c in value["path"][0]["checks"]}


@pytest.mark.parametrize("arguments, code", [
    (["--name", "www.example.org", "--purpose", "server"], "ok"),
    (["--name", "other.example.org"], "name-mismatch"),
    (["--name", "192.0.2.1"], "name-missing"),
    (["--name", "who@example.org"], "name-missing"),
    (["--purpose", "client"], "usage-mismatch"),
    (["--max-depth", "0"], "path-too-long"),
    (["--require-explicit-policy"], "policy-violated"),
    (["--distrusted", HERE / "issuing.pem"], "distrusted"),
    (["--crl", HERE / "revoked.crl"], "revoked"),
    (["--crl", HERE / "revoked.crl", "--revocation", "off"], "ok"),
    (["--crl", HERE / "empty.crl"], "ok"),
    (["--revocation", "hard"], "revocation-unknown"),
    (["--revocation", "soft"], "ok"),
])
def test_each_option_is_heeded(leaf, arguments, code):
    value = leaf(*arguments, status=DONE if code == "ok" else NO)
    assert value["code"] == code, value["sentence"]
    assert value["valid"] is (code == "ok")
    assert bool(value["remedy"]) is (code != "ok")
    failed = [check for row in value["path"] for check in row["checks"]
              if check["outcome"] == "fail"]
    assert bool(failed) is (code != "ok")


@pytest.mark.parametrize("at, code", [
    ("2025-12-31T23:59:59Z", "not-yet-valid"), ("1767225600", "ok"),
    ("2126-01-01T00:00:00Z", "ok"), ("2126-01-01T00:00:01Z", "expired")])
def test_the_time_is_the_one_that_was_asked_for(leaf, at, code):
    value = leaf(at=at, status=DONE if code == "ok" else NO)
    assert value["code"] == code
    assert "clock" not in value["sentence"] + value["remedy"]


def test_kb071_the_missing_issuer_is_named_with_the_files_looked_in(verify):
    done = verify(HERE / "leaf.pem", "--roots", HERE / "root.pem")
    assert done.returncode == NO
    said = done.stdout.decode()
    assert said.startswith("not valid: issuer-missing\n")
    assert "CN=Verify Issuing (key identifier 71:d0:09:f1:" in said
    assert f"looked in {HERE / 'root.pem'}" in said
    assert "it may be at http://ca.example.org/issuing.cer" in said


def test_the_rest_of_the_file_helps_in_any_order(verify, tmp_path):
    parts = [(HERE / f"{name}.pem").read_text()
             for name in ("root", "issuing", "leaf")]
    (tmp_path / "chain.pem").write_text("".join(parts))
    done = verify(tmp_path / "chain.pem", "--roots", HERE / "root.pem",
                  "--name", "www.example.org")
    assert done.returncode == DONE, done.stdout
    done = verify("-", "--roots", HERE / "root.pem",
                  text="".join(reversed(parts)).encode())
    assert done.returncode == DONE, done.stdout


def test_people_are_told_the_path_and_on_demand_every_rule(verify):
    arguments = [HERE / "leaf.pem", "--roots", HERE / "root.pem",
                 "--untrusted", HERE / "issuing.pem"]
    short = verify(*arguments).stdout.decode()
    assert short.startswith("valid\nCN=www.example.org is valid: a path of 3 ")
    assert "O=Example,CN=Verify Root, trusted\n" in short
    assert "pass signature" not in short and "\x1b" not in short
    assert "pass signature" in verify(*arguments, "--all-rules").stdout.decode()
    refused = verify(*arguments, "--purpose", "client").stdout.decode()
    assert "fail leaf-purpose (RFC 5280, 4.2.1.12): " in refused
    assert "what to do: " in refused


def test_without_roots_the_machine_s_store_is_named(verify):
    done = verify(HERE / "leaf.pem")
    if done.returncode == NOT_FOUND:
        assert b"has no store of trusted roots" in done.stderr
        return
    assert done.returncode == NO
    assert b"trusted roots: those of /etc/" in done.stderr


def test_what_is_not_there_not_readable_or_not_said_well_has_its_status(
        verify, tmp_path):
    assert verify(tmp_path / "none.pem").returncode == NOT_FOUND
    assert verify(HERE / "leaf.pem", "--roots",
                  tmp_path / "none.pem").returncode == NOT_FOUND
    (tmp_path / "text").write_text("no certificate")
    done = verify(tmp_path / "text", "--json")
    assert done.returncode == MALFORMED
    assert json.loads(done.stdout)["code"] == "malformed"
    assert json.loads(done.stderr)["error"]["code"] == "malformed"
    for wrong in (["--purpose", "tea"], ["--name", "-"], ["--time", "soon"],
                  ["--max-depth", "x"], ["--policy", "tea"], ["--batch"]):
        done = verify(HERE / "leaf.pem", *wrong,
                      at=None if "--time" in wrong else AT)
        assert done.returncode == USAGE, wrong
    assert verify().returncode == USAGE


def test_a_damaged_list_is_no_revocation(leaf, tmp_path):
    damaged = tmp_path / "damaged.crl"
    damaged.write_bytes(b"0\x03\x02\x01\x01")
    value = leaf("--crl", damaged, "--revocation", "hard", status=NO)
    assert value["code"] == "crl-malformed", value["sentence"]


def test_the_manual_page_has_a_section_for_every_code(program):
    page = subprocess.run([program, "--man-page", "chancery-verify"],
                          env=SURROUNDINGS, capture_output=True, check=True)
    text = page.stdout.decode().replace("\\-", "-")
    for code in CODES:
        assert f"\n.B {code}\n" in text


def test_the_paper_has_a_section_for_every_code():
    paper = (OBJECTS.parents[1] / "docs" / "verdicts.md").read_text()
    assert [code for code in CODES if f"\n### {code}\n" not in paper] == []


# --- many lines ---------------------------------------------------------------

def test_answers_come_in_the_order_of_the_lines(batch):
    lines = [question(f"line {place}", names=[{
        "kind": "dns", "value": "www.example.org" if place % 3 else "x.test"}])
        for place in range(300)]
    answers = batch("".join(json.dumps(line) + "\n" for line in lines).encode())
    assert [row["id"] for row in answers] == [line["id"] for line in lines]
    for place, row in enumerate(answers):
        assert set(row) == {"id", "valid", "code", "sentence"}
        assert row["code"] == ("ok" if place % 3 else "name-mismatch")


def test_what_cannot_be_read_is_answered_and_the_run_goes_on(batch):
    good = json.dumps(question()).encode()
    long = json.dumps(question(note="x" * (8 * 1024 * 1024))).encode()
    answers = batch(b"\n".join([b"{", good, long, b"", b"\xff", b"[]", good]))
    assert [row["code"] for row in answers] == [
        "malformed", "ok", "malformed", "malformed", "malformed", "ok"]
    assert "longer than 8388608 bytes" in answers[2]["sentence"]
    assert answers[0]["sentence"].startswith("line 1 can't be read: ")


def test_no_line_no_answer(batch):
    assert batch(b"") == []
    assert batch(b"\n \n") == []


def test_who_asks_one_line_at_a_time_is_answered_at_once(program):
    line = json.dumps(question()).encode() + b"\n"
    with subprocess.Popen([program, "verify", "--batch"], env=SURROUNDINGS,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        watch = threading.Timer(60, run.kill)
        watch.start()
        for _ in range(3):
            run.stdin.write(line)
            run.stdin.flush()
            assert json.loads(run.stdout.readline())["code"] == "ok"
        run.stdin.close()
        assert run.wait() == DONE
        watch.cancel()


def test_file_json_and_batch_say_the_same(leaf, batch):
    for more, arguments in (({}, []), ({"purpose": "client"},
                                       ["--purpose", "client"])):
        one = batch(json.dumps(question(**more)).encode())[0]
        code = one["code"]
        value = leaf(*arguments, status=DONE if code == "ok" else NO)
        assert value["code"] == code
