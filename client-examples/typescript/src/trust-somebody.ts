// Ada meets Ben, trusts him a little, and wrongs him; Ben sees it, appeals, and is heard.
//
//   npm run trust-somebody -- http://127.0.0.1:12000
//
// CHORUS_TOKEN holds a token that may create hosted agents, where the server does not let everybody on its machine.
import type { Client } from "graphql-ws";
import WebSocket from "ws";

import * as documents from "./generated.js";
import { connect, createHosted, Identity, overSocket, signIn, type Transport } from "./index.js";

interface Agent {
  readonly did: string;
  readonly transport: Transport;
}

/** Gives the id of the person behind the agent. */
async function meet(ada: Agent, ben: Agent): Promise<string> {
  const interaction = { did: ben.did, kind: "MESSAGE", context: "message 1" } as const;
  const { personRecordInteraction: met } = await ada.transport.request(documents.PersonMeetDocument, { interaction });
  console.log(`Ada hears from Ben: ${met.tier}, score ${met.score}`);
  console.log(`What would help most: ${met.trust.nextSteps[0]?.text}`);
  return met.person;
}

/** Ada is mistaken, but not secretly. */
async function wrong(ada: Agent, id: string): Promise<void> {
  const description = "Posted somebody's address";
  const recorded = await ada.transport.request(documents.PersonRecordViolationDocument, { id, description });
  await ada.transport.request(documents.PersonShareDocument, { id });
  console.log(`Ada writes down that Ben broke a rule: score ${recorded.personRecordViolation.score}`);
}

async function aboutMe(ben: Agent, observer: string): Promise<documents.PersonAboutMeQuery["personAboutMe"]> {
  return (await ben.transport.request(documents.PersonAboutMeDocument, { observer })).personAboutMe;
}

async function seeAndAppeal(ben: Agent, observer: string): Promise<void> {
  const mine = await aboutMe(ben, observer);
  const events = mine.interactions.edges.map(({ node }) => node);
  const message = events.find(({ kind }) => kind === "MESSAGE");
  const violation = events.find(({ kind }) => kind === "VIOLATION");
  if (message === undefined || violation === undefined) throw new Error("Ada has recorded both");
  console.log(
    `Ben reads what Ada holds about him: ${message.kind}, ${violation.kind} of ${violation.severity}\n` +
      `His direct messages ${mine.gate.open ? "pass" : "do not pass"}: ${mine.gate.reason}`,
  );
  const appeal = { observer, text: "It was not me", interaction: violation.id };
  const { personAppeal } = await ben.transport.request(documents.PersonAppealDocument, appeal);
  console.log(`Ben appeals: ${personAppeal.text}`);
}

async function right(ada: Agent): Promise<void> {
  const { personAppeals } = await ada.transport.request(documents.PersonOpenAppealsDocument, {});
  for (const { node: appeal } of personAppeals.edges) {
    const pardon = { id: appeal.person, violation: appeal.interaction ?? "", reason: appeal.text };
    const { personPardonViolation: trust } = await ada.transport.request(
      documents.PersonPardonViolationDocument,
      pardon,
    );
    const answer = { appeal: appeal.id, answer: "You are right, I am sorry" };
    await ada.transport.request(documents.PersonAnswerAppealDocument, answer);
    console.log(`Ada reads "${appeal.text}" and pardons: score ${trust.score}`);
  }
}

async function engage(ada: Agent, ben: Agent): Promise<void> {
  const post = { subject: ben.did, context: { postId: "post 1", isRelevantTopic: true } };
  const { allianceShouldEngage: decided } = await ada.transport.request(documents.AllianceShouldEngageDocument, post);
  const what = `${decided.relationship.relationship}, ${decided.reason}`;
  console.log(`Ada ${decided.engage ? "answers" : "passes over"} Ben's post: ${what}`);
}

async function main(): Promise<void> {
  const server = process.argv[2] ?? "http://127.0.0.1:12000";
  const clients: Client[] = [];
  const open = (token: string): Transport => {
    const client = connect(server, { token, webSocketImpl: WebSocket });
    clients.push(client);
    return overSocket(client);
  };
  try {
    const hosted = await createHosted(open(process.env["CHORUS_TOKEN"] ?? ""), "Ada", "a passphrase of Ada's");
    const ada = { did: hosted.did, transport: open(hosted.token) };
    const identity = Identity.generate();
    const ben = { did: identity.did, transport: open(await signIn(open(""), identity)) };
    const person = await meet(ada, ben);
    await wrong(ada, person);
    await seeAndAppeal(ben, ada.did);
    await right(ada);
    const [appeal] = (await aboutMe(ben, ada.did)).appeals.edges;
    console.log(`Ben reads the answer: ${appeal?.node.answer}`);
    await engage(ada, ben);
  } finally {
    await Promise.all(clients.map(async (client) => client.dispose()));
  }
}

await main();
