"""What it costs to take in one statement, against the bare Ed25519 verification of the library in the same run.

Limits: strict verification adds at most 10 µs to the library's; reading and re-encoding adds at most 40 µs.
Run: python -m benchmarks.statement_intake
"""

import hashlib
import sys
from collections.abc import Callable
from time import perf_counter

from nacl.bindings import crypto_sign_open

from domain.address import address
from domain.canonical import parse_canonical
from domain.identity import KeyPair, public_key, verify
from domain.organisms.statement import make_statement, parse_statement, signed_bytes

ROUNDS, CALLS = 15, 500


def microseconds(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """The best of interleaved rounds for each, so that a slow moment does not hit one alone."""
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(ROUNDS):
        for name, call in calls.items():
            start = perf_counter()
            for _ in range(CALLS):
                call()
            best[name] = min(best[name], (perf_counter() - start) / CALLS * 1e6)
    return best


def main() -> None:
    keys = KeyPair.generate(hashlib.sha256(b"benchmark").digest())
    statement = make_statement(
        keys,
        {
            "type": "verdict",
            "organism": f"so://{address('benchmark')}",
            "timestamp": "2026-03-04T05:06:07.089Z",
            "expression": "link:00112233445566778899aabbccddeeff",
            "content": "0" * 64,
            "epoch": 7,
            "verdict": "concur",
            "dna": "0" * 64,
            "reason": "r" * 150,
        },
    )
    message, raw = signed_bytes(statement.text), bytes.fromhex(statement.signature)
    key = public_key(keys.did)
    cost = microseconds(
        {
            "library verify": lambda: crypto_sign_open(raw + message, key),
            "strict verify": lambda: verify(keys.did, message, statement.signature),
            "parse and re-encode": lambda: parse_canonical(statement.text),
            "whole statement": lambda: parse_statement(statement.text, statement.signature),
        }
    )
    for name, figure in cost.items():
        print(f"{name:<20} {figure:7.1f} µs")
    added = cost["strict verify"] - cost["library verify"]
    print(f"verdict of {len(statement.text)} characters: strict verification adds {added:.1f} µs (limit 10),")
    print(f"reading {cost['parse and re-encode']:.1f} µs (limit 40)")
    sys.exit(added > 10 or cost["parse and re-encode"] > 40)


if __name__ == "__main__":
    main()
