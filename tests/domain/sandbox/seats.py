"""Somebody in a seat, for tests: does anything that is possible, by chance."""

import random
from collections.abc import Mapping

from domain.sandbox.seats.action import Action, Move
from domain.sandbox.seats.observation import Observation
from domain.sandbox.seats.play import Play


def wild(seed: int, silence: float = 0.3) -> Play:
    """Any possible action; now and then none."""
    chance = random.Random(seed)

    def play(seen: tuple[Observation, ...]) -> Mapping[str, Action]:
        return {one.agent: any_action(chance, one) for one in seen if chance.random() >= silence}

    return play


def any_action(chance: random.Random, seen: Observation) -> Action:
    move = chance.choice(seen.moves)
    if move is Move.VOTE:
        post = chance.choice([each.post for each in seen.front_page if each.open])
        return Action(move=move, post=post, up=chance.random() < 0.5)
    if move is Move.PROPOSE:
        offer = chance.choice([None, 0.0, seen.least_offer, seen.most_offer])
        return Action(move=move, to=chance.choice(seen.candidates).agent, offer=offer, exploit=chance.random() < 0.5)
    accepted = tuple(each.initiator.agent for each in seen.proposals if chance.random() < 0.5)
    return Action(move=move, accept=accepted)
