"""A certificate of a profile with its key and what stands above it."""
import dataclasses
import pathlib

from consumers import joined, say

NAME = "www.example.org"
MAILBOX = "alice@example.org"
NAMES = {"server": ["--san", NAME], "email": ["--san", MAILBOX]}
PASSWORD = "of the tests"


@dataclasses.dataclass(frozen=True)
class Holder:
    profile: str
    kind: str
    leaf: pathlib.Path
    key: pathlib.Path
    between: tuple  # of the authorities between leaf and root
    root: pathlib.Path

    def chain(self, work):
        return joined([self.leaf, *self.between], work / "chain.pem")

    def above(self, work):
        return joined(self.between, work / "above.pem")

    def with_above(self, option, work):
        """The option of openssl that names what is above, if anything is."""
        return [option, self.above(work)] if self.between else []

    def chain_with_root(self, work):
        return joined([self.root, *self.between], work / "authorities.pem")

    def packed(self, work):
        """PKCS#12 as Java and NSS take it."""
        path = work / "holder.p12"
        done, words = say(
            "openssl", "pkcs12", "-export", "-in", self.leaf, "-inkey",
            self.key, *self.with_above("-certfile", work), "-name", "leaf",
            "-passout", f"pass:{PASSWORD}", "-out", path)
        assert done, words
        return path


def hold(authority, profile, kind, folder):
    """Issues a certificate of the profile. All have one CN, so that consumers
    that fall back to it have nothing but the purpose to refuse."""
    stem = folder / f"{profile}-{kind}"
    leaf, key = stem.with_suffix(".pem"), stem.with_suffix(".key")
    below = ["--ca", "root"] if profile == "subordinate" else []
    facts = authority.facts(
        "issue", "--profile", profile, "--key", kind, "--key-out", key,
        "--subject", f"CN={NAME},O={profile}", *NAMES.get(profile, []),
        *below)
    leaf.write_text(facts["certificate"])
    between = []
    for i, text in enumerate(facts["chain"]):
        between.append(folder / f"{profile}-{kind}-above{i}.pem")
        between[-1].write_text(text)
    return Holder(profile, kind, leaf, key, tuple(between),
                  authority.directory / "publish/roots.pem")
