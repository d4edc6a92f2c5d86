// How operations reach a server: over one graphql-transport-ws socket, or through the Apollo client of an ad4m program.
import { execute, type ApolloClient } from "@apollo/client/core/index.js";
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print, type DocumentNode } from "graphql";
import { createClient, type Client, type ClientOptions, type Sink as SocketSink } from "graphql-ws";

export type Variables = Record<string, unknown>;

/** Where the events of a subscription go. Exactly one of `error` and `complete` ends it. */
export interface Sink<Data> {
  next(data: Data): void;
  error(error: Error): void;
  complete(): void;
}

export interface Transport {
  request<Data, Vars extends Variables>(document: TypedDocumentNode<Data, Vars>, variables: Vars): Promise<Data>;
  /** Variables are read again whenever the subscription is sent again, so a getter among them stays current. */
  subscribe<Data, Vars extends Variables>(
    document: TypedDocumentNode<Data, Vars>,
    variables: Vars,
    sink: Sink<Data>,
  ): () => void;
}

/** What the server refused, with its stable code and its facts. */
export class ChorusError extends Error {
  constructor(
    message: string,
    readonly code: string,
    readonly facts: Readonly<Record<string, unknown>>,
  ) {
    super(message);
    this.name = "ChorusError";
  }
}

export interface ConnectOptions extends Omit<ClientOptions, "url" | "connectionParams"> {
  /** The agent's token; left out, the server decides what strangers on its own machine may do. */
  readonly token?: string;
}

const LONGEST_WAIT = 30_000;
const FORBIDDEN = 4403;

/**
 * A graphql-ws client for a server's address, such as http://127.0.0.1:12000. It reconnects for as long as it takes and
 * then sends what was under way again. In node, give `webSocketImpl` from `ws`.
 */
export function connect(server: string, { token = "", ...options }: ConnectOptions = {}): Client {
  return createClient({
    url: graphqlUrl(server),
    connectionParams: { headers: { authorization: token } },
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (retries) => wait(Math.min(1000 * 2 ** retries, LONGEST_WAIT) * (0.5 + Math.random() / 2)),
    // What else another attempt would not change, graphql-ws knows itself.
    shouldRetry: (problem) => closeCode(problem) !== FORBIDDEN,
    keepAlive: 20_000,
    ...options,
  });
}

export function graphqlUrl(server: string): string {
  const url = new URL("/graphql", server);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function closeCode(problem: unknown): number | null {
  const isClose = typeof problem === "object" && problem !== null && "code" in problem && "reason" in problem;
  return isClose ? Number(problem.code) : null;
}

export function overSocket(client: Client): Transport {
  return {
    request: (document, variables) =>
      first((sink) => client.subscribe(payload(document, variables), unwrapping(sink))),
    subscribe: (document, variables, sink) => client.subscribe(payload(document, variables), unwrapping(sink)),
  };
}

function payload(document: DocumentNode, variables: Variables) {
  return { query: print(document), variables };
}

/** Over the Apollo client's link, past its cache and its copying of variables, which would read a getter only once. */
export function overApollo(apollo: ApolloClient<unknown>): Transport {
  const subscribe: Transport["subscribe"] = (document, variables, sink) => {
    const subscription = execute(apollo.link, { query: document, variables }).subscribe(unwrapping(sink));
    return () => subscription.unsubscribe();
  };
  return {
    request: (document, variables) => first((sink) => subscribe(document, variables, sink)),
    subscribe,
  };
}

function first<Data>(subscribe: (sink: Sink<Data>) => () => void): Promise<Data> {
  return new Promise((resolve, reject) => {
    subscribe({
      next: resolve,
      error: reject,
      complete: () => reject(new Error("The server ended the operation without a result")),
    });
  });
}

interface Result {
  data?: unknown;
  errors?: readonly { readonly message: string; readonly extensions?: unknown }[];
}

/** Turns results into data and whatever went wrong into an Error. */
function unwrapping<Data>(sink: Sink<Data>): SocketSink<Result> {
  return {
    next: ({ data, errors }) => {
      if (errors !== undefined && errors.length > 0) sink.error(asError(errors));
      else sink.next(data as Data);
    },
    error: (problem) => sink.error(asError(problem)),
    complete: () => sink.complete(),
  };
}

function asError(problem: unknown): Error {
  if (Array.isArray(problem)) return refusal(problem[0] as NonNullable<Result["errors"]>[number]);
  if (problem instanceof Error) return problem;
  const code = closeCode(problem);
  return new Error(code === null ? String(problem) : `The connection was closed: ${code}`);
}

function refusal({ message, extensions }: NonNullable<Result["errors"]>[number]): ChorusError {
  const { code, ...facts } = (extensions ?? {}) as Record<string, unknown>;
  return new ChorusError(message, typeof code === "string" ? code : "UNKNOWN", facts);
}
