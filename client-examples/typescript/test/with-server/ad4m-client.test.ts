// The released ad4m client, unmodified, against a fresh Chorus at CHORUS_SERVER.
import assert from "node:assert/strict";
import { after, before, describe, it, mock } from "node:test";

import { ApolloClient, ApolloLink, InMemoryCache, Observable } from "@apollo/client/core/index.js";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions/index.js";
import { Ad4mClient, type Apps, type AuthInfoInput } from "@coasys/ad4m";
import type { FieldNode, OperationDefinitionNode } from "graphql";
import type { Client } from "graphql-ws";
import WebSocket from "ws";

import { Inbox } from "../../src/inbox.js";
import { connect, isSigned, Identity, type Expression } from "../../src/index.js";

const SERVER = process.env["CHORUS_SERVER"] as string;
const PASSPHRASE = "as long as it takes";

// What `new Ad4mClient(apollo)` subscribes to by itself. What these tell of does not exist here, and
// GraphQL says so.
const ABSENT = [
  "perspectiveAdded",
  "perspectiveUpdated",
  "perspectiveRemoved",
  "runtimeMessageReceived",
  "runtimeNotificationTriggered",
];
const PRESENT = ["agentUpdated", "agentStatusChanged", "agentAppsChanged", "exceptionOccurred"];

/** What a subscription was answered with: an event, or why there are none. */
type Answer = { readonly event: unknown } | { readonly error: string };

/** The answers to each subscription, by its field. */
class Answers {
  readonly #inboxes = new Map<string, Inbox<Answer>>();

