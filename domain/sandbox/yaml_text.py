"""Plain data from YAML text, with the line of every part, and back; nothing that could blow up.

Anchors and aliases are refused: they are what makes a small text a huge or endless one.
"""

from dataclasses import dataclass
from typing import Any

import yaml

from domain.sandbox.errors import InvalidYaml, TooLarge

Data = dict[str, "Data"] | list["Data"] | str | int | float | bool | None
Path = tuple[str | int, ...]

LONGEST_TEXT = 200_000
DEEPEST = 20
WIDTH = 120
PLAIN = frozenset(("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"))


@dataclass(frozen=True, slots=True)
class Document:
    """`lines` has the line, from 1, on which the part at a path begins."""

    data: Data
    lines: dict[Path, int]

    def line(self, path: Path) -> int | None:
        """Of the part, or of the nearest one around it."""
        known = (self.lines.get(path[:length]) for length in range(len(path), -1, -1))
        return next((line for line in known if line is not None), None)


def parse_yaml(text: str) -> Document:
    """Raises `InvalidYaml`, or `TooLarge` for a longer text than is read."""
    if len(text) > LONGEST_TEXT:
        raise TooLarge("$", f"the text has {len(text)} characters, the most is {LONGEST_TEXT}")
    try:
        _check_events(text)
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        lines: dict[Path, int] = {}
        data = _built(loader, node, (), lines) if node is not None else None
    except yaml.MarkedYAMLError as exc:
        raise InvalidYaml("$", exc.problem or "not YAML", _line(exc.problem_mark) or None) from exc
    except yaml.reader.ReaderError as exc:
        line = text.count("\n", 0, exc.position) + 1
        raise InvalidYaml("$", f"the character U+{ord(text[exc.position]):04X} is not read", line) from exc
    except yaml.YAMLError as exc:
        raise InvalidYaml("$", str(exc).splitlines()[0]) from exc
    return Document(data, lines)


class _Writer(yaml.SafeDumper):
    """Without aliases, which are not read; several lines of text as lines."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _lines(writer: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """What is not printable is escaped: YAML takes some of it for ends of lines."""
    plain = text.replace("\n", "").isprintable()
    style = ("|" if "\n" in text else None) if plain else '"'
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Writer.add_representer(str, _lines)


def written(data: Data) -> str:
    """YAML that `parse_yaml` reads as the same data; keys in their order, whatever is innermost on one line."""
    return yaml.dump(data, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=WIDTH, default_flow_style=None)


def _check_events(text: str) -> None:
    """Before any tree is built."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = _line(event.start_mark)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise InvalidYaml("$", "anchors and aliases are not read", line)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise InvalidYaml("$", f"nested deeper than {DEEPEST}", line)


def _built(loader: yaml.SafeLoader, node: yaml.Node, path: Path, lines: dict[Path, int]) -> Data:
    line = _line(node.start_mark)
    lines[path] = line
    if isinstance(node, yaml.CollectionNode) and node.tag not in PLAIN:
        raise InvalidYaml(_told(path), f"the tag {node.tag} is not read", line)
    if isinstance(node, yaml.MappingNode):
        return _mapping(loader, node, path, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_built(loader, item, (*path, number), lines) for number, item in enumerate(node.value)]
    return _scalar(loader, node, path, line)


def _scalar(loader: yaml.SafeLoader, node: yaml.Node, path: Path, line: int) -> Data:
    try:
        value: Data = loader.construct_object(node)
    except ValueError as exc:  # more digits than Python reads, or a month 13
        raise InvalidYaml(_told(path), str(exc).partition(";")[0], line) from exc
    if not isinstance(value, str | int | float | bool | None):
        raise InvalidYaml(_told(path), f"a {type(value).__name__} is not read here", line)
    if isinstance(value, str):
        _check_text(value, path, line)
    return value


def _check_text(text: str, path: Path, line: int) -> None:
    """An escape can name half a character, which no file and no JSON holds."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidYaml(_told(path), "the text has a lone surrogate", line)


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode, path: Path, lines: dict[Path, int]) -> Data:
    found: dict[str, Data] = {}
    for key_node, value_node in node.value:
        line = _line(key_node.start_mark)
        if not isinstance(key_node, yaml.ScalarNode):
            raise InvalidYaml(_told(path), "a key must be a word", line)
        key = str(key_node.value)
        _check_text(key, path, line)
        if key in found:
            raise InvalidYaml(_told((*path, key)), "the key is given twice", line)
        found[key] = _built(loader, value_node, (*path, key), lines)
        lines[*path, key] = line
    return found


def _line(mark: Any) -> int:  # Any: PyYAML's marks have no common type
    """From 1; 0 where there is no mark."""
    return mark.line + 1 if mark else 0


def _told(path: Path) -> str:
    return ".".join(map(str, path)) or "$"
