// A small GraphQL server with members that come one after another, to try the client without a Chorus.
import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { buildSchema, GraphQLError } from "graphql";
import { useServer } from "graphql-ws/lib/use/ws";
import { WebSocketServer } from "ws";

const SCHEMA = buildSchema(`
  type Query { soMembers(soURI: String!): [String!]! }
  type SoMemberEvent { cursor: String! soURI: String! did: String! epoch: Int! memberCount: Int! }
  type Subscription { soNewMember(soURI: String, after: String): SoMemberEvent! }
`);

/** What the server saw, and how many members it has. */
export class Choir {
  readonly askedAfter: (string | null)[] = [];
  #members = 0;
  readonly #news = new EventEmitter();

  admit(): void {
    this.#members += 1;
    this.#news.emit("member");
  }

  async *newMembers(soURI: string, after: string | null) {
    this.askedAfter.push(after);
    for (let seen = after === null ? this.#members : Number(after); ; seen += 1) {
      while (seen >= this.#members) await once(this.#news, "member");
      const count = seen + 1;
      yield { soNewMember: { cursor: String(count), soURI, did: `did:${count}`, epoch: count, memberCount: count } };
    }
  }
}

/** Serves a choir for as long as `use` runs. */
export async function serving<T>(choir: Choir, use: (server: string) => Promise<T>): Promise<T> {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, path: "/graphql" });
  const refused = new GraphQLError("Who is that?", { extensions: { code: "UNKNOWN_ORGANISM", soURI: "so://nobody" } });
  const server = useServer(
    {
      schema: SCHEMA,
      roots: {
        query: { soMembers: ({ soURI }: { soURI: string }) => (soURI === "so://choir" ? ["did:1"] : refused) },
        subscription: {
          soNewMember: ({ soURI, after }: { soURI: string; after: string | null }) => choir.newMembers(soURI, after),
        },
      },
    },
    sockets,
  );
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  try {
    return await use(`http://127.0.0.1:${(http.address() as AddressInfo).port}`);
  } finally {
    await server.dispose();
    await new Promise((resolve) => http.close(resolve));
  }
}
