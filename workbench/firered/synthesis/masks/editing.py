"""Editors that presets name, each loaded once in a process."""

import json
from functools import cache

from firered.models import editor as editors
from firered.synthesis.control_presets import Preset
from firered.templating.planes import Pixels


def edited(preset: Preset, request: editors.EditRequest) -> Pixels:
    """What a preset's editor makes of a request; raises ValueError with the reason where it makes nothing."""
    settings = json.dumps(preset.settings, sort_keys=True)
    return editors.edit_one(_loaded(str(preset.editor), settings), request)


def told(preset: Preset) -> dict[str, str]:
    """The editor of a preset and the identity of its weights, as a pair stores them; both '' without one."""
    if not preset.editor:
        return {"editor": "", "editor_revision": ""}
    editor = _loaded(preset.editor, json.dumps(preset.settings, sort_keys=True))
    return {"editor": preset.editor, "editor_revision": editor.revision}


@cache
def _loaded(spec: str, settings: str) -> editors.Editor:
    return editors.load(spec, **json.loads(settings))
