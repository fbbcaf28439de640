"""The one place where HTML is made: the templates of `ui/templates`, in which every value is escaped.

Record texts and questions are hostile input. No other module builds HTML, and no template switches
escaping off (both are tested).
"""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from index import record_page, web_address


def render(template: str, **values: object) -> str:
    """Return the HTML of `ui/templates/<template>.html` with `values` escaped into it."""
    return _environment().get_template(f"{template}.html").render(values).strip()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ui"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"web_address": web_address, "record_page": record_page}
    return environment
