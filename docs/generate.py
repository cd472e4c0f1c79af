"""Write the pages of the reference that come from records: run by `make docs`, and compared by a test."""

from __future__ import annotations

from pathlib import Path

import click

from shortfall.cli.main import COMMANDS, LazyGroup, cli
from shortfall.rules.ruleset import RuleSet, rule_reference

HERE = Path(__file__).parent


def rules_page() -> str:
    """Return the reference of the rule space."""
    defaults = {name: value for name, value, _ in RuleSet().lines()}
    lines = [
        "# Rules",
        "",
        "Generated from the rule records. `--set NAME=VALUE` changes one; layers of the waterfall are set with",
        "`--set waterfall=backstop,fund,pool,adl,socialise` in any order.",
        "",
        "| rule | kind | default | meaning |",
        "|---|---|---|---|",
    ]
    lines += [f"| `{name}` | {kind} | {defaults[name]} | {meaning} |" for name, kind, meaning, _ in rule_reference()]
    for name, _, meaning, entries in rule_reference():
        if entries:
            lines += ["", f"## `{name}`", "", f"{meaning[:1].upper()}{meaning[1:]}.", ""]
            lines += [f"- **{entry}**: {words}" for entry, words in entries]
    return "\n".join(lines) + "\n"


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
