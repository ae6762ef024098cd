"""``python -m advisor`` is the same as ``advisor``."""

from advisor.cli.main import main

main(prog_name="advisor")
