// AD4M expressions: signing, verifying, content hashes and URLs, as ad4m 0.11.1 and its specification have them.
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { base58 } from "@scure/base";

import { canonicalJson, sha256Hex, type Json } from "./canonical.js";
import { verify, type Identity } from "./identity.js";

/** Signed data. */
export interface Expression {
  readonly author: string;
  readonly timestamp: string;
  readonly data: Json;
  readonly proof: { readonly key: string; readonly signature: string };
}

/** A triple; ad4m's own `Link` is one. */
export interface LinkLike {
  readonly source: string;
  readonly predicate?: string | null;
  readonly target: string;
}

const CID = Uint8Array.of(0x01, 0x00, 0x12, 0x20);

/** The data of a link expression. ad4m's `Link` has "" where it has no predicate; what is signed is null. */
export function linkData({ source, predicate, target }: LinkLike): { source: string; predicate: string | null; target: string } {
  return { source, predicate: predicate || null, target };
}

/** Signed as an AD4M executor does: Ed25519 over SHA-256 of the data's JSON followed by the timestamp. */
export function signExpression(identity: Identity, data: Json, timestamp: string): Expression {
  const signature = identity.sign(digest(data, timestamp));
  return { author: identity.did, timestamp, data, proof: { key: identity.keyId, signature } };
}

/** Whether the author signed this data at this time. */
export function isSigned({ author, timestamp, data, proof }: Expression): boolean {
  const time = new Date(timestamp);
  if (Number.isNaN(time.getTime())) return false;
  return predicateForms(data).some((form) => verify(author, digest(form, time.toISOString()), proof.signature));
}

function digest(data: Json, timestamp: string): Uint8Array {
  return sha256(concatBytes(utf8ToBytes(canonicalJson(data)), utf8ToBytes(timestamp)));
}

/** A link without a predicate may have been signed with "" or with null, depending on who signed it. */
function predicateForms(data: Json): Json[] {
  if (!isLink(data) || data.predicate) return [data];
  return [data, { ...data, predicate: null }, { ...data, predicate: "" }];
}

function isLink(data: Json): data is { source: string; target: string; predicate?: string | null } {
  return data !== null && typeof data === "object" && "source" in data && "target" in data;
}

/** What statements name an expression by. */
export function contentOf({ author, timestamp, data, proof: { key, signature } }: Expression): string {
  return sha256Hex(canonicalJson({ author, timestamp, data, proof: { key, signature } }));
}

/** AD4M's content address: `Qm`, then a CIDv1 with its multibase `z`. */
export function address(text: string): string {
  return `Qmz${base58.encode(concatBytes(CID, sha256(utf8ToBytes(text))))}`;
}

/** The URL that an expression has in a built-in language: link, literal or json. */
export function urlOf(languageAddress: string, expression: Expression): string {
  if (languageAddress === "link") return linkUrl(expression);
  if (languageAddress === "literal") return literalUrl(expression);
  if (languageAddress === "json") return `json://${address(canonicalJson({ ...expression }))}`;
  throw new TypeError(`link, literal or json, not ${languageAddress}`);
}

function linkUrl({ author, timestamp, data }: Expression): string {
  if (!isLink(data)) throw new TypeError("A link has a source, a predicate and a target");
  const parts = [author, data.source, data.predicate ?? "", data.target, timestamp];
  return `link:${sha256Hex(parts.join("")).slice(0, 32)}`;
}

function literalUrl({ author, timestamp, data, proof: { key, signature } }: Expression): string {
  const plain = JSON.parse(canonicalJson(data)) as Json;
  const text = JSON.stringify({ author, timestamp, data: plain, proof: { key, signature } });
  const encoded = encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  return `literal://json:${encoded}`;
}
