// Answers questions about agents offline: `node dist/src/alliance-predict.js questions.json`, one answer a line.
import { readFileSync } from "node:fs";

import {
  type AllianceContext,
  type AlliancePolicyData,
  type AllianceReplayData,
  predict,
} from "./alliance-replay.js";

interface Questions {
  readonly policies: readonly AlliancePolicyData[];
  readonly cases: readonly {
    readonly replay: AllianceReplayData;
    readonly asked: readonly { readonly context: AllianceContext; readonly at: string }[];
  }[];
}

const [, , file] = process.argv;
if (file === undefined) throw new TypeError("Which file holds the questions?");
const { policies, cases } = JSON.parse(readFileSync(file, "utf8")) as Questions;
const answers: string[] = [];
for (const { replay, asked } of cases) {
  const policy = policies.find(({ profile, version }) => profile === replay.profile && version === replay.version);
  if (policy === undefined) throw new TypeError(`No policy ${replay.profile} version ${replay.version}`);
  answers.push(...asked.map(({ context, at }) => JSON.stringify(predict(policy, replay, context, at))));
}
process.stdout.write(answers.map((answer) => `${answer}\n`).join(""));
