"""Social DNA that needs no writing: programs with a name and one plain sentence each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """A ready Social DNA: `program` is what it stands for, `sentence` says it in words."""

    name: str
    sentence: str
    program: str


OPEN = Template(
    "open",
    "Anybody who asks becomes a member, every member may speak, and nobody is removed.",
    """\
%! Anybody who asks becomes a member, every member may speak, and nobody is removed.
register_social_organism("open", o).

%! A member may say anything it wrote itself.
output_expression(Url, o) :- so_expression(Url, Author, _, _), so_member(Author, o).

%! Whoever asks is admitted.
membrane(Did, o) :- so_join(Did, _).
""",
)

MAJORITY = Template(
    "majority",
    "Every member may speak; more than half of the members decide who joins and who is removed.",
    """\
%! Every member may speak; more than half of the members decide who joins and who is removed.
register_social_organism("majority", o).

%! A member may say anything it wrote itself.
output_expression(Url, o) :- so_expression(Url, Author, _, _), so_member(Author, o).

%! More than half of the members vouch for the newcomer.
membrane(Did, o) :- majority(Did).

%! More than half of the other members vouch for the removal.
membrane_exit(Did, o) :- majority(Did).

majority(Subject) :-
    aggregate_all(count, so_vouch(Subject, _, _), Vouches),
    aggregate_all(count, so_member(_, o), Members),
    2 * Vouches > Members.
""",
)

TEMPLATES = {template.name: template for template in (OPEN, MAJORITY)}
DEFAULT = MAJORITY
