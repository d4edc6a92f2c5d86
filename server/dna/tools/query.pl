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

% One goal, and nothing but a comment after it: what would be left out in silence is a mistake.
typed(Text, Goal, Names) :-
    string_concat(Text, "\n.", Whole),
    setup_call_cleanup(
        open_string(Whole, In),
        ( read_term(In, Goal, [module(dna), variable_names(Names)]), read_string(In, _, Left) ),
        close(In)),
    ( nothing_in(Left) -> true ; throw(refused("a goal is one term, and more follows it")) ),
    ( callable(Goal) -> true ; throw(error(type_error(callable, Goal), _)) ).

% But perhaps the end that was added.
nothing_in(Left) :-
    ( string_concat(Text, ".", Left) -> true ; Text = Left ),
    setup_call_cleanup(open_string(Text, In), catch(read_term(In, Term, []), _, fail), close(In)),
    Term == end_of_file.

bindings([], []).
bindings([Name=Value|Names], Pairs) :-
    ( sub_atom(Name, 0, _, _, '_') -> Pairs = Others ; shown(Value, [], Text), Pairs = [Name-Text|Others] ),
    bindings(Names, Others).
