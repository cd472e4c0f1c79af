"""`shortfall rules`: the rule space as it is, generated from the records that the engine compiles."""

from __future__ import annotations

import click

from shortfall.errors import Finding, InputError


@click.command(help="List the slots of the rule space, their rules and entries.")
@click.argument("slot", required=False)
def rules(slot: str | None) -> None:
    """Print every rule, or those of one slot: default, kind, meaning, and the entries of each choice."""
    from shortfall.rules.ruleset import SLOT_NAMES, RuleSet, rule_reference  # noqa: PLC0415 - imports numpy
    from shortfall.rules.slots import LAYER_CODES  # noqa: PLC0415 - the same

    if slot is not None and slot not in SLOT_NAMES:
        raise InputError([Finding("SLOT", f"Expected one of {', '.join(SLOT_NAMES)}, was {slot!r}")])
    defaults = {name: value for name, value, _ in RuleSet().lines()}
    if slot is None:
        print(f"waterfall = {defaults['waterfall']}")
        print(f"    layers in the order in which they are asked: {', '.join(LAYER_CODES)}")
    for name, kind, meaning, entries in rule_reference():
        if slot is None or name.startswith(f"{slot}."):
            print(f"{name} = {defaults[name]}    ({kind})\n    {meaning}")
            for entry, words in entries:
                print(f"      {entry}: {words}")
