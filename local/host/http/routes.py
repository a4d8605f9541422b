"""Route templates: parse, match, and choose the most specific, as ASP.NET Core does.

A template is segments between slashes: literals (matched without regard to case), parameters
`{name}`, optional ones `{name?}` or with a default `{name=value}` at the end, catch-alls
`{*name}` at the end, each with constraints `{name:int}`. A segment may mix text and parameters.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, TypeVar
from urllib.parse import unquote

from local.host.http.constraints import Constraint, parse_constraint

T = TypeVar("T")

_PARAMETER = re.compile(r"\{((?:[^{}]|\{\{|\}\}|\{[^{}]*\})*)\}")
_SLASH = re.compile(r"%2f", re.IGNORECASE)


class _Rank(IntEnum):
    """How specific a segment is; a smaller one wins."""

    LITERAL = 1
    MIXED = 2
    CONSTRAINED = 3
    PARAMETER = 4
    CONSTRAINED_CATCH_ALL = 5
    CATCH_ALL = 6


@dataclass(frozen=True, slots=True)
class Parameter:
    """One `{…}` of a template."""

    name: str
    constraints: tuple[Constraint, ...]
    optional: bool = False
    default: str | None = None
    catch_all: bool = False

    def accepts(self, value: str) -> bool:
        """Whether every constraint allows the value."""
        return all(check(value) for check in self.constraints)


@dataclass(frozen=True, slots=True)
class Segment:
    """One part between slashes: how it matches, and what it binds."""

    pattern: re.Pattern[str]
    parameters: tuple[Parameter, ...]
    rank: _Rank

    @property
    def skippable(self) -> bool:
        """Whether the path may end before it."""
        return len(self.parameters) == 1 and (
            self.parameters[0].optional
            or self.parameters[0].default is not None
            or self.parameters[0].catch_all
        )

    def match(self, text: str) -> dict[str, str] | None:
        """Return what the text binds, or None when it does not fit."""
        match = self.pattern.fullmatch(text)
        if match is None:
            return None
        values = {parameter.name: match[parameter.name] for parameter in self.parameters}
        fits = all(parameter.accepts(values[parameter.name]) for parameter in self.parameters)
        return values if fits else None


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed route template."""

    text: str
    segments: tuple[Segment, ...]

    @property
    def precedence(self) -> tuple[int, ...]:
        """Sorts templates: the more specific first."""
        return tuple(segment.rank for segment in self.segments)

    def match(self, path: Sequence[str]) -> dict[str, str] | None:
        """Return the route values of a path's segments, or None when the template does not fit."""
        values: dict[str, str] = {}
        for index, segment in enumerate(self.segments):
            rest = path[index:]
            if not rest:
                if not segment.skippable:
                    return None
                if (default := segment.parameters[0].default) is not None:
                    values[segment.parameters[0].name] = default
                continue
            if segment.parameters and segment.parameters[0].catch_all:
                bound = segment.match("/".join(rest))
                return None if bound is None else {**values, **bound}
            bound = segment.match(rest[0])
            if bound is None:
                return None
            values |= bound
        return values if len(path) <= len(self.segments) else None


def parse_template(text: str) -> Template:
    """Parse a route template.

    Raises:
        ValueError: it is wrong; the message says where.

    """
    parts = [part for part in text.strip("/").split("/") if part]
    segments = tuple(_segment(part) for part in parts)
    for segment in segments[:-1]:
        if segment.skippable:
            name = segment.parameters[0].name
            raise ValueError(f"'{text}': '{name}' is optional or a catch-all, so it must come last")
    return Template(text, segments)


def path_segments(raw_path: str) -> list[str]:
    """Split a raw path; percent-escapes are decoded, but `%2F` stays, as Kestrel leaves it."""
    parts = [part for part in raw_path.split("/") if part]
    return [_SLASH.sub("%2F", unquote(_SLASH.sub("%252F", part))) for part in parts]


def _segment(text: str) -> Segment:
    parameters: list[Parameter] = []
    pattern, position = "", 0
    for match in _PARAMETER.finditer(text):
        parameter = _parameter(match[1])
        parameters.append(parameter)
        pattern += re.escape(text[position : match.start()]) + f"(?P<{parameter.name}>.+?)"
        position = match.end()
    pattern += re.escape(text[position:])
    if "{" in _PARAMETER.sub("", text) or "}" in _PARAMETER.sub("", text):
        raise ValueError(f"'{text}' has an unmatched brace")
    mixed = bool(parameters) and not _PARAMETER.fullmatch(text)
    rank = _rank(parameters, mixed=mixed)
    return Segment(re.compile(pattern, re.IGNORECASE | re.DOTALL), tuple(parameters), rank)


def _rank(parameters: list[Parameter], *, mixed: bool) -> _Rank:
    if not parameters:
        return _Rank.LITERAL
    if mixed:
        return _Rank.MIXED
    constrained = bool(parameters[0].constraints)
    if parameters[0].catch_all:
        return _Rank.CONSTRAINED_CATCH_ALL if constrained else _Rank.CATCH_ALL
    return _Rank.CONSTRAINED if constrained else _Rank.PARAMETER


def _parameter(text: str) -> Parameter:
    text = text.replace("{{", "{").replace("}}", "}")  # a regex constraint doubles its braces
    catch_all = text.startswith("*")
    body, equals, default = text.lstrip("*").partition("=")
    optional = body.endswith("?")
    name, *constraints = _split_constraints(body.removesuffix("?"))
    if not name.isidentifier():
        raise ValueError(f"'{{{text}}}' has no usable parameter name")
    return Parameter(
        name=name,
        constraints=tuple(parse_constraint(constraint) for constraint in constraints),
        optional=optional,
        default=default if equals else None,
        catch_all=catch_all,
    )


def _split_constraints(text: str) -> list[str]:
    """Split at colons outside of parentheses: a regex constraint may hold colons."""
    parts, depth = [""], 0
    for character in text:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == ":" and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


@dataclass(frozen=True, slots=True)
class Route(Generic[T]):
    """A template, the methods it takes (empty = all) and what it leads to."""

    template: Template
    methods: frozenset[str]
    target: T


class RouteTable(Generic[T]):
    """Routes in order of precedence."""

    def __init__(self, routes: Iterable[Route[T]]) -> None:
        """Sort the routes, the most specific first."""
        self._routes = sorted(routes, key=lambda route: route.template.precedence)

    def find(self, method: str, raw_path: str) -> tuple[T, dict[str, str]] | None:
        """Return the target and the route values; None when nothing fits path and method."""
        path = path_segments(raw_path)
        for route in self._routes:
            if route.methods and method not in route.methods:
                continue
            values = route.template.match(path)
            if values is not None:
                return route.target, values
        return None
