"""Ben plays an agent of Ada's simulation: he proposes to whom it trusts most, and accepts what he can hope to gain by.

python take_seat.py http://127.0.0.1:12000
"""

import asyncio
import os
import sys
from contextlib import AsyncExitStack, aclosing

from chorus_client import Chorus, Json, connected, create_hosted
from identity import Identity

VILLAGE = """
scenario_id: village
agents:
  - {type: honest, count: 6}
  - {type: opportunistic, count: 3}
  - {type: adversarial, count: 3}
simulation: {n_epochs: 3, steps_per_epoch: 5, seed: 4}
"""
AGENT = "honest_2"
START = """mutation ($yaml: String!, $seats: [SandboxSeat!]) {
  sandboxStartRun(yaml: $yaml, seats: $seats, seatSeconds: 15) { id } }"""
OBSERVE = """subscription ($run: String!, $agent: String!) {
  sandboxObserve(run: $run, agent: $agent) {
    turn decision resources candidates { agent trust } proposals { initiator { agent trust } value } } }"""
ACT = """mutation ($run: String!, $agent: String!, $turn: Int!, $action: SandboxAction!) {
  sandboxAct(run: $run, agent: $agent, turn: $turn, action: $action) }"""
EPOCHS = "subscription ($run: String!) { sandboxEpochs(run: $run) { epoch metrics } }"

LEAST_TRUST = 0.5


async def main(server: str, operator_token: str) -> None:
    async with AsyncExitStack() as stack:
        operator = await stack.enter_async_context(connected(server, operator_token))
        _, ada_token = await create_hosted(operator, "Ada", "a passphrase of Ada's")
        ada = await stack.enter_async_context(connected(server, ada_token))
        ben_key = Identity()
        ben = await stack.enter_async_context(connected(server, identity=ben_key))

        played = await start(ada, [{"agent": AGENT, "holder": ben_key.did}])
        await play(ben, played)
        alone = await start(ada, [])
        print(f"{AGENT} and the other honest agents gained {await gained(ada, played):.2f} credits each")
        print(f"Without Ben they would have gained {await gained(ada, alone):.2f}")


async def start(ada: Chorus, seats: list[Json]) -> str:
    """The id of a new run."""
    return str((await ada.request(START, {"yaml": VILLAGE, "seats": seats}))["sandboxStartRun"]["id"])


async def play(ben: Chorus, run: str) -> None:
    """Takes every turn until the run is over."""
    seat, turns, credits = {"run": run, "agent": AGENT}, 0, 0.0
    async with aclosing(ben.subscribe(OBSERVE, seat)) as seen:
        async for turn in seen:
            await ben.request(ACT, {**seat, "turn": turn["turn"], "action": action_in(turn)})
            turns, credits = turns + 1, turn["resources"]
    print(f"Ben played {turns} turns; before the last one {AGENT} had {credits:.2f} credits")


def action_in(turn: Json) -> Json:
    if turn["decision"] == "ANSWER":
        good = [each for each in turn["proposals"] if each["initiator"]["trust"] >= LEAST_TRUST and each["value"] > 0]
        return {"move": "ANSWER", "accept": [each["initiator"]["agent"] for each in good]}
    best = max(turn["candidates"], key=lambda other: float(other["trust"]), default=None)
    return {"move": "NOTHING"} if best is None else {"move": "PROPOSE", "to": best["agent"]}


async def gained(ada: Chorus, run: str) -> float:
    """What an honest agent gained over the run."""
    async with aclosing(ada.subscribe(EPOCHS, {"run": run})) as epochs:
        return sum([float(epoch["metrics"]["types"]["honest"]["real_payoff"]) async for epoch in epochs])


if __name__ == "__main__":
    asyncio.run(
        main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:12000", os.environ.get("CHORUS_TOKEN", ""))
    )
