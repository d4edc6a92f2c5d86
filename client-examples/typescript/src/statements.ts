// Statements: the signed acts of agents in an organism. Written and checked here without asking any server.
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";

import { canonicalJson, sha256Hex, type Json } from "./canonical.js";
import { address } from "./expressions.js";
import { domain, verify, type Identity } from "./identity.js";

const DOMAIN = domain("social-organism/1");

export type StatementType =
  | "found"
  | "speak"
  | "verdict"
  | "propose"
  | "vouch"
  | "decline"
  | "withdraw"
  | "join"
  | "leave"
  | "retract";

/** The fields of a statement; those that a type does not have are refused by the server. */
export interface Statement {
  readonly type: StatementType;
  readonly organism: string;
  readonly timestamp: string;
  readonly [field: string]: Json;
}

/** A statement as it travels: its canonical JSON text and its author's signature. */
export interface SignedStatement {
  readonly statement: string;
  readonly signature: string;
}

/** What a verdict has to be about, for a signature to count. */
export interface Spoken {
  readonly soURI: string;
  readonly url: string;
  readonly content: string;
  readonly epoch: number;
}

/** A member's verdict as a server shows it. */
export interface Signature extends SignedStatement {
  readonly did: string;
  readonly verdict: "CONCUR" | "REJECT";
}

export function signStatement(identity: Identity, statement: Statement): SignedStatement {
  const text = canonicalJson({ ...statement, author: identity.did });
  return { statement: text, signature: identity.sign(signedBytes(text)) };
}

function signedBytes(text: string): Uint8Array {
  return concatBytes(DOMAIN, utf8ToBytes(text));
}

export function statementId(text: string): string {
  return sha256Hex(signedBytes(text));
}

/** The fields of a statement that its author signed and that is spelled canonically; null for any other text. */
export function readStatement({ statement, signature }: SignedStatement): (Statement & { author: string }) | null {
  const fields = parseObject(statement);
  if (fields === null || typeof fields["author"] !== "string" || canonicalJson(fields) !== statement) return null;
  if (!verify(fields["author"], signedBytes(statement), signature)) return null;
  return fields as unknown as Statement & { author: string };
}

function parseObject(text: string): Record<string, Json> | null {
  try {
    const value = JSON.parse(text) as Json;
    return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, Json>) : null;
  } catch {
    return null;
  }
}

/** Whether this is its signer's verdict, as shown, on exactly that expression. `content` is the one you computed. */
export function isVerdictOn(signature: Signature, spoken: Spoken): boolean {
  const statement = readStatement(signature);
  if (statement === null || statement.author !== signature.did || statement.organism !== spoken.soURI) return false;
  // Speaking is concurring.
  const said = statement.type === "speak" ? "concur" : statement.type === "verdict" ? statement["verdict"] : null;
  return (
    said === signature.verdict.toLowerCase() &&
    statement["expression"] === spoken.url &&
    statement["content"] === spoken.content &&
    statement["epoch"] === spoken.epoch
  );
}

/** The root that a `speak` names: SHA-256 of the canonical JSON array of the sorted members. */
export function rosterRoot(members: Iterable<string>): string {
  return sha256Hex(canonicalJson([...members].sort()));
}

/** The URI of the organism that this `found` statement founds. */
export function organismUri({ statement, signature }: SignedStatement): string {
  return `so://${address(canonicalJson({ statement: JSON.parse(statement) as Json, signature }))}`;
}
