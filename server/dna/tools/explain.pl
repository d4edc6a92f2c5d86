% Why a goal is true, false or undecided: an interpreter of Social DNA that keeps the proof.
%
%   explain(Source, Goal, Steps, Until, Reply)
%       Source  the program's text, for comments and names of variables
%       Steps   how many calls of predicates it may make
%       Until   stop before this one (0: never)
%   -> {"verdict": "true" | "false" | "undecided", "message": null | "...", "truncated": true | false, "tree": Node}
%   Node = {"goal": "...", "kind": "...", "words": null | "...", "line": null | N, "children": [Node, ...]}
%
% It knows conjunction, disjunction, if-then-else, negation, the cut and call/1, and walks through the program's own
% clauses; everything else (built-in predicates, facts, tabled predicates, rules with =>) it calls as one step.

:- dynamic(so_note/4).

explain(Source, Goal, Steps, Until, Reply) :-
    catch(annotate(Source), _, true),
    nb_setval(so_steps, steps(0, Steps, Until)),
    first_proof(Goal, Found),
    nb_setval(so_nodes, 150),
    report(Found, Goal, Reply).

first_proof(Goal, Found) :-
    catch(snapshot(( '$wfs_call'(so_tools:prove(Goal, [], Proof), _:Delays) -> settle(Delays, Proof, Found) ; Found = no )),
          Error, Found = stuck(Error)).

settle(true, Proof, yes(Proof)) :- !.
settle(_, _, undefined).

report(yes(Proof), _, Reply) :- !,
    proof_node(Proof, 0, Node),
    reply_explained("true", null, Node, Reply).
report(no, Goal, Reply) :- !,
    nb_setval(so_steps, steps(0, 100000, 0)),
    (   catch(snapshot(why_not(Goal, [], 0, Node)), _, fail)
    ->  true
    ;   leaf_node(Goal, [], "failed", no, Node)
    ),
    reply_explained("false", null, Node, Reply).
report(undefined, Goal, Reply) :- !,
    leaf_node(Goal, [], "undefined", no, Node),
    reply_explained("undecided", "the answer is undefined (well-founded semantics)", Node, Reply).
report(stuck(so_stuck(Path, Error)), _, Reply) :- !,
    told(Error, Message),
    path_node(Path, Node),
    reply_explained("undecided", Message, Node, Reply).
report(stuck(Error), Goal, Reply) :-
    told(Error, Message),
    leaf_node(Goal, [], "stuck", yes, Node),
    reply_explained("undecided", Message, Node, Reply).

told(so_steps, "it takes more steps than an explanation may") :- !.
told(so_until, "a limit") :- !.
told(Error, Message) :- so_driver:explained(Error, Message).

reply_explained(Verdict, Message, Node, Reply) :-
    nb_getval(so_nodes, Left),
    ( Left =< 0 -> Truncated = true ; Truncated = false ),
    so_driver:json([verdict-Verdict, message-Message, truncated-Truncated, tree-Node], Reply).

% ---- proving ----------------------------------------------------------------------------------------------------

% prove(+Goal, +Path, -Proof): Path are the goals above, the nearest first, each as goal(Goal, Names).
prove(Goal, Path, Proof) :-
    prolog_current_choice(Choice),
    prove(Goal, Path, [], Choice, Proof).

prove(Goal, Path, Names, _, Proof) :- var(Goal), !, call_leaf(Goal, Path, Names, Proof).
prove((A, B), Path, Names, Choice, both(P, Q)) :- !, prove(A, Path, Names, Choice, P), prove(B, Path, Names, Choice, Q).
prove(!, _, _, Choice, cut) :- !, prolog_cut_to(Choice).
prove((A -> B ; C), Path, Names, Choice, Proof) :- !,
    (   prove_local(A, Path, Names, P)
    ->  Proof = both(P, Q), prove(B, Path, Names, Choice, Q)
    ;   Proof = both(not(A, Names), Q), prove(C, Path, Names, Choice, Q)
    ).
