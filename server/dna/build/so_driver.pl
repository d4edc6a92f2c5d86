% The driver inside the Social DNA engine: loads a program and its facts, and runs one goal.
%
% The host calls these predicates with a text and gets a JSON text back:
%   load_program/2   source text          -> {"problems": [...], "defines": ["name/arity", ...], "mentions": [name, ...],
%                                             "clauses": [["name/arity", canonical text], ...]}
%   load_facts/2     canonical facts text -> {"facts": N}
%   index_facts/2    ignored              -> {"indexed": true}
%   handle/2         ignored              -> {"status": "true", "kind": "atom", "value": "..."} or as evaluate/2
%   evaluate/2       goal text            -> {"status": "true" | "false"} or {"status": "error", "message": "..."}
%   load_tool/2      source text          -> {"loaded": N}
%   ask/2            goal text            -> the JSON text that so_tools:goal gives in one more argument, or as evaluate/2
%
% Every call that matters runs in a fresh instance, so nothing here has to be undone. A program shares this Prolog
% with the driver and may spoil its own evaluation; limits are enforced outside of Prolog, where it cannot reach.
:- module(so_driver, []).

:- use_module(library(aggregate)).
:- use_module(library(apply)).
:- use_module(library(assoc)).
:- use_module(library(charsio)).
:- use_module(library(dcg/basics)).
:- use_module(library(dcg/high_order)).
:- use_module(library(debug)).
:- use_module(library(dif)).
:- use_module(library(error)).
:- use_module(library(gensym)).
:- use_module(library(lists)).
:- use_module(library(nb_set)).
:- use_module(library(occurs)).
:- use_module(library(option)).
:- use_module(library(ordsets)).
:- use_module(library(pairs)).
:- use_module(library(prolog_code)).
:- use_module(library(rbtrees)).
:- use_module(library(solution_sequences)).
:- use_module(library(strings)).
:- use_module(library(terms)).
:- use_module(library(ugraphs)).
:- use_module(library(when)).
:- use_module(library(yall)).

:- dynamic problem/1, defined/1, mentioned/1, overridden/1, written/2.

% ---- the vocabulary ---------------------------------------------------------------------------------------------

% reserved(Name, Arity): what the server alone says. reachable/2 is a rule over triple/3, the others are facts.
reserved(so_expression, 4).
reserved(so_expression_data, 2).
reserved(so_link, 4).
reserved(so_member, 2).
reserved(so_member_since, 2).
reserved(so_vouch, 3).
reserved(so_decline, 3).
reserved(so_join, 2).
reserved(so_proposed, 3).
reserved(so_verdict, 4).
reserved(so_coherence, 2).
reserved(trust, 3).
reserved(trust_tier, 3).
reserved(relationship, 3).
reserved(now, 1).
reserved(epoch, 1).
reserved(agent_did, 1).
reserved(triple, 3).
reserved(link, 5).
reserved(reachable, 2).

% Run once, when the engine is built: a missing fact is then "no", not an error.
declare_vocabulary :-
    forall(( reserved(Name, Arity), Name \== reachable ), dynamic(dna:Name/Arity)),
    table(dna:(reachable/2)),
    assertz(dna:(reachable(From, To) :- triple(From, _, To))),
    assertz(dna:(reachable(From, To) :- reachable(From, Through), triple(Through, _, To))).

% These are present, so asking for them is allowed and does nothing.
present(Library) :-
    memberchk(Library, [aggregate, apply, assoc, between, charsio, dcg/basics, dcg/high_order, dcgs, debug, dif, error,
                        format, gensym, iso_ext, lists, nb_set, occurs, option, ordsets, pairs, rbtrees, si,
                        solution_sequences, strings, tabling, terms, ugraphs, when, yall]).

% ---- loading a program ------------------------------------------------------------------------------------------

load_program(Text, Reply) :-
    catch(setup_call_cleanup(open_string(Text, In), read_clauses(In), close(In)), Error, note(Error)),
    findall(Problem, limit(50, problem(Problem)), Problems),
    findall(Indicator, ( defined(N/A), format(string(Indicator), "~w/~d", [N, A]) ), Defines),
    findall(Name, mentioned(Name), Mentions),
    findall([Indicator, Clause], written(Indicator, Clause), Clauses),
    json([problems-Problems, defines-Defines, mentions-Mentions, clauses-Clauses], Reply).

