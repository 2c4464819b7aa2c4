"""Build hook: the wheel carries built assets and translations; an editable install builds them itself."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs the assets' own builder and Babel before the files of a wheel are gathered."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable" or self.target_name != "wheel":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root))
        from babel.messages.frontend import CommandLineInterface

        from lxsaas.assets import builder

        builder.build(if_stale=True)
        CommandLineInterface().run(["pybabel", "-q", "compile", "-d", str(root / "lxsaas" / "translations")])
        build_data["artifacts"] += ["lxsaas/static/dist/*", "lxsaas/translations/**/*.mo"]
