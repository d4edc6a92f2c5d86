// The main job: two hosted agents and one that keeps its own key are an organism, speak, and are believed.
//
//   npm run main-job -- http://127.0.0.1:12000 [--normalise]
//
// CHORUS_TOKEN holds a token that may create hosted agents, where the server does not let everybody on its machine.
import { parseArgs } from "node:util";

import { Ad4mClient, Link } from "@coasys/ad4m";
import type { Client } from "graphql-ws";
import WebSocket from "ws";

import { Inbox } from "./inbox.js";
import {
  apolloOver,
  ChorusError,
  connect,
  contentOf,
  createHosted,
  Identity,
  isSigned,
  isVerdictOn,
  overSocket,
  readExpression,
  rosterRoot,
  signIn,
  SocialOrganisms,
  withSocialOrganisms,
  type SoCoherence,
  type SoEvent,
  type SoExpressionEvent,
  type SoMemberEvent,
} from "./index.js";
import { Transcript } from "./transcript.js";

const ONLY_LINKS = `
register_social_organism("Links only", o).
output_expression(Url, o) :- so_link(Url, _, _, _).
`;
const PATIENCE = 180_000;

interface Agent {
  readonly name: string;
  readonly did: string;
  readonly so: SocialOrganisms;
}

/** The connections of one run: each agent has its own, and all are closed at its end. */
class Connections {
  readonly #server: string;
  readonly #open: Client[] = [];

  constructor(server: string) {
    this.#server = server;
  }

  open(token: string): Client {
    const client = connect(this.#server, { token, webSocketImpl: WebSocket });
    this.#open.push(client);
    return client;
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map(async (client) => client.dispose()));
  }
}

/** An agent that keeps its own key: only signatures leave this program. */
async function selfCustody(connections: Connections, name: string): Promise<Agent> {
  const identity = Identity.generate();
  const token = await signIn(overSocket(connections.open("")), identity);
  return { name, did: identity.did, so: new SocialOrganisms(overSocket(connections.open(token)), identity) };
}

/** The job, one scene after another. */
class MainJob {
  readonly #connections: Connections;
  readonly #transcript: Transcript;
  readonly #names = new Map<string, string>();

  constructor(connections: Connections, transcript: Transcript) {
    this.#connections = connections;
    this.#transcript = transcript;
  }

  async run(operatorToken: string): Promise<void> {
    this.#transcript.heading("Three agents, and one outside");
    const operator = overSocket(this.#connections.open(operatorToken));
    const adasKey = await createHosted(operator, "Ada", "a passphrase of Ada's");
    const bensKey = await createHosted(operator, "Ben", "a passphrase of Ben's");
    const ada = this.#introduce({ name: "Ada", did: adasKey.did, so: this.#inAd4m(adasKey.token) });
    const bensLine = this.#connections.open(bensKey.token);
    const ben = this.#introduce({ name: "Ben", did: bensKey.did, so: new SocialOrganisms(overSocket(bensLine)) });
    const cleo = this.#introduce(await selfCustody(this.#connections, "Cleo"));
    const dora = this.#introduce(await selfCustody(this.#connections, "Dora"));

    const uri = await this.#found(ada, ben);
    const expressions = new Inbox<SoExpressionEvent>();
    const listening = ben.so.onNewExpression(expressions.put, { after: "0" });
    await this.#admit(uri, ada, ben, cleo);
    const url = await this.#speak(uri, ada, ben, cleo, expressions);
    await this.#refuse(uri, ada, dora);

    this.#transcript.heading("Ben misses something");
    await bensLine.dispose();
    await this.#catchUp(uri, ada, bensKey.token, listening.cursor as string);
    await this.#verify(uri, url, dora);
    await this.#depart(uri, url, ada, cleo);
  }

  /** An ad4m program's own client, with the section added. */
  #inAd4m(token: string): SocialOrganisms {
    const apollo = apolloOver(this.#connections.open(token));
    return withSocialOrganisms(new Ad4mClient(apollo, false), apollo).so;
  }

  #introduce(agent: Agent): Agent {
    this.#names.set(agent.did, agent.name);
    this.#say(`${agent.name} is ${agent.did}`);
    return agent;
  }

