"""The DID document of a `did:key`, which follows from the DID alone (W3C did:key method, Ed25519)."""

from domain.canonical import Json
from domain.identity import Did, key_id


def did_document(did: Did) -> dict[str, Json]:
    method = key_id(did)
    key: dict[str, Json] = {
        "id": method,
        "type": "Ed25519VerificationKey2020",
        "controller": did,
        "publicKeyMultibase": method.rsplit("#", 1)[1],
    }
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/ed25519-2020/v1"],
        "id": did,
        "verificationMethod": [key],
        "authentication": [method],
        "assertionMethod": [method],
        "capabilityDelegation": [method],
        "capabilityInvocation": [method],
    }
