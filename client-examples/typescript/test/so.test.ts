import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { Client } from "graphql-ws";
import WebSocket from "ws";

import { apolloOver, ChorusError, connect, overApollo, overSocket, SocialOrganisms, type Transport } from "../src/index.js";
import { Inbox } from "../src/inbox.js";
import { Choir, serving } from "./choir.js";

const URI = "so://choir";

const TRANSPORTS: Record<string, (client: Client) => Transport> = {
  "a socket": overSocket,
  "an Apollo client": (client) => overApollo(apolloOver(client)),
};

/** A client that reconnects without waiting. */
async function withClient(server: string, use: (client: Client) => Promise<void>): Promise<void> {
  const client = connect(server, { webSocketImpl: WebSocket, retryWait: async () => {} });
  try {
    await use(client);
  } finally {
    await client.dispose();
  }
}

for (const [name, transport] of Object.entries(TRANSPORTS)) {
  describe(`the so section over ${name}`, () => {
    it("asks", async () => {
      await serving(new Choir(), (server) =>
        withClient(server, async (client) => {
          assert.deepEqual(await new SocialOrganisms(transport(client)).members(URI), ["did:1"]);
        }),
      );
    });

    it("turns a refusal into an error with code and facts", async () => {
      await serving(new Choir(), (server) =>
        withClient(server, async (client) => {
          const refused = new SocialOrganisms(transport(client)).members("so://nobody");

          const expected = { name: "ChorusError", code: "UNKNOWN_ORGANISM", facts: { soURI: "so://nobody" } };
          await assert.rejects(refused, expected);
          await assert.rejects(refused, ChorusError);
        }),
      );
    });

    it("goes on after the last event when the connection was lost", async () => {
      const choir = new Choir();
      await serving(choir, (server) =>
        withClient(server, async (client) => {
          const inbox = new Inbox<{ did: string }>();
          const so = new SocialOrganisms(transport(client));
          choir.admit();
          choir.admit();

          const watch = so.onNewMember(inbox.put, { soURI: URI, after: "0" });
          const before = [await inbox.take(), await inbox.take()];
          client.terminate();
          choir.admit();
          const since = await inbox.take();
          watch.stop();

          assert.deepEqual([...before, since].map(({ did }) => did), ["did:1", "did:2", "did:3"]);
          assert.deepEqual(choir.askedAfter, ["0", "2"]);
          assert.equal(watch.cursor, "3");
          assert.equal(inbox.size, 0);
        }),
      );
    });

    it("goes on in another run from the cursor of the last event", async () => {
      const choir = new Choir();
      choir.admit();
      choir.admit();
      await serving(choir, (server) =>
        withClient(server, async (client) => {
          const inbox = new Inbox<{ did: string }>();

          const watch = new SocialOrganisms(transport(client)).onNewMember(inbox.put, { soURI: URI, after: "1" });

          assert.equal((await inbox.take()).did, "did:2");
          watch.stop();
        }),
      );
    });

    it("tells a watch that its callback failed, and keeps the event", async () => {
      const choir = new Choir();
      choir.admit();
      await serving(choir, (server) =>
        withClient(server, async (client) => {
          const ended = new Inbox<Error | null>();
          const failing = () => {
            throw new Error("no room");
          };

          const watch = new SocialOrganisms(transport(client)).onNewMember(failing, {
            soURI: URI,
            after: "0",
            onEnd: ended.put,
          });

          assert.equal((await ended.take())?.message, "no room");
          assert.equal(watch.cursor, "0");
        }),
      );
    });
  });
}
