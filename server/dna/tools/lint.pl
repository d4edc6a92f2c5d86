% What is wrong, or probably not meant, in a Social DNA: read with the engine's own reader, nothing of it is run.
%
%   lint(Source, Reply)    {"findings": [{"rule", "severity", "at": character or -1, "message", "suggestion"}, ...]}
%
% The text must have been loaded as the instance's program before, so that its operators and predicates are known; what
% cannot be loaded is reported by the driver.

:- dynamic((so_clause/4, so_own/2, so_found/5, so_called/2)).

lint(Source, Reply) :-
    nb_setval(so_findings, 0),
    setup_call_cleanup(open_string(Source, In), lint_all(In), close(In)),
    lint_whole,
    findall(At-object([rule-Rule, severity-Severity, at-At, message-Message, suggestion-Suggestion]),
            so_found(At, Rule, Severity, Message, Suggestion), Found),
    sort(0, @=<, Found, Sorted),
    findall(Finding, '$member'(_-Finding, Sorted), Findings),
    so_driver:json([findings-Findings], Reply).

most_findings(200).

found(At, Rule, Severity, Format, Arguments, Suggestion) :-
    \+ enough_found,
    format(string(Message), Format, Arguments),
    \+ so_found(At, Rule, Severity, Message, _), !,
    assertz(so_found(At, Rule, Severity, Message, Suggestion)),
    nb_getval(so_findings, Count), More is Count + 1, nb_setval(so_findings, More).
found(_, _, _, _, _, _).

% Looking for a better name takes long, so nothing is looked for that would not be shown.
enough_found :- nb_getval(so_findings, Count), most_findings(Most), Count >= Most.

% so_clause(Head, Body, Names, places(Start, HeadPlace, BodyPlace)): every clause, before any of them is looked at.
lint_all(In) :-
    repeat,
    catch(read_term(In, Term, [module(dna), variable_names(Names), singletons(Singletons), term_position(Position),
                               subterm_positions(Places)]), _, Term = (:- unreadable)),
    (   Term == end_of_file
    ->  !
    ;   ignore(lint_term(Term, Names, Singletons, Position, Places)),
        fail
    ).

lint_term((:- _), _, _, _, _) :- !.
lint_term(Term, Names, Singletons, Position, Places) :-
    stream_position_data(char_count, Position, Start),
    forall('$member'(Name=Variable, Singletons), singleton(Name, Variable, Term, Places, Start)),
    (   so_driver:grammar_rule(Term)
    ->  dcg_translate_rule(Term, (Head :- Body)), keep_clause(Head, Body, Names, places(Start, none, none))
    ;   clause_parts(Term, Places, Head, Body, HeadPlace, BodyPlace)
    ->  keep_clause(Head, Body, Names, places(Start, HeadPlace, BodyPlace))
    ).

keep_clause(Head, Body, Names, Places) :-
    assertz(so_clause(Head, Body, Names, Places)),
    callable(Head), functor(Head, Name, Arity),
    ( so_own(Name, Arity) -> true ; assertz(so_own(Name, Arity)) ).

clause_parts(Term, parentheses_term_position(_, _, Place), Head, Body, HeadPlace, BodyPlace) :- !,
    clause_parts(Term, Place, Head, Body, HeadPlace, BodyPlace).
clause_parts((Head :- Body), term_position(_, _, _, _, [HeadPlace, BodyPlace]), Head, Body, HeadPlace, BodyPlace) :- !.
clause_parts((Guarded => Body), term_position(_, _, _, _, [_, BodyPlace]), Head, Body, none, BodyPlace) :- !,
    ( nonvar(Guarded), Guarded = (Head, _) -> true ; Head = Guarded ).
clause_parts(Head, Place, Head, true, Place, none).

singleton(Name, Variable, Term, Places, Start) :-
    ( place_of(Variable, Term, Places, At) -> true ; At = Start ),
    format(string(Suggestion), "Write _ or _~w if it may be anything, or check the spelling", [Name]),
    found(At, "singleton-variable", "warning", "~w occurs only once in this clause", [Name], Suggestion).

place_of(Variable, Term, Places, At) :- Variable == Term, !, start_of(Places, At).
place_of(Variable, Term, parentheses_term_position(_, _, Place), At) :- !, place_of(Variable, Term, Place, At).
place_of(Variable, Term, term_position(_, _, _, _, Inner), At) :- !,
    compound(Term), nth1(N, Inner, Place), arg(N, Term, Argument), place_of(Variable, Argument, Place, At), !.
