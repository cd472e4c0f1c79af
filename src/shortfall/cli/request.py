"""Options of the commands that run a shock, read and checked into one request: all findings at once."""

from __future__ import annotations

import os
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from shortfall.errors import Finding, Findings, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shortfall.data.account_state import AccountState
    from shortfall.sim.paths import Shock
    from shortfall.sim.scenarios import PriceScenario
    from shortfall.sim.stress import Request
    from shortfall.sim.variants import Variant

DEFAULTS: Final[dict[str, object]] = {
    "mode": "common", "path": None, "afters": (), "refill": "5m", "oi": None, "close": None, "names": (), "alone": True,
    "step": "100ms", "threads": 1, "tiers": None, "day": None, "scenario": None, "gap": "-20%", "over": "60s", "depth_left": "10%",
    "state": None, "as_of": None, "depth_law": None, "liquidity": None, "feedback": "both",
}  # fmt: skip
# options that shape the price, which a named scenario states itself
SHAPE: Final = {
    "gap": "--gap",
    "over": "--over",
    "mode": "--shock",
    "step": "--step",
    "depth_left": "--depth-left",
    "refill": "--refill",
    "path": "--path",
}


def request_from(venue: str, symbol: str, given: dict[str, Any]) -> Request:
    """Read and check all options, so that everything that is wrong is told at once; what is not given has its default."""
    from shortfall.sim.members import FAMILY  # noqa: PLC0415 - imports numpy
    from shortfall.sim.paths import after_from_text  # noqa: PLC0415 - the same
    from shortfall.sim.stress import Request, check_request  # noqa: PLC0415 - imports the compiler

    options = DEFAULTS | given
    findings = Findings()

    def read(reading: Callable[[Any], Any], text: object, otherwise: object) -> Any:  # noqa: ANN401 - what was read
        try:
            return reading(text)
        except InputError as error:
            findings.include(error)
            return otherwise

    shock, scenario = _shock(options, read)
    path = options["path"]
    if scenario is not None:
        given_too = [name for name in SHAPE if name in given.get("typed", ())]
        for name in given_too:
            findings.add("--scenario", f"Expected no {SHAPE[name]} beside it, because the scenario states it")
        shock, path = (scenario.shock, path) if scenario.legs else (shock, scenario.path)
    changes = [str(word) for word in options["changes"]]  # type: ignore[attr-defined]  # click gives a tuple
    if options["close"]:
        changes.append(f"close.style={options['close']}")
    ladders = None
    if options["tiers"] is not None:
        from shortfall.data.ladders import load_ladders  # noqa: PLC0415 - imports numpy

        ladders = read(load_ladders, options["tiers"], None)
    adds = scenario is not None and scenario.largest
    state = _state(venue, symbol.upper(), options | {"adds": adds}, findings)
    names = options["names"] or tuple(m.name for m in FAMILY)
    request = Request(
        venue=venue,
        symbol=symbol.upper(),
        shock=shock,
        afters=tuple(read(after_from_text, text, None) for text in options["afters"]),  # type: ignore[attr-defined]  # click gives a tuple
        members=tuple(m for m in FAMILY if m.name in names),  # type: ignore[operator]
        accounts=int(str(options["accounts"])),
        seed=int(str(options["seed"])),
        alone=bool(options["alone"]),
        fund=_amount(options["fund"], "--fund", findings),
        interest=_amount(options["oi"], "--oi", findings),
        changes=tuple(changes),
        threads=max(1, int(str(options["threads"]))),
        path=None if path is None else str(path),
        scenario=scenario if scenario is not None and scenario.legs else None,
        state=state,
        variants=_variants(options, given.get("typed", ()), findings),
        ladders=ladders,
        day=None if options["day"] is None else options["day"].date(),  # type: ignore[attr-defined]  # click gives a datetime
    )
    try:
        check_request(request)
    except InputError as error:
        findings.include(error)
    findings.raise_if_any()
    return request


