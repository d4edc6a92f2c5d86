import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

import {
  address,
  canonicalJson,
  contentOf,
  didOf,
  Identity,
  isSigned,
  isVerdictOn,
  linkData,
  organismUri,
  publicKeyOf,
  readStatement,
  rosterRoot,
  signExpression,
  signStatement,
  statementId,
  urlOf,
  verify,
  type Json,
  type Statement,
} from "../src/index.js";
import { vectors } from "./vectors.js";

const ada = Identity.fromSeed(Uint8Array.from({ length: 32 }, (_, index) => index));
const TIME = vectors.ad4m.timestamp;
const ORGANISM = "so://QmzSYwdZUApPNZpb5xLh57N5a6qXo8NmDPCddn4BZskpTgmC6Tv";

function signer(number: number): Identity {
  return Identity.fromSeed(sha256(utf8ToBytes(`vector key ${number}`)));
}

describe("an identity", () => {
  it("has the DID of its key", () => {
    assert.equal(ada.did, vectors.ad4m.did);
    assert.equal(didOf(publicKeyOf(ada.did) as Uint8Array), ada.did);
  });

  it("shows its secret nowhere", () => {
    assert.equal(JSON.stringify(ada), JSON.stringify({ did: ada.did }));
  });

  it("answers a challenge with a signature over exactly that challenge", () => {
    const challenge = { did: ada.did, server: signer(1).did, nonce: "00ff", expiresAt: "2026-01-01T00:00:00.000Z" };
    const signed = (text: string) => utf8ToBytes(`chorus-sign-in/1\0${text}`);

    const answer = ada.answer(challenge);

    assert.ok(verify(ada.did, signed(canonicalJson(challenge)), answer));
    assert.ok(!verify(ada.did, signed(canonicalJson({ ...challenge, nonce: "00fe" })), answer));
  });

  it("is nobody under another kind of DID", () => {
    for (const did of ["did:key:zQ3shvVfX5", "did:web:example.org", `${ada.did}1`, ""]) {
      assert.equal(publicKeyOf(did), null);
      assert.ok(!verify(did, utf8ToBytes("x"), ada.sign(utf8ToBytes("x"))));
    }
  });
});

describe("an expression", () => {
  for (const { what, data, signature } of vectors.ad4m.expressions) {
    it(`is signed as AD4M signs ${what}`, () => {
      const expression = signExpression(ada, data, TIME);

      assert.equal(expression.proof.signature, signature);
      assert.ok(isSigned(expression));
    });
  }

  it("that an AD4M executor signed is verified", () => {
    const { executor } = vectors.ad4m;

    assert.ok(isSigned(executor));
    assert.ok(!isSigned({ ...executor, data: "Hello World James 3!" }));
    assert.ok(!isSigned({ ...executor, timestamp: "yesterday" }));
  });

  it("has the content that the protocol gives it", () => {
    for (const { expression, content } of vectors.expressions) {
      assert.equal(contentOf(expression), content);
      assert.ok(isSigned(expression));
    }
  });

  it("of an ad4m link without a predicate is signed as one with null, and either form is verified", () => {
    const link = { source: "ad4m://self", predicate: "", target: "literal://string:hi" };

    const expression = signExpression(ada, linkData(link), TIME);

    assert.equal(expression.proof.signature, vectors.ad4m.expressions[1]?.signature);
    assert.ok(isSigned({ ...expression, data: link }));
  });

  it("has a URL in each language", () => {
    const link = signExpression(ada, { source: "a", predicate: "b", target: "c" }, TIME);
    const text = signExpression(ada, "it's (so)!", TIME);

    assert.match(urlOf("link", link), /^link:[0-9a-f]{32}$/);
    assert.match(urlOf("json", text), /^json:\/\/QmzSYwd/);
    assert.match(urlOf("literal", text), /^literal:\/\/json:%7B%22author%22%3A[^!'()*]+$/);
    assert.throws(() => urlOf("morse", text), TypeError);
  });
});

describe("an address", () => {
  it("is AD4M's", () => {
    for (const vector of vectors.ad4m.addresses) assert.equal(address(vector.text), vector.address);
  });
});

describe("a statement", () => {
  it("is written, signed and numbered as the protocol has it", () => {
    for (const { statement, signature, id, signer: number, uri } of vectors.statements) {
      const written = signStatement(signer(number), JSON.parse(statement) as Statement);

      assert.deepEqual(written, { statement, signature });
      assert.equal(statementId(statement), id);
      assert.deepEqual(readStatement(written), JSON.parse(statement));
      if (uri !== undefined) assert.equal(organismUri(written), uri);
    }
  });

  for (const { why, ...signed } of vectors.refused) {
    it(`is refused: ${why}`, () => {
      assert.equal(readStatement(signed), null);
    });
  }
});

describe("a roster", () => {
  it("has one root, whatever the order of its members", () => {
    for (const { members, root } of vectors.rosters) {
      assert.equal(rosterRoot(members), root);
      assert.equal(rosterRoot([...members].reverse()), root);
    }
  });
});

describe("a signature shown by a server", () => {
  const spoken = { soURI: ORGANISM, url: "link:00", content: "ab".repeat(32), epoch: 2 };
  const fields = { type: "verdict", organism: ORGANISM, timestamp: TIME, expression: "link:00", dna: "cd".repeat(32) };

  function shown(changed: Record<string, Json> = {}) {
    const statement = { ...fields, content: spoken.content, epoch: 2, verdict: "concur", ...changed } as Statement;
    return { did: ada.did, verdict: "CONCUR" as const, ...signStatement(ada, statement) };
  }

  it("proves a verdict on exactly that expression", () => {
    assert.ok(isVerdictOn(shown(), spoken));
    assert.ok(isVerdictOn(shown({ type: "speak" }), spoken));
  });

  const lies: Record<string, Record<string, Json>> = {
    "another organism": { organism: "so://QmzSYwdgKTkyiDnKr8t6CXBcdLjapjFZQTMLJv63C3XYVGbZVAR" },
    "another expression": { expression: "link:01" },
    "other content": { content: "ac".repeat(32) },
    "another epoch": { epoch: 3 },
    "another verdict": { verdict: "reject" },
    "another act": { type: "retract" },
  };
  for (const [what, changed] of Object.entries(lies)) {
    it(`proves nothing about ${what}`, () => {
      assert.ok(!isVerdictOn(shown(changed), spoken));
    });
  }

  it("proves nothing about another agent", () => {
    assert.ok(!isVerdictOn({ ...shown(), did: signer(1).did }, spoken));
  });
});
