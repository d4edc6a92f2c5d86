"""The Social DNA as ad4m's links, through GraphQL on both stores."""

from domain.expressions import literal_from_url
from domain.organisms.templates import MAJORITY
from tests.servers import Json
from tests.so.society import Society

LINKS = """query ($u: String!) { soDnaLinks(soURI: $u) {
  author timestamp data { source predicate target } proof { key signature valid } status } }"""
PROPOSE = "mutation ($u: String!, $d: String!) { soProposeDna(soURI: $u, dna: $d) { state } }"
STATUS = "query ($u: String!) { so(uri: $u) { createdAt head { server } } }"


def program_in(links: Json) -> object:
    """As a tool of ad4m finds it: the name first, then the code under that name."""
    (name,) = [each["data"]["target"] for each in links if each["data"]["predicate"] == "ad4m://has_custom_sdna"]
    (code,) = [
        each["data"]["target"]
        for each in links
        if (each["data"]["source"], each["data"]["predicate"]) == (name, "ad4m://sdna")
    ]
    assert literal_from_url(name) == "SocialOrganism"
    return literal_from_url(code)


async def test_the_dna_is_there_as_links_that_the_server_signed(chorus: Society) -> None:
    (ann,) = await chorus.people("ann")
    uri = await chorus.found(ann)

    links = await chorus.ask(LINKS, {"u": uri})

    assert program_in(links) == MAJORITY.program
    assert links[0]["data"]["source"] == "ad4m://self"
    organism = await chorus.ask(STATUS, {"u": uri})
    for link in links:
        assert (link["author"], link["timestamp"]) == (organism["head"]["server"], organism["createdAt"])
        assert (link["proof"]["valid"], link["status"]) == (True, "SHARED")
    assert await chorus.ask(LINKS, {"u": uri}) == links


async def test_only_a_change_of_the_organism_alters_them(chorus: Society) -> None:
    (ann,) = await chorus.people("ann")
    uri = await chorus.found(ann)
    chorus.clock.forward(60)
    program = MAJORITY.program + "% Grüße (it's 100 %!)\n"
    before = await chorus.ask(LINKS, {"u": uri})

    assert (await chorus.ask(PROPOSE, {"u": uri, "d": program}, ann))["state"] == "ACCEPTED"

    links = await chorus.ask(LINKS, {"u": uri})
    assert program_in(links) == program
    assert links[0]["timestamp"] > before[0]["timestamp"]


async def test_an_unknown_organism_has_none(chorus: Society) -> None:
    uri = "so://QmzSYwdexVtzt8GEY37qzRy15mNL59XrpjvZJjgYXa43j6CewKE"

    assert (await chorus.refusal(LINKS, {"u": uri}))["code"] == "UNKNOWN_ORGANISM"
