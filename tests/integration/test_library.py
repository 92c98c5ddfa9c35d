"""libchancery as other programs meet it: installed, found by pkg-config, and of
one mind with the commands."""
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys

import pytest

from program import DONE, OBJECTS, ROOT, SURROUNDINGS

sys.path.insert(0, str(ROOT / "tests" / "support"))

from cases_to_batch import read_suite  # noqa: E402

EXAMPLES = ROOT / "examples"
HEADERS = ROOT / "include" / "chancery"
CHAIN = OBJECTS / "verify"
SUITES = pathlib.Path(os.environ.get("CHANCERY_SUITES_FOLDER",
                                     ROOT.parent / "shared" / "suites"))
SEED = 20261130
SAMPLE = 150        # of each suite, through the library and batch
SAMPLE_OF_FILES = 8  # ... and through a process for each case
FUNCTION = re.compile(r"^CHANCERY_API [^;]*?(chancery_\w+)\(", re.MULTILINE)
COMPILERS = {
    "gcc": ["gcc", "-std=c99", "-Wstrict-prototypes"],
    "clang": ["clang", "-std=c99", "-Wstrict-prototypes"],
    "g++": ["g++", "-std=c++11"],
    "clang++": ["clang++", "-std=c++11"],
}
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion",
          "-Werror"]


def functions():
    return {name for header in HEADERS.glob("*.h")
            for name in FUNCTION.findall(header.read_text())}


def run(*arguments, **options):
    return subprocess.run([str(argument) for argument in arguments],
                          capture_output=True, timeout=300, check=False,
                          **{"env": SURROUNDINGS, **options})


@pytest.fixture(scope="module")
def build():
    """The folder of the build as released."""
    program = os.environ.get(
        "CHANCERY_HARDENED_PROGRAM",
        ROOT / "build-check" / "clang" / "src" / "cli" / "chancery")
    return pathlib.Path(program).parents[2]


@pytest.fixture(scope="module")
def installed(build, tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    done = run("meson", "install", "-C", build, "--no-rebuild", "--destdir",
               folder, env=os.environ)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def found(folder, name):
    paths = list(folder.rglob(name))
    assert paths, f"{name} is not installed"
    return paths[0]


class Outside:
    """Compiles and runs what sees the installed tree alone."""

    def __init__(self, installed):
        self.libraries = found(installed, "libchancery.so.0").parent
        self.surroundings = {
            **SURROUNDINGS, "PKG_CONFIG_SYSROOT_DIR": str(installed),
            "PKG_CONFIG_PATH": str(found(installed, "chancery.pc").parent)}

    def flags(self, *which):
        done = run("pkg-config", *which, "chancery", env=self.surroundings)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode().split()

    def compile(self, compiler, source, program, *first):
        command = COMPILERS[compiler]
        if shutil.which(command[0]) is None:
            pytest.skip(f"there is no {compiler} here")
        if compiler.endswith("++"):  # told by the file's name
            first = (*first, "-I", source.parent)
            source = shutil.copy(source, program.with_suffix(".cc"))
        done = run(*command, *STRICT, *first, *self.flags("--cflags"), source,
                   *self.flags("--libs"), "-o", program)
        assert done.returncode == 0, done.stderr.decode()
        return program

    def run(self, *arguments):
        return run(*arguments, env={
            **SURROUNDINGS, "LD_LIBRARY_PATH": str(self.libraries)})


@pytest.fixture(scope="module")
def outside(installed):
    return Outside(installed)


# --- what is installed ------------------------------------------------------------

@pytest.mark.parametrize("compiler", sorted(COMPILERS))
@pytest.mark.parametrize("header", ["library", "verify", "view"])
def test_each_header_stands_alone_in_c_and_cpp(
        compiler, header, outside, tmp_path):
    source = tmp_path / "alone.c"
    source.write_text(f"#include <chancery/{header}.h>\n"
                      "int main(void) { return 0; }\n")
    outside.compile(compiler, source, tmp_path / "alone")


def test_headers_name_no_other_library():
    for header in HEADERS.glob("*.h"):
        code = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.DOTALL)
        assert set(re.findall(r"#include <([^>]+)>", code)) <= {
            "stdbool.h", "stddef.h", "stdint.h", "chancery/library.h",
            "chancery/verify.h"}
        assert not re.search(r"struct \w+\s*\{", code), "a struct with a size"
        assert 'extern "C"' in code


