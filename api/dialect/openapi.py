"""The OpenAPI document, from the operations and the described objects: what is taken, what comes back, which errors."""

import inspect
import re
from collections.abc import Iterable

from api.dialect.meanings import meaning
from api.dialect.operation import Operation
from contracts.api_versions import LATEST
from domain.model.hashes import JsonObject
from rendering.payment_intent import PUBLISHABLE_KEYS
from rendering.schema_words import BOOLEAN, INTEGER, STRING, Schema, nullable
from rendering.schemas import DELETED_ACCOUNT, DELETED_CUSTOMER, ERROR, ERROR_DETAILS, OBJECTS, PAYMENT_INTENT
from rendering.setup_intent import PUBLISHABLE_KEYS as SETUP_KEYS
from rendering.setup_intent import SETUP_INTENT
from rendering.versions.changes.counted_lists import TOTAL_COUNT

ERRORS = {
    400: "The request makes no sense, or not in this state",
    401: "No API key, or one that opens nothing",
    402: "The bank said no",
    403: "The key may not do this",
    404: "No such object",
    409: "Another request is using this Idempotency-Key",
    413: "The body is too large",
    429: "Too many requests, or the object is being used",
    500: "A fault of ours",
    503: "No answer in time; repeat the request with the same Idempotency-Key",
}

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
DEFINITIONS = "#/components/schemas/"

DEEP = {"style": "deepObject", "explode": True}
"""How hashes are written: `a[b]=1`. Of what is none, `deepObject` would make letters of a word."""

EXAMPLES = {"allowed_payment_method_types": ["card"]}
"""What a page that tries an operation out begins with; all else that may be left out is left out."""


def document(operations: Iterable[Operation]) -> JsonObject:
    """The whole document, OpenAPI 3.1."""
    definitions: dict[str, Schema] = {}
    paths: dict[str, JsonObject] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, definitions)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Perdure",
            "version": LATEST,
            "description": "Stripe's PaymentIntents API, every PaymentIntent one durable Temporal workflow. Sign in "
            "with a secret key as a Bearer token, or as the user of HTTP Basic.",
        },
        "paths": paths,
        "components": {
            "schemas": dict(sorted((_objects() | definitions).items())),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic"},
            },
        },
        "security": [{"bearer": []}, {"basic": []}],
    }


def _objects() -> dict[str, Schema]:
    return {
        **OBJECTS,
        "account": {"anyOf": [OBJECTS["account"], DELETED_ACCOUNT]},
        "customer": {"anyOf": [OBJECTS["customer"], DELETED_CUSTOMER]},
        "payment_intent_for_browsers": _in_part(PAYMENT_INTENT, PUBLISHABLE_KEYS),
        "setup_intent_for_browsers": _in_part(SETUP_INTENT, SETUP_KEYS),
        "error": ERROR,
        "error_details": ERROR_DETAILS,
    }


def _in_part(whole: Schema, keys: tuple[str, ...]) -> Schema:
    return {
        **whole,
        "required": [key for key in whole["required"] if key in keys],
        "description": "All of it for a secret key; for a publishable one, what a buyer's browser may see.",
    }


def _operation(operation: Operation, definitions: dict[str, Schema]) -> JsonObject:
    schema = operation.parameters.model_json_schema(ref_template=DEFINITIONS + "{model}")
    shared: dict[str, Schema] = schema.pop("$defs", {})
    for hash_ in (schema, *shared.values()):
        _say_what_each_is(hash_)
    definitions |= shared
    _write_as_forms_are(schema)
    described: JsonObject = {
        "operationId": operation.name.replace(".", "_"),
        "summary": operation.summary,
        "description": inspect.getdoc(operation.handler) or operation.summary,
        "tags": [operation.name.rpartition(".")[0]],
        "parameters": [_path_parameter(name) for name in re.findall(r"\{(\w+)\}", operation.path)],
        "responses": {"200": _BYTES if operation.raw else _answer("Done", _returned(operation))}
        | {str(status): _answer(text, {"$ref": DEFINITIONS + "error"}) for status, text in ERRORS.items()},
    }
    if operation.method == "POST":
        encoding = {name: DEEP for name, field in schema["properties"].items() if _is_nested(field)}
        form = MULTIPART if operation.takes_file else FORM
        described["requestBody"] = {
            "content": {form: {"schema": schema} if operation.takes_file else {"schema": schema, "encoding": encoding}}
        }
    else:
        described["parameters"] += _query_parameters(schema)
    return described


def _say_what_each_is(schema: Schema) -> None:
    """What each field of a hash is, where it does not say so itself."""
    for name, field in schema.get("properties", {}).items():
        said = meaning(name)
        if said is not None:
            field.setdefault("description", said)


def _write_as_forms_are(schema: Schema) -> None:
    """Names and fields of what is asked, as a form has them: those of lists end in brackets."""
    fields = {name: _as_sent(field) for name, field in schema["properties"].items()}
    needed = schema.get("required", [])
    spelled = {name: f"{name}[]" if field.get("type") == "array" else name for name, field in fields.items()}
    schema["properties"] = {
        spelled[name]: field if name in needed else _to_try(name, field) for name, field in fields.items()
    }
    if needed:
        schema["required"] = [spelled[name] for name in needed]


def _as_sent(field: Schema) -> Schema:
    """A field as a form has it: what is left out has no value, and nothing stands for null."""
    plain = {name: value for name, value in field.items() if name != "default" or value not in (None, [], {})}
    kinds = [kind for kind in plain.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        del plain["anyOf"]
        plain = {**kinds[0], **plain}
    elif kinds:
        plain["anyOf"] = kinds
    return plain


def _to_try(name: str, field: Schema) -> Schema:
    """A field that may be left out, as a page that tries it out begins with it: empty, or with what makes a payment."""
    return {**field, "example": EXAMPLES.get(name, "")}


def _is_nested(field: Schema) -> bool:
    """Whether it is a hash, or may be one. The name of a list says so itself."""
    kinds = field.get("anyOf", [field])
    return any("$ref" in kind or kind.get("type") == "object" for kind in kinds)


def _path_parameter(name: str) -> JsonObject:
    said = meaning(name) or "Which one, by its id"
    return {"name": name, "in": "path", "required": True, "schema": STRING, "description": said}


def _query_parameters(schema: Schema) -> list[JsonObject]:
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": field,
            "description": field.get("description", ""),
            **(DEEP if _is_nested(field) else {}),
        }
        for name, field in schema["properties"].items()
    ]


_BYTES = {
    "description": "The file",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}


def _answer(text: str, schema: Schema) -> JsonObject:
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def _returned(operation: Operation) -> Schema:
    kind = f"{operation.returns}_for_browsers" if _for_browsers(operation) else operation.returns
    one = {"$ref": DEFINITIONS + kind}
    if operation.is_search:
        return _list("search_result", one, next_page=nullable(STRING), **{TOTAL_COUNT: INTEGER})
    return _list("list", one) if operation.is_list else one


def _for_browsers(operation: Operation) -> bool:
    return operation.publishable and operation.returns in ("payment_intent", "setup_intent")


def _list(kind: str, one: Schema, **more: Schema) -> Schema:
    properties = {
        "object": {"const": kind},
        "data": {"type": "array", "items": one},
        "has_more": BOOLEAN,
        "url": STRING,
    }
    described = properties | more
    required = [name for name in described if name != TOTAL_COUNT]
    return {"type": "object", "properties": described, "required": required, "additionalProperties": False}