  get fields(): string[] {
    return [...this.#inboxes.keys()];
  }

  begin(field: string): (answer: Answer) => void {
    const inbox = new Inbox<Answer>();
    this.#inboxes.set(field, inbox);
    return inbox.put;
  }

  take(field: string): Promise<Answer> {
    return (this.#inboxes.get(field) as Inbox<Answer>).take();
  }

  left(field: string): number {
    return (this.#inboxes.get(field) as Inbox<Answer>).size;
  }
}

/** Notes the answers to every subscription that passes through. */
function noting(answers: Answers): ApolloLink {
  return new ApolloLink((operation, forward) => {
    const definition = operation.query.definitions[0] as OperationDefinitionNode;
    if (definition.operation !== "subscription") return forward(operation);
    const field = (definition.selectionSet.selections[0] as FieldNode).name.value;
    const note = answers.begin(field);
    return new Observable((observer) =>
      forward(operation).subscribe({
        next: (result) => {
          note(result.errors ? { error: result.errors[0]?.message ?? "" } : { event: result.data?.[field] });
          observer.next(result);
        },
        error: (problem) => {
          note({ error: Array.isArray(problem) ? problem[0].message : String(problem) });
          observer.error(problem);
        },
        complete: () => observer.complete(),
      }),
    );
  });
}

/** An ad4m client as ad4m's own tests make it. */
function ad4mClient(token: string, subscribe: boolean, ...links: ApolloLink[]): { ad4m: Ad4mClient; socket: Client } {
  const socket = connect(SERVER, { token, webSocketImpl: WebSocket });
  const apollo = new ApolloClient({
    link: ApolloLink.from([...links, new GraphQLWsLink(socket)]),
    cache: new InMemoryCache({
      resultCaching: false,
      addTypename: false,
      // Each event holds the whole list; left out, Apollo warns.
      typePolicies: { Subscription: { fields: { agentAppsChanged: { merge: false } } } },
    }),
    defaultOptions: {
      watchQuery: { fetchPolicy: "no-cache" },
      query: { fetchPolicy: "no-cache" },
      mutate: { fetchPolicy: "no-cache" },
    },
  });
  return { ad4m: new Ad4mClient(apollo, subscribe), socket };
}

describe("the released ad4m client", () => {
  const answers = new Answers();
  const sockets: Client[] = [];
  const complaints = mock.method(console, "error", () => {});
  let ad4m: Ad4mClient;

  function client(token: string, subscribe = false, ...links: ApolloLink[]): Ad4mClient {
    const made = ad4mClient(token, subscribe, ...links);
    sockets.push(made.socket);
    return made.ad4m;
  }

  /** The next event of a subscription; an error there fails. */
  async function heard<Event>(field: string): Promise<Event> {
    const answer = await answers.take(field);
    if ("error" in answer) assert.fail(`${field}: ${answer.error}`);
    return answer.event as Event;
  }

  before(() => {
    ad4m = client("", true, noting(answers));
  });

  after(async () => {
    complaints.mock.restore();
    await Promise.all(sockets.map(async (socket) => socket.dispose()));
  });

  it("opens nine subscriptions; those that do not exist get a validation error", async () => {
    assert.deepEqual(answers.fields.sort(), [...PRESENT, ...ABSENT].sort());
    for (const field of ABSENT) {
      assert.match(JSON.stringify(await answers.take(field)), new RegExp(`Cannot query field '${field}'`));
    }
  });

  it("generates the main agent", async () => {
    const fresh = await ad4m.agent.status();
    assert.equal(fresh.isInitialized, false);

    const made = await ad4m.agent.generate(PASSPHRASE);

    assert.equal(made.isInitialized, true);
    assert.equal(made.isUnlocked, true);
    assert.match(made.did as string, /^did:key:z6Mk/);
    assert.equal(JSON.parse(made.didDocument as string).id, made.did);
    assert.deepEqual(await heard("agentStatusChanged"), { ...made });
    assert.equal((await heard<{ did: string }>("agentUpdated")).did, made.did);
    assert.deepEqual(await ad4m.agent.status(), made);
    assert.equal((await ad4m.agent.me()).did, made.did);
    assert.equal((await ad4m.agent.byDID(made.did as string)).did, made.did);
  });

  it("locks and unlocks it", async () => {
    assert.equal((await ad4m.agent.lock(PASSPHRASE)).isUnlocked, false);
    assert.equal((await heard<{ isUnlocked: boolean }>("agentStatusChanged")).isUnlocked, false);
    assert.equal(await ad4m.agent.isLocked(), true);
    await assert.rejects(ad4m.agent.signMessage("hello"), /locked/);
    await assert.rejects(ad4m.agent.unlock("as short as it takes"));

    assert.equal((await ad4m.agent.unlock(PASSPHRASE)).isUnlocked, true);

    assert.equal((await heard<{ isUnlocked: boolean }>("agentStatusChanged")).isUnlocked, true);
    assert.equal(await ad4m.agent.isLocked(), false);
  });

  it("signs a message and has it verified", async () => {
    const { did } = await ad4m.agent.me();
    const { signature, publicKey } = (await ad4m.agent.signMessage("hello ad4m")) as unknown as Record<string, string>;
    const verified = (text: string) =>
      ad4m.runtime.verifyStringSignedByDid(did, publicKey as string, text, signature as string);

    assert.equal(await verified("hello ad4m"), true);
    assert.equal(await verified("hello mad4"), false);
  });

  it("asks for a token, is permitted it, uses it, and loses it when it is revoked", async () => {
    const auth = {
      appName: "Exam",
      appDesc: "Reads who I am",
      appDomain: "example.org",
      appUrl: "https://example.org",
      appIconPath: "none",
      capabilities: [{ with: { domain: "agent", pointers: ["*"] }, can: ["READ"] }],
    } as AuthInfoInput;

    const requestId = await ad4m.agent.requestCapability(auth);
    const asked = await heard<{ type: string; addon: string }>("exceptionOccurred");
    const digits = await ad4m.agent.permitCapability(JSON.stringify({ requestId, auth }));
    const token = await ad4m.agent.generateJwt(requestId, digits);

    assert.equal(asked.type, "CAPABILITY_REQUESTED");
    assert.equal(JSON.parse(asked.addon).requestId, requestId);
    assert.match(digits, /^\d{6}$/);
    const app = client(token);
    assert.equal((await app.agent.me()).did, (await ad4m.agent.me()).did);
    await assert.rejects(app.agent.signMessage("hello"), /Capability is not matched/);

    const listed = (await ad4m.agent.getApps()).find((each) => each.requestId === requestId) as Apps;
    assert.equal(listed.auth.appName, "Exam");
    const revoked = (await ad4m.agent.revokeToken(requestId)).find((each) => each.requestId === requestId) as Apps;

    assert.equal(revoked.revoked, true);
    const changes = [await heard<Apps[]>("agentAppsChanged"), await heard<Apps[]>("agentAppsChanged")];
    assert.deepEqual(changes.map((apps) => apps.find((each) => each.requestId === requestId)?.revoked), [false, true]);
    await assert.rejects(app.agent.me(), /Unauthorized access/);
    assert.deepEqual(await ad4m.agent.removeApp(requestId), await heard<Apps[]>("agentAppsChanged"));
  });

  it("keeps expressions and gets them back, signed", async () => {
    const { did } = await ad4m.agent.me();
    const url = await ad4m.expression.create({ title: "Grüße" }, "json");

    const found = await ad4m.expression.get(url, true);
    const raw = JSON.parse(await ad4m.expression.getRaw(url)) as Expression;

    assert.deepEqual(JSON.parse(found.data as unknown as string), { title: "Grüße" });
    assert.equal(found.author, did);
    assert.equal(found.proof.valid, true);
    assert.equal(found.proof.invalid, false);
    assert.equal(found.language.address, "json");
    assert.ok(isSigned(raw));
    const [again, unknown] = await ad4m.expression.getMany([url, "json://QmzSYwdZUApPNZpb5xLh57N5a6qXo8NmDPCddn4BZskpTgmC6Tv"]);
    assert.equal(again?.author, did);
    assert.equal(unknown, null);
  });

  it("reads its own literals without asking", async () => {
    const url = await ad4m.expression.create("test note", "literal");

    const literal = (await ad4m.expression.get(url)) as unknown as Expression;

    assert.equal(literal.data, "test note");
    assert.ok(isSigned(literal));
    assert.equal((await ad4m.expression.get(url, true)).proof.valid, true);
  });

  it("tells of no agent that nobody knows", async () => {
    assert.equal(await ad4m.agent.byDID(Identity.generate().did), null);
  });

  it("asks the server what it is", async () => {
    const info = await ad4m.runtime.info();

    assert.equal(info.isInitialized, true);
    assert.equal(info.isUnlocked, true);
    assert.match(info.ad4mExecutorVersion, /\d/);
  });

  it("complained about the absent subscriptions only", async () => {
    for (const field of PRESENT) assert.equal(answers.left(field), 0, field);
    assert.equal(complaints.mock.callCount(), ABSENT.length);
  });
});
