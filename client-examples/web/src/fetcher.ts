// Sends GraphiQL's operations: subscriptions over the socket, everything else by POST.
import type { Fetcher, FetcherParams, Observable } from "@graphiql/toolkit";
import { type DocumentNode, getOperationAST, type OperationDefinitionNode, parse } from "graphql";
import type { ExecutionResult, Sink } from "graphql-ws";
import { graphqlUrl, type Session } from "./session";

export function createFetcher(session: Session): Fetcher {
  return (params) => {
    const document = tryParse(params.query);
    const request = withCurrentName(params, document);
    const operation = document && getOperationAST(document, request.operationName);
    return operation?.operation === "subscription"
      ? subscribe(session, request, operation)
      : post(session, request);
  };
}

function tryParse(query: string): DocumentNode | null {
  try {
    return parse(query);
  } catch {
    return null; // The server says what is wrong with it.
  }
}

/** GraphiQL notices the operation's name a moment after typing: a name the text no longer has is dropped. */
function withCurrentName(params: FetcherParams, document: DocumentNode | null): FetcherParams {
  const known = document && getOperationAST(document, params.operationName);
  return known ? params : { ...params, operationName: undefined };
}

async function post(session: Session, request: FetcherParams): Promise<ExecutionResult> {
  const response = await fetch(graphqlUrl("http"), {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json;q=0.9",
      ...session.headers,
    },
    body: JSON.stringify(request),
  });
  if (!response.headers.get("content-type")?.includes("json")) {
    throw [{ message: `The server answered ${response.status} ${response.statusText}`.trim() }];
  }
  return response.json();
}

function subscribe(
  session: Session,
  request: FetcherParams,
  operation: OperationDefinitionNode,
): Observable<ExecutionResult> {
  const resumable = operation.variableDefinitions?.some(({ variable }) => variable.name.value === "after");
  // The client sends this same object again when it reconnects, so moving `after` makes it go on where it stopped.
  const payload = { ...request, variables: { ...request.variables } };
  const start = (sink: Sink<ExecutionResult>) => ({
    unsubscribe: session.socket.subscribe(payload, {
      next(result: ExecutionResult) {
        if (resumable) payload.variables.after = lastCursor(result) ?? payload.variables.after;
        sink.next(result);
      },
      error: (failure) => sink.error(explain(failure)),
      complete: () => sink.complete(),
    }),
  });
  return { subscribe: start } as Observable<ExecutionResult>;
}

/** The `cursor` of the event in a result, if the operation selects it. */
function lastCursor(result: ExecutionResult): unknown {
  const events = Object.values(result.data ?? {}) as ({ cursor?: unknown } | null)[];
  return events.find((event) => event?.cursor)?.cursor;
}

/** What GraphiQL can show of a failed subscription: GraphQL errors as they are, socket events in words. */
function explain(failure: unknown): unknown {
  if (failure instanceof CloseEvent) {
    return [{ message: `The server closed the subscription: ${failure.code} ${failure.reason}`.trim() }];
  }
  return failure instanceof Event ? [{ message: "The server cannot be reached" }] : failure;
}