place_of(Variable, {Term}, brace_term_position(_, _, Place), At) :- !, place_of(Variable, Term, Place, At).
place_of(Variable, List, list_position(_, _, Inner, Tail), At) :-
    (   nth0(N, Inner, Place), nth_item(N, List, Item), place_of(Variable, Item, Place, At)
    ->  true
    ;   Tail \== none, length(Inner, Length), tail_of(Length, List, Rest), place_of(Variable, Rest, Tail, At)
    ).

nth_item(0, [Item|_], Item) :- !.
nth_item(N, [_|List], Item) :- M is N - 1, nth_item(M, List, Item).

tail_of(0, List, List) :- !.
tail_of(N, [_|List], Tail) :- M is N - 1, tail_of(M, List, Tail).

start_of(Place, Start) :- compound(Place), arg(1, Place, Start), integer(Start).

% ---- the whole program ------------------------------------------------------------------------------------------

lint_whole :-
    ignore(lint_entries),
    forall(so_clause(Head, Body, Names, Places), ( enough_found -> true ; ignore(lint_clause(Head, Body, Names, Places)) )),
    forall(( lonely(Head, At), \+ enough_found ), lint_lonely(Head, At)).

entry(register_social_organism, 2, "error", "The program does not name its organism").
entry(output_expression, 2, "warning", "Nothing may be said").
entry(membrane, 2, "info", "Only the invited can become members").
entry(membrane_exit, 2, "info", "Nobody can be removed; members only leave by themselves").
entry(dna_change, 2, "info", "Two thirds of the members decide on changes of the rules").

lint_entries :-
    forall(( entry(Name, Arity, Severity, Meaning), functor(Head, Name, Arity), \+ so_clause(Head, _, _, _) ),
           found(-1, "missing-predicate", Severity, "There is no ~w/~d. ~s", [Name, Arity, Meaning], null)).

% A predicate that nothing asks for.
lonely(Head, At) :-
    so_own(Name, Arity),
    \+ entry(Name, Arity, _, _),
    \+ so_called(Name, Arity),
    functor(Head, Name, Arity),
    once(so_clause(Head, _, _, places(At, _, _))).

lint_lonely(Head, At) :-
    functor(Head, Name, Arity),
    (   entry(Name, Right, _, _)
    ->  format(string(S), "Write ~w with ~d arguments", [Name, Right]),
        found(At, "wrong-arity", "error", "~w/~d is never asked for", [Name, Arity], S)
    ;   findall(N/A, ( entry(N, A, _, _) ; so_driver:reserved(N, A) ), Known),
        nearest(Name, Known, Near/NearArity)
    ->  format(string(S), "Did you mean ~w/~d?", [Near, NearArity]),
        found(At, "misspelt-predicate", "warning", "~w/~d is never asked for", [Name, Arity], S)
    ;   found(At, "unused-predicate", "info", "~w/~d is never asked for", [Name, Arity], null)
    ).

% ---- one clause -------------------------------------------------------------------------------------------------

lint_clause(Head, Body, Names, places(Start, HeadPlace, BodyPlace)) :-
    callable(Head),
    ( start_of(HeadPlace, At) -> true ; At = Start ),
    ignore(lint_head(Head, At)),
    ignore(lint_recursion(Head, Body, BodyPlace, At)),
    goals_in(Body, BodyPlace, At, 0, Goals, []),
    forall('$member'(goal(Goal, Place, _), Goals), ignore(lint_goal(Goal, Place, Names))),
    ignore(lint_dead(Head, Body, BodyPlace, At, Names)).

% An entry is asked with the registered handle, and with a text.
lint_head(Head, At) :-
    Head =.. [Name, Subject, Handle],
    entry(Name, 2, _, _), Name \== register_social_organism,
    (   nonvar(Handle), \+ registered(Handle)
    ->  found(At, "never-succeeds", "warning", "~w/2 is asked with the registered handle, which is not ~q", [Name, Handle],
              "Write the handle of register_social_organism/2")
    ;   true
    ),
    (   nonvar(Subject), \+ string(Subject)
    ->  found(At, "never-succeeds", "warning", "~w/2 is asked with a text, which ~q is not", [Name, Subject],
              "Write it in double quotes")
    ;   true
    ).

