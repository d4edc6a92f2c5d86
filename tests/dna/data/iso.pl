% each test: t(Name, Goal) must succeed
t(arith1, (X is 7 // 2 + 2 ** 3, X =:= 11)).
t(arith_mod, (X is -7 mod 3, X =:= 2, Y is -7 rem 3, Y =:= -1)).
t(bigint, (X is 2**100, X =:= 1267650600228229401496703205376)).
t(float, (X is sqrt(16.0), X =:= 4.0, Y is truncate(3.7), Y == 3)).
t(div0, catch((_ is 1/0, fail), error(evaluation_error(zero_divisor),_), true)).
t(type_err, catch((_ is foo+1, fail), error(type_error(evaluable,foo/0),_), true)).
t(inst_err, catch((atom_length(_,_), fail), error(instantiation_error,_), true)).
t(exist_err, catch((call(nosuch_pred_zz), fail), error(existence_error(procedure,_),_), true)).
t(lists, (append(A,[3],[1,2,3]), A==[1,2], member(2,A), length(A,2), reverse(A,[2,1]), nth0(0,A,1), msort([b,a,c,a],[a,a,b,c]))).
t(append_enum, (findall(A-B, append(A,B,[1,2]), L), L == [[]-[1,2],[1]-[2],[1,2]-[]])).
t(between, (findall(X, between(1,5,X), L), L == [1,2,3,4,5])).
t(findall, (findall(X-Y, (member(X,[1,2]),member(Y,[a,b])), L), length(L,4))).
t(bagof, (bagof(X, member(X,[c,a,b]), L), L == [c,a,b])).
t(bagof_free, (findall(K-L, bagof(V, member(K-V,[a-1,b-2,a-3]), L), R), R == [a-[1,3],b-[2]])).
t(bagof_fail, \+ bagof(X, member(X,[]), _)).
t(setof_caret, (setof(V, K^member(K-V,[a-2,b-1]), L), L == [1,2])).
t(assert_retract, (assertz(zz(1)), assertz(zz(2)), asserta(zz(0)), findall(X,zz(X),[0,1,2]), retract(zz(1)), findall(X,zz(X),[0,2]), abolish(zz/1))).
t(retractall, (assertz(yy(1)), retractall(yy(_)), \+ yy(_))).
t(catch_throw, (catch(throw(my(E0)), my(E), true), var(E), var(E0))).
t(nested_catch, (catch(catch(throw(a), b, fail), a, true))).
t(cut, (findall(X, (member(X,[1,2,3]), !), L), L == [1])).
t(ite, ((fail -> R = 1 ; R = 2), R == 2)).
t(neg, (\+ fail, \+ \+ true)).
t(atom_codes, (atom_codes(A, [0'h,0'i]), A == hi, atom_chars(hello, Cs), length(Cs,5))).
t(sub_atom, (sub_atom(hello, 1, 3, _, S), S == ell, findall(B, sub_atom(banana,B,2,_,an), L), L == [1,3])).
t(atom_concat, (findall(A+B, atom_concat(A,B,ab), L), length(L,3))).
t(number_codes, (number_codes(X, "12"), X == 12, atom_number('3.5', Y), Y =:= 3.5)).
t(syntax_err, catch((atom_to_term_(X), fail), error(_,_), true)).
t(univ, (foo(a,B) =.. L, L == [foo,a,B], functor(F,g,2), F = g(_,_), arg(1,h(x),x), copy_term(p(Q,Q),p(1,W)), W == 1)).
t(unify_oc, \+ unify_with_occurs_check(X, f(X))).
t(compare, (compare(<,1,a), X @< 1, f(a) @> a, sort([c,a,b,a],L), L == [a,b,c])).
t(dcg, (phrase(greet(N), [hello,bob]), N == bob)).
t(dcg_chars, (atom_chars('aab', Cs), phrase(as(2), Cs, R), R == [b])).
t(op, (X = (a :- b, c), X = (H :- B), H == a, B = (b,c))).
t(write_q, (with_out(writeq(['A',b,"s",f(X,'it''s')])) ; true)).
t(maplist, (maplist([X0,Y0]>>(Y0 is X0*2), [1,2,3], L), L == [2,4,6])).
t(foldl, (foldl(plus_, [1,2,3], 0, S), S == 6)).
t(forall, forall(member(X,[1,2]), X > 0)).
t(succ_or, (succ(X, 4), X == 3)).
t(keysort, (keysort([b-1,a-2,b-0],L), L == [a-2,b-1,b-0])).
t(string_dq, ("abc" == "abc")).
t(once_ignore, (once(member(X,[1,2])), X == 1, ignore(fail))).
t(call_n, (G = plus_(1), call(G, 2, S), S == 3)).
t(number_vars, (T = f(X,Y), numbervars(T,0,E), E == 2)).
t(setup_cleanup, (setup_call_cleanup(true, member(X,[1,2]), true), X == 1, !)).
t(deep_rec, (len(100000, L), length(L, N), N == 100000)).
t(term_vars, (term_variables(f(X,g(Y),X), Vs), Vs == [X,Y])).
t(char_conv, (char_code(C, 0'a), C == a, number_chars(X, ['4','2']), X == 42, upcase_ok)).
t(sort4, (catch(sort(0, @>=, [1,3,2,3], L),_,fail) -> L == [3,3,2,1] ; true)).
t(tab, (catch(fibt(30,F),_,fail) -> F == 832040 ; true)).
atom_to_term_(X) :- catch(atom_to_term('foo(', X, _), E, throw(E)).
with_out(G) :- call(G), nl.
upcase_ok.
greet(N) --> [hello], [N].
as(0) --> [].
as(N) --> [a], { N > 0, N1 is N-1 }, as(N1).
plus_(X,Y,Z) :- Z is X+Y.
len(0, []) :- !.
len(N, [N|T]) :- N1 is N-1, len(N1, T).
fibt(0,0). fibt(1,1).
fibt(N,F) :- N > 1, fibi(N,0,1,F).
fibi(1,_,B,B) :- !.
fibi(N,A,B,F) :- C is A+B, N1 is N-1, fibi(N1,B,C,F).
run(Name, R) :- t(Name, G), ( catch(G, E, true) -> ( var(E) -> R = ok ; R = err(E) ) ; R = fail ).
failed(L, N) :- findall(Name, t(Name,_), Ns), length(Ns, N), findall(Name-R, (member(Name,Ns), once(run(Name,R)), R \== ok), L).
register_social_organism("iso", iso).
case(Name, _) :- atom_string(Case, Name), run(Case, ok).
all(_, _) :- failed([], 50).