@pytest.mark.parametrize("compiler", sorted(COMPILERS))
def test_the_example_verifies_against_the_installed_tree_alone(
        compiler, outside, tmp_path):
    chain = tmp_path / "chain.pem"
    chain.write_bytes((CHAIN / "leaf.pem").read_bytes() +
                      (CHAIN / "issuing.pem").read_bytes())
    program = outside.compile(
        compiler, EXAMPLES / "verify.c", tmp_path / "verify")
    told = outside.run(program, CHAIN / "root.pem", chain, "www.example.org")
    assert (told.returncode, told.stderr) == (0, b"")
    assert told.stdout.startswith(b"ok: CN=www.example.org is valid")
    told = outside.run(program, CHAIN / "root.pem", chain, "mail.example.org")
    assert told.returncode == 1
    assert told.stdout.startswith(b"name-mismatch: ")
    told = outside.run(program, CHAIN / "root.pem", CHAIN / "leaf.pem")
    assert told.returncode == 1
    assert b"what to do: get the certificate of CN=Verify Issuing" in \
        told.stdout
    told = outside.run(program, chain, chain, "-no.host")
    assert told.returncode == 2 and b"-no.host" in told.stderr


@pytest.mark.parametrize("compiler", sorted(COMPILERS))
def test_the_example_views_as_the_command_does(
        compiler, outside, hardened_program, tmp_path):
    program = outside.compile(compiler, EXAMPLES / "view.c", tmp_path / "view")
    page = tmp_path / "page.html"
    roots = CHAIN / "root.pem"
    for file in (CHAIN / "leaf.pem", CHAIN / "revoked.crl",
                 OBJECTS / "input" / "openssl-chain.p7b",
                 OBJECTS / "view" / "zoo.der", roots):
        for form in ([], ["--json"]):
            shown = outside.run(program, *form, file, roots)
            wanted = run(hardened_program, "view", *form, file, "--roots",
                         roots)
            assert shown.stdout == wanted.stdout, file
        assert run(hardened_program, "view", file, "--roots", roots, "--html",
                   page, "--force").returncode == DONE
        shown = outside.run(program, "--html", file, roots)
        assert shown.stdout == page.read_bytes(), file
    damaged = OBJECTS / "hostile" / "requests" / "cut-after-half.csr"
    shown = outside.run(program, damaged)
    assert shown.returncode == 1 and b"offset 4" in shown.stderr
    assert b"CN=hostile.example.org" in shown.stdout


# --- versions ---------------------------------------------------------------------

@pytest.mark.parametrize("example", ["verify", "view"])
@pytest.mark.parametrize("macro, value, named", [
    ("CHANCERY_LIBRARY_VERSION", '"9.8.7"', "libchancery 9.8.7 (ABI 0)"),
    ("CHANCERY_LIBRARY_ABI", "77", "(ABI 77)")])
def test_kb089_a_program_of_another_version_refuses_and_names_both(
        example, macro, value, named, outside, installed, tmp_path):
    other = tmp_path / "include"
    shutil.copytree(found(installed, "library.h").parent, other / "chancery")
    header = other / "chancery" / "library.h"
    text, count = re.subn(rf"(#define {macro}) .*", rf"\1 {value}",
                          header.read_text())
    assert count == 1
    header.write_text(text)
    program = outside.compile("gcc", EXAMPLES / f"{example}.c",
                              tmp_path / example, f"-I{other}")
    told = outside.run(program, CHAIN / "root.pem", CHAIN / "root.pem")
    assert told.returncode == 2
    assert told.stdout == b"", "it told something all the same"
    version = re.search(r'CHANCERY_LIBRARY_VERSION "([0-9.]+)"',
                        (HEADERS / "library.h").read_text()).group(1)
    sentence = told.stderr.decode()
    assert named in sentence
    assert f"runs with libchancery {version} (ABI 0)" in sentence


def test_pkg_config_tells_the_version_of_the_header(outside):
    version = outside.flags("--modversion")
    assert f'"{version[0]}"' in (HEADERS / "library.h").read_text()
    assert outside.flags("--variable=abi") == ["0"]


