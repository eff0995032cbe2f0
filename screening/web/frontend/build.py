"""Copies what the pages need of nhsuk-frontend into static/vendor, without its brand.

The Frutiger typeface may be used by the NHS alone and would be asked of another host; the logo and
the favicon are not ours either. What remains asks nothing of any host but our own.
"""

import re
import shutil
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = HERE / "node_modules" / "nhsuk-frontend"
BUILT = PACKAGE / "dist" / "nhsuk"
VENDOR = HERE.parent / "static" / "vendor"

REMOTE_FONT = re.compile(r"@font-face\{[^}]*https?://[^}]*\}")
SOURCE_MAP = re.compile(r"/\*# sourceMappingURL=.*?\*/|//# sourceMappingURL=.*")
IMAGE = re.compile(r"url\(/assets/images/([\w.-]+)")
REMOTE = re.compile(r"https?://[^\s\"')]*|Frutiger")


class RemoteReferenceError(Exception):
    """A front-end file would still ask another host for something, or name its typeface."""

    def __init__(self, name: str, found: list[str]) -> None:
        """Name the file and what was found in it."""
        super().__init__(f"{name} still names {', '.join(found)}; adapt {Path(__file__).name}")


def clean_css(css: str) -> str:
    """The style sheet with the typeface taken out and its images looked for beside it."""
    css = SOURCE_MAP.sub("", REMOTE_FONT.sub("", css))
    return IMAGE.sub(r"url(images/\1", css.replace("Frutiger W01,", "")).rstrip() + "\n"


def clean_js(js: str) -> str:
    """The script without the comment that makes a browser look for its source map."""
    return SOURCE_MAP.sub("", js).rstrip() + "\n"


def write(name: str, text: str) -> None:
    """Write one file, after making sure that it leads nowhere else."""
    if found := REMOTE.findall(text):
        raise RemoteReferenceError(name, found)
    (VENDOR / name).write_text(text, encoding="utf-8")


def main() -> None:
    """Make static/vendor again."""
    css = (BUILT / "nhsuk-frontend.min.css").read_text(encoding="utf-8")
    js = (BUILT / "nhsuk-frontend.min.js").read_text(encoding="utf-8")
    shutil.rmtree(VENDOR, ignore_errors=True)
    (VENDOR / "images").mkdir(parents=True)
    write("nhsuk-frontend.min.css", clean_css(css))
    write("nhsuk-frontend.min.js", clean_js(js))
    for image in sorted(set(IMAGE.findall(css))):
        shutil.copyfile(BUILT / "assets" / "images" / image, VENDOR / "images" / image)


if __name__ == "__main__":
    main()