registered(Handle) :- so_clause(register_social_organism(_, Known), _, _, _), \+ Known \= Handle, !.
registered(_) :- \+ so_clause(register_social_organism(_, _), _, _, _).

% The body asks for the head again with the same arguments, and nothing before can have bound them.
lint_recursion(Head, Body, BodyPlace, At) :-
    \+ predicate_property(dna:Head, tabled),
    goals_in(Body, BodyPlace, At, 0, Goals, []),
    append(Before, [goal(Goal, Place, 0)|_], Goals),
    \+ ( '$member'(goal(Earlier, _, _), Before), may_bind(Earlier, Head) ),
    call_with_inference_limit(asks_again(Goal, Head, 3), 20000, Done), Done \== inference_limit_exceeded, !,
    functor(Head, Name, Arity),
    format(string(Suggestion), "Change an argument towards an end, or declare `:- table ~w/~d.`", [Name, Arity]),
    found(Place, "recursion-without-progress", "warning", "~w/~d asks for itself with the same arguments", [Name, Arity],
          Suggestion).

% At once, or through rules that hand the arguments on as they are.
asks_again(Goal, Head, _) :- Goal == Head, !.
asks_again(Goal, Head, Depth) :-
    Depth > 0, callable(Goal), Goal \= _:_,
    functor(Goal, Name, Arity), functor(Rule, Name, Arity),
    so_clause(Rule, Body, _, _),
    subsumes_term(Rule, Goal), \+ predicate_property(dna:Goal, tabled),
    Rule = Goal,
    goals_in(Body, none, 0, 0, Goals, []),
    append(Before, [goal(Next, _, 0)|_], Goals),
    \+ ( '$member'(goal(Earlier, _, _), Before), may_bind(Earlier, Head) ),
    Less is Depth - 1,
    asks_again(Next, Head, Less).

may_bind(Goal, Head) :-
    \+ test(Goal),
    term_variables(Goal, Own), term_variables(Head, Variables),
    '$member'(V, Own), '$member'(W, Variables), V == W, !.

test(Goal) :- functor(Goal, Name, _), memberchk(Name, [\+, ==, \==, <, >, =<, >=, =:=, =\=, @<, @>, @=<, @>=, var, nonvar,
    atom, number, integer, string, ground, atomic, compound, callable, is_list, forall, true, !]).

% The body has a goal on its way that can never be true.
lint_dead(Head, Body, BodyPlace, At, Names) :-
    goals_in(Body, BodyPlace, At, 0, Goals, []),
    ( dead_goal(Goals, Names, Place, Why) -> true ; two_types([goal(Head, At, 0)|Goals], Names, Place, Why) ),
    functor(Head, Name, Arity),
    found(Place, "never-succeeds", "warning", "This clause of ~w/~d never succeeds: ~s", [Name, Arity, Why], null).

% What one equation binds is bound in all goals after it; nothing of that stays.
dead_goal(Goals, Names, At, Why) :- \+ \+ ( dead(Goals, Names, At0, Why0), nb_setval(so_dead, At0-Why0) ), nb_getval(so_dead, At-Why).

dead([goal(Goal, Place, Must)|Goals], Names, At, Why) :-
    (   Must == 0, never(Goal, Names, Why)
    ->  At = Place
    ;   ( Must == 0, nonvar(Goal), Goal = (A = B) -> A = B ; true ),
        dead(Goals, Names, At, Why)
    ).

% One variable is a text in one fact, or in what is asked about, and a number in another.
two_types(Goals, Names, At, Why) :-
    findall_typed(Goals, Typed),
    append(_, [typed(One, Type, _)|Others], Typed),
    '$member'(typed(Other, Another, At), Others),
    One == Other, \+ agree(Type, Another), !,
    shown(One, Names, Text), type_words(Type, First), type_words(Another, Second),
    format(string(Why), "~s is ~s and ~s at once", [Text, First, Second]).

findall_typed([], []).
findall_typed([goal(Goal, At, Must)|Goals], Typed) :-
    (   Must == 0, types_of(Goal, Types)
    ->  Goal =.. [_|Arguments], typed_variables(Arguments, Types, At, Typed, Rest)
    ;   Rest = Typed
    ),
    findall_typed(Goals, Rest).

