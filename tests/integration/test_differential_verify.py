"""Mutated certificates before our verifier and four others: what we accept
some other accepts, and what all others accept we accept too, or docs/verdicts.md
has the rule and why.

Each verifier is strict about other things, so that a chain with several faults
may be refused by each for another one: it counts by its faults one by one.
"""
import json
import random
import re
import shutil
import subprocess
import sys

import pytest

from mutants import HOST, Plan, Question, Workshop, plan
from peers import YES, ask_nss, ask_peer, build_peers
from program import DONE, ROOT, SURROUNDINGS
from surgery import flip
from test_suites import FOLDER, SUITES

sys.path.insert(0, str(ROOT / "tests" / "support"))

from cases_to_batch import read_suite  # noqa: E402

SEED = 20261130
USUAL, LONG = 500, 40000
NSS_USUAL, NSS_LONG = 60, 2000
ROW = re.compile(r"^\| ([a-z-]+) \| `([^`]+)` \| ([^|]+) \| [^|]+ \|$",
                 re.MULTILINE)
SAID = re.compile(r"\(rule ([a-z-]+), (.+)\)$")


@pytest.fixture(scope="module")
def peers(tmp_path_factory):
    return build_peers(tmp_path_factory.mktemp("peers"))


@pytest.fixture(scope="module")
def reasons():
    """Of docs/verdicts.md: rule, words of the sentence, reference."""
    text = (ROOT / "docs" / "verdicts.md").read_text()
    _, part = text.split("\n## Differences from other verifiers\n")
    found = ROW.findall(part)
    assert found
    return found


@pytest.fixture(scope="module")
def workshop():
    return Workshop()


