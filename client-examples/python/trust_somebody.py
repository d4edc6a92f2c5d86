"""Ada meets Ben, trusts him a little, and wrongs him; Ben sees it, appeals, and is heard.

python trust_somebody.py http://127.0.0.1:12000
"""

import asyncio
import os
import sys
from contextlib import AsyncExitStack

from chorus_client import Chorus, Json, connected, create_hosted
from identity import Identity

MEET = """mutation ($interaction: PersonInteractionInput!) {
  personRecordInteraction(interaction: $interaction) { person tier score trust { nextSteps { text } } } }"""
VIOLATION = """mutation ($id: String!) {
  personRecordViolation(id: $id, description: "Posted somebody's address") { id score } }"""
SHARE = "mutation ($id: String!) { personShare(id: $id, withSubject: true) { withSubject } }"
ABOUT_ME = """query ($observer: String!) { personAboutMe(observer: $observer) {
  gate { open reason } interactions { edges { node { id kind severity } } } appeals { edges { node { answer } } } } }"""
APPEAL = """mutation ($observer: String!, $text: String!, $interaction: String!) {
  personAppeal(observer: $observer, text: $text, interaction: $interaction) { text } }"""
APPEALS = "{ personAppeals(open: true) { edges { node { id person interaction text } } } }"
PARDON = """mutation ($id: String!, $violation: String!, $reason: String!) {
  personPardonViolation(id: $id, violation: $violation, reason: $reason) { score } }"""
ANSWER = "mutation ($appeal: String!, $answer: String!) { personAnswerAppeal(appeal: $appeal, answer: $answer) { id } }"
ENGAGE = """query ($subject: String!) {
  allianceShouldEngage(subject: $subject, context: {postId: "post 1", isRelevantTopic: true}) {
    engage reason relationship { relationship } } }"""


async def main(server: str, operator_token: str) -> None:
    async with AsyncExitStack() as stack:
        operator = await stack.enter_async_context(connected(server, operator_token))
        ada_did, ada_token = await create_hosted(operator, "Ada", "a passphrase of Ada's")
        ada = await stack.enter_async_context(connected(server, ada_token))
        ben_key = Identity()
        ben = await stack.enter_async_context(connected(server, identity=ben_key))

        person = await meet(ada, ben_key.did)
        await wrong(ada, person)
        await see_and_appeal(ben, ada_did)
        await right(ada)
        (appeal,) = nodes((await about_me(ben, ada_did))["appeals"])
        print(f"Ben reads the answer: {appeal['answer']}")
        engaged = (await ada.request(ENGAGE, {"subject": ben_key.did}))["allianceShouldEngage"]
        what = f"{engaged['relationship']['relationship']}, {engaged['reason']}"
        print(f"Ada {'answers' if engaged['engage'] else 'passes over'} Ben's post: {what}")


def nodes(connection: Json) -> list[Json]:
    return [edge["node"] for edge in connection["edges"]]


async def meet(ada: Chorus, did: str) -> str:
    """The id of the person behind the agent."""
    message = {"did": did, "kind": "MESSAGE", "context": "message 1"}
    met = (await ada.request(MEET, {"interaction": message}))["personRecordInteraction"]
    print(f"Ada hears from Ben: {met['tier']}, score {met['score']:g}")
    print(f"What would help most: {met['trust']['nextSteps'][0]['text']}")
    return str(met["person"])


async def wrong(ada: Chorus, person: str) -> None:
    """Ada is mistaken, but not secretly."""
    violation = (await ada.request(VIOLATION, {"id": person}))["personRecordViolation"]
    await ada.request(SHARE, {"id": person})
    print(f"Ada writes down that Ben broke a rule: score {violation['score']:g}")


async def about_me(ben: Chorus, observer: str) -> Json:
    return (await ben.request(ABOUT_ME, {"observer": observer}))["personAboutMe"]


async def see_and_appeal(ben: Chorus, observer: str) -> None:
    mine = await about_me(ben, observer)
    message, violation = sorted(nodes(mine["interactions"]), key=lambda event: str(event["kind"]))
    print(f"Ben reads what Ada holds about him: {message['kind']}, {violation['kind']} of {violation['severity']:g}")
    print(f"His direct messages {'pass' if mine['gate']['open'] else 'do not pass'}: {mine['gate']['reason']}")
    asked = {"observer": observer, "text": "It was not me", "interaction": violation["id"]}
    print(f"Ben appeals: {(await ben.request(APPEAL, asked))['personAppeal']['text']}")


async def right(ada: Chorus) -> None:
    (appeal,) = nodes((await ada.request(APPEALS, {}))["personAppeals"])
    pardon = {"id": appeal["person"], "violation": appeal["interaction"], "reason": appeal["text"]}
    trust = (await ada.request(PARDON, pardon))["personPardonViolation"]
    await ada.request(ANSWER, {"appeal": appeal["id"], "answer": "You are right, I am sorry"})
    print(f'Ada reads "{appeal["text"]}" and pardons: score {trust["score"]:g}')


if __name__ == "__main__":
    server = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:12000"
    asyncio.run(main(server, os.environ.get("CHORUS_TOKEN", "")))