  async #found(ada: Agent, ben: Agent): Promise<string> {
    this.#transcript.heading("Ada founds an organism and invites Ben");
    const uri = await ada.so.create({ name: "The chorus", members: [ben.did] });
    this.#say(`Founded ${uri} with ${this.#list(await ada.so.members(uri))}`);
    const { epoch, memberCount } = await ben.so.join(uri);
    this.#say(`Ben joins: ${memberCount} members in epoch ${epoch}: ${this.#list(await ada.so.members(uri))}`);
    return uri;
  }

  async #admit(uri: string, ada: Agent, ben: Agent, cleo: Agent): Promise<void> {
    this.#transcript.heading("Cleo is suggested, vouched for, and joins");
    const arrivals = new Inbox<SoMemberEvent>();
    const watch = ben.so.onNewMember(arrivals.put, { soURI: uri, after: "0" });
    const suggested = await ada.so.suggestMemberAddition(uri, cleo.did, "She sings");
    this.#say(`Ada suggests Cleo: ${suggested.state}, vouched for by ${this.#list(suggested.vouches)}`);
    const vouched = await ben.so.vouchForNewMember(uri, cleo.did);
    this.#say(`Ben vouches: ${vouched.state}, vouched for by ${this.#list(vouched.vouches)}`);
    const { joins } = await cleo.so.pending();
    this.#say(`Waits for Cleo's consent: ${this.#list(joins.edges.map(({ node }) => node.organism.name))}`);
    await cleo.so.join(uri);
    for (const arrived of [await arrivals.take(), await arrivals.take()]) {
      this.#say(`Ben hears: ${this.#name(arrived.did)} is member ${arrived.memberCount} from epoch ${arrived.epoch} on`);
    }
    watch.stop();
  }

  async #speak(uri: string, ada: Agent, ben: Agent, cleo: Agent, heard: Inbox<SoExpressionEvent>): Promise<string> {
    this.#transcript.heading("Ada speaks; Ben's key concurs by itself, Cleo signs");
    const entries = new Inbox<SoEvent>();
    const watch = cleo.so.onEvent(entries.put, { soURI: uri, after: "0" });
    const link = new Link({ source: uri, predicate: "sioc://likes", target: "literal://string:Bach" });
    const url = await ada.so.speak(uri, link, "link");
    const { expression } = await heard.take();
    this.#say(`Ben hears ${this.#name(expression.speaker)} say ${expression.expression?.data} (${expression.url})`);
    const spoken = await entries.takeUntil(({ entry }) => entry.event === "NewExpression");
    const verdict = await entries.takeUntil(({ entry }) => entry.event === "VerdictGiven");
    watch.stop();
    this.#recount([spoken, verdict]);
    this.#say(`The server's figure: ${figure(await ben.so.coherence(uri, url))}`);
    const { coherence } = await cleo.so.concur(uri, url);
    this.#say(`Cleo concurs with her own signature: ${figure(coherence)}`);
    return url;
  }

  /** What the log says by itself: who signed in each entry, and what share of the members has by then. */
  #recount(entries: readonly SoEvent[]): void {
    const signers = new Set<string>();
    let members = 0;
    for (const { entry } of entries) {
      const { author } = JSON.parse(entry.statement as string) as { author: string };
      const data = entry.data as { members?: number; automatic?: boolean };
      members = data.members ?? members;
      const how = data.automatic === true ? ", automatically" : "";
      const share = `${signers.add(author).size}/${members}`;
      this.#say(`Log entry ${entry.seq}, ${entry.event}, signed by ${this.#name(author)}${how}: ${share}`);
    }
  }

  async #refuse(uri: string, ada: Agent, dora: Agent): Promise<void> {
    this.#transcript.heading("What may not be said");
    const link = new Link({ source: uri, predicate: "sioc://likes", target: "literal://string:silence" });
    this.#say(`Dora speaks: ${await refusal(dora.so.speak(uri, link, "link"))}`);
    const linksOnly = await ada.so.create({ name: "Links only", dna: ONLY_LINKS });
    this.#say(`Ada founds ${linksOnly}, whose Social DNA allows only links`);
    this.#say(`Ada speaks a literal: ${await refusal(ada.so.speak(linksOnly, "Bach!", "literal"))}`);
    const allowed = await ada.so.speak(linksOnly, link, "link");
    this.#say(`Ada speaks a link: ${allowed}, ${figure(await ada.so.coherence(linksOnly, allowed))}`);
  }

  async #catchUp(uri: string, ada: Agent, bensToken: string, cursor: string): Promise<void> {
    this.#say("Ben's connection is gone");
    for (const word of ["first", "second"]) await this.#utter(uri, ada, word);
    const heard = new Inbox<SoExpressionEvent>();
    const again = new SocialOrganisms(overSocket(this.#connections.open(bensToken)));
    const watch = again.onNewExpression(heard.put, { after: cursor });
    this.#say("Ben is back and goes on after the last thing he heard");
    for (let missed = 0; missed < 2; missed += 1) this.#hear(await heard.take());
    await this.#utter(uri, ada, "third");
    this.#hear(await heard.take());
    watch.stop();
    this.#say(`Heard twice or in vain: ${heard.size}`);
  }

  async #utter(uri: string, ada: Agent, word: string): Promise<void> {
    this.#say(`Ada says "${word}": ${await ada.so.speak(uri, word, "json")}`);
  }

  #hear({ expression }: SoExpressionEvent): void {
    this.#say(`Ben hears ${expression.expression?.data}: ${expression.url}`);
  }

  async #verify(uri: string, url: string, dora: Agent): Promise<void> {
    this.#transcript.heading("Dora, who is no member, checks what she reads");
    const found = await dora.so.find(url);
    const spoken = await dora.so.expression(uri, url);
    if (found === null || spoken === null) throw new Error(`${url} is not there`);
    this.#say(`Expression of ${this.#name(found.author)}: ${found.data}`);
    this.#say(`socialOrganismSource ${found.socialOrganismSource}`);
    this.#say(`socialOrganismCoherence ${found.proof.socialOrganismCoherence}; ${figure(spoken.coherence)}`);
    const expression = readExpression(spoken);
    const content = contentOf(expression);
    this.#say(`Its author signed it: ${isSigned(expression)}; content as stated: ${content === spoken.content}`);
    const signers: string[] = [];
    for (const signature of await dora.so.signatures(uri, url)) {
      const proven = isVerdictOn(signature, { soURI: uri, url, content, epoch: spoken.epoch });
      const how = signature.automatic ? ", automatic" : "";
      this.#say(`${this.#name(signature.did)}: ${signature.verdict}${how}, verified by Dora: ${proven}`);
      if (proven && signature.verdict === "CONCUR") signers.push(signature.did);
    }
    const roster = await dora.so.roster(uri, spoken.epoch);
    const concurring = roster.filter((did) => signers.includes(did)).length;
    this.#say(`Recounted over a roster with the stated root: ${rosterRoot(roster) === spoken.rosterRoot}`);
    this.#say(`Recounted: ${concurring}/${roster.length}`);
  }

  async #depart(uri: string, url: string, ada: Agent, cleo: Agent): Promise<void> {
    this.#transcript.heading("Cleo leaves; what was said stays as coherent as it was");
    const departures = new Inbox<SoMemberEvent>();
    const watch = ada.so.onMemberRemoved(departures.put, { soURI: uri, after: "0" });
    await cleo.so.leave(uri);
    const { did, memberCount } = await departures.take();
    watch.stop();
    this.#say(`Ada hears: ${this.#name(did)} is gone, ${memberCount} members are left`);
    this.#say(`The link now: ${figure(await ada.so.coherence(uri, url))}`);
  }

  #name(did: string): string {
    return this.#names.get(did) ?? did;
  }

  /** Sorted by name: the order of keys differs from run to run. */
  #list(items: readonly string[]): string {
    return items.length === 0 ? "nobody" : items.map((item) => this.#name(item)).sort().join(", ");
  }

  #say(text: string): void {
    this.#transcript.line(text);
  }
}

