% Many evaluations on one instance: the facts of each are taken back after it, and so is what the program asserts.
%
%   judge_all([case(Goal, Facts), ...], Reply)    {"replies": [as the driver's evaluate/2, ...]}

judge_all(Cases, Reply) :-
    findall(Answer, ( '$member'(case(Goal, Facts), Cases), judge(Goal, Facts, Answer) ), Answers),
    so_driver:json([replies-Answers], Reply).

judge(Goal, Facts, Answer) :-
    snapshot(judge_once(Goal, Facts, Status)),
    abolish_all_tables,
    so_driver:reply(Status, Answer).

judge_once(Goal, Facts, Status) :-
    forall('$member'(Fact, Facts), assertz(dna:Fact)),
    so_driver:first_solution(Goal, Status).