read_clauses(In) :-
    repeat,
    catch(read_term(In, Term, [module(dna), syntax_errors(error), term_position(Position)]), Error, true),
    (   nonvar(Error)
    ->  note(Error),
        fail
    ;   Term == end_of_file
    ->  !
    ;   stream_position_data(line_count, Position, Line),
        catch(take(Term), Trouble, note(at(Line, Trouble))),
        fail
    ).

take((:- Directive)) :- !, obey(Directive).
take((?- _)) :- !, refuse("a program cannot run queries while it is loaded").
take(Rule) :- grammar_rule(Rule), !, dcg_translate_rule(Rule, Clause), add(Clause).
take(Clause) :- add(Clause).

grammar_rule((_ --> _)).
grammar_rule((_ ==> _)).

add(Clause) :-
    (   head(Clause, Head), callable(Head), Head \= _:_
    ->  true
    ;   throw(error(type_error(clause, Clause), _))
    ),
    may_define(Head),
    assertz(dna:Clause),
    functor(Head, Name, Arity),
    remember(defined(Name/Arity)),
    keep_written(Name/Arity, Clause),
    forall(mention(Clause, Mentioned), remember(mentioned(Mentioned))).

head((Head :- _), Head) :- !.
head((Guarded => _), Head) :- !, ( nonvar(Guarded), Guarded = (Head, _) -> true ; Head = Guarded ).
head(Head, Head).

mention(Clause, Name) :-
    sub_term(Term, Clause),
    callable(Term),
    functor(Term, Name, _),
    once(reserved(Name, _)).

remember(Fact) :- ( call(Fact) -> true ; assertz(Fact) ).

% What a clause is, however it was laid out and whatever its variables are called.
keep_written(Name/Arity, Clause) :-
    \+ \+ ( numbervars(Clause, 0, _, [singletons(false)]),
            format(string(Text), "~W", [Clause, [quoted(true), ignore_ops(true), numbervars(true)]]),
            format(string(Indicator), "~w/~d", [Name, Arity]),
            assertz(written(Indicator, Text)) ).

may_define(Head) :-
    functor(Head, Name, Arity),
    (   reserved(Name, Arity)
    ->  refuse("~w/~d is a fact of the server; a program cannot define it", [Name, Arity])
    ;   expansion(Name, Arity)
    ->  refuse("~w/~d: programs are not expanded", [Name, Arity])
    ;   \+ predicate_property(system:Head, built_in)
    ->  true
    ;   ( predicate_property(system:Head, iso) ; core(Name) )
    ->  throw(error(permission_error(modify, static_procedure, Name/Arity), _))
    ;   overridden(Name/Arity)
    ->  true
    ;   redefine_system_predicate(dna:Head),
        assertz(overridden(Name/Arity))
    ).

expansion(term_expansion, 2).
expansion(term_expansion, 4).
expansion(goal_expansion, 2).
expansion(goal_expansion, 4).

core(Name) :-
    memberchk(Name, [true, fail, false, !, ',', ;, ->, *->, \+, call, catch, throw, findall, forall, halt, assertz,
                     asserta, assert, retract, not, between, succ, plus, is, =, format, print, write]).

% The only directives; nothing that a program says is run while it is loaded.
obey(Directive) :- var(Directive), !, throw(error(instantiation_error, _)).
obey((A, B)) :- !, obey(A), obey(B).
obey(dynamic(Specs)) :- !, own(Specs), dynamic(dna:Specs).
obey(discontiguous(_)) :- !.
obey(multifile(_)) :- !.
obey(style_check(_)) :- !.
obey(table(Specs)) :- !, own(Specs), not_reserved(Specs), table(dna:Specs).
obey(op(Priority, Type, Names)) :- !, own(Names), op(Priority, Type, dna:Names).
obey(set_prolog_flag(double_quotes, Value)) :- !, set_prolog_flag(dna:double_quotes, Value).
obey(use_module(library(Library))) :- present(Library), !.
obey(use_module(library(Library), _)) :- present(Library), !.
obey(ensure_loaded(library(Library))) :- present(Library), !.
obey(Directive) :- refuse("the directive ~W is not available", [Directive, [quoted(true), max_depth(6)]]).