# --- symbols ----------------------------------------------------------------------

def exported(path):
    done = run("nm", "-D", "--defined-only", path)
    assert done.returncode == 0, done.stderr
    return [row.split()[-1] for row in done.stdout.decode().splitlines()]


def test_the_library_exports_what_its_headers_declare_and_no_more(installed):
    names = exported(found(installed, "libchancery.so.0"))
    assert set(names) == {f"{name}@@CHANCERY_0" for name in functions()} | \
        {"CHANCERY_0"}


def test_the_program_exports_nothing(installed):
    assert exported(installed / found(installed, "bin") / "chancery") == []


def test_the_library_brings_no_part_of_the_server(installed):
    done = run("readelf", "-d", found(installed, "libchancery.so.0"))
    needed = set(re.findall(r"NEEDED.*\[(lib[a-z]+)", done.stdout.decode()))
    assert needed <= {"libcrypto", "libjansson", "libpsl", "libc"}


@pytest.mark.skipif(shutil.which("strace") is None,
                    reason="strace is not installed")
def test_the_library_opens_no_file_and_no_socket(outside, tmp_path):
    program = outside.compile("gcc", EXAMPLES / "verify.c", tmp_path / "verify")
    log = tmp_path / "calls"
    told = outside.run(
        "strace", "-f", "-qq", "-o", log, "-e", "trace=open,openat,openat2,"
        "socket,connect,execve,write", program, CHAIN / "root.pem",
        CHAIN / "leaf.pem")
    assert told.returncode == 1, told.stderr
    calls = [row.split(maxsplit=1)[1] for row in log.read_text().splitlines()]
    # The loader's are over when the first file of ours is opened.
    first = next(place for place, call in enumerate(calls)
                 if str(CHAIN / "root.pem") in call)
    names = [call.partition("(")[0] for call in calls[first:]]
    assert [name for name in names if name != "write"] == ["openat"] * 2
    assert str(CHAIN / "leaf.pem") in calls[first + 1]
    assert not [call for call in calls[:first] if call.startswith("socket")]


# --- manual pages -----------------------------------------------------------------

def test_each_function_has_a_manual_page(installed):
    folder = found(installed, "man3")
    assert {path.stem for path in folder.iterdir()} >= functions()
    for header, page in [("library", "chancery_library_check"),
                         ("verify", "chancery_question"),
                         ("view", "chancery_view")]:
        text = (folder / f"{page}.3").read_text()
        assert "@" not in text
        names = text.partition(".SH SYNOPSIS")[0]
        body = text.partition(".SH DESCRIPTION")[2]
        for name in FUNCTION.findall((HEADERS / f"{header}.h").read_text()):
            assert name in names and name in text.partition(
                ".SH SYNOPSIS")[2], name
            assert "_free" in name or "_is_" in name or name in body, name
            if name != page:
                assert (folder / f"{name}.3").read_text() == \
                    f".so man3/{page}.3\n"


@pytest.mark.parametrize("page", [
    "chancery_library_check", "chancery_question", "chancery_view"])
def test_manual_pages_of_functions_render_without_a_warning(page, installed):
    done = run("man", "--warnings", "-E", "UTF-8", "-l",
               found(installed, "man3") / f"{page}.3",
               env={**SURROUNDINGS, "MANROFFSEQ": "", "MANWIDTH": "80"},
               stdin=subprocess.DEVNULL)
    assert done.returncode == 0 and done.stderr == b"", done.stderr
    assert b"SYNOPSIS" in done.stdout


# --- one verdict ------------------------------------------------------------------

def lines_of_objects():
    """Every single certificate of the tests, under a root that issued few of
    them.  Of a chain batch judges the first, and the library the leaf."""
    roots = [(CHAIN / "root.pem").read_text()]
    untrusted = [(CHAIN / "issuing.pem").read_text()]
    leaves = sorted(path for folder in ("verify", "input", "certificates")
                    for path in (OBJECTS / folder).glob("*.pem"))
    return [{"id": str(path), "leaf": path.read_text(), "roots": roots,
             "untrusted": untrusted} for path in leaves
            if path.read_bytes().startswith(b"-----BEGIN CERT") and
            path.read_bytes().count(b"-----BEGIN ") == 1]


