#!/usr/bin/python3
"""A served authority under mixed work while its parts are killed.

    tools/soak.py [--program FILE] [--seconds 900] [--pause 30] [--seed N]

Issues by REST, /certsrv, page and command, revokes, asks OCSP, fetches lists,
looks at pages and admin pages; every pause a part is killed.  Ends with 0 when
no answer was wrong and nothing leaked; otherwise it says what was.
"""
import argparse
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "integration"))

import soak  # noqa: E402
from program import Chancery  # noqa: E402
from served import served  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build" /
                        "src" / "cli" / "chancery")
    parser.add_argument("--seconds", type=float, default=900)
    parser.add_argument("--pause", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chancery-soak-") as name:
        folder = pathlib.Path(name)
        authority = Chancery(options.program.resolve(), folder / "authority")
        authority.run("init", "--name", "Soak")
        soak.prepare(authority, folder)
        with served(authority, folder) as server:
            soaked = soak.Soak(server, folder, options.seed)
            before, after = soaked.run(options.seconds, options.pause)
        print(soak.report(soaked, before, after))
    wrong = soak.check(soaked, before, after)
    for words in wrong[:50]:
        print("wrong:", words)
    print(f"{len(wrong)} wrong")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