prove((A *-> B ; C), Path, Names, Choice, Proof) :- !,
    (   prove_local(A, Path, Names, P)
    *-> Proof = both(P, Q), prove(B, Path, Names, Choice, Q)
    ;   Proof = both(not(A, Names), Q), prove(C, Path, Names, Choice, Q)
    ).
prove((A ; B), Path, Names, Choice, Proof) :- !,
    ( prove(A, Path, Names, Choice, Proof) ; prove(B, Path, Names, Choice, Proof) ).
prove((A -> B), Path, Names, Choice, both(P, Q)) :- !,
    ( prove_local(A, Path, Names, P) -> prove(B, Path, Names, Choice, Q) ).
prove((A *-> B), Path, Names, Choice, both(P, Q)) :- !,
    prove_local(A, Path, Names, P), prove(B, Path, Names, Choice, Q).
prove(\+ A, Path, Names, _, not(A, Names)) :- !, \+ prove_local(A, Path, Names, _).
prove(call(A), Path, Names, _, P) :- !, prove_local(A, Path, Names, P).
prove(dna:A, Path, Names, Choice, P) :- nonvar(A), !, prove(A, Path, Names, Choice, P).
prove(Goal, Path, Names, _, Proof) :- own_rule(Goal), !, prove_rule(Goal, Path, Names, Proof).
prove(Goal, Path, Names, _, Proof) :- call_leaf(Goal, Path, Names, Proof).

% The body of call/1, \+ and a condition is opaque to the cut, and compiled as a whole first: (fail, 1) is an error.
prove_local(Goal, Path, Names, Proof) :-
    checked(Goal, Path, Names),
    prolog_current_choice(Choice),
    prove(Goal, Path, Names, Choice, Proof).

checked(Goal, _, _) :- well_formed(Goal), !.
checked(Goal, Path, Names) :- throw(so_stuck([goal(Goal, Names)|Path], error(type_error(callable, Goal), _))).

well_formed(Goal) :- var(Goal), !.
well_formed(Goal) :- control(Goal, Parts), !, all_well_formed(Parts).
well_formed(Goal) :- callable(Goal).

all_well_formed([]).
all_well_formed([Goal|Goals]) :- well_formed(Goal), all_well_formed(Goals).

control((A, B), [A, B]).
control((A ; B), [A, B]).
control((A -> B), [A, B]).
control((A *-> B), [A, B]).
control(\+ A, [A]).

% own_rule(+Goal): a predicate whose clauses can be walked through.
own_rule(Goal) :-
    callable(Goal), Goal \= _:_,
    functor(Goal, Name, Arity),
    \+ so_driver:reserved(Name, Arity),
    predicate_property(dna:Goal, dynamic),
    \+ predicate_property(dna:Goal, imported_from(_)),
    \+ predicate_property(dna:Goal, tabled),
    \+ predicate_property(dna:Goal, ssu).

prove_rule(Goal, Path, Names, rule(Goal, Names, Ref, Proof)) :-
    step([goal(Goal, Names)|Path]),
    prolog_current_choice(Choice),
    clause(dna:Goal, _, Ref),
    body_of(Ref, Goal, Body, Inner),
    prove(Body, [goal(Goal, Names)|Path], Inner, Choice, Proof).

call_leaf(Goal, Path, Names, leaf(Goal, Names)) :-
    Here = [goal(Goal, Names)|Path],
    step(Here),
    catch(dna:Goal, Error, throw_here(Error, Here)).

throw_here(Error, _) :- nonvar(Error), Error = so_stuck(_, _), !, throw(Error).
throw_here(Error, Here) :- throw(so_stuck(Here, Error)).

