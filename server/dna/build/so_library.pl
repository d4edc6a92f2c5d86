% ad4m's helper predicates that have no side effects, for programs that come from there or look at literals and JSON.
%
% A text is a string, an atom, or a list of characters or codes; what comes out is a string. They are ordinary library
% predicates: a program may define its own of the same name instead.
:- module(so_library, [ paginate/4, takeN/3, skipN/3, string_includes/2, remove_html_tags/2, literal_from_url/3,
                        json_property/3 ]).

% ---- lists ------------------------------------------------------------------------------------------------------

% paginate(+List, +Number, +Size, -Page): pages are counted from 1, and the last one is full where the list is long enough.
paginate(List, Number, Size, Page) :-
    Number > 0,
    Size > 0,
    length(List, Length),
    Skipped is min((Number - 1) * Size, max(0, Length - Size)),
    skipN(List, Skipped, Rest),
    takeN(Rest, Size, Page).

% takeN(+List, +N, -First): the first N items, or all of a shorter list.
takeN(List, N, First) :- N =< 0, !, N =:= 0, is_list(List), First = [].
takeN([], _, []).
takeN([Item|List], N, [Item|First]) :- M is N - 1, takeN(List, M, First).

% skipN(+List, +N, -Rest): without the first N items; fails where there are fewer.
skipN(List, 0, List) :- !.
skipN([_|List], N, Rest) :- N > 0, M is N - 1, skipN(List, M, Rest).

% ---- texts ------------------------------------------------------------------------------------------------------

string_includes(Text, Part) :-
    text_to_string(Text, String),
    text_to_string(Part, Wanted),
    once(sub_string(String, _, _, _, Wanted)).

% remove_html_tags(+Text, -Plain): without everything between < and >; a < that nothing closes stays.
remove_html_tags(Text, Plain) :-
    text_codes(Text, Codes),
    phrase(untagged(Kept), Codes),
    string_codes(Plain, Kept).

untagged(Kept) --> "<", tag, !, untagged(Kept).
untagged([Code|Kept]) --> [Code], !, untagged(Kept).
untagged([]) --> [].

tag --> ">", !.
tag --> [_], tag.

text_codes(Text, Codes) :- text_to_string(Text, String), string_codes(String, Codes).

% ---- literals ---------------------------------------------------------------------------------------------------

% literal_from_url(+Url, -Text, -Scheme): Scheme is string, number, boolean or json; Text is what was encoded, as text.
literal_from_url(Url, Text, Scheme) :-
    text_to_string(Url, String),
    string_concat("literal://", Rest, String),
    member(Scheme, [string, number, boolean, json]),
    atom_concat(Scheme, ':', Prefix),
    string_concat(Prefix, Encoded, Rest),
    !,
    string_codes(Encoded, Codes),
    phrase(decoded(Kept), Codes),
    string_codes(Text, Kept).

% Percent-encoded UTF-8; fails on what is none.
decoded([Code|Codes]) --> "%", !, byte(Byte), rest_of(Byte, Code), decoded(Codes).
decoded([Code|Codes]) --> [Code], !, decoded(Codes).
decoded([]) --> [].

byte(Byte) --> [High, Low], { code_type(High, xdigit(H)), code_type(Low, xdigit(L)), Byte is 16 * H + L }.

rest_of(Byte, Byte) --> { Byte < 0x80 }, !.
rest_of(Byte, Code) --> { Byte >= 0xC2, Byte < 0xE0 }, !, { Start is Byte /\ 0x1F }, more(1, Start, Code).
rest_of(Byte, Code) -->
    { Byte >= 0xE0, Byte < 0xF0 }, !, { Start is Byte /\ 0x0F },
    more(2, Start, Code), { Code >= 0x800, \+ surrogate(Code) }.
rest_of(Byte, Code) -->
    { Byte >= 0xF0, Byte < 0xF5 }, { Start is Byte /\ 0x07 },
    more(3, Start, Code), { Code >= 0x10000, Code =< 0x10FFFF }.

more(0, Code, Code) --> !.
more(N, Code0, Code) -->
    "%", byte(Byte), { Byte >= 0x80, Byte < 0xC0, Code1 is (Code0 << 6) \/ (Byte /\ 0x3F), M is N - 1 },
    more(M, Code1, Code).

surrogate(Code) :- Code >= 0xD800, Code =< 0xDFFF.

% ---- JSON -------------------------------------------------------------------------------------------------------