typed_variables([], _, _, Typed, Typed).
typed_variables([Argument|Arguments], [Type|Types], At, Typed, Rest) :-
    ( var(Argument), \+ memberchk(Type, [any, handle]) -> Typed = [typed(Argument, Type, At)|More] ; More = Typed ),
    typed_variables(Arguments, Types, At, More, Rest).

types_of(Goal, Types) :- callable(Goal), fact_types(Goal, Types), !.
types_of(Goal, [text, handle]) :- callable(Goal), functor(Goal, Name, 2), entry(Name, 2, _, _), Name \== register_social_organism.

agree(Type, Type) :- !.
agree(One, Other) :- memberchk(One, [number, whole]), memberchk(Other, [number, whole]).

never(Goal, _, _) :- var(Goal), !, fail.
never(fail, _, _) :- !, fail.
never(false, _, _) :- !, fail.
never(A = B, Names, Why) :- A \= B, !, shown(A = B, Names, Text), format(string(Why), "~s has no solution", [Text]).
never(A == B, Names, Why) :- A \= B, !, shown(A == B, Names, Text), format(string(Why), "~s is not so", [Text]).
never(Comparison, Names, Why) :-
    compound(Comparison), ground(Comparison), Comparison =.. [Symbol, _, _], compared(Symbol, _),
    catch(\+ Comparison, _, fail), !,
    shown(Comparison, Names, Text), format(string(Why), "~s is not so", [Text]).
never(Goal, Names, Why) :-
    callable(Goal), functor(Goal, Name, Arity),
    so_own(Name, Arity), \+ predicate_property(dna:Goal, tabled),
    functor(Head, Name, Arity),
    \+ ( so_clause(Head, _, _, _), \+ Head \= Goal ),
    \+ so_adds_clauses, !,
    shown(Goal, Names, Text), format(string(Why), "no clause is about ~s", [Text]).


% The program adds clauses while it runs, so those that are written down are not all.
so_adds_clauses :-
    so_clause(_, Body, _, _), sub_term(Term, Body), callable(Term), functor(Term, Adds, _),
    memberchk(Adds, [assert, asserta, assertz]), !.

wrong_type([Argument|_], [Type|_], Argument, Should) :- nonvar(Argument), \+ fits(Type, Argument), !, type_words(Type, Should).
wrong_type([_|Arguments], [_|Types], Argument, Should) :- wrong_type(Arguments, Types, Argument, Should).

fits(text, Value) :- string(Value).
fits(number, Value) :- number(Value).
fits(whole, Value) :- integer(Value).
fits(handle, Value) :- registered(Value).
fits(any, _).

type_words(text, "a text in double quotes").
type_words(number, "a number").
type_words(whole, "a whole number").
type_words(handle, "the registered handle").

fact_types(so_expression(_, _, _, _), [text, text, whole, text]).
fact_types(so_expression_data(_, _), [text, text]).
fact_types(so_link(_, _, _, _), [text, text, text, text]).
fact_types(so_member(_, _), [text, handle]).
fact_types(so_member_since(_, _), [text, whole]).
fact_types(so_vouch(_, _, _), [text, text, whole]).
fact_types(so_decline(_, _, _), [text, text, whole]).
fact_types(so_join(_, _), [text, whole]).
fact_types(so_proposed(_, _, _), [text, text, whole]).
fact_types(so_verdict(_, _, _, _), [text, text, text, whole]).
fact_types(so_coherence(_, _), [text, number]).
fact_types(trust(_, _, _), [text, text, number]).
fact_types(trust_tier(_, _, _), [text, text, any]).
fact_types(relationship(_, _, _), [text, text, text]).
fact_types(now(_), [whole]).
fact_types(epoch(_), [whole]).
fact_types(agent_did(_), [text]).
fact_types(triple(_, _, _), [text, text, text]).
fact_types(link(_, _, _, _, _), [text, text, text, whole, text]).

% ---- goals ------------------------------------------------------------------------------------------------------

