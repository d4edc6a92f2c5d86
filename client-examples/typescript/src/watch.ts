// Watching: a subscription that remembers its cursor, and goes on after it when the connection was lost.
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";

import type { Transport } from "./transport.js";

export interface WatchOptions {
  /** The organism; left out, every one you belong to. */
  readonly soURI?: string;
  /** Go on after the event with this cursor; "0" from the start; left out, from now on. */
  readonly after?: string;
  /** Told once, when it is over: with null if you stopped it or the server ended it, else with what went wrong. */
  readonly onEnd?: (error: Error | null) => void;
}

/** A subscription under way. */
export interface Watch {
  /** The cursor of the last event whose callback returned: give it as `after` to go on, in another run too. */
  readonly cursor: string | null;
  stop(): void;
}

export function watch<Data, Event extends { readonly cursor: string }>(
  transport: Transport,
  document: TypedDocumentNode<Data, never>,
  event: (data: Data) => Event,
  callback: (event: Event) => void,
  options: WatchOptions,
): Watch {
  const { after, onEnd = report, ...filters } = options;
  let cursor = after ?? null;
  let over = false;

  function end(error: Error | null): void {
    if (over) return;
    over = true;
    unsubscribe();
    onEnd(error);
  }

  const variables = {
    ...filters,
    // Read whenever the subscription is sent, so that after a lost connection it goes on from the last event.
    get after(): string | null {
      return cursor;
    },
  };
  const unsubscribe = transport.subscribe(document as TypedDocumentNode<Data, typeof variables>, variables, {
    next: (data) => {
      if (over) return;
      try {
        const happened = event(data);
        callback(happened);
        cursor = happened.cursor;
      } catch (error) {
        end(error instanceof Error ? error : new Error(String(error)));
      }
    },
    error: end,
    complete: () => end(null),
  });
  return {
    get cursor() {
      return cursor;
    },
    stop: () => end(null),
  };
}

function report(error: Error | null): void {
  if (error !== null) console.error("A subscription ended:", error);
}
