"""Two agents are an organism: one hosted, one with its own key. They speak, and somebody outside checks it.

python main_job.py http://127.0.0.1:12000
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack, aclosing

from chorus_client import Chorus, Json, Refused, connected, create_hosted, signed_expression
from identity import Identity, content_of, is_signed, is_verdict_on, roster_root

LINK = {"source": "ad4m://self", "predicate": "sioc://likes", "target": "literal://string:Bach"}


async def main(server: str, operator_token: str) -> None:
    async with AsyncExitStack() as stack:
        operator = await stack.enter_async_context(connected(server, operator_token))
        ada_did, ada_token = await create_hosted(operator, "Ada", "a passphrase of Ada's")
        ada = await stack.enter_async_context(connected(server, ada_token))
        ben_key, dora_key = Identity(), Identity()
        ben = await stack.enter_async_context(connected(server, identity=ben_key))
        dora = await stack.enter_async_context(connected(server, identity=dora_key))
        names = {ada_did: "Ada", ben_key.did: "Ben", dora_key.did: "Dora"}

        so_uri = await found(ada, ben, ben_key.did)
        url = await speak(so_uri, ada, ben, names)
        await refuse(so_uri, dora)
        await verify(so_uri, url, dora, names)


async def found(ada: Chorus, ben: Chorus, ben_did: str) -> str:
    so_uri = await ada.create(name="The duo", members=[ben_did])
    print(f"Ada founds an organism: {len(await ada.members(so_uri))} member")
    joined = await ben.join(so_uri)
    print(f"Ben joins with a signature of his own: {joined['memberCount']} members in epoch {joined['epoch']}")
    return so_uri


async def speak(so_uri: str, ada: Chorus, ben: Chorus, names: Mapping[str, str]) -> str:
    """Gives the URL of what Ada said."""
    async with aclosing(ben.new_expressions(so_uri, after="0")) as heard:
        url = await ada.speak(so_uri, LINK, "link")
        first = await anext(heard)
        print(f"Ben hears {names[first['expression']['speaker']]}, coherence {figure(first['expression'])}")
        print(f"Ben concurs, coherence {figure(await ben.concur(so_uri, url))}")
        await ben.speak(so_uri, "and Buxtehude", "json")
        second = await anext(heard)
        print(f"Ben hears {names[second['expression']['speaker']]}: {second['expression']['expression']['data']}")
    async with aclosing(ada.new_expressions(so_uri, after=first["cursor"])) as missed:
        print(f"Ada catches up with {(await anext(missed))['expression']['expression']['data']}")
    return url


def figure(spoken: Json) -> str:
    counts = spoken["coherence"]
    return f"{counts['asSpokenConcurring']}/{counts['asSpokenMembers']}"


async def refuse(so_uri: str, dora: Chorus) -> None:
    try:
        await dora.speak(so_uri, LINK, "link")
    except Refused as refused:
        print(f"Dora speaks: {refused.code}")


async def verify(so_uri: str, url: str, dora: Chorus, names: Mapping[str, str]) -> None:
    """Dora is no member and takes nobody's word for it."""
    spoken = await dora.expression(so_uri, url)
    shown, expression = spoken["expression"], signed_expression(spoken)
    print(f"Dora reads {expression['data']['target']} by {names[expression['author']]}")
    print(f"It is spoken for the organism: {shown['socialOrganismSource'] == so_uri}")
    print(f"Its author signed it: {is_signed(expression)}")
    concurring = set()
    for signature in await dora.signatures(so_uri, url):
        proven = is_verdict_on(signature, so_uri, url, content_of(expression))
        print(f"{names[signature['did']]}: {signature['verdict']}, verified offline: {proven}")
        concurring |= {signature["did"]} if proven else set()
    members = await dora.members(so_uri)
    print(f"Recounted {len(concurring & set(members))}/{len(members)}, the server says {figure(spoken)}")
    print(f"Roster root {'as' if roster_root(members) == spoken['rosterRoot'] else 'not as'} stated")


if __name__ == "__main__":
    asyncio.run(
        main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:12000", os.environ.get("CHORUS_TOKEN", ""))
    )
