"""Parameters in TypeScript for papermill.

papermill looks for engines and for places of notebooks among entry points, not for translators. So this is found as an engine,
`wirebook`, which runs notebooks as papermill's own does; what it is for is the translator that it registers when it is loaded.
"""

import json
import math
import re

from papermill.engines import NBClientEngine
from papermill.exceptions import PapermillException
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

MAX_SAFE = 2**53 - 1
NAME = re.compile(r"[\w$]+")
# `let name: type = value; // help`, the semicolon and all but name and value left out at will.
DECLARATION = re.compile(
    r"^\s*(?:export\s+)?(?:const|let|var)\s+(?P<name>[A-Za-z_$][\w$]*)\s*"
    r"(?::\s*(?P<type>[^=]+?))?\s*=\s*(?P<value>.+?)\s*;?\s*(?://\s*(?P<help>.*))?$"
)


class TypeScriptTranslator(Translator):
    @classmethod
    def translate_str(cls, val):
        # JSON's strings are JavaScript's, and without a character beyond ASCII nothing can be lost on the way.
        return json.dumps(val)

    translate_escaped_str = translate_str

    @classmethod
    def translate_none(cls, val):
        return "null"

    @classmethod
    def translate_int(cls, val):
        return f"{val}n" if abs(val) > MAX_SAFE else str(val)

    @classmethod
    def translate_float(cls, val):
        if math.isnan(val):
            return "NaN"
        if math.isinf(val):
            return "Infinity" if val > 0 else "-Infinity"
        return repr(val)

    @classmethod
    def translate_list(cls, val):
        return f"[{', '.join(cls.translate(item) for item in val)}]"

    @classmethod
    def translate_dict(cls, val):
        # In brackets `__proto__` is a name like any other; without, it would set the prototype.
        names = {key: "['__proto__']" if key == "__proto__" else cls.translate_str(str(key)) for key in val}
        fields = (f"{names[key]}: {cls.translate(item)}" for key, item in val.items())
        return f"{{ {', '.join(fields)} }}" if val else "{}"

    @classmethod
    def translate(cls, val):
        if val is None or isinstance(val, (str, bool, int, float, dict, list)):
            return super().translate(val)
        # Dates from YAML, for example.
        return cls.translate_str(str(val))

    @classmethod
    def comment(cls, cmt_str):
        return "\n".join(f"// {line}".rstrip() for line in cmt_str.splitlines() or [""])

    @classmethod
    def assign(cls, name, str_val):
        # YAML reads `yes` as a truth value, as a name as well.
        if not isinstance(name, str) or not NAME.fullmatch(name) or name[0].isdigit():
            raise PapermillException(f'A parameter cannot be called "{name}": that is no name in TypeScript.')
        return f"let {name} = {str_val};"

    @classmethod
    def inspect(cls, parameters_cell):
        found = (DECLARATION.match(line) for line in parameters_cell.source.splitlines())
        return [
            Parameter(
                name=match["name"],
                inferred_type_name=match["type"] or "None",
                default=match["value"],
                help=match["help"] or "",
            )
            for match in found
            if match
        ]


# By the kernel's name it goes before whatever others register for the language.
for name in ("wirebook", "typescript"):
    papermill_translators.register(name, TypeScriptTranslator)


class WirebookEngine(NBClientEngine):
    """Runs notebooks as papermill's own engine does."""