def ask_ours(program, questions):
    lines = [json.dumps({**question.line, "id": place}) + "\n"
             for place, question in enumerate(questions)]
    done = subprocess.run([program, "verify", "--batch"], capture_output=True,
                          input="".join(lines).encode(), env=SURROUNDINGS,
                          timeout=1800)
    assert done.returncode == DONE, done.stderr
    answers = [json.loads(row) for row in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == [*range(len(questions))]
    return answers


class Judged:
    """Questions with everybody's answers."""

    def __init__(self, program, peers, questions):
        self.questions = questions
        self.ours = ask_ours(program, questions)
        self.peers = {name: ask_peer(peer, questions)
                      for name, peer in peers.items()}

    def told(self, place):
        answers = {name: given[place] for name, given in self.peers.items()}
        return {"what": self.questions[place].what, **answers,
                "ours": self.ours[place]["sentence"]}

    def accepted_alone(self):
        return [place for place, answer in enumerate(self.ours)
                if answer["valid"] and not any(
                    given[place] == YES for given in self.peers.values())]

    def refused_alone(self):
        return [place for place, answer in enumerate(self.ours)
                if not answer["valid"] and all(
                    given[place] == YES for given in self.peers.values())]


def has_reason(sentence, reasons):
    said = SAID.search(sentence)
    return said is not None and any(
        (rule, reference) == said.groups() and words in sentence
        for rule, words, reference in reasons)


def unreasoned(judged, reasons):
    return [judged.told(place) for place in judged.refused_alone()
            if not has_reason(judged.ours[place]["sentence"], reasons)]


@pytest.fixture(scope="module")
def campaign(hardened_program, peers, workshop, is_long):
    chance = random.Random(SEED)
    return Judged(hardened_program, peers,
                  [workshop.make(plan(chance))
                   for _ in range(LONG if is_long else USUAL)])


def test_the_campaign_has_all_verifiers_and_all_sorts_of_answers(campaign):
    count = len(campaign.questions)
    valid = sum(answer["valid"] for answer in campaign.ours)
    assert count / 5 < valid < count / 2
    for name, given in campaign.peers.items():
        accepted = sum(answer == YES for answer in given)
        assert count / 5 < accepted < count / 2, name
    assert len({answer["code"] for answer in campaign.ours}) > 10


def test_what_we_accept_another_verifier_accepts(
        campaign, hardened_program, peers, workshop):
    plans = [one for place in campaign.accepted_alone()
             for one in campaign.questions[place].plan.each()]
    singles = Judged(hardened_program, peers, [*map(workshop.make, plans)])
    alone = [singles.told(place) for place in singles.accepted_alone()]
    assert not alone, json.dumps(alone, indent=1)


def test_what_all_accept_we_refuse_with_a_rule_and_its_reference(
        campaign, reasons):
    found = unreasoned(campaign, reasons)
    assert not found, json.dumps(found[:20], indent=1)


def test_what_go_is_needed_for_is_told():
    if not shutil.which("go"):
        pytest.skip("Go is not there: one verifier fewer is asked")


def test_what_gnutls_is_needed_for_is_told(peers):
    if "gnutls" not in peers:
        pytest.skip("GnuTLS's headers are not there: one verifier fewer")


def test_nss_is_of_the_same_mind_where_the_others_are(
        campaign, tmp_path, is_long, reasons):
    """It looks at no host, so names are left out, and knows no Ed25519."""
    if not shutil.which("vfychain"):
        pytest.skip("vfychain (libnss3-tools) is not there")
    places = [place for place, question in enumerate(campaign.questions)
              if question.plan.kind != "ed25519" and
              not campaign.ours[place]["code"].startswith("name-m")]
    found, agreed = [], 0
    for place in places[:NSS_LONG if is_long else NSS_USUAL]:
        told = campaign.told(place)
        told["nss"] = ask_nss(campaign.questions[place], tmp_path)
        others = {answer == YES for name, answer in told.items()
                  if name not in ("what", "ours")}
        ours = campaign.ours[place]
        agreed += (told["nss"] == YES) == ours["valid"]
        if others == {True} and not ours["valid"] and \
                not has_reason(ours["sentence"], reasons):
            found.append(told)
    assert not found, json.dumps(found, indent=1)
    assert agreed > 0.8 * min(len(places), NSS_USUAL)


# --- the suites' own chains ---------------------------------------------------

def questions_of(name, chance, count):
    """Pairs: a suite's case as it is, and with one bit flipped somewhere."""
    path = FOLDER / SUITES[name]
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    cases = [case for case in read_suite(path)
             if case.line.get("purpose") == "server" and
             [one["kind"] for one in case.line["names"]] == ["dns"] and
             "time" in case.line and not case.line["crls"] and
             len(case.line["untrusted"]) < 60]
    for case in chance.sample(cases, min(count, len(cases))):
        yield from pair_of(case, chance)


def pair_of(case, chance):
    def read(text):
        import base64
        return base64.b64decode(text)

    line = case.line
    whole = Question(Plan("", 0, []), line["id"], read(line["leaf"]),
                     [*map(read, line["roots"])],
                     [*map(read, line["untrusted"])], line["time"],
                     line["names"][0]["value"])
    flipped = Question(whole.plan, whole.what + ", flipped", whole.leaf,
                       [*whole.roots], [*whole.untrusted], whole.time,
                       whole.host)
    spots = [(flipped.roots, place) for place in range(len(whole.roots))]
    spots += [(flipped.untrusted, place)
              for place in range(len(whole.untrusted))]
    where, place = chance.choice([*spots, (None, 0), (None, 0)])
    if where is None:
        flipped.leaf = flip(whole.leaf, chance.randrange(len(whole.leaf) * 8))
    else:
        where[place] = flip(where[place],
                            chance.randrange(len(where[place]) * 8))
    yield whole
    yield flipped


@pytest.mark.parametrize("name", ["limbo", "bettertls"])
def test_a_flipped_bit_in_a_suite_s_chain_makes_no_new_difference(
        name, hardened_program, peers, reasons, is_long):
    chance = random.Random(SEED)
    questions = [*questions_of(name, chance, 3000 if is_long else 60)]
    judged = Judged(hardened_program, peers, questions)
    for alone in (judged.accepted_alone(), judged.refused_alone()):
        new = [judged.told(place) for place in alone
               if place % 2 == 1 and place - 1 not in alone and
               not has_reason(judged.ours[place]["sentence"], reasons)]
        assert not new, json.dumps(new, indent=1)


def test_the_host_of_the_campaign_is_the_one_that_is_asked(workshop):
    assert workshop.make(Plan("p256", 1, [])).line["names"] == [
        {"kind": "dns", "value": HOST}]
