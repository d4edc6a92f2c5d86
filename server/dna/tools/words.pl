% Goals as text for people: in Prolog, and in words where they are known.
%
% A variable without a value is shown by the name that its clause gives it, kept in Names as [Name=Variable, ...].

% shown(+Goal, +Names, -Text): Prolog text of at most 200 characters.
shown(Goal, Names, Text) :-
    \+ \+ ( name_variables(Names, Goal), format(string(Long), "~W", [Goal, [quoted(true), numbervars(true), max_depth(14),
                                                                      spacing(next_argument), portray(false)]]),
            nb_setval(so_shown, Long) ),
    nb_getval(so_shown, Whole),
    cut_text(Whole, Text).

cut_text(Whole, Text) :-
    (   string_length(Whole, Length), Length > 200
    ->  sub_string(Whole, 0, 199, _, Start), string_concat(Start, "\u2026", Text)
    ;   Text = Whole
    ).

name_variables(Names, Goal) :-
    forall_names(Names),
    term_variables(Goal, Others),
    blank(Others).

forall_names([]).
forall_names([Name=Value|Names]) :- ( var(Value), \+ attvar(Value) -> Value = '$VAR'(Name) ; true ), forall_names(Names).

blank([]).
blank([Variable|Variables]) :- ( attvar(Variable) -> true ; Variable = '$VAR'('_') ), blank(Variables).

% said(+Goal, +Sign, -Words): a goal in words, as it is (yes) or as it is not (no). Never fails.
said(Goal, Sign, Words) :- catch(words(Goal, Sign, Words), _, fail), !.
said(Goal, yes, Words) :- shown(Goal, [], Text), format(string(Words), "~s holds", [Text]).
said(Goal, no, Words) :- shown(Goal, [], Text), format(string(Words), "~s does not hold", [Text]).

words(so_member(Did, _), Sign, Words) :- subject(Did, Sign, Who, Is), format(string(Words), "~s ~s a member", [Who, Is]).
words(so_vouch(About, Did, _), Sign, Words) :- vote(Did, "vouches for", "vouch for", About, Sign, Words).
words(so_decline(About, Did, _), Sign, Words) :- vote(Did, "declines", "decline", About, Sign, Words).
words(so_join(Did, _), Sign, Words) :- did(Did, Sign, "has asked to join", "has not asked to join", Words).
words(so_proposed(About, Did, _), Sign, Words) :-
    ( Sign == yes -> Verb = "proposed" ; var(Did) -> Verb = "proposed" ; Verb = "did not propose" ),
    who(Did, Sign, Who), thing(About, What),
    format(string(Words), "~s ~s ~s", [Who, Verb, What]).
words(so_expression(Url, Author, _, _), yes, Words) :-
    nonvar(Url), nonvar(Author), thing(Url, What), thing(Author, Who),
    format(string(Words), "~s is by ~s", [What, Who]).
words(so_link(Url, _, _, _), Sign, Words) :-
    nonvar(Url), thing(Url, What), be(Sign, Is), format(string(Words), "~s ~s a link", [What, Is]).
words(agent_did(Did), yes, Words) :- thing(Did, Who), format(string(Words), "~s is evaluating", [Who]).
words(now(Millis), yes, Words) :- integer(Millis), format(string(Words), "the time is ~d", [Millis]).
words(epoch(N), yes, Words) :- integer(N), format(string(Words), "the epoch is ~d", [N]).
words(trust_tier(Observer, Did, Tier), Sign, Words) :-
    who(Observer, Sign, Who), thing(Did, Whom),
    (   Sign == yes
    ->  thing(Tier, What), format(string(Words), "~s is ~s to ~s", [Whom, What, Who])
    ;   format(string(Words), "~s keeps no trust tier of ~s that would do", [Who, Whom])
    ).
words(aggregate_all(count, Goal, Count), yes, Words) :-
    integer(Count), shown(Goal, [], Text), format(string(Words), "~s is true ~d times", [Text, Count]).
words(Comparison, Sign, Words) :-
    Comparison =.. [Symbol, Left, Right],
    compared(Symbol, Than),
    Low is Left, High is Right,
    be(Sign, Is),
    format(string(Words), "~w ~s ~s ~w", [Low, Is, Than, High]).
words(_ = _, no, Words) :- Words = "the two sides are different".
words(fail, no, "this never holds").
words(false, no, "this never holds").
words(true, yes, "this always holds").

compared(>, "more than").
compared(<, "less than").
compared(>=, "at least").
compared(=<, "at most").
compared(=:=, "equal to").
compared(=\=, "different from").
compared(is, "the value of").

be(yes, "is").
be(no, "is not").

subject(Did, yes, Who, "is") :- who(Did, yes, Who).
subject(Did, no, Who, Is) :- who(Did, no, Who), ( var(Did) -> Is = "is" ; Is = "is not" ).

vote(Did, Does, Do, About, Sign, Words) :-
    who(Did, Sign, Who), thing(About, What),
    (   ( Sign == yes ; var(Did) )
    ->  format(string(Words), "~s ~s ~s", [Who, Does, What])
    ;   format(string(Words), "~s does not ~s ~s", [Who, Do, What])
    ).

did(Did, yes, Has, _, Words) :- who(Did, yes, Who), format(string(Words), "~s ~s", [Who, Has]).
did(Did, no, Has, Not, Words) :-
    who(Did, no, Who), ( var(Did) -> Verb = Has ; Verb = Not ), format(string(Words), "~s ~s", [Who, Verb]).

who(Did, yes, "somebody") :- var(Did), !.
who(Did, no, "nobody") :- var(Did), !.
who(Did, _, Text) :- thing(Did, Text).

thing(Value, "somebody") :- var(Value), !.
thing(Value, Short) :- ( string(Value) ; atom(Value) ), !, format(string(Text), "~w", [Value]), cut_text(Text, Short).
thing(Value, Text) :- shown(Value, [], Text).