% Every step writes one byte, which goes nowhere and is counted: that is how the host knows which one met a limit.
step(Here) :-
    put_char(user_error, '.'),
    flush_output(user_error),
    nb_getval(so_steps, steps(Taken0, Most, Until)),
    Taken is Taken0 + 1,
    (   Taken > Most
    ->  throw(so_stuck(Here, so_steps))
    ;   Taken =:= Until
    ->  throw(so_stuck(Here, so_until))
    ;   nb_setval(so_steps, steps(Taken, Most, Until))
    ).

% ---- why not ----------------------------------------------------------------------------------------------------

% why_not(+Goal, +Names, +Depth, -Node): the goal is false; each clause with the goal that it got stuck at.
why_not(Goal, Names, Depth, Node) :- Depth >= 8, !, leaf_node(Goal, Names, "failed", no, Node).
why_not(Goal, Names, _, Node) :- var(Goal), !, leaf_node(Goal, Names, "failed", no, Node).
why_not((A, B), Names, Depth, Node) :- !, stuck_in((A, B), Names, Depth, _, Node).
why_not((A -> B ; C), Names, Depth, Node) :- !,
    ( prove_local(A, [], Names, _) -> why_not(B, Names, Depth, Node) ; why_not(C, Names, Depth, Node) ).
why_not((A *-> B ; C), Names, Depth, Node) :- !,
    ( \+ prove_local(A, [], Names, _) -> why_not(C, Names, Depth, Node) ; why_not((A, B), Names, Depth, Node) ).
why_not((A ; B), Names, Depth, Node) :- !,
    Deeper is Depth + 1,
    why_not(A, Names, Deeper, First),
    why_not(B, Names, Deeper, Second),
    node((A ; B), Names, "failed", "neither holds", null, [First, Second], Node).
why_not((A -> B), Names, Depth, Node) :- !,
    ( prove_local(A, [], Names, _) -> why_not(B, Names, Depth, Node) ; why_not(A, Names, Depth, Node) ).
why_not((A *-> B), Names, Depth, Node) :- !, why_not((A, B), Names, Depth, Node).
why_not(\+ A, Names, Depth, Node) :- !,
    Deeper is Depth + 1,
    (   prove_local(A, [], Names, Proof)
    ->  proof_node(Proof, Deeper, Child), Children = [Child]
    ;   Children = []
    ),
    node(\+ A, Names, "failed", "this holds, and must not", null, Children, Node).
why_not(call(A), Names, Depth, Node) :- !, why_not(A, Names, Depth, Node).
why_not(dna:A, Names, Depth, Node) :- !, why_not(A, Names, Depth, Node).
why_not(Goal, Names, Depth, Node) :- own_rule(Goal), !,
    Deeper is Depth + 1,
    findall(Ref, clause_for(Goal, Ref), Refs),
    each_clause(Refs, Goal, Deeper, Children),
    ( Refs == [] -> Words = "no clause is about this" ; Words = null ),
    node(Goal, Names, "failed", Words, null, Children, Node).
why_not(Goal, Names, _, Node) :- leaf_node(Goal, Names, "failed", no, Node).

clause_for(Goal, Ref) :- \+ \+ clause(dna:Goal, _, Ref), clause(dna:Goal, _, Ref).

each_clause([], _, _, []).
each_clause([Ref|Refs], Goal, Depth, Nodes) :-
    copy_term(Goal, Own),
    body_of(Ref, Own, Body, Names),
    stuck_in(Body, Names, Depth, Committed, Stuck),
    clause_node(Own, Names, Ref, "clause", [Stuck], Node),
    Nodes = [Node|Others],
    ( Committed == true -> Others = [] ; each_clause(Refs, Goal, Depth, Others) ).

% stuck_in(+Body, +Names, +Depth, -Committed, -Node): the furthest goal of a body that was reached and failed.
stuck_in(Body, Names, Depth, Committed, Node) :-
    goals(Body, Goals, []),
    State = reached(0, Body-Names, false),
    ( walk(Goals, Names, State) -> true ; true ),
    State = reached(Index, Goal-Kept, Committed),
    ( Index =:= 0 -> leaf_node(Goal, Kept, "failed", no, Node) ; why_not(Goal, Kept, Depth, Node) ).

