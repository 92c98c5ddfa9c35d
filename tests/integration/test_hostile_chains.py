"""What is made to cost much: each question ends within 200 ms of CPU in the
release build (2 s under sanitizers) and 64 MiB, and where a limit was reached
the reason names it."""
import base64
import json
import os
import pathlib
import random
import re
import subprocess

import pytest

from mutants import (AUTHORITY_KEY, BASIC, CONSTRAINTS, HOST, MAPPINGS, NAMES,
                     NULL, OWN_KEY, POLICIES, Plan, Question, Workshop, dns,
                     policies, sequence, subtrees, usual)
from program import DONE, SURROUNDINGS
from surgery import BITS, INTEGER, OCTETS, Extension, name, oid, tlv
from test_suites import FOLDER, SUITES, read_suite

CPU_RELEASE_MS, CPU_SANITIZED_MS = 200, 2000
# Starting the program and reading the question are no part of it.
START_MS = 60
RESIDENT_KIB = 64 * 1024
SEED = 20261130
SANITIZED = re.compile(rb"__asan_init")


@pytest.fixture(scope="module")
def workshop():
    return Workshop()


def is_sanitized(program):
    return SANITIZED.search(program.read_bytes()) is not None


def most_resident_kib(process):
    """Of this program: what wait4 tells includes whoever started it."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1))


def measured(program, lines, folder):
    """(answers, CPU in ms, most resident KiB) of one process."""
    with (folder / "errors").open("wb") as errors:
        run = subprocess.Popen([program, "verify", "--batch"],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=errors, env=SURROUNDINGS)
    answers = []
    for line in lines:
        run.stdin.write(json.dumps(line).encode() + b"\n")
        run.stdin.flush()
        answers.append(json.loads(run.stdout.readline()))
    resident = most_resident_kib(run)
    run.stdin.close()
    run.stdout.close()
    _, status, usage = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    assert run.returncode == DONE
    return answers, (usage.ru_utime + usage.ru_stime) * 1000, resident


def check_limits(program, line, folder):
    """The best of three: others work on this machine, too.  The library that
    computes is loaded in either case."""
    most = CPU_SANITIZED_MS if is_sanitized(program) else CPU_RELEASE_MS
    for _ in range(3):
        (answer,), cpu, resident = measured(program, [line], folder)
        if cpu < most + START_MS:
            break
    assert cpu < most + START_MS, (cpu, answer["sentence"])
    if not is_sanitized(program):
        assert resident < RESIDENT_KIB, resident
    return answer


# --- what is made here --------------------------------------------------------

def signed(body, signer):
    return body.sign(signer.sign)


def without_identifiers(body):
    body.extensions = [one for one in body.extensions
                       if one.type not in (OWN_KEY, AUTHORITY_KEY)]
    return body


def chain_of(workshop, length, spoil=None):
    """A question of a path with this many authorities, one key for all."""
    pair = workshop.pairs["p256"][0]
    names = ["Root", *(f"Issuing {i}" for i in range(length)), "Leaf"]
    made = []
    for place, subject in enumerate(names):
        role = ("root" if place == 0 else
                "leaf" if subject == "Leaf" else "issuing")
        body = without_identifiers(usual(
            pair, pair, subject, names[max(place - 1, 0)], role))
        if spoil:
            spoil(body, role, place)
        made.append(signed(body, pair))
    return Question(Plan("p256", length, []), "", made[-1], [made[0]],
                    made[1:-1])


def look_alikes(workshop, pairs):
    """16 levels of 64 authorities of one name; none leads to a root."""
    issuing = []
    for level in range(16):
        for number in range(64):
            pair = pairs[number % len(pairs)]
            body = without_identifiers(usual(
                pair, pairs[0], f"Level {level}", f"Level {level + 1}",
                "issuing"))
            body.serial = tlv(INTEGER, bytes([1, level, number]))
            issuing.append(signed(body, pairs[0]))
    leaf = without_identifiers(usual(pairs[0], pairs[0], "Leaf", "Level 0",
                                     "leaf"))
    root = usual(pairs[0], pairs[0], "Root", "Root", "root")
    return Question(Plan("p256", 16, []), "", signed(leaf, pairs[0]),
                    [signed(root, pairs[0])], issuing)


def look_alikes_of_one_key(workshop):
    return look_alikes(workshop, workshop.pairs["p256"][:1])


def look_alikes_of_five_keys(workshop):
    return look_alikes(workshop, workshop.pairs["p256"])


def a_path_of_120(workshop):
    return chain_of(workshop, 120)


def policies_mapped_many_to_many(workshop):
    def spoil(body, role, place):
        arcs = [f"1.2.{place % 2}.{number}" for number in range(60)]
        body.extensions.append(Extension(POLICIES, policies(*arcs)))
        if role == "issuing":
            others = [f"1.2.{(place + 1) % 2}.{number}" for number in range(60)]
            body.extensions.append(Extension(MAPPINGS, sequence(*(
                sequence(oid(one), oid(other))
                for one in arcs for other in others))))
    return chain_of(workshop, 6, spoil)


def constraints_times_names(workshop):
    def spoil(body, role, place):
        if role == "issuing":
            body.extensions.append(Extension(CONSTRAINTS, subtrees(
                [dns(f"x{number}.example.org") for number in range(2000)] +
                [dns("example.org")], [dns(f"y{number}.test")
                                       for number in range(2000)]), True))
        if role == "leaf":
            body.extensions = [one for one in body.extensions
                               if one.type != NAMES]
            body.extensions.append(Extension(NAMES, sequence(
                dns(HOST), *(dns(f"n{number}.example.org")
                             for number in range(2000)))))
    return chain_of(workshop, 1, spoil)


def rsa_of_16384_bits(workshop):
    asked = chain_of(workshop, 0)
    chance = random.Random(SEED)
    modulus = b"\0\x80" + chance.randbytes(2046) + b"\1"
    key = tlv(0x30, tlv(INTEGER, modulus), tlv(INTEGER, b"\1\0\1"))
    pair = workshop.pairs["rsa2048"][0]
    body = without_identifiers(usual(pair, pair, "Root", "Root", "root"))
    body.key = sequence(sequence(oid("1.2.840.113549.1.1.1"), NULL),
                        tlv(BITS, b"\0" + key))
    leaf = without_identifiers(usual(pair, pair, "Leaf", "Root", "leaf"))
    return Question(asked.plan, "", leaf.sign(lambda _: b"\1" * 2048),
                    [signed(body, pair)], [])


def an_extension_10000_deep(workshop):
    def spoil(body, role, place):
        nested = b""
        for _ in range(10000):
            nested = tlv(0x30, nested)
        if role == "leaf":
            body.extensions.append(Extension("1.2.3.4", nested))
            body.extensions.append(Extension(CONSTRAINTS, nested))
    return chain_of(workshop, 1, spoil)


def a_name_10000_deep(workshop):
    def spoil(body, role, place):
        nested = b""
        for _ in range(10000):
            nested = tlv(0x30, nested)
        if role == "leaf":
            body.subject = nested
    return chain_of(workshop, 1, spoil)


def a_name_of_2000_parts(workshop):
    def spoil(body, role, place):
        if role != "root":
            body.issuer = body.issuer if place > 1 else name("Root")
        if role == "leaf":
            part = name("x" * 60)[2:]
            body.subject = sequence(*[part] * 2000)
    return chain_of(workshop, 1, spoil)


def three_thousand_extensions(workshop):
    def spoil(body, role, place):
        body.extensions += [Extension(f"1.2.3.{number}", NULL)
                            for number in range(3000)]
    return chain_of(workshop, 3, spoil)


def an_exponent_of_a_modulus_length(workshop):
    """Raising to it costs a hundred signatures."""
    pair = workshop.pairs["rsa2048"][0]
    chance = random.Random(SEED)
    numbers = [b"\0\x80" + chance.randbytes(1022) + b"\1" for _ in range(2)]
    body = without_identifiers(usual(pair, pair, "Root", "Root", "root"))
    body.key = sequence(
        sequence(oid("1.2.840.113549.1.1.1"), NULL),
        tlv(BITS, b"\0" + sequence(*(tlv(INTEGER, one) for one in numbers))))
    leaf = without_identifiers(usual(pair, pair, "Leaf", "Root", "leaf"))
    return Question(Plan("rsa2048", 0, []), "",
                    leaf.sign(lambda _: b"\1" * 1024), [signed(body, pair)],
                    [signed(body, pair)])


HOSTILE = [
    (look_alikes_of_one_key, "budget-exceeded", r"the limit of \d+ "),
    (look_alikes_of_five_keys, "budget-exceeded", r"the limit of \d+ "),
    (a_path_of_120, "budget-exceeded", "a path of 100 certificates"),
    (policies_mapped_many_to_many, None, ""),
    (constraints_times_names, "budget-exceeded", "250000|250,000"),
    (rsa_of_16384_bits, "key-too-weak", "at most 8192"),
    (an_extension_10000_deep, "malformed", "can't be read"),
    (a_name_10000_deep, "malformed", "can't be read"),
    (a_name_of_2000_parts, None, ""),
    (three_thousand_extensions, "malformed", "more than 64 extensions"),
    (an_exponent_of_a_modulus_length, "key-too-weak", "exponent"),
]


@pytest.mark.parametrize("make, code, words", HOSTILE,
                         ids=[row[0].__name__ for row in HOSTILE])
def test_what_is_made_to_cost_much_ends_within_the_limits(
        make, code, words, program, workshop, tmp_path):
    asked = {**make(workshop).line, "id": make.__name__,
             "policies": {"require_explicit": "policies" in make.__name__}}
    answer = check_limits(program, asked, tmp_path)
    if code:
        assert not answer["valid"]
        assert answer["code"] == code, answer["sentence"]
    assert re.search(words, answer["sentence"]), answer["sentence"]


# --- the suites ---------------------------------------------------------------

def cases_of(suite):
    path = FOLDER / SUITES[suite]
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    return read_suite(path)


def test_limbo_s_pathological_cases_end_within_the_limits(
        program, tmp_path):
    found = [case for case in cases_of("limbo")
             if "pathological" in case.name]
    assert found
    for case in found:
        answer = check_limits(program, case.line, tmp_path)
        assert answer["valid"] == case.expects_valid, answer["sentence"]


def certificates_of(suite):
    return {text for case in cases_of(suite)
            for text in [case.line["leaf"], *case.line["untrusted"],
                         *case.line["roots"]]}


@pytest.mark.parametrize("suite", ["limbo", "bettertls", "pkits", "boringssl",
                                   "x509test"])
def test_a_truncated_certificate_of_a_suite_is_malformed(
        suite, program, tmp_path, is_long):
    chance = random.Random(SEED)
    found = sorted(certificates_of(suite))
    # All of them, without a program around: chain_certificate_test.
    most = 60 if is_long else 6
    chosen = chance.sample(found, min(most, len(found)))
    for text in chosen:
        der = base64.b64decode(text)
        places = range(len(der)) if is_long else \
            sorted(chance.sample(range(len(der)), min(200, len(der))))
        lines = [{"id": place, "roots": [text],
                  "leaf": base64.b64encode(der[:place]).decode()}
                 for place in places]
        answers, cpu, resident = measured(program, lines, tmp_path)
        assert {answer["code"] for answer in answers} == {"malformed"}
        assert all(answer["sentence"] for answer in answers)
        assert cpu < START_MS + CPU_RELEASE_MS + 5 * len(lines)
        assert is_sanitized(program) or resident < RESIDENT_KIB


def test_the_usual_chain_is_good_without_what_costs(
        program, workshop, tmp_path):
    answer = check_limits(program,
                          {**chain_of(workshop, 3).line, "id": 1}, tmp_path)
    assert answer["valid"], answer["sentence"]


