#!/usr/bin/env python3
"""Writes the migrations of src/store/schema as one C file.

usage: embed_sql.py OUTPUT 0001_name.sql 0002_name.sql ...
The numbers must be 1, 2, 3 ... in this order.
"""
import pathlib
import re
import sys


def array(number, text):
    """Numbers, since C knows no string of more than 4095 bytes."""
    values = [str(byte) for byte in text.encode("ascii")] + ["0"]
    lines = [", ".join(values[at:at + 15]) for at in range(0, len(values), 15)]
    return (f"static const char text_{number}[] = {{\n    "
            + ",\n    ".join(lines) + "};\n\n")


def main():
    output, sources = sys.argv[1], sys.argv[2:]
    texts, steps = "", ""
    for number, source in enumerate(sources, start=1):
        path = pathlib.Path(source)
        match = re.fullmatch(r"(\d{4})_([a-z0-9_]+)\.sql", path.name)
        if match is None or int(match[1]) != number:
            sys.exit(f"{source}: migration {number:04d}_NAME.sql belongs here")
        text = path.read_text(encoding="ascii")
        if not text.strip():
            sys.exit(f"{source}: a migration without text")
        texts += array(number, text)
        steps += f'    {{{number}, "{match[2]}", text_{number}}},\n'
    pathlib.Path(output).write_text(
        "/* Made by tools/embed_sql.py from src/store/schema. */\n"
        '#include "store/store_sqlite.h"\n\n'
        + texts
        + "const struct migration_step migration_steps[] = {\n"
        + steps
        + "};\n\n"
        "const size_t migration_count =\n"
        "    sizeof(migration_steps) / sizeof(*migration_steps);\n",
        encoding="ascii")


main()
