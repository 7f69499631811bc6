"""The page: the template filled in, with its style and script inside and nothing from elsewhere."""

import base64
import dataclasses
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from firered.report import wording
from firered.report.contents import Contents

HERE = Path(__file__).parent


def render(contents: Contents) -> str:
    """Fill in the template; everything is escaped, and the page's own policy lets only its own script run."""
    script = (HERE / "page.js").read_text(encoding="utf-8")
    shown = {field.name: getattr(contents, field.name) for field in dataclasses.fields(contents)}
    # Markup: the two files are ours; nothing that was read or made stands in them.
    own = {"script": Markup(script), "style": Markup((HERE / "page.css").read_text(encoding="utf-8"))}
    return environment().get_template("page.html.j2").render(**shown, **own, digest=digest(script))


def environment() -> Environment:
    """Jinja with escaping on and unknown names refused."""
    made = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    named = (
        wording.thousands,
        wording.number,
        wording.signed,
        wording.share,
        wording.duration,
        wording.size,
        wording.settings,
    )
    made.filters.update({each.__name__: each for each in named})
    return made


def digest(script: str) -> str:
    """Source expression of a content security policy that allows exactly this script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