% goals_in(+Body, +Place, +At, +Must, -Goals, ?Rest): goal(Goal, Start, Must), Must 0 where the body cannot do without.
goals_in(Body, _, At, _, [goal(call(Body), At, 1)|Rest], Rest) :- var(Body), !.
goals_in(Body, parentheses_term_position(_, _, Place), At, Must, Goals, Rest) :- !, goals_in(Body, Place, At, Must, Goals, Rest).
goals_in((A, B), Place, At, Must, Goals, Rest) :- !,
    two_places(Place, P, Q), goals_in(A, P, At, Must, Goals, More), goals_in(B, Q, At, Must, More, Rest).
goals_in((A -> B), Place, At, Must, Goals, Rest) :- !,
    two_places(Place, P, Q), goals_in(A, P, At, Must, Goals, More), goals_in(B, Q, At, Must, More, Rest).
goals_in((A *-> B), Place, At, Must, Goals, Rest) :- !,
    two_places(Place, P, Q), goals_in(A, P, At, Must, Goals, More), goals_in(B, Q, At, Must, More, Rest).
goals_in((A ; B), Place, At, _, Goals, Rest) :- !,
    two_places(Place, P, Q), goals_in(A, P, At, 1, Goals, More), goals_in(B, Q, At, 1, More, Rest).
goals_in(Goal, Place, At, Must, [goal(Goal, Start, Must)|Goals], Rest) :-
    ( start_of(Place, Start) -> true ; Start = At ),
    (   catch(meta_arguments(Goal, Specs), _, fail)
    ->  argument_places(Place, Specs, Places),
        Goal =.. [_|Arguments],
        inner_goals(Specs, Arguments, Places, Start, Goals, Rest)
    ;   Goals = Rest
    ).

two_places(term_position(_, _, _, _, [P, Q]), P, Q) :- !.
two_places(_, none, none).

meta_arguments(Goal, Specs) :-
    callable(Goal), Goal \= _:_,
    functor(Goal, Name, Arity), \+ so_own(Name, Arity),
    predicate_property(dna:Goal, meta_predicate(Meta)),
    Meta =.. [_|Specs].

argument_places(term_position(_, _, _, _, Places), Specs, Places) :- length(Specs, N), length(Places, N), !.
argument_places(_, Specs, Places) :- length(Specs, N), length(Places, N), all_none(Places).

all_none([]).
all_none([none|Places]) :- all_none(Places).

