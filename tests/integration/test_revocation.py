"""Revocation from the command to the list that others read."""
import json
import signal
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

import faults
from consumers import say
from openssl_chain import make_chain
from program import (CONFLICT, DONE, MALFORMED, NOT_FOUND, SURROUNDINGS,
                     UNAVAILABLE, USAGE, Chancery)
from revocation import (anchors, as_pem, certificate, events, holds, issue,
                        listed, number_of, openssl_says, path_of, published,
                        revoke_many, serial)
from waiting import add_profile, change, look

URL = "http://pki.example.org"


@pytest.fixture(scope="module")
def with_url(program, tmp_path_factory):
    made = Chancery(program, tmp_path_factory.mktemp("url") / "authority")
    made.run("init", "--name", "Lists", "--url", URL)
    return made


@pytest.fixture
def addressed(with_url, tmp_path):
    return with_url.copy(tmp_path / "addressed")


# --- published with it ------------------------------------------------------------

def test_kb101_the_list_is_out_when_revoke_returns(authority, tmp_path):
    good, bad = issue(authority, tmp_path, 2)
    before = published(authority)
    start = time.monotonic()
    facts = authority.facts("revoke", bad, "--reason", "keyCompromise")
    assert time.monotonic() - start < 10
    crl = published(authority)
    assert listed(crl) == {
        certificate(bad).serial_number: "keyCompromise"}
    assert facts["changed"] is True and facts["serial"] == serial(bad)
    assert facts["list"] == "complete" and facts["list_entries"] == 1
    assert facts["list_number"] == number_of(crl) > number_of(before)
    assert openssl_says(authority, tmp_path, good, [path_of(authority)])[0]
    accepted, words = openssl_says(
        authority, tmp_path, bad, [path_of(authority)])
    assert not accepted and "certificate revoked" in words


def test_kb102_revoke_says_until_when_others_may_go_by_an_older_list(
        authority, tmp_path):
    [file] = issue(authority, tmp_path)
    older = published(authority)
    facts = authority.facts("revoke", file)
    assert facts["others_until"] == f"{older.next_update:%Y-%m-%dT%H:%M:%SZ}"
    done = authority.run("revoke", file)
    assert "Others may go by an older list until 20" in done.out


def test_strangers_take_the_list(authority, tmp_path):
    revoked = issue(authority, tmp_path, 2)
    for file in revoked:
        authority.run("revoke", file)
    root, issuing = anchors(authority, tmp_path)
    path = path_of(authority)
    assert say("openssl", "crl", "-inform", "DER", "-in", path, "-noout",
               "-verify", "-CAfile", issuing) == (True, "verify OK\n")
    pem = as_pem(tmp_path, path)
    accepted, words = say("certtool", "--verify-crl", "--load-ca-certificate",
                          issuing, "--infile", pem)
    assert accepted and "Verified" in words, words
    crl = published(authority)
    assert crl.is_signature_valid(certificate(issuing).public_key())
    assert not crl.is_signature_valid(certificate(root).public_key())
    assert holds(crl, *revoked)
    assert published(authority, "root").is_signature_valid(
        certificate(root).public_key())


def test_a_second_run_changes_and_publishes_nothing(authority, tmp_path):
    [file] = issue(authority, tmp_path)
    first = authority.facts("revoke", file, "--reason", "superseded")
    before = path_of(authority).read_bytes()
    again = authority.facts("revoke", file, "--reason", "keyCompromise")
    assert again["changed"] is False and again["list"] == "unchanged"
    assert again["reason"] == "superseded" and again["at"] == first["at"]
    assert path_of(authority).read_bytes() == before
    path_of(authority).unlink()
    third = authority.facts("revoke", file)
    assert third["changed"] is False
    assert holds(published(authority), file)
    assert [kind for kind, _ in events(authority, "revoked")] == [serial(file)]