function figure(of: SoCoherence): string {
  return (
    `as spoken ${of.asSpokenConcurring}/${of.asSpokenMembers} = ${percent(of.asSpoken)}, ` +
    `current ${of.currentConcurring}/${of.currentMembers} = ${percent(of.current)}`
  );
}

function percent(share: number | null | undefined): string {
  return share == null ? "of nobody" : `${Math.round(share * 100)} %`;
}

/** How the server refuses; an act that it allows is a failure of the job. */
async function refusal(act: Promise<unknown>): Promise<string> {
  try {
    await act;
  } catch (error) {
    if (!(error instanceof ChorusError)) throw error;
    const { reason } = error.facts;
    return typeof reason === "string" ? `${error.code} (${reason})` : error.code;
  }
  throw new Error("The server allows what it should refuse");
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { normalise: { type: "boolean", default: false } },
  });
  const connections = new Connections(positionals[0] ?? "http://127.0.0.1:12000");
  const patience = setTimeout(() => {
    console.error(`The job is not done after ${PATIENCE / 1000} seconds`);
    process.exit(1);
  }, PATIENCE);
  try {
    await new MainJob(connections, new Transcript(values.normalise)).run(process.env["CHORUS_TOKEN"] ?? "");
  } finally {
    clearTimeout(patience);
    await connections.close();
  }
}

await main();
