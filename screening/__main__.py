"""The command ``screening``, which is ``python -m screening`` too."""

import gc

OBJECTS = 50_000
"""New objects after which garbage is looked for; modules and rules are many, and no garbage."""


def main() -> None:
    """Run the command, with garbage looked for less often from the first module on."""
    gc.set_threshold(OBJECTS)
    from screening.cli import main as command  # noqa: PLC0415 - to load it is most of the work

    command(prog_name="screening")


if __name__ == "__main__":
    main()