inner_goals([], _, _, _, Goals, Goals).
inner_goals([Spec|Specs], [Argument|Arguments], [Place|Places], At, Goals, Rest) :-
    (   integer(Spec), with_more(Spec, Argument, Goal)
    ->  ( Spec =:= 0 -> Inner = Place ; Inner = none ),
        goals_in(Goal, Inner, At, 1, Goals, More)
    ;   Spec == (^), strip_bound(Argument, Goal), nonvar(Goal)
    ->  goals_in(Goal, none, At, 1, Goals, More)
    ;   Spec == (//), nonvar(Argument), catch(dcg_translate_rule((so_phrase --> Argument), (_ :- Goal)), _, fail)
    ->  goals_in(Goal, none, At, 1, Goals, More)
    ;   Goals = More
    ),
    inner_goals(Specs, Arguments, Places, At, More, Rest).

strip_bound(Goal, Goal) :- var(Goal), !.
strip_bound(_^Inner, Goal) :- !, strip_bound(Inner, Goal).
strip_bound(Goal, Goal).

with_more(_, Argument, _) :- var(Argument), !, fail.
with_more(_, _:_, _) :- !, fail.
with_more(_, _>>_, _) :- !, fail.
with_more(0, Goal, Goal) :- !, callable(Goal).
with_more(N, Closure, Goal) :-
    callable(Closure),
    length(More, N),
    Closure =.. Parts0, append(Parts0, More, Parts), Goal =.. Parts.

lint_goal(Goal, _, _) :- var(Goal), !.
lint_goal(_:_, At, _) :- !,
    found(At, "unsafe-call", "warning", "A call into another module is outside of the safe library", [], null).
lint_goal(Goal, At, Names) :-
    callable(Goal),
    ignore(lint_fact(Goal, At, Names)),
    functor(Goal, Name, Arity),
    ( so_called(Name, Arity) -> true ; assertz(so_called(Name, Arity)) ),
    lint_call(Name, Arity, Goal, At).

lint_fact(Goal, At, Names) :-
    fact_types(Goal, Types),
    Goal =.. [_|Arguments],
    wrong_type(Arguments, Types, Argument, Should),
    shown(Goal, Names, Text),
    shown(Argument, Names, Value),
    found(At, "never-succeeds", "warning", "~s never holds: the facts have ~s where ~s stands", [Text, Should, Value], null).

lint_call(Name, Arity, _, _) :- so_driver:reserved(Name, Arity), !.
lint_call(Name, Arity, _, _) :- so_own(Name, Arity), !.
lint_call(_, _, Goal, _) :- declared(Goal), !.
lint_call(Name, Arity, Goal, At) :-
    ( predicate_property(dna:Goal, defined) ; predicate_property(dna:Goal, dynamic) ), !,
    ( unsafe(Name, Arity, Goal, Why) -> found(At, "unsafe-call", "warning", "~w/~d ~s", [Name, Arity, Why], null) ; true ).
lint_call(Name, Arity, _, At) :-
    known_arity(Name, Right), !,
    format(string(Suggestion), "Write ~q with ~d arguments", [Name, Right]),
    found(At, "wrong-arity", "error", "There is no ~q/~d", [Name, Arity], Suggestion).
lint_call(Name, Arity, _, At) :-
    findall(N/A, ( so_driver:reserved(N, A) ; common(N, A) ; limit(500, so_own(N, A)) ), Known),
    (   nearest(Name, Known, Near/NearArity)
    ->  format(string(Suggestion), "Did you mean ~q/~d?", [Near, NearArity])
    ;   Suggestion = null
    ),
    found(At, "unknown-predicate", "error", "There is no ~q/~d", [Name, Arity], Suggestion).

% By the program's own `:- dynamic`, perhaps without a clause.
declared(Goal) :-
    predicate_property(dna:Goal, dynamic),
    \+ predicate_property(dna:Goal, imported_from(_)),
    \+ predicate_property(dna:Goal, system).

known_arity(Name, Arity) :- so_driver:reserved(Name, Arity), !.
known_arity(Name, Arity) :- so_own(Name, Arity), !.
known_arity(Name, Arity) :- between(0, 8, Arity), functor(Goal, Name, Arity), predicate_property(dna:Goal, visible),
    predicate_property(dna:Goal, defined), !.

common(N, A) :- '$member'(N/A, [member/2, append/3, length/2, findall/3, forall/2, aggregate_all/3, aggregate_all/4, msort/2,
    sort/2, sort/4, nth0/3, nth1/3, last/2, sum_list/2, sumlist/2, max_list/2, min_list/2, memberchk/2, exclude/3, include/3,
    maplist/2, maplist/3, foldl/4, between/3, atom_length/2, atom_concat/3, sub_atom/5, string_concat/3, sub_string/5,
    string_length/2, string_lower/2, split_string/4, number_codes/2, atom_number/2, nonvar/1, ground/1, is_list/1,
    list_to_set/2, reverse/2, subtract/3, intersection/3, union/3, setof/3, bagof/3, once/1, ignore/1, not/1,
    json_property/3, literal_from_url/3, string_includes/2, format/3]).

% Within a third of its length, and two changes at most; the nearest one, the first of equals.
nearest(Name, Known, Best) :-
    atom_codes(Name, Codes), length(Codes, Length),
    Most is min(2, max(1, Length // 3)),
    findall(Distance-(N/A), ( '$member'(N/A, Known), N \== Name, atom_codes(N, Other), distance(Codes, Other, Distance),
                              Distance =< Most ), Near),
    Near \== [],
    keysort(Near, [_-Best|_]).

% Levenshtein distance, one row at a time.
distance(A, B, Distance) :-
    length(B, Length), numlist(0, Length, Row),
    rows(A, B, Row, Last), last(Last, Distance).

rows([], _, Row, Row).
rows([C|Cs], B, [First|Row], Last) :- Left is First + 1, row(B, C, First, Row, Left, Next), rows(Cs, B, [Left|Next], Last).

row([], _, _, [], _, []).
row([D|Ds], C, Diagonal, [Up|Ups], Left, [Here|Next]) :-
    ( C == D -> Cost = Diagonal ; Cost is 1 + min(Diagonal, min(Up, Left)) ),
    Here = Cost,
    row(Ds, C, Up, Ups, Here, Next).

% ---- the safe library -------------------------------------------------------------------------------------------

unsafe(Name, Arity, _, Why) :- reaches_out(Name, Arity), !, Why = "reaches for what an evaluation does not have".
unsafe(Name, Arity, _, Why) :- changes(Name, Arity), !, Why = "changes the program; nothing is kept after an evaluation".
unsafe(Name, _, _, Why) :- memberchk(Name, [get_time, statistics, random, random_between, random_member, set_random, gensym]), !,
    Why = "is the same in every evaluation: there is no clock and no randomness; use now/1".
unsafe(Name, Arity, Goal, "is outside of the safe library") :- \+ safe(Name, Arity, Goal).

reaches_out(Name, _) :- memberchk(Name, [open, close, see, seen, tell, told, append_file, consult, load_files, ensure_loaded,
    use_module, make, exists_file, exists_directory, directory_files, delete_file, rename_file, absolute_file_name,
    read, read_term, get_char, peek_char, get_code, put_char, write, writeq, print, nl, tab, write_term, write_canonical,
    print_message, halt, shell, getenv, setenv, process_create, tcp_socket, thread_create, thread_send_message, mutex_create,
    message_queue_create, sleep, open_shared_object, load_foreign_library, prompt, wait_for_input, current_op, abort,
    prolog, trace, spy, listing, tmp_file, working_directory, chdir, js_run_script]), !.
reaches_out(format, Arity) :- Arity < 3.

changes(Name, _) :- memberchk(Name, [assert, asserta, assertz, retract, retractall, abolish, erase, recorda, recordz,
    nb_setval, b_setval, nb_getval, b_getval, flag, set_flag, set_prolog_flag, op, dynamic, discontiguous, table, untable,
    redefine_system_predicate, create_prolog_flag, nb_setarg, setarg, abolish_all_tables, compile_predicates,
    term_expansion, expand_term, set_module, module, import, export, style_check, garbage_collect, snapshot, transaction]).

safe(_, _, Goal) :- predicate_property(dna:Goal, imported_from(Module)), safe_module(Module), !.
safe(_, _, Goal) :- predicate_property(dna:Goal, iso), !.
safe(Name, _, _) :- memberchk(Name, [',', ;, ->, *->, \+, !, true, fail, false, call, not, once, ignore, forall, findall, findnsols,
    bagof, setof, ^, aggregate_all, catch, throw, catch_with_backtrace, setup_call_cleanup, call_cleanup, apply, between, succ,
    plus, is, =, \=, ==, \==, @<, @>, @=<, @>=, =@=, \=@=, ?=, <, >, =<, >=, =:=, =\=, compare, unify_with_occurs_check, var, nonvar,
    atom, number, integer, float, rational, atomic, compound, callable, is_list, string, ground, cyclic_term, acyclic_term,
    functor, arg, =.., copy_term, duplicate_term, term_variables, term_to_atom, term_string, setof, sort, msort, predsort,
    length, memberchk, keysort, atom_codes, atom_chars, atom_length, atom_concat, sub_atom, sub_atom_icasechk, char_code,
    number_codes, number_chars, atom_number, atom_string, upcase_atom, downcase_atom, term_to_atom, atomic_list_concat,
    split_string, string_concat, string_length, string_chars, string_codes, string_to_atom, string_code, sub_string, string_lower,
    string_upper, number_string, text_to_string, text_concat, char_type, code_type, normalize_space, format, with_output_to,
    sformat, read_term_from_atom, sumlist, sum_list, tab, nb_current, tnot, when, freeze, frozen, dif, get_attr, phrase,
    call_with_depth_limit, call_with_inference_limit, dict_pairs, get_dict, put_dict, del_dict, is_dict, collation_key,
    compound_name_arity, compound_name_arguments, numbervars, tabling, undefined, is_assoc, ground, apply, string_predicate,
    nonground, subsumes_term, term_subsumer, unifiable, variant_sha1, variant_hash, term_hash, must_be, is_of_type, type_error,
    domain_error, existence_error, atomics_to_string, parse_time, format_time, stamp_date_time, date_time_stamp, succ_or_zero,
    repeat]).

safe_module(Module) :- memberchk(Module, [lists, apply, aggregate, assoc, pairs, ordsets, option, error, dcg_basics,
    dcg_high_order, strings, solution_sequences, ugraphs, rbtrees, nb_set, terms, occurs, yall, dif, when, so_library, debug]).