def test_kb101_both_lists_are_there_after_init(
        authority, addressed, tmp_path):
    for made in (authority, addressed):
        for name in ("root", "issuing"):
            crl = published(made, name)
            assert len(crl) == 0 and crl.next_update > crl.last_update
    issuing_file = tmp_path / "issuing.pem"
    addressed.run("ca show", "--out", issuing_file)
    [point] = certificate(issuing_file).extensions.get_extension_for_class(
        x509.CRLDistributionPoints).value
    assert point.full_name[0].value == f"{URL}/crl/root.crl"
    life = published(addressed, "root")
    assert (life.next_update - life.last_update).days == 180


# --- what is meant ----------------------------------------------------------------

def test_a_serial_is_taken_in_every_form(authority, tmp_path):
    files = issue(authority, tmp_path, 4)
    texts = [serial(file) for file in files]
    pairs = ":".join(texts[1][i:i + 2] for i in range(0, len(texts[1]), 2))
    forms = [texts[0].upper(), pairs, "0x" + texts[2], texts[3][:12]]
    for form, text in zip(forms, texts):
        assert authority.facts("revoke", form)["serial"] == text
    assert holds(published(authority), *files)


def test_a_file_is_taken_in_any_encoding(authority, tmp_path):
    first, second = issue(authority, tmp_path, 2)
    der = tmp_path / "first.der"
    der.write_bytes(certificate(first).public_bytes(Encoding.DER))
    authority.run("revoke", der)
    second.write_text("Some words\r\n" + second.read_text())
    authority.run("revoke", second)
    assert holds(published(authority), first, second)


def test_a_strangers_certificate_with_our_serial_revokes_nothing(
        authority, tmp_path):
    [ours] = issue(authority, tmp_path)
    folder = tmp_path / "stranger"
    folder.mkdir()
    leaf, _, _ = make_chain("p256", "www.example.org", folder)
    authority.refuses(NOT_FOUND, "revoke", leaf)
    assert say("openssl", "req", "-x509", "-key", folder / "leaf.key", "-subj",
               "/CN=Stranger", "-set_serial", "0x" + serial(ours), "-out",
               leaf)[0]
    assert serial(leaf) == serial(ours)
    outcome = authority.refuses(NOT_FOUND, "revoke", leaf)
    assert "not issued here" in outcome.err
    authority.refuses(NOT_FOUND, "revoke", leaf, "--dry-run")
    assert holds(published(authority))


def test_what_is_meant_must_be_said_and_be_there(authority, tmp_path):
    for words in ([], ["ab", "--where", "status=valid"], ["ab", "cd"]):
        authority.refuses(USAGE, "revoke", *words)
    for word in ("abcd", "00" * 12, tmp_path / "absent.pem"):
        authority.refuses(NOT_FOUND, "revoke", word)
    authority.refuses(MALFORMED, "revoke", "rabbit")
    for reason in ("certificateHold", "removeFromCRL", "7", "sadness"):
        authority.refuses(USAGE, "revoke", "abcd", "--reason", reason)
    refused = authority.refuses(
        USAGE, "revoke", "abcd", "--reason", "removeFromCRL")
    assert "delta lists alone" in refused.err
    assert "`chancery unhold`" in refused.err


def test_the_beginning_of_two_serials_names_both(authority, tmp_path):
    issue(authority, tmp_path)
    revoke_many(authority, 2, 1 << 127)
    outcome = authority.refuses(CONFLICT, "revoke", "0280000000")
    assert f"02{1 << 127:x}" in outcome.err
    assert f"02{(1 << 127) + 1:x}" in outcome.err


def test_a_dry_run_changes_nothing(authority, tmp_path):
    [file] = issue(authority, tmp_path)
    before = path_of(authority).read_bytes(), look(
        authority, "SELECT count(*) FROM journal")
    facts = authority.facts("revoke", file, "--dry-run")
    assert facts["would_change"] is True and facts["status"] == "valid"
    assert "nothing was" in authority.run("hold", file, "--dry-run").out
    authority.run("ca crl", "--dry-run")
    assert before == (path_of(authority).read_bytes(), look(
        authority, "SELECT count(*) FROM journal"))


