// Who the page acts as, and the one WebSocket it subscribes over.
import { type Client, createClient } from "graphql-ws";

const TOKEN_KEY = "chorus:token";
const FORBIDDEN = 4403;
const RETRIES = 8;

/** The GraphQL address of the server that served this page. */
export function graphqlUrl(scheme: "http" | "ws"): string {
  const url = new URL("/graphql", window.location.href);
  if (scheme === "ws") url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/** A capability token, kept for this browser tab only, and the socket opened with it. */
export class Session {
  readonly socket: Client;
  #token = window.sessionStorage.getItem(TOKEN_KEY) ?? "";

  constructor() {
    this.socket = createClient({
      url: graphqlUrl("ws"),
      connectionParams: () => ({ headers: this.headers }),
      retryAttempts: RETRIES,
      retryWait: (attempt) => wait(Math.min(250 * 2 ** attempt, 4000)),
      // A refused token stays refused; anything else may be a server that is starting again.
      shouldRetry: (failure) => !(failure instanceof CloseEvent && failure.code === FORBIDDEN),
    });
  }

  get token(): string {
    return this.#token;
  }

  /** The server expects the bare token, as ad4m executors do: no `Bearer`. */
  get headers(): Record<string, string> {
    return this.#token ? { authorization: this.#token } : {};
  }

  /** Acts as the token's agent from now on; open subscriptions reconnect as that agent. */
  use(token: string): void {
    this.#token = token;
    if (token) window.sessionStorage.setItem(TOKEN_KEY, token);
    else window.sessionStorage.removeItem(TOKEN_KEY);
    this.socket.terminate();
  }
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