% No spec may name another module.
own(Specs) :- \+ ( sub_term(Term, Specs), subsumes_term(_:_, Term) ), !.
own(_) :- refuse("a program cannot reach into another module").

not_reserved((A, B)) :- !, not_reserved(A), not_reserved(B).
not_reserved([]) :- !.
not_reserved([Spec|Specs]) :- !, not_reserved(Spec), not_reserved(Specs).
not_reserved(Spec as _) :- !, not_reserved(Spec).
not_reserved(Name/Arity) :- !, not_reserved(Name, Arity).
not_reserved(Head) :- callable(Head), !, functor(Head, Name, Arity), not_reserved(Name, Arity).
not_reserved(_).

not_reserved(Name, Arity) :- reserved(Name, Arity), !, refuse("~w/~d is a fact of the server; a program cannot table it", [Name, Arity]).
not_reserved(_, _).

refuse(Text) :- throw(refused(Text)).
refuse(Format, Arguments) :- format(string(Text), Format, Arguments), throw(refused(Text)).

note(Error) :- explained(Error, Text), assertz(problem(Text)).

% ---- facts ------------------------------------------------------------------------------------------------------

load_facts(Text, Reply) :-
    setup_call_cleanup(open_string(Text, In), read_facts(In, 0, Count), close(In)),
    json([facts-Count], Reply).

read_facts(In, Count0, Count) :-
    read_term(In, Fact, [module(so_facts)]),
    (   Fact == end_of_file
    ->  Count = Count0
    ;   assertz(dna:Fact),
        Count1 is Count0 + 1,
        read_facts(In, Count1, Count)
    ).

% Ask each argument of each long table once, so that the clause indexes are part of the snapshot and cost no fuel.
index_facts(_, Reply) :-
    forall(( reserved(Name, Arity), functor(Fact, Name, Arity),
             predicate_property(dna:Fact, dynamic), predicate_property(dna:Fact, number_of_clauses(N)), N > 8,
             between(1, Arity, I) ),
           ( functor(Probe, Name, Arity), arg(I, Probe, "\u0001"), \+ dna:Probe )),
    json([indexed-true], Reply).

% ---- evaluating -------------------------------------------------------------------------------------------------

handle(_, Reply) :-
    first_solution(register_social_organism(_, Handle), Status),
    (   Status \== true
    ->  reply(Status, Reply)
    ;   atom(Handle)
    ->  atom_string(Handle, Text),
        json([status-"true", kind-"atom", value-Text], Reply)
    ;   string(Handle)
    ->  json([status-"true", kind-"string", value-Handle], Reply)
    ;   integer(Handle)
    ->  format(string(Digits), "~d", [Handle]),
        json([status-"true", kind-"integer", value-Digits], Reply)
    ;   json([status-"error", message-"the handle is not an atom, a string or an integer"], Reply)
    ).

evaluate(Text, Reply) :-
    term_string(Goal, Text, [module(so_facts)]),
    first_solution(Goal, Status),
    reply(Status, Reply).

% Only an unconditional success is true: an answer under tabling may be undefined.
first_solution(Goal, Status) :-
    catch(( '$wfs_call'(dna:Goal, _:Delays) -> settled(Delays, Status) ; Status = false ), Error, true),
    ( nonvar(Error) -> Status = error(Error) ; true ).

settled(true, true) :- !.
settled(_, undefined).

reply(true, Reply) :- !, json([status-"true"], Reply).
reply(false, Reply) :- !, json([status-"false"], Reply).
reply(undefined, Reply) :- !, json([status-"error", message-"the answer is undefined (well-founded semantics)"], Reply).
reply(error(Error), Reply) :- explained(Error, Text), json([status-"error", message-Text], Reply).

% ---- tools ------------------------------------------------------------------------------------------------------

% What explains and examines programs is no part of this image, so that the engine that judges stays the same when
% they change. The host loads them (server/dna/tools) on top of it, before the program.

load_tool(Text, Reply) :-
    setup_call_cleanup(open_string(Text, In), read_tool(In, 0, Count), close(In)),
    json([loaded-Count], Reply).

read_tool(In, Count0, Count) :-
    read_term(In, Term, [module(so_tools)]),
    (   Term == end_of_file
    ->  Count = Count0
    ;   keep_tool(Term),
        Count1 is Count0 + 1,
        read_tool(In, Count1, Count)
    ).