# --- hold -------------------------------------------------------------------------

def test_incident16_a_hold_ends_and_a_revocation_never(authority, tmp_path):
    held, revoked = issue(authority, tmp_path, 2)
    authority.run("hold", held)
    authority.run("hold", revoked)
    assert set(listed(published(authority)).values()) == {"certificateHold"}
    at = {row.serial_number: row.revocation_date for row in
          published(authority)}
    authority.run("unhold", held)
    authority.run("revoke", revoked, "--reason", "cACompromise")
    crl = published(authority)
    assert listed(crl) == {
        certificate(revoked).serial_number: "cACompromise"}
    [row] = crl
    assert row.revocation_date == at[row.serial_number]
    assert openssl_says(authority, tmp_path, held, [path_of(authority)])[0]
    before = path_of(authority).read_bytes()
    for verb, file in (("unhold", revoked), ("hold", revoked),
                       ("unhold", held)):
        authority.refuses(CONFLICT, verb, file)
    assert path_of(authority).read_bytes() == before
    assert authority.facts("show", serial(revoked))["status"] == "revoked"
    assert authority.facts("show", serial(held))["status"] == "valid"


# --- the key is locked ------------------------------------------------------------

def test_a_locked_key_keeps_nobody_from_revoking(
        locked, pristine_locked, tmp_path):
    passphrase = pristine_locked[1]
    locked.run("issue", "--profile", "server", "--san", "a.example.org",
               "--key-out", tmp_path / "k", "--out", tmp_path / "c",
               "--passphrase-file", passphrase)
    outcome = locked.attempt("revoke", tmp_path / "c", "--json")
    assert outcome.status == UNAVAILABLE, str(outcome)
    assert outcome.facts["changed"] is True and outcome.facts["list"] is None
    error = json.loads(outcome.err.splitlines()[-1])["error"]
    assert "is recorded, but no published list" in error["sentence"]
    assert "chancery ca crl --ca issuing" in error["remedy"]
    assert holds(published(locked)) and len(events(locked, "crl-failed")) == 1
    assert locked.facts("show", serial(tmp_path / "c"))["status"] == "revoked"
    locked.refuses(UNAVAILABLE, "ca crl")
    locked.run("ca crl", "--passphrase-file", passphrase)
    assert holds(published(locked), tmp_path / "c")


def test_an_authority_is_revoked_on_its_roots_list(authority, tmp_path):
    _, issuing = anchors(authority, tmp_path)
    outcome = authority.attempt("revoke", issuing)
    assert outcome.status == UNAVAILABLE, str(outcome)
    assert "--ca root" in outcome.err
    facts = authority.facts("ca crl", "--ca", "root")
    assert facts["authority"] == "root" and facts["list_entries"] == 1
    assert holds(published(authority, "root"), issuing)


# --- ca crl -----------------------------------------------------------------------

def test_ca_crl_publishes_anew_and_writes_a_file(authority, tmp_path):
    before = number_of(published(authority))
    pem, der = tmp_path / "list.pem", tmp_path / "list.der"
    authority.run("ca crl", "--out", pem)
    facts = authority.facts("ca crl", "--out", der, "--der")
    assert der.read_bytes() == path_of(authority).read_bytes()
    assert number_of(x509.load_pem_x509_crl(pem.read_bytes())) > before
    assert facts["list_number"] == number_of(published(authority))
    authority.refuses(CONFLICT, "ca crl", "--out", pem)
    authority.refuses(NOT_FOUND, "ca crl", "--ca", "nobody")
    authority.refuses(USAGE, "ca crl", "--der")