def lines_of_suite(name):
    path = SUITES / name
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    cases = read_suite(path)
    chance = random.Random(SEED)
    return [case.line for case in
            chance.sample(cases, min(SAMPLE, len(cases)))]


@pytest.fixture(scope="module", params=[
    "objects", "limbo.cases.xz", "bettertls.cases.xz", "pkits.cases.xz",
    "boringssl-chain.cases.xz", "x509test.cases.xz",
    "openssl-verify.tar.xz"])
def lines(request):
    if request.param == "objects":
        return lines_of_objects()
    return lines_of_suite(request.param)


def answers(lines, *command):
    done = run(*command, input="".join(
        json.dumps(line) + "\n" for line in lines).encode())
    assert done.returncode == DONE, done.stderr
    told = [json.loads(row) for row in done.stdout.splitlines()]
    assert [each["id"] for each in told] == [line["id"] for line in lines]
    return told


def test_kb088_library_view_and_batch_give_one_verdict(
        lines, build, hardened_program):
    batch = answers(lines, hardened_program, "verify", "--batch")
    library = answers(lines, build / "tests" / "library-lines")
    for wanted, told in zip(batch, library):
        if wanted["code"] == "malformed":
            # Batch is told that it is a certificate, the library looks.
            del wanted["sentence"]
        assert {key: told[key] for key in wanted} == wanted
        del wanted["id"]
        whole = json.loads(told["json"])
        assert {key: whole[key] for key in wanted} == wanted
        if told["view"]:
            assert told["view"]["code"] == wanted["code"], told["id"]
            assert told["view"]["valid"] == wanted["valid"]
        else:
            assert wanted["code"] == "malformed", told["id"]


def pem(der, label):
    rows = [der[i:i + 64] for i in range(0, len(der), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *rows,
                      f"-----END {label}-----", ""])


def as_files(line, folder):
    """The same question in files, and the library's with their names."""
    asked, options, origins = dict(line), [], {}
    for key, label, option in [("leaf", "CERTIFICATE", None),
                               ("roots", "CERTIFICATE", "--roots"),
                               ("untrusted", "CERTIFICATE", "--untrusted"),
                               ("crls", "X509 CRL", "--crl")]:
        values = line.get(key) or []
        values = [values] if isinstance(values, str) else values
        text = "".join(value if value.startswith("-----") else
                       pem(value, label) for value in values)
        if not text:
            continue
        path = folder / f"{key}.pem"
        path.write_text(text)
        origins[key] = str(path)
        asked[key] = text if key == "leaf" else [text]
        options += [option, str(path)] if option else []
    return {**asked, "origins": origins}, options


def words_of(line):
    policies = line.get("policies") or {}
    words = []
    for key in ("time", "purpose", "profile", "revocation", "max_depth"):
        if line.get(key) is not None:
            words += [f"--{key.replace('_', '-')}", str(line[key])]
    for name in line.get("names") or []:
        words += ["--name", f"{name['kind']}:{name['value']}"]
    for policy in policies.get("initial") or []:
        words += ["--policy", policy]
    for key, option in [("require_explicit", "--require-explicit-policy"),
                        ("inhibit_mapping", "--inhibit-mapping"),
                        ("inhibit_any", "--inhibit-any-policy")]:
        words += [option] if policies.get(key) else []
    return words


def can_be_options(line):
    return not line.get("key_usage") and not line.get("extended_key_usage") \
        and line["roots"]


def test_the_librarys_json_is_the_line_that_verify_prints(
        lines, build, hardened_program, tmp_path):
    chosen = [line for line in lines if can_be_options(line)]
    for place, line in enumerate(chosen[:SAMPLE_OF_FILES]):
        folder = tmp_path / str(place)
        folder.mkdir()
        asked, options = as_files(line, folder)
        told = run(hardened_program, "verify", "--json", *options,
                   *words_of(line), folder / "leaf.pem")
        assert told.returncode in (0, 1, 3), told.stderr
        library, = answers([asked], build / "tests" / "library-lines")
        assert library["json"].encode() == told.stdout, line["id"]
