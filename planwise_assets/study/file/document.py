"""Reads a study file as YAML: exact numbers, and the line of every key.

Belongs here: text to plain Python (mappings, lists, str, int, Decimal, bool, None). Does not: what the settings mean.
Numbers are read as decimals, never as binary floats: 0.29 is 0.29. A file that is not usable YAML is a `StudyError`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

# The stubs are in the `test` extra only; without them this line must still pass.
import yaml  # type: ignore[import-untyped,unused-ignore]

from planwise_assets.study.errors import KeyPath, Problem, StudyError, key_text

_STUDY = "study file"
_WHOLE = re.compile(r"[-+]?[0-9][0-9_]*")
_DECIMAL = re.compile(r"[-+]?(?:[0-9][0-9_]*)?(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?")
_STANDARD_TAGS = frozenset(
    f"tag:yaml.org,2002:{kind}"
    for kind in ("null", "bool", "int", "float", "str", "map", "seq", "timestamp", "merge", "value")
)
_WORDS = {
    **dict.fromkeys(("", "~", "null"), None),
    **dict.fromkeys(("true", "yes", "on"), True),
    **dict.fromkeys(("false", "no", "off"), False),
}
# Bounds on a file that refers to itself through YAML anchors.
_DEEPEST = 30
_MOST_VALUES = 200_000


@dataclass
class Document:
    """A study file as it was written.

    Attributes:
        path: The file.
        data: Its top level.
        lines: Line of each key and row, from 1.
        problems: What is wrong with its keys; the rest is still read, so that everything is reported at once.
    """

    path: Path
    data: dict[str | int, object] = field(default_factory=dict)
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: KeyPath) -> int | None:
        """Line of a key, or of the nearest key above it that is in the file."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


def read_document(path: Path, kind: str = _STUDY) -> Document:
    """Read a study file, or another file that people write in YAML.

    Args:
        path: The file.
        kind: What it is, for messages.

    Raises:
        StudyError: No such file, not a text in UTF-8, not YAML, or not a mapping at the top level.
    """

    def refuse(message: str, line: int | None = None) -> StudyError:
        return StudyError(path, [Problem(message, line)], kind)

    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        hint = " (PLANWISE_STUDY)" if kind == _STUDY else ""
        raise refuse(f"there is no such file; check the path{hint}") from None
    except IsADirectoryError:
        raise refuse(f"this is a folder; name the {kind} in it") from None
    except UnicodeDecodeError:
        raise refuse("the file is not a text in UTF-8; save it as UTF-8") from None
    except (OSError, ValueError) as error:
        raise refuse(f"the file cannot be read: {error}") from None
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        what = ", ".join(part for part in (error.context, error.problem) if part)
        raise refuse(f"the file is not valid YAML: {what}; check indentation, colons and quotes", line) from None
    except yaml.YAMLError as error:
        raise refuse(f"the file is not valid YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise refuse("the file is nested too deeply") from None
    if root is None:
        raise refuse("the file is empty" + ("; start from studies/default.yaml" if kind == _STUDY else ""))
    if not isinstance(root, yaml.MappingNode):
        hint = " (study: ..., census: ..., years: ...)" if kind == _STUDY else ""
        raise refuse(f"the file must be a mapping of settings{hint}", 1)
    document = Document(path)
    document.data = _Reader(document).mapping(root, ())
    return document


class _Reader:
    """Turns YAML nodes into plain values, noting lines and problems in the document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._values = 0

    def mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str | int, object]:
        result: dict[str | int, object] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = _scalar(key_node.value, key_node.style) if isinstance(key_node, yaml.ScalarNode) else None
            if isinstance(key, bool) or not isinstance(key, str | int):
                self._problem(f"key '{_written(key_node)}' must be a name or a whole number; put it in quotes", line)
            elif key in result:
                first = self._document.lines[(*path, key)]
                where = key_text((*path, str(key)))
                self._problem(f"{where} is there twice (first on line {first}); keep one of them", line)
            else:
                self._document.lines[(*path, key)] = line
                result[key] = self._value(value_node, (*path, key))
        return result

    def _value(self, node: yaml.Node, path: KeyPath) -> object:
        line = node.start_mark.line + 1
        self._values += 1
        if len(path) > _DEEPEST or self._values > _MOST_VALUES:
            raise StudyError(self._document.path, [Problem("the file is too large or refers to itself", line)])
        if node.tag not in _STANDARD_TAGS:
            self._problem(f"the YAML tag {node.tag} is not supported; write a plain value", line)
            return None
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self._document.lines[(*path, index)] = item.start_mark.line + 1
            return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        return _scalar(node.value, node.style) if isinstance(node, yaml.ScalarNode) else None

    def _problem(self, message: str, line: int) -> None:
        self._document.problems.append(Problem(message, line))


def _written(node: yaml.Node) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else "a list or a mapping"


def _scalar(text: str, style: str | None) -> str | int | Decimal | bool | None:
    """A single value. Quoted text stays text. Unlike in YAML 1.1, 010 is ten, and 1:30 and 0x1F are text."""
    if style is not None:
        return text
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    try:
        if _WHOLE.fullmatch(text):
            return int(text.replace("_", ""))
        if _DECIMAL.fullmatch(text):
            return Decimal(text.replace("_", ""))
    except (ValueError, InvalidOperation):
        return text
    return text
