"""One minute of what tools/soak.py does for a quarter of an hour."""
import soak
from program import Chancery
from served import served

SECONDS, PAUSE = 60, 6
DEEDS = {"issue_by_rest", "issue_by_page", "issue_by_certsrv",
         "issue_by_command", "revoke", "ask_status", "fetch_list",
         "look_at_page", "administer", "browse", "settle"}


def test_properties31_a_server_whose_parts_are_killed_is_never_wrong(
        hardened_program, tmp_path):
    authority = Chancery(hardened_program, tmp_path / "authority")
    authority.run("init", "--name", "Soak")
    soak.prepare(authority, tmp_path)
    with served(authority, tmp_path) as server:
        soaked = soak.Soak(server, tmp_path)
        before, after = soaked.run(SECONDS, PAUSE)
        print(soak.report(soaked, before, after))
    assert soak.check(soaked, before, after) == []
    assert set(soaked.tally.done) == DEEDS
    assert {role for role, _ in soaked.back} == set(before)