goals((A, B), Goals, Rest) :- !, goals(A, Goals, More), goals(B, More, Rest).
goals(Goal, [Goal|Rest], Rest).

% What is kept outlives backtracking: nb_setarg/3 copies the goal and its names together.
walk(Goals, Names, State) :-
    prolog_current_choice(Choice),
    walk(Goals, 1, Names, State, Choice).

walk([], _, _, _, _).
walk([!|Goals], Index, Names, State, Choice) :- !,
    nb_setarg(3, State, true),
    prolog_cut_to(Choice),
    walk(Goals, Index, Names, State, Choice).
walk([Goal|Goals], Index, Names, State, Choice) :-
    ( arg(1, State, Furthest), Index > Furthest -> nb_setarg(1, State, Index), nb_setarg(2, State, Goal-Names) ; true ),
    prove(Goal, [], Names, Choice, _),
    Next is Index + 1,
    walk(Goals, Next, Names, State, Choice).

% ---- comments and names of the clauses --------------------------------------------------------------------------

% so_note(Ref, (Head :- Body), Names, note(Line, Words)): as the program's text has it.
annotate(Source) :-
    setup_call_cleanup(open_string(Source, In), annotate_all(In), close(In)).

annotate_all(In) :-
    nb_setval(so_counts, []),
    repeat,
    catch(read_term(In, Term, [module(dna), comments(Comments), term_position(Position), variable_names(Names)]), _, fail),
    (   Term == end_of_file
    ->  !
    ;   ignore(annotate_one(Term, Comments, Position, Names)),
        fail
    ).

annotate_one((:- _), _, _, _) :- !.
annotate_one(Term, Comments, Position, Names) :-
    ( so_driver:grammar_rule(Term) -> dcg_translate_rule(Term, Clause) ; Clause = Term ),
    so_driver:head(Clause, Head),
    ( Clause = (_ :- Written) -> called(Written, Body) ; Body = true ),
    functor(Head, Name, Arity),
    nb_getval(so_counts, Counts),
    ( selectchk(Name/Arity-N0, Counts, Others) -> true ; N0 = 0, Others = Counts ),
    N is N0 + 1,
    nb_setval(so_counts, [Name/Arity-N|Others]),
    stream_position_data(line_count, Position, Line),
    stream_position_data(char_count, Position, Start),
    above(Comments, Start, Words),
    functor(General, Name, Arity),
    nth_clause(dna:General, N, Ref),
    assertz(so_note(Ref, (Head :- Body), Names, note(Line, Words))).

% A variable in a body stands for call/1, so that a cut that it is bound to later stays inside.
called(Goal, call(Goal)) :- var(Goal), !.
called(Goal, Called) :- control(Goal, Parts), Goal \= (\+ _), !,
    functor(Goal, Name, _),
    each_called(Parts, Wrapped),
    Called =.. [Name|Wrapped].
called(Goal, Goal).

each_called([], []).
each_called([Goal|Goals], [Called|Others]) :- called(Goal, Called), each_called(Goals, Others).

above(Comments, Start, Words) :-
    findall(Line, ( '$member'(At-Comment, Comments), stream_position_data(char_count, At, Place), Place < Start,
                    string_concat("%!", Rest, Comment), normalize_space(string(Line), Rest) ), Lines),
    ( Lines == [] -> Words = null ; atomic_list_concat(Lines, ' ', Joined), atom_string(Joined, Words) ).

% body_of(+Ref, +Goal, -Body, -Names): of the clause whose head is the goal, as it is written: what is compiled can come
% back with the sides of == exchanged. A clause that the program asserted itself has only that.
body_of(Ref, Goal, Body, Names) :- so_note(Ref, (Goal :- Body), Names, _), !.
body_of(Ref, Goal, Body, []) :- clause(dna:Goal, Body, Ref).

