// Monaco's language services, bundled so that they come from this server. Only GraphQL and JSON are edited here.
import EditorWorker from "monaco-editor/esm/vs/editor/editor.worker.js?worker";
import JsonWorker from "monaco-editor/esm/vs/language/json/json.worker.js?worker";
import GraphQLWorker from "monaco-graphql/esm/graphql.worker.js?worker";

function startWorker(_id: string, label: string): Worker {
  switch (label) {
    case "json":
      return new JsonWorker();
    case "graphql":
      return new GraphQLWorker();
    default:
      return new EditorWorker();
  }
}

Object.assign(globalThis, { MonacoEnvironment: { getWorker: startWorker } });
