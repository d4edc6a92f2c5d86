% Goals that a person types, with the program's own operators.
%
%   parsed(Text, Reply)             {"goal": "canonical text"} or {"status": "error", "message": "..."}
%   solutions(Text, Most, Reply)    {"solutions": [{"X": "...", ...}, ...], "more": true | false} or as above

parsed(Text, Reply) :-
    typed(Text, Goal, _),
    format(string(Canonical), "~W", [Goal, [quoted(true), ignore_ops(true)]]),
    so_driver:json([goal-Canonical], Reply).

solutions(Text, Most, Reply) :-
    typed(Text, Goal, Names),
    More is Most + 1,
    findall(Names, limit(More, dna:Goal), Found),
    length(Found, Count),
    ( Count > Most -> Others = true, length(Shown, Most), append(Shown, _, Found) ; Others = false, Shown = Found ),
    findall(object(Pairs), ( '$member'(Each, Shown), bindings(Each, Pairs) ), Solutions),
    so_driver:json([solutions-Solutions, more-Others], Reply).

typed(Text, Goal, Names) :-
    term_string(Goal, Text, [module(dna), variable_names(Names)]),
    ( callable(Goal) -> true ; throw(error(type_error(callable, Goal), _)) ).

bindings([], []).
bindings([Name=Value|Names], Pairs) :-
    ( sub_atom(Name, 0, _, _, '_') -> Pairs = Others ; shown(Value, [], Text), Pairs = [Name-Text|Others] ),
    bindings(Names, Others).
