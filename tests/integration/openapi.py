"""The OpenAPI document of the server: held against itself, and answers held
against it. Only the part of JSON Schema that it uses; a word beyond that is a
failure, not passed over."""
import datetime
import json
import re

KNOWN = {"type", "properties", "required", "additionalProperties", "items",
         "enum", "minLength", "maxLength", "minimum", "maximum", "maxItems",
         "anyOf", "$ref", "format", "description"}
TYPES = {"object": dict, "array": list, "string": str, "integer": int,
         "boolean": bool, "null": type(None)}
METHODS = ("get", "post", "put", "patch", "delete")


def is_of(kind, value):
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, TYPES[kind])


def is_time(text):
    try:
        datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return False
    return text.endswith("Z")


class Document:
    def __init__(self, text):
        self.whole = json.loads(text)

    def follow(self, reference):
        assert reference.startswith("#/"), reference
        value = self.whole
        for piece in reference[2:].split("/"):
            value = value[piece]
        return value

    def operations(self):
        """(method, path, operation) of each."""
        for path, row in self.whole["paths"].items():
            for method, operation in row.items():
                yield method, path, operation

    def answers(self, operation):
        """{status: answer}, references followed."""
        return {int(status): self.follow(answer["$ref"])
                if "$ref" in answer else answer
                for status, answer in operation["responses"].items()}

    # --- values ---------------------------------------------------------------

    def faults(self, schema, value, where="$"):
        """What does not fit, as sentences."""
        assert not set(schema) - KNOWN, schema
        if "$ref" in schema:
            return self.faults(self.follow(schema["$ref"]), value, where)
        if "anyOf" in schema:
            found = [self.faults(one, value, where) for one in schema["anyOf"]]
            return [] if [] in found else found[0]
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if kinds and not any(is_of(kind, value) for kind in kinds):
            return [f"{where}: {value!r} is no {kinds}"]
        return [*self.simple(schema, value, where),
                *self.members(schema, value, where),
                *self.entries(schema, value, where)]

    def simple(self, schema, value, where):
        if "enum" in schema and value not in schema["enum"]:
            yield f"{where}: {value!r} is not among {schema['enum']}"
        if isinstance(value, str):
            if not (schema.get("minLength", 0) <= len(value) <=
                    schema.get("maxLength", 1 << 30)):
                yield f"{where}: {len(value)} characters"
            if schema.get("format") == "date-time" and not is_time(value):
                yield f"{where}: {value!r} is no time"
        if is_of("integer", value) and not (
                schema.get("minimum", value) <= value <=
                schema.get("maximum", value)):
            yield f"{where}: {value} is out of bounds"

    def members(self, schema, value, where):
        if not isinstance(value, dict) or "properties" not in schema:
            return
        known = schema["properties"]
        for name in schema["required"]:
            if name not in value:
                yield f"{where}: {name} is missing"
        for name, member in value.items():
            if name not in known:
                yield f"{where}: {name} is unknown"
            else:
                yield from self.faults(known[name], member, f"{where}.{name}")

    def entries(self, schema, value, where):
        if not isinstance(value, list) or "items" not in schema:
            return
        if len(value) > schema.get("maxItems", len(value)):
            yield f"{where}: {len(value)} items"
        for i, item in enumerate(value):
            yield from self.faults(schema["items"], item, f"{where}[{i}]")

    # --- the document itself --------------------------------------------------

    def references(self, value):
        if isinstance(value, dict):
            if "$ref" in value:
                yield value["$ref"]
            for member in value.values():
                yield from self.references(member)
        elif isinstance(value, list):
            for member in value:
                yield from self.references(member)

    def check(self):
        """OpenAPI 3.1 as far as it is used here."""
        whole = self.whole
        assert whole["openapi"].startswith("3.1.")
        assert set(whole) == {"openapi", "info", "servers", "paths",
                              "components"}
        assert {"title", "version"} <= set(whole["info"])
        for reference in self.references(whole):
            self.follow(reference)
        names = [operation["operationId"] for _, _, operation in
                 self.operations()]
        assert len(names) == len(set(names))
        for method, path, operation in self.operations():
            self.check_operation(method, path, operation)

    def check_operation(self, method, path, operation):
        assert method in METHODS and path.startswith("/")
        assert set(operation) <= {"operationId", "summary", "parameters",
                                  "requestBody", "responses", "security",
                                  "x-roles"}
        in_path = {row["name"] for row in operation["parameters"]
                   if row["in"] == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", path))
        for row in operation["parameters"]:
            assert {"name", "in", "required", "schema"} <= set(row)
            assert row["in"] in ("path", "query", "header")
            assert row["required"] is (row["in"] == "path")
        assert ("requestBody" in operation) is (method == "post")
        for answer in self.answers(operation).values():
            assert answer["description"]
            for kind, content in answer["content"].items():
                assert "/" in kind and set(content) <= {"schema"}
        schemes = self.whole["components"]["securitySchemes"]
        for way in operation["security"]:
            assert set(way) <= set(schemes)

    def check_answer(self, operation, status, kind, body):
        """Is this answer in the document, and does it fit?"""
        answers = self.answers(operation)
        name = operation["operationId"]
        assert status in answers, (name, status, body[:500])
        contents = answers[status]["content"]
        assert kind in contents, (name, status, kind)
        if "schema" in contents[kind]:
            found = self.faults(contents[kind]["schema"], json.loads(body))
            assert not found, (name, status, found, body[:500])