def _shock(options: dict[str, Any], read: Callable[[Any, object, object], Any]) -> tuple[Shock, PriceScenario | None]:
    """Read the shock, and the named scenario where one is asked for."""
    from shortfall.sim.paths import Shock  # noqa: PLC0415 - imports numpy
    from shortfall.units import duration_us_from_text, ppm_from_text  # noqa: PLC0415 - beside its users

    gap_text = str(options["gap"])
    gap = read(lambda t: ppm_from_text(t.lstrip("+-"), path="--gap"), gap_text, 200_000)
    shock = Shock(
        gap_ppm=int(gap) * (1 if gap_text.startswith("+") else -1),
        over_us=read(lambda t: duration_us_from_text(t, path="--over"), options["over"], 1),
        mode=str(options["mode"]),
        depth_left_ppm=read(lambda t: ppm_from_text(t, path="--depth-left"), options["depth_left"], 0),
        refill_us=read(lambda t: duration_us_from_text(t, path="--refill"), options["refill"], 1),
        step_us=read(lambda t: duration_us_from_text(t, path="--step"), options["step"], 100_000),
    )
    if options["scenario"] is None:
        return shock, None
    from shortfall.sim.scenarios import scenario_from_text  # noqa: PLC0415 - imports numpy

    return shock, read(scenario_from_text, options["scenario"], None)


def _variants(options: dict[str, Any], typed: Sequence[str], findings: Findings) -> tuple[Variant, ...]:
    """Read the models of depth and feedback. What is typed stands alone; else the crash's law is run beside the stated constant."""
    from shortfall.sim.liquidity import DEPTH_LAWS, FEEDBACKS, OFF, ON  # noqa: PLC0415 - imports numpy
    from shortfall.sim.variants import variants_from  # noqa: PLC0415 - the same

    chosen = [name for name in ("depth_left", "depth_law", "liquidity") if name in typed]
    if len(chosen) > 1:
        told = " and ".join(f"--{name.replace('_', '-')}" for name in chosen[:-1])
        findings.add(f"--{chosen[-1].replace('_', '-')}", f"Expected no {told} beside it: each says how depth thins")
    law = None if options["depth_law"] is None else DEPTH_LAWS[options["depth_law"]]
    if options["liquidity"] is not None:
        from shortfall.data.liquidity_file import load_liquidity  # noqa: PLC0415 - beside its user
        from shortfall.sim.fit import law_of  # noqa: PLC0415 - imports numpy

        try:
            law = law_of(load_liquidity(options["liquidity"]))
        except InputError as error:
            findings.include(error)
    name = str(options["feedback"])
    feedbacks = (OFF, ON) if name == "both" else (FEEDBACKS[name],)
    both = name == "both"
    return variants_from(feedbacks, law, adds_law=both and not chosen, adds_firm=both)


def _state(venue: str, symbol: str, options: dict[str, Any], findings: Findings) -> AccountState | None:
    """Read the user's own accounts. The salt of their ids is drawn here and forgotten."""
    if options["state"] is None:
        if options["as_of"] is not None:
            findings.add("--as-of", "Expected it with --state only")
        return None
    from shortfall.sim.own import load_own  # noqa: PLC0415 - imports the compiler

    for name, option in (("names", "--member"), ("oi", "--oi"), ("adds", "--scenario")):
        if options[name]:
            findings.add(option, "Expected none that says or adds accounts beside --state: they are your own")
    day = None if options["as_of"] is None else options["as_of"].date()
    try:
        return load_own(options["state"], venue, symbol, os.urandom(16), day)
    except InputError as error:
        findings.include(error)
        return None


def _amount(text: object, path: str, findings: Findings) -> Decimal | None:
    if text is None:
        return None
    try:
        return Decimal(str(text).replace("_", "").replace(",", ""))
    except InvalidOperation:
        findings.include(InputError([Finding(path, f"Expected a number, was {text!r}")]))
        return None