% json_property(+Json, ?Property, -Value): a member of a JSON object. Strings are strings, numbers numbers, arrays lists,
% objects associations (library(assoc)) from strings; true, false and null are atoms.
json_property(Json, Property, Value) :-
    text_codes(Json, Codes),
    phrase((blanks, object(Members), blanks), Codes),
    (   var(Property)
    ->  get_assoc_member(Property, Members, Value)
    ;   text_to_string(Property, Name),
        get_assoc(Name, Members, Value)
    ).

get_assoc_member(Property, Members, Value) :- assoc_to_list(Members, Pairs), member(Property-Value, Pairs).

object(Members) -->
    "{", blanks,
    (   "}" -> { Pairs = [] }
    ;   member(Pair), members(Rest), { Pairs = [Pair|Rest] }
    ),
    { list_of_members(Pairs, Members) }.

% The last of several members of one name counts, as in most readers of JSON.
list_of_members(Pairs, Members) :- empty_assoc(Empty), foldl(put_member, Pairs, Empty, Members).

put_member(Name-Value, Members0, Members) :- put_assoc(Name, Members0, Value, Members).

members([]) --> blanks, "}", !.
members([Pair|Pairs]) --> blanks, ",", blanks, member(Pair), members(Pairs).

member(Name-Value) --> text(Name), blanks, ":", blanks, value(Value).

value(Members) --> object(Members), !.
value(Items) --> "[", !, blanks, items(Items).
value(Text) --> text(Text), !.
value(true) --> "true", !.
value(false) --> "false", !.
value(null) --> "null", !.
value(Number) --> number(Codes), { number_codes(Number, Codes) }.

items([]) --> "]", !.
items([Item|Items]) --> value(Item), blanks, ( "]" -> { Items = [] } ; ",", blanks, value(Next), next(Next, Items) ).

next(Item, [Item|Items]) --> blanks, ( "]" -> { Items = [] } ; ",", blanks, value(Next), next(Next, Items) ).

text(Text) --> "\"", characters(Codes), { string_codes(Text, Codes) }.

characters([]) --> "\"", !.
characters([Code|Codes]) --> "\\", !, escaped(Code), characters(Codes).
characters([Code|Codes]) --> [Code], { Code >= 0x20 }, characters(Codes).

escaped(Code) --> "u", !, unit(High), pair(High, Code).
escaped(Code) --> [Letter], { escape(Letter, Code) }.

escape(0'", 0'").
escape(0'\\, 0'\\).
escape(0'/, 0'/).
escape(0'b, 8).
escape(0'f, 12).
escape(0'n, 10).
escape(0'r, 13).
escape(0't, 9).

unit(Unit) --> byte(High), byte(Low), { Unit is 256 * High + Low }.

pair(High, Code) -->
    { High >= 0xD800, High =< 0xDBFF }, !, "\\u", unit(Low), { Low >= 0xDC00, Low =< 0xDFFF },
    { Code is 0x10000 + ((High - 0xD800) << 10) + (Low - 0xDC00) }.
pair(Unit, Unit) --> { \+ surrogate(Unit) }.

% A number as Prolog reads it: a fraction where there is an exponent.
number(Codes) --> sign(Codes, Digits), whole(Digits, Rest), fraction(Rest, Fraction), exponent(Fraction).

sign([0'-|Rest], Rest) --> "-", !.
sign(Rest, Rest) --> [].

whole([0'0|Rest], Rest) --> "0", !.
whole([Digit|Digits], Rest) --> digit(Digit), digits(Digits, Rest).

fraction([0'., Digit|Digits], fraction(Rest)) --> ".", !, digit(Digit), digits(Digits, Rest).
fraction(Rest, whole(Rest)) --> [].

exponent(Before) -->
    ( "e" ; "E" ), !, exponent_sign(Sign), digit(Digit), digits(Digits, []),
    { Exponent = [0'e, Sign, Digit|Digits], joined(Before, Exponent) }.
exponent(Before) --> { Before =.. [_, []] }.

exponent_sign(0'-) --> "-", !.
exponent_sign(0'+) --> "+", !.
exponent_sign(0'+) --> [].

joined(fraction(Exponent), Exponent).
joined(whole([0'., 0'0|Exponent]), Exponent).

digits([Digit|Digits], Rest) --> digit(Digit), !, digits(Digits, Rest).
digits(Rest, Rest) --> [].

digit(Digit) --> [Digit], { Digit >= 0'0, Digit =< 0'9 }.

blanks --> [Code], { memberchk(Code, [32, 9, 10, 13]) }, !, blanks.
blanks --> [].
