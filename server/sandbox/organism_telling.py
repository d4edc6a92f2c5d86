"""What a person at a terminal sees of an organism's scenarios: who is who, what is assumed, what would be otherwise."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from domain.sandbox.living.alternatives import AS_IT_IS, Finding, Reading
from domain.sandbox.living.organism import OrganismFacts, beliefs
from domain.sandbox.living.prior import Mix
from server.sandbox import telling
from server.sandbox.tabular import Row


def members(facts: OrganismFacts, mixes: Sequence[Mix]) -> Table:
    """Everybody's name in the scenarios, what is known, and how surely each mix takes it for honest."""
    table = Table(box=None, header_style="bold")
    for title in ("name", "member", "tier", "good", "bad"):
        table.add_column(title, no_wrap=True, justify="right" if title in ("good", "bad") else "left")
    for mix in mixes:
        table.add_column(f"honest ({mix.name})", justify="right")
    known, believed = facts.known, [beliefs(facts, mix) for mix in mixes]
    for did, name in facts.names.items():
        found = known.get(name)
        told = ("", "", "") if found is None else (str(found.tier), f"{found.good:.1f}", f"{found.bad:.1f}")
        table.add_row(name, did, *told, *(f"{shares[name][0]:.2f}" for shares in believed))
    return table


def assumed(sentences: Sequence[str]) -> str:
    return "\n".join(("[bold]It is assumed:[/]", *(f"- {escape(sentence)}" for sentence in sentences)))


def findings(figure: str, found: Sequence[Finding]) -> Table:
    """Of one figure: per mix and alternative, paired by draw."""
    table = Table(box=None, header_style="bold", title=figure, title_justify="left", title_style="bold")
    for title in ("mix", "alternative", AS_IT_IS, "what if", "difference", "d", "p (Holm)"):
        left = title in ("mix", "alternative")
        table.add_column(title, justify="left" if left else "right", no_wrap=left)
    for each in found:
        numbers = (telling.number(each.before), telling.number(each.after), telling.signed(each.effect.difference))
        strength = telling.strength(each.effect.size, each.corrected_p)
        table.add_row(escape(each.mix), escape(each.alternative), *numbers, *strength)
    return table


def reading(found: Reading) -> str:
    """As in `true_toxicity: dna=open raises it in 3 of 3 mixes`."""
    parts = (
        ("raises it", found.raised),
        ("lowers it", found.lowered),
        ("does nothing that could not be chance", found.unmoved),
    )
    count = sum(len(mixes) for _, mixes in parts)
    told = ", ".join(f"{what} in {_mixes(mixes, count)}" for what, mixes in parts if mixes)
    return f"[bold]{escape(found.figure)}[/]: {escape(found.alternative)} {told}"


def _mixes(found: Sequence[str], count: int) -> str:
    whole = f"{len(found)} of {count} mixes"
    return whole if len(found) == count else f"{whole} ({', '.join(found)})"


def row(found: Finding) -> Row:
    """For a file."""
    difference = found.effect.difference
    return {
        "figure": found.figure,
        "mix": found.mix,
        "alternative": found.alternative,
        "draws": difference.n,
        "before": found.before.mean,
        "after": found.after.mean,
        "difference": difference.mean,
        "difference_low": difference.low,
        "difference_high": difference.high,
        "size": found.effect.size,
        "p": found.effect.p,
        "p_holm": found.corrected_p,
        "direction": found.direction,
    }