note_of(Ref, Line, Words) :- so_note(Ref, _, _, note(Line, Words)), !.
note_of(_, null, null).

% ---- nodes ------------------------------------------------------------------------------------------------------

proof_node(both(P, Q), Depth, Node) :- !,
    children(both(P, Q), Depth, Children),
    ( Children = [Node] -> true ; node((all), [], "proof", "all of these hold", null, Children, Node) ).
proof_node(rule(Goal, Names, Ref, Proof), Depth, Node) :- !,
    Deeper is Depth + 1,
    ( Depth >= 12 -> nb_setval(so_nodes, 0), Children = [] ; children(Proof, Deeper, Children) ),
    clause_node(Goal, Names, Ref, "rule", Children, Node).
proof_node(not(Goal, Names), _, Node) :- !, negation_words(Goal, Words), node(\+ Goal, Names, "not", Words, null, [], Node).
proof_node(leaf(Goal, Names), _, Node) :- leaf_node(Goal, Names, "holds", yes, Node).
proof_node(cut, _, Node) :- node(!, [], "holds", "no other way is tried", null, [], Node).

negation_words(Goal, Words) :-
    callable(Goal), \+ control(Goal, _), !,
    ( own_rule(Goal) -> shown(Goal, [], Text), format(string(Words), "~s does not hold", [Text]) ; said(Goal, no, Words) ).
negation_words(_, "that does not hold").

children(Proof, Depth, Nodes) :- flat(Proof, Parts, []), child_nodes(Parts, Depth, Nodes).

flat(both(P, Q), Parts, Rest) :- !, flat(P, Parts, More), flat(Q, More, Rest).
flat(cut, Rest, Rest) :- !.
flat(leaf(True, _), Rest, Rest) :- True == true, !.
flat(Proof, [Proof|Rest], Rest).

child_nodes([], _, []).
child_nodes([Part|Parts], Depth, Nodes) :-
    nb_getval(so_nodes, Left),
    (   Left =< 0
    ->  Nodes = []
    ;   proof_node(Part, Depth, Node), Nodes = [Node|Others], child_nodes(Parts, Depth, Others)
    ).

clause_node(Goal, Names, Ref, Kind, Children, Node) :-
    note_of(Ref, Line, Words),
    node(Goal, Names, Kind, Words, Line, Children, Node).

leaf_node(Goal, Names, Kind, Sign, Node) :-
    ( var(Goal) -> Words = null ; own_rule(Goal) -> Words = null ; said(Goal, Sign, Words) ),
    node(Goal, Names, Kind, Words, null, [], Node).

path_node([goal(Goal, Names)], Node) :- !, leaf_node(Goal, Names, "stuck", yes, Innermost), stuck_words(Innermost, Node).
path_node(Path, Node) :-
    length(Path, Length),
    ( Length > 20 -> length(Near, 17), append(Near, Far, Path), last(Far, Top), append(Near, [Top], Kept),
                     nb_setval(so_nodes, 0)
    ; Kept = Path
    ),
    Kept = [goal(Goal, Names)|Above],
    leaf_node(Goal, Names, "stuck", yes, Innermost),
    stuck_words(Innermost, Stuck),
    foldl(around, Above, Stuck, Node).

stuck_words(object([goal-Goal, kind-Kind, words-_|More]), object([goal-Goal, kind-Kind, words-"here it stopped"|More])).

around(goal(Goal, Names), Inner, Node) :- node(Goal, Names, "calling", null, null, [Inner], Node).

node(Goal, Names, Kind, Words, Line, Children, object([goal-Text, kind-Kind, words-Words, line-Line, children-Children])) :-
    nb_getval(so_nodes, Left),
    Fewer is Left - 1,
    nb_setval(so_nodes, Fewer),
    shown(Goal, Names, Text).
