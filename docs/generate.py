"""Write the pages of the reference that come from records: run by `make docs`, and compared by a test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from shortfall.cli.main import COMMANDS, LazyGroup, cli
from shortfall.rules.reference import rule_lines

if TYPE_CHECKING:
    from shortfall.rules.record import Entry

HERE = Path(__file__).parent


def about_lines(known: Entry) -> list[str]:
    """Return formula, sign, rounding, sources and venues of an entry, where it has them."""
    rows = (
        ("Formula", f"`{known.formula}`" if known.formula else ""),
        ("Sign", known.sign),
        ("Rounding", known.rounding),
        ("Source", "; ".join(known.sources)),
        ("Venues", ", ".join(known.venues)),
    )
    return [f"  {title}: {text}" + "  " for title, text in rows if text]


def rules_page() -> str:
    """Return the reference of the rule space."""
    lines = [
        "# Rules",
        "",
        "Generated from the rule records. `--set NAME=VALUE` changes one; layers of the waterfall are set with",
        "`--set waterfall=backstop,fund,pool,adl,socialise` in any order. `shortfall rules explain NAME` prints the same.",
        "",
        "| rule | kind | default | meaning |",
        "|---|---|---|---|",
    ]
    space = rule_lines()
    lines += [f"| `{line.name}` | {line.kind} | {line.default} | {line.about.meaning} |" for line in space]
    for line in space:
        meaning = line.about.meaning
        details = about_lines(line.about)
        if line.entries or details:
            lines += ["", f"## `{line.name}`", "", f"{meaning[:1].upper()}{meaning[1:]}.", ""]
            lines += [text.strip() + "  " for text in details]
        for name, known in line.entries.items():
            lines += [f"- **{name}**: {known.meaning}  ", *about_lines(known)]
    return "\n".join(text.rstrip() if text.strip() == "" else text for text in lines) + "\n"


def commands_page() -> str:
    """Return the reference of the command line, as `--help` prints it."""
    lines = ["# Commands", "", "Generated from the command line itself.", ""]
    group = cli
    for name in COMMANDS:
        context = click.Context(group)
        command = LazyGroup.get_command(group, context, name)  # type: ignore[arg-type]  # the group is lazy
        if command is None:
            continue
        text = command.get_help(
            click.Context(command, info_name=f"shortfall {name}", max_content_width=100, terminal_width=100)
        )
        lines += [f"## `shortfall {name}`", "", "```text", text, "```", ""]
    return "\n".join(lines)


PAGES = {"reference/rules.md": rules_page, "reference/commands.md": commands_page}


def main() -> None:
    """Write all generated pages."""
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