def test_properties12_numbers_grow_with_the_clock_set_back(
        authority, tmp_path):
    ahead = (int(time.time()) + 3 * 365 * 86400) * 1000
    change(authority, "UPDATE crl SET number = ?, this_update = ?,"
           " next_update = ?", ahead, ahead // 1000, ahead // 1000 + 600)
    [file] = issue(authority, tmp_path)
    facts = authority.facts("revoke", file)
    assert facts["list_number"] > ahead
    crl = published(authority)
    assert number_of(crl) == facts["list_number"] and holds(crl, file)
    assert crl.last_update.timestamp() < time.time() + 86400
    assert authority.facts("ca crl")["list_number"] == \
        facts["list_number"] + 1


# --- nothing is lost --------------------------------------------------------------

def test_properties11_a_lost_file_is_made_again_by_the_next_command(
        authority, tmp_path):
    [file] = issue(authority, tmp_path)
    authority.run("revoke", file)
    number = number_of(published(authority))
    path_of(authority).unlink()
    issue(authority, tmp_path)
    assert holds(published(authority), file)
    assert number_of(published(authority)) > number
    number = number_of(published(authority))
    issue(authority, tmp_path)
    assert number_of(published(authority)) == number


@pytest.mark.skipif(faults.why_not_here() is not None,
                    reason=str(faults.why_not_here()))
def test_properties11_a_kill_between_record_and_list_loses_nothing(
        released, tmp_path):
    released.run("init", "--name", "Kill")
    [file] = issue(released, tmp_path)
    place = tmp_path / "place"
    words = [released.program, "revoke", serial(file), "--dir",
             place / "authority"]
    surroundings = dict(SURROUNDINGS, HOME=str(tmp_path))

    def renamed(number=0, fault="none"):
        place.mkdir(exist_ok=True)
        made = released.copy(place / "authority")
        return made, faults.strike(words, place, surroundings, number, fault)

    made, whole = renamed()
    assert whole.status == DONE, str(whole)
    commits = [index for index, call in enumerate(whole.calls)
               if "crl" in json.dumps(call)]
    assert commits
    for index in (commits[0], commits[-1]):
        place.rename(tmp_path / f"done{index}")
        made, ended = renamed(index, "kill")
        assert ended.status != DONE and ended.struck, str(ended)
        assert made.facts("show", serial(file))["status"] == "revoked"
        made.run("issue", "--profile", "server", "--san", "b.example.org",
                 "--key-out", tmp_path / f"b{index}.key")
        assert holds(published(made), file)


# --- shards -----------------------------------------------------------------------

def test_a_certificate_is_listed_where_it_says(released, tmp_path):
    released.run("init", "--name", "Shards", "--url", URL, "--crl-shards", 4)
    files = issue(released, tmp_path, 8)
    for file in files[:6]:
        released.run("revoke", file)
    seen = {}
    for file in files:
        [point] = certificate(file).extensions.get_extension_for_class(
            x509.CRLDistributionPoints).value
        url = point.full_name[0].value
        name = url.removeprefix(f"{URL}/crl/").removesuffix(".crl")
        crl = published(released, name)
        idp = crl.extensions.get_extension_for_class(
            x509.IssuingDistributionPoint)
        assert idp.critical and idp.value.full_name[0].value == url
        assert (certificate(file).serial_number in listed(crl)) == (
            file in files[:6])
        seen.setdefault(name, []).append(file)
        accepted, words = openssl_says(released, tmp_path, file,
                                       [path_of(released, name)])
        assert accepted == (file in files[6:]), words
    total = [len(published(released, f"issuing/{shard}"))
             for shard in range(4)]
    assert sum(total) == 6 and holds(published(released), *files[:6])
    numbers = [number_of(published(released, f"issuing/{shard}"))
               for shard in range(4)]
    facts = released.facts("revoke", files[6])
    assert facts["shards"] == 1
    after = [number_of(published(released, f"issuing/{shard}"))
             for shard in range(4)]
    assert sum(a != b for a, b in zip(numbers, after)) == 1


# --- deltas -----------------------------------------------------------------------

def test_beyond_a_hundred_thousand_a_delta_tells(addressed, tmp_path):
    good, base, late, held = issue(addressed, tmp_path, 4)
    addressed.run("hold", held)
    addressed.run("revoke", base)
    assert len(published(addressed)) == 2
    # The next keeper finds that its list is behind, and makes a complete one.
    revoke_many(addressed, 100_001, 1)
    facts = addressed.facts("revoke", base)
    assert facts["list_entries"] == 100_003
    whole = path_of(addressed).read_bytes()
    facts = addressed.facts("revoke", late)
    assert facts["list"] == "delta" and facts["list_entries"] == 100_003
    assert facts["delta_entries"] == 1
    addressed.run("unhold", held)
    assert "delta list" in addressed.run("hold", held).out
    assert "delta list" in addressed.run("unhold", held).out
    assert path_of(addressed).read_bytes() == whole
    crl, delta = published(addressed), published(addressed, "issuing-delta")
    indicator = delta.extensions.get_extension_for_class(
        x509.DeltaCRLIndicator)
    assert indicator.critical and \
        indicator.value.crl_number == number_of(crl) < number_of(delta)
    assert listed(delta) == {
        certificate(late).serial_number: "unspecified",
        certificate(held).serial_number: "removeFromCRL"}
    lists = [path_of(addressed), path_of(addressed, "issuing-delta")]
    for file, is_good in ((good, True), (base, False), (late, False),
                          (held, True)):
        accepted, words = openssl_says(addressed, tmp_path, file, lists,
                                       "-use_deltas", "-extended_crl")
        assert accepted == is_good, (file, words)
    assert openssl_says(addressed, tmp_path, late, lists[:1])[0]
    addressed.run("ca crl")
    assert len(published(addressed)) == 100_003
    assert addressed.facts("revoke", late)["list"] == "unchanged"


# --- by a query -------------------------------------------------------------------

def valid_serials(authority):
    return {row["serial"] for row in authority.facts("list", "--status",
                                                     "valid")}


def test_properties54_a_dry_run_lists_what_is_revoked(authority, tmp_path):
    servers = issue(authority, tmp_path, 3)
    others = issue(authority, tmp_path, 1, "client")
    query = "profile=server and issued>=2020-01-01 and status=valid"
    plan = authority.facts("revoke", "--where", query, "--dry-run")
    assert plan["count"] == 3 and plan["profiles"] == {"server": 3}
    assert holds(published(authority))
    before = valid_serials(authority)
    authority.refuses(USAGE, "revoke", "--where", query)
    authority.refuses(CONFLICT, "revoke", "--where", query, "--expect", 2,
                      "--yes")
    facts = authority.facts("revoke", "--where", query, "--expect", 3, "--yes",
                            "--reason", "keyCompromise")
    assert facts["revoked"] == 3
    [told] = facts["lists"]
    assert told["authority"] == "issuing" and told["list_entries"] == 3
    assert before - valid_serials(authority) == {
        row["serial"] for row in plan["first"]} == set(map(serial, servers))
    assert listed(published(authority)) == {
        certificate(file).serial_number: "keyCompromise" for file in servers}
    assert openssl_says(authority, tmp_path, others[0],
                        [path_of(authority)])[0]
    assert [len(events(authority, kind)) for kind in (
        "mass-revocation-started", "revoked", "mass-revocation-done")] == [
            1, 3, 1]
    again = authority.facts("revoke", "--where", query, "--yes")
    assert again["revoked"] == 0 and again["lists"] == []


def test_a_query_never_means_an_authority(authority, tmp_path):
    [file] = issue(authority, tmp_path)
    plan = authority.facts("revoke", "--where", "name=*", "--dry-run")
    assert plan["count"] == 1 and plan["authorities_left_out"] == 2
    authority.run("revoke", "--where", "name=*", "--yes")
    assert holds(published(authority), file)


@pytest.mark.parametrize("term, count", [
    ("name=*.example.org", 2), ("name=dns:*", 2), ("name=*.EXAMPLE.*", 2),
    ("name=example.org", 0), ("name!=*1*", None), ("profile!=server", 0),
    ("actor=uid:*", 2), ("actor=alice", 0), ("approver=*", 0),
    ("authority=issuing", 2), ("authority=iss*", 2), ("authority!=issuing", 0),
    ("status=held", 0), ("status=expired", 0), ("issued>2020-01-01", 2),
    ("issued<2020-01-01", 0), ("not-after<2020-01-01", 0),
    ("not-after>=2020-01-01", 2), ("serial=*", 2), ("serial=0*", 2),
    ("serial=ff", 0), ("name=\"a' OR '1'='1\"", 0)])
def test_each_field_finds_by_what_it_says(shared_names, term, count):
    plan = shared_names.facts("revoke", "--where", term, "--dry-run")
    assert count is None or plan["count"] == count


@pytest.fixture(scope="module")
def shared_names(pristine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("names")
    made = pristine.copy(folder / "authority")
    issue(made, folder, 2)
    return made


def test_a_query_that_is_wrong_is_wrong_usage(authority):
    outcome = authority.refuses(USAGE, "revoke", "--where",
                                "name=a and profil=b", "--dry-run")
    assert "column 12" in outcome.err and "approver" in outcome.err
    authority.refuses(NOT_FOUND, "revoke", "--where", "authority=nobody",
                      "--dry-run")


def test_incident50_what_one_person_approved_is_revoked(authority, tmp_path):
    add_profile(authority, "solo", 1)
    [other] = issue(authority, tmp_path)
    authority.run("issue", "--profile", "solo", "--san", "a.example.org",
                  "--key-out", tmp_path / "a.key")
    [row] = authority.facts("requests list", "--state", "waiting")
    authority.run("requests approve", row["id"])
    actor = authority.facts("requests show", row["id"])["approvals"][0]["actor"]
    plan = authority.facts("revoke", "--where", f"approver={actor}",
                           "--dry-run")
    assert plan["count"] == 1 and plan["profiles"] == {"solo": 1}
    authority.run("revoke", "--where", f"approver={actor}", "--yes")
    crl = published(authority)
    assert len(crl) == 1
    assert certificate(other).serial_number not in listed(crl)


def test_thousands_are_revoked_and_a_kill_is_gone_on_from(released, tmp_path):
    released.run("init", "--name", "Many")
    [file] = issue(released, tmp_path)
    der = certificate(file).public_bytes(Encoding.DER)
    many(released, der, 5000)
    command = ["revoke", "--where", "profile=server", "--yes"]
    process = released.start(*command)
    wait_for(lambda: look(released, "SELECT count(*) FROM revocation")[0][0])
    process.send_signal(signal.SIGKILL)
    process.communicate()
    done = look(released, "SELECT count(*) FROM revocation")[0][0]
    assert done % 1000 == 0 and done > 0
    facts = released.facts(*command)
    now = look(released, "SELECT count(*) FROM revocation")[0][0]
    assert now == 5001
    assert facts["revoked"] <= 5001 - done
    assert len(published(released)) == 5001
    assert len(events(released, "revoked")) == 5001


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def many(authority, der, count):
    """Rows of certificates that are valid, all with the same bytes."""
    [(owner, issued, until, last)] = look(
        authority, "SELECT authority, issued_at, not_after, id FROM certificate"
        " ORDER BY id DESC LIMIT 1")
    for start in range(0, count, 500):
        values = ",".join(
            f"(x'02{start + i:032x}', {owner}, 'server', {issued}, {until}, 0,"
            f" 0, 0, 1, x'{der.hex()}')" for i in range(500))
        change(authority, "INSERT INTO certificate (serial, authority, profile,"
               " issued_at, not_after, status, revoked_at, reason, sealed, der)"
               f" VALUES {values}")
