"""The design system's components, behind a bridge that refuses what they would silently drop.

Its macros ignore a parameter that they do not know, so a slip of the pen would lose clinical text,
and they print whatever is called ``html`` as it is, so a string there would not be escaped.
"""

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import cast

from jinja2 import ChainableUndefined, Environment, PackageLoader
from markupsafe import Markup

from screening.errors import ScreeningError
from screening.translation import gettext

# Apart from the application's own environment: the macros rely on undefined names being empty,
# and Flask would not escape in files that end in .jinja.
MACROS = Environment(
    loader=PackageLoader("nhsuk_frontend_jinja"),
    undefined=ChainableUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,  # the package's files do not change; a page would ask some 3,000 times
)
_MACRO = re.compile(r"macro (\w+)\(params")
_READ = re.compile(r"params\.(?:get\(\"(\w+)\"|(\w+))")


class UnknownParameterError(ScreeningError):
    """A component was given a parameter that it would ignore."""

    def __init__(self, name: str, given: frozenset[str], known: frozenset[str]) -> None:
        """Name the component, what was given in vain and what it knows."""
        wrong = ", ".join(sorted(given - known))
        super().__init__(f"{name} knows no {wrong}; it knows {', '.join(sorted(known))}")


class UnsafeHtmlError(ScreeningError):
    """A plain string was given where a component prints HTML as it is."""

    def __init__(self, name: str) -> None:
        """Name the component."""
        super().__init__(f"{name} takes Markup for `html`; pass a plain string as `text`")


def component(name: str, /, **params: object) -> Markup:
    """Render a component of the design system.

    Args:
        name: what its folder is called, such as ``error-summary``.
        params: what its macro takes. ``html`` is Markup, every other text a plain string.

    Raises:
        UnknownParameterError: if the component would ignore a parameter.
        UnsafeHtmlError: if an ``html`` is not Markup.
    """
    params = _with_error_words(name, params)
    given, known = frozenset(params), parameters_of(name)
    if not given <= known:
        raise UnknownParameterError(name, given, known)
    module = MACROS.get_template(f"nhsuk/components/{name}/macro.jinja").module
    words = name.split("-")
    macro = getattr(module, words[0] + "".join(map(str.capitalize, words[1:])))
    return Markup(macro(_checked(name, params)))  # noqa: S704 - the macros escape every text


def _with_error_words(name: str, params: dict[str, object]) -> dict[str, object]:
    """The parameters with the word that is read aloud before an error."""
    if name == "error-message":
        return {"visuallyHiddenText": gettext("Error"), **params}
    error = params.get("errorMessage")
    if isinstance(error, dict):
        return params | {"errorMessage": {"visuallyHiddenText": gettext("Error"), **error}}
    return params


@dataclass(frozen=True, slots=True)
class Call:
    """A component with parameters, equal to another with the same.

    ``key`` keeps Markup and text apart, and truth values and numbers, which compare as equal.
    """

    name: str
    key: str
    params: dict[str, object] = field(compare=False, repr=False)


def cached_component(name: str, /, **params: object) -> Markup:
    """Render a component, or give what was rendered before with the same parameters.

    What is remembered serves every later request of anybody. So the parameters come from
    the rules and from fixed words alone: nothing that a person typed or chose, no error about it,
    no name, no address of a case, no token. What a person answered is put into blanks afterwards.

    Args:
        name: as ``component`` takes it.
        params: as ``component`` takes them: texts, numbers and truth values, in lists and dicts.

    Raises:
        UnknownParameterError: if the component would ignore a parameter.
        UnsafeHtmlError: if an ``html`` is not Markup.
    """
    return render_cached(Call(name, repr(params), params))


@lru_cache(1024)  # the shipped rules need 65 for each audience; the one unused for longest goes
def render_cached(call: Call) -> Markup:
    """Render a component, unless it is remembered."""
    return component(call.name, **call.params)


@cache
def parameters_of(name: str) -> frozenset[str]:
    """The parameters that a component's template reads."""
    loader = cast("PackageLoader", MACROS.loader)
    source, _, _ = loader.get_source(MACROS, f"nhsuk/components/{name}/template.jinja")
    for macro in _MACRO.findall(source):
        if f"{{ {macro}(params" not in source and f"{{- {macro}(params" not in source:
            # Its `params` are others, so what it reads says nothing about the component's.
            source = re.sub(rf"macro {macro}\(.*?endmacro", "", source, flags=re.DOTALL)
    return frozenset(by_key or by_dot for by_key, by_dot in _READ.findall(source))


def _checked(name: str, value: object) -> object:
    """The parameters, at every depth free of plain strings called ``html``."""
    match value:
        case dict():
            html = value.get("html")
            if html is not None and not isinstance(html, Markup):
                raise UnsafeHtmlError(name)
            return {key: _checked(name, inner) for key, inner in value.items()}
        case list():
            return [_checked(name, inner) for inner in value]
        case _:
            return value
