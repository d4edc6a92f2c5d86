// The vectors that all example clients share.
import { readFileSync } from "node:fs";

import type { Expression, Json, SignedStatement } from "../src/index.js";

export interface Vectors {
  readonly ad4m: {
    readonly did: string;
    readonly timestamp: string;
    readonly expressions: readonly { what: string; data: Json; signature: string }[];
    readonly executor: Expression;
    readonly addresses: readonly { text: string; address: string }[];
  };
  readonly statements: readonly (SignedStatement & { id: string; signer: number; uri?: string })[];
  readonly rosters: readonly { members: string[]; root: string }[];
  readonly expressions: readonly { expression: Expression; content: string }[];
  readonly refused: readonly (SignedStatement & { why: string })[];
}

// From dist/test/, where this runs, to client-examples/.
export const vectors = JSON.parse(
  readFileSync(new URL("../../../vectors.json", import.meta.url), "utf8"),
) as Vectors;