keep_tool((:- dynamic(Specs))) :- !, dynamic(so_tools:Specs).
keep_tool(Rule) :- grammar_rule(Rule), !, dcg_translate_rule(Rule, Clause), assertz(so_tools:Clause).
keep_tool(Clause) :- assertz(so_tools:Clause).

ask(Text, Reply) :-
    term_string(Goal, Text, [module(so_facts)]),
    catch(( call(so_tools:Goal, Reply) -> true ; reply(false, Reply) ), Error, reply(error(Error), Reply)).

% ---- words ------------------------------------------------------------------------------------------------------

explained(Error, Text) :-
    once(( catch(message(Error, Long), _, fail) ; plain(Error, Long) )),
    ( string_length(Long, Length), Length > 400 -> sub_string(Long, 0, 400, _, Text) ; Text = Long ).

message(at(Line, Error), Text) :- !, explained(Error, What), format(string(Text), "line ~d: ~s", [Line, What]).
message(refused(Text), Text) :- !.
message(error(syntax_error(What), stream(_, Line, Column, _)), Text) :- !,
    format(string(Text), "line ~d, column ~d: syntax error: ~w", [Line, Column, What]).
message(error(existence_error(procedure, Missing), _), Text) :-
    strip_module(Missing, _, Name/Arity), !,
    format(string(Text), "there is no predicate ~q/~d", [Name, Arity]).
message(Error, Text) :-
    Error = error(_, _),
    '$messages':translate_message(Error, Lines, []),
    with_output_to(string(Printed), print_message_lines(current_output, '', Lines)),
    normalize_space(string(Text), Printed).

plain(Error, Text) :- format(string(Text), "uncaught ~W", [Error, [quoted(true), max_depth(10)]]).

% ---- JSON -------------------------------------------------------------------------------------------------------

json(Pairs, Text) :- with_output_to(string(Text), write_object(Pairs)).

write_object(Pairs) :- write('{'), write_pairs(Pairs), write('}').

write_pairs([]).
write_pairs([Key-Value|Rest]) :-
    write_text(Key), write(':'), write_value(Value),
    ( Rest == [] -> true ; write(','), write_pairs(Rest) ).

write_value(Value) :- integer(Value), !, write(Value).
write_value(Word) :- memberchk(Word, [true, false, null]), !, write(Word).
write_value(object(Pairs)) :- !, write_object(Pairs).
write_value([]) :- !, write('[]').
write_value(Values) :- is_list(Values), !, write('['), write_values(Values), write(']').
write_value(Value) :- write_text(Value).

write_values([Value|Rest]) :- write_value(Value), ( Rest == [] -> true ; write(','), write_values(Rest) ).

write_text(Text) :- string_codes(Text, Codes), put_char('"'), maplist(write_code, Codes), put_char('"').

write_code(0'") :- !, write('\\"').
write_code(0'\\) :- !, write('\\\\').
write_code(Code) :- ( Code < 32 ; Code >= 0xD800, Code =< 0xDFFF ), !, format("\\u~|~`0t~16r~4+", [Code]).
write_code(Code) :- put_code(Code).

% ---- building the engine ----------------------------------------------------------------------------------------

% Walk the paths that every evaluation takes, so that their clauses are compiled and indexed in the snapshot.
warm :-
    load_program("p(X, _) :- member(X, [1, 2]), aggregate_all(count, so_member(_, _), N), N >= 0. q --> \"a\", q. q --> [].", _),
    load_program("register_social_organism(_, o).", _),
    handle("", _),
    load_facts("so_member(\"a\",'b').\nso_member(\"c\",'b').\n", _),
    index_facts("", _),
    forall(member(Goal, ["p(1, o)", "p(3, o)", "atom_length(X, _)", "nosuch(1)"]), evaluate(Goal, _)),
    load_tool("say(X, Y) :- so_driver:json([said-object([X-true])], Y).", _),
    forall(member(Asked, ["say(1)", "say"]), ask(Asked, _)),
    abolish(so_tools:say/2),
    load_program("p(", _),
    forall(member(Gone, [p/2, q/2, register_social_organism/2]), abolish(dna:Gone)),
    retractall(dna:so_member(_, _)),
    forall(member(Fact, [problem(_), defined(_), mentioned(_), overridden(_), written(_, _)]), retractall(Fact)).
