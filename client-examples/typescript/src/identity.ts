// An agent that keeps its own key: a did:key with an Ed25519 key pair, signing, strict verification, the challenge of
// a sign-in.
import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { base58 } from "@scure/base";

import { canonicalJson } from "./canonical.js";

const ED25519_PUB = Uint8Array.of(0xed, 0x01);
const DID = /^did:key:z(6Mk[1-9A-HJ-NP-Za-km-z]{44})$/;
const SIGNATURE = /^[0-9a-f]{128}$/;
const SIGN_IN = domain("chorus-sign-in/1");

/** What a server asks an agent to sign before it gives it a token. */
export interface Challenge {
  readonly did: string;
  readonly server: string;
  readonly nonce: string;
  readonly expiresAt: string;
}

/** A key pair in the hands of this program. The secret key is not readable from outside and never sent. */
export class Identity {
  readonly did: string;
  readonly #secret: Uint8Array;

  private constructor(secret: Uint8Array) {
    this.#secret = secret;
    this.did = didOf(ed25519.getPublicKey(secret));
  }

  static generate(): Identity {
    return new Identity(ed25519.utils.randomSecretKey());
  }

  /** From the 32 bytes that were kept of a known agent. */
  static fromSeed(seed: Uint8Array): Identity {
    return new Identity(Uint8Array.from(seed));
  }

  /** The verification method id that AD4M writes in `proof.key`. */
  get keyId(): string {
    return `${this.did}#${this.did.slice("did:key:".length)}`;
  }

  /** Ed25519, in lower-case hex. */
  sign(message: Uint8Array): string {
    return bytesToHex(ed25519.sign(message, this.#secret));
  }

  /** The signature that `agentSignIn` asks for. */
  answer({ did, server, nonce, expiresAt }: Challenge): string {
    return this.sign(concatBytes(SIGN_IN, utf8ToBytes(canonicalJson({ did, server, nonce, expiresAt }))));
  }
}

/** The bytes that come before everything signed for one purpose, so that no signature serves for another. */
export function domain(name: string): Uint8Array {
  return utf8ToBytes(`${name}\0`);
}

export function didOf(publicKey: Uint8Array): string {
  return `did:key:z${base58.encode(concatBytes(ED25519_PUB, publicKey))}`;
}

/** The 32 bytes of a DID's key; null for what is not the did:key of an Ed25519 key. */
export function publicKeyOf(did: string): Uint8Array | null {
  const encoded = DID.exec(did)?.[1];
  if (encoded === undefined) return null;
  const bytes = base58.decode(encoded);
  const isEd25519 = bytes.length === 34 && bytes[0] === ED25519_PUB[0] && bytes[1] === ED25519_PUB[1];
  return isEd25519 ? bytes.slice(2) : null;
}

/** Strict Ed25519 (RFC 8032): canonical encodings only, no key of small order, lower-case hex. Never throws. */
export function verify(did: string, message: Uint8Array, signature: string): boolean {
  const publicKey = publicKeyOf(did);
  if (publicKey === null || !SIGNATURE.test(signature)) return false;
  try {
    return ed25519.verify(hexToBytes(signature), message, publicKey, { zip215: false });
  } catch {
    return false; // a point that is not on the curve
  }
}
