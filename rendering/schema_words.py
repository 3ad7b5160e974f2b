"""The words that schemas.py describes objects in: JSON Schema, and two of our own for `expand`."""

from domain.model.hashes import JsonObject

Schema = JsonObject

EXPANDS = "x-expands"
"""Names the kinds of objects that `expand` may put in place of the id; none where there is never anything to put."""

INCLUDES = "x-includes"
"""Names what `expand` adds where nothing is shown otherwise."""

STRING: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
BOOLEAN: Schema = {"type": "boolean"}
HASH: Schema = {"type": "object"}
METADATA: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
STRINGS: Schema = {"type": "array", "items": STRING}


def nullable(schema: Schema) -> Schema:
    """It, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def words(*values: str) -> Schema:
    """One of these words."""
    return {"type": "string", "enum": list(values)}


def expandable(*kinds: str) -> Schema:
    """An id, or with `expand` the object, which is of one of these kinds; null where there is none."""
    objects = [{"$ref": f"#/components/schemas/{kind}"} for kind in kinds]
    return {"anyOf": [STRING, *objects, {"type": "null"}], EXPANDS: list(kinds)}


def hash_with(**properties: Schema) -> Schema:
    """A hash that always has these keys."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def included(kind: str = "") -> Schema:
    """Shown with `expand` only: a list of objects of this kind; without a kind, a list that is always empty here."""
    return {**nullable(HASH), INCLUDES: kind}


def object_of(kind: str, /, *absent: str, **properties: Schema) -> Schema:
    """An object of Stripe's; keys in `absent` are left out where they do not apply."""
    described = {"id": STRING, "object": {"const": kind}, **properties}
    required = [key for key in described if key not in absent and INCLUDES not in described[key]]
    return {"type": "object", "properties": described, "required": required, "additionalProperties": False}


def object_without_id(kind: str, /, **properties: Schema) -> Schema:
    """An object of Stripe's that has no id of its own: it is somebody's only one."""
    described = {"object": {"const": kind}, **properties}
    return {"type": "object", "properties": described, "required": list(described), "additionalProperties": False}


TEXT = nullable(STRING)
NUMBER = nullable(INTEGER)
"""What may be null."""
