"""`shortfall rules`: the rule space as it is, generated from the records that the engine compiles."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import click

from shortfall.errors import Finding, InputError

if TYPE_CHECKING:
    from shortfall.rules.record import Entry
    from shortfall.rules.reference import RuleLine

SCHEMA: Final = "shortfall.rules/1"


class Slots(click.Group):
    """A group that takes anything which is not a subcommand as the name of a slot: `shortfall rules close`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Send `explain` to its command and every other word to the list."""
        if args and args[0] not in self.commands:
            args = ["list", *args]
        return super().resolve_command(ctx, args)


@click.group(cls=Slots, invoke_without_command=True, help="List the slots of the rule space, or explain one entry.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_context
def rules(context: click.Context, *, as_json: bool) -> None:
    """List every rule when no subcommand is named."""
    if context.invoked_subcommand is None:
        _list(None, as_json=as_json)


@rules.command("list", hidden=True)
@click.argument("slot", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
def list_rules(slot: str | None, *, as_json: bool) -> None:
    """List the rules of one slot."""
    _list(slot, as_json=as_json)


@rules.command()
@click.argument("entry")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
def explain(entry: str, *, as_json: bool) -> None:
    """Explain ENTRY: its formula, sign, rounding, sources and the venues that use it.

    ENTRY is an entry (close.style=bankruptcy), a rule with all its entries (close.style), or an entry's bare name.
    """
    from shortfall.rules.reference import find  # noqa: PLC0415 - imports numpy

    line, entries = find(entry)
    if as_json:
        print(json.dumps({"schema": SCHEMA, "rules": [_document(line, entries)]}, indent=2, ensure_ascii=False))
        return
    print(f"{line.name}    {line.kind}, default {line.default}\n    {line.about.meaning}")
    _print_details(line.about, "    ")
    for name, known in entries:
        print(f"\n  {line.name}={name}\n    {known.meaning}")
        _print_details(known, "    ")


def _list(slot: str | None, *, as_json: bool) -> None:
    from shortfall.rules.reference import rule_lines  # noqa: PLC0415 - imports numpy
    from shortfall.rules.ruleset import SLOT_NAMES  # noqa: PLC0415 - the same

    names = ("waterfall", *SLOT_NAMES)
    if slot is not None and slot not in names:
        raise InputError([Finding("SLOT", f"Expected one of {', '.join(names)}, was {slot!r}")])
    lines = [line for line in rule_lines() if slot is None or line.name.partition(".")[0] == slot]
    if as_json:
        rows = [_document(line, tuple(line.entries.items())) for line in lines]
        print(json.dumps({"schema": SCHEMA, "rules": rows}, indent=2, ensure_ascii=False))
        return
    for line in lines:
        print(f"{line.name} = {line.default}    ({line.kind})\n    {line.about.meaning}")
        for name, known in line.entries.items():
            print(f"      {name}: {known.meaning}")
    print("\nshortfall rules explain NAME tells formula, sign, rounding, source and venues of one of them.")


def _print_details(known: Entry, indent: str) -> None:
    rows = (
        ("formula", known.formula),
        ("sign", known.sign),
        ("rounding", known.rounding),
        ("source", f"\n{indent}          ".join(known.sources)),
        ("venues", ", ".join(known.venues)),
    )
    for title, text in rows:
        if text:
            print(f"{indent}{title:<8}  {text}")


def _document(line: RuleLine, entries: tuple[tuple[str, Entry], ...]) -> dict[str, Any]:
    return {
        "name": line.name,
        "kind": line.kind,
        "default": line.default,
        **_details(line.about),
        "entries": [{"name": name, **_details(known)} for name, known in entries],
    }


def _details(known: Entry) -> dict[str, Any]:
    return {key: value for key, value in asdict(known).items() if key != "code"}
