"""``python -m screening`` is the command ``screening``."""

from screening.cli import main

main(prog_name="screening")
