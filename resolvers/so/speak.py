"""Speaking for an organism, concurring, rejecting, retracting."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from domain.canonical import Json, canonical, parse
from domain.capabilities import Domain
from domain.errors import DomainError, InvalidJson
from domain.expressions import (
    Expression,
    from_json,
    json_url,
    link_from_data,
    link_url,
    literal_url,
    sign_expression,
)
from domain.organisms import speaking
from domain.organisms.acceptance import check_arguments
from domain.organisms.errors import DnaRefused, DnaUndecided, UnknownExpression, UnknownOrganism
from domain.organisms.facts import Said
from domain.organisms.organism import Organism, SpokenExpression
from domain.organisms.statement import Statement, StatementType, Verdict
from domain.timestamp import format_millis, parse_millis
from graphdb.errors import StoreUnavailable
from graphdb.store import Commit, Expected, Standing, StoredExpression
from resolvers.context import Context, Services
from resolvers.errors import AgentLocked, InvalidArgument
from resolvers.so.automatic import concur_automatically, verdict_commit
from resolvers.so.decide import Act, Request, Signed, acceptance, act, carry_out, commit, first_outcome, gathering
from resolvers.so.evaluate import answer, explained, output_question

LEVELS = 64
"""Of arrays and objects in a signed expression; its data has one less."""

LANGUAGES = {"link": link_url, "literal": literal_url, "json": json_url}


def url_of(language: str, expression: Expression) -> str:
    """The URL an expression gets in a built-in language: link, literal or json."""
    if language not in LANGUAGES:
        raise InvalidArgument("languageAddress", "link, literal or json", language)
    return LANGUAGES[language](expression)


def author_expression(context: Context, content: str, language: str, *, self_custody: bool) -> Expression:
    """The complete signed expression of a self-custody agent, or data that the server signs for a hosted one."""
    limit = context.services.limits.content_length
    if len(content) > limit:
        raise InvalidJson("$", f"at most {limit} characters", content)
    value = parse(content, floats=True, max_length=limit, max_depth=LEVELS if self_custody else LEVELS - 1)
    if self_custody:
        expression = from_json(value)
        parse_millis(expression.timestamp)
        return _readable(expression, limit)
    keys = context.services.keyring.open_key(context.me)
    if keys is None:
        raise AgentLocked(context.me)
    data = link_from_data(value).as_data() if language == "link" else value
    return _readable(sign_expression(keys, data, format_millis(context.services.clock())), limit)


def _readable(expression: Expression, limit: int) -> Expression:
    """What is kept must be read again, and its canonical form may be longer than what was sent: 9e15 has 16 digits.

    One expression that cannot be read would keep its organism from evaluating anything.
    """
    length = len(canonical(expression.as_json()))
    if length > limit:
        raise InvalidJson("$", f"at most {limit} characters of the signed expression in canonical form", length)
    return expression


async def speak(
    context: Context,
    uri: str,
    content: str,
    language: str,
    *,
    signed: Signed | None = None,
    idempotency_key: str | None = None,
) -> SpokenExpression:
    """Says an expression for the organism. The same author saying the same URL again changes nothing."""
    arguments: Mapping[str, Json] = {"content": content, "languageAddress": language}
    asked = await act(context, Request(StatementType.SPEAK, uri, {}, arguments, signed, idempotency_key))
    given = None if asked.signed is None else _given(context, asked.signed, content, language)
    repeat = await first_outcome(asked)
    if repeat is not None:
        return await spoken_expression(context.services, repeat.result)
    expression = given or author_expression(context, content, language, self_custody=False)
    url = url_of(language, expression)
    try:
        committed = await carry_out(asked, lambda: _speak(asked, expression, url, language))
    except StoreUnavailable:
        context.services.owed.update(context.services.keyring.unlocked())  # it may be said all the same
        raise
    if committed is not None and not committed.repeated:
        context.services.spawn(concur_automatically(context.services, url))
    return await spoken_expression(context.services, url if committed is None else committed.result)


def _given(context: Context, statement: Statement, content: str, language: str) -> Expression:
    """The expression that a self-custody agent gives, if it is the one that its statement speaks."""
    expression = author_expression(context, content, language, self_custody=True)
    check_arguments(statement, {"expression": url_of(language, expression), "content": expression.content})
    return expression


async def _speak(asked: Act, expression: Expression, url: str, language: str) -> Commit | None:
    services = asked.services
    gathered = await gathering(services, asked.organism)
    organism = gathered.organism
    (earlier,) = await services.store.organisms.spoken([url])
    now = acceptance(services)
    fields = _decided(organism, expression, url)
    statement = asked.statement(now.now, fields)
    membership = gathered.member(asked.agent)
    speaking.check_speak(statement, expression, url, organism=organism, membership=membership, acceptance=now)
    if speaking.check_unspoken(earlier, organism, expression.content):
        return None
    subject = Said(url, language, expression)
    question = await output_question(services, organism.dna, gathered, subject, now.now)
    judged = await answer(services, question, asked.agent)
    try:
        events = speaking.speak(statement, language, organism, judged.evaluation)
    except (DnaRefused, DnaUndecided) as refused:
        refused.facts["explanation"] = (await explained(services, judged)).as_json()
        raise
    decided = Commit(organism.uri, events, judged.expected, now.now, url, idempotency=asked.key)
    return replace(decided, expression=(url, expression), facts=judged.kept)


def _decided(organism: Organism, expression: Expression, url: str) -> dict[str, Json]:
    return {
        "expression": url,
        "content": expression.content,
        "epoch": organism.epoch,
        "roster": organism.roster,
        "dna": organism.dna,
    }


async def give_verdict(
    context: Context,
    uri: str,
    url: str,
    verdict: Verdict,
    *,
    reason: str | None = None,
    signed: Signed | None = None,
    idempotency_key: str | None = None,
) -> SpokenExpression:
    """Concurs with or rejects an expression of the organism, replacing the agent's earlier verdict."""
    fields = {"expression": url, "verdict": str(verdict), "reason": reason}
    request = Request(StatementType.VERDICT, uri, fields, None, signed, idempotency_key)
    asked = await act(context, request)
    repeat = None if asked.key is None else await first_outcome(asked)
    if repeat is not None:
        return await spoken_expression(context.services, url)
    organisms, spoken = context.services.store.organisms, None

    async def decide() -> Commit | None:
        nonlocal spoken
        recalled = organisms.recall(uri, url, asked.agent)
        if recalled is not None:
            with suppress(DomainError):  # only what is read refuses: memory may be out of date
                return _give_verdict(asked, url, recalled)
        statement_id = None if asked.signed is None else asked.signed.id
        standing = await organisms.standing(uri, url, asked.agent, statement_id)
        spoken = standing.spoken
        return _give_verdict(asked, url, standing)

    committed = await commit(context.services, uri, decide)
    if committed is None or committed.concurring is None:
        return await spoken_expression(context.services, url)
    if spoken is not None:
        return replace(spoken, concurring=committed.concurring)
    return organisms.remembered(url) or await spoken_expression(context.services, url)


def _give_verdict(asked: Act, url: str, standing: Standing) -> Commit | None:
    if standing.repeat is not None:
        return None
    if standing.organism is None:
        raise UnknownOrganism(asked.organism)
    now = acceptance(asked.services)
    spoken = speaking.require_spoken(standing.spoken, url, standing.organism)
    decided: dict[str, Json] = {"content": spoken.content, "epoch": spoken.epoch, "dna": spoken.dna}
    statement = asked.statement(_after(now.now, standing), decided)
    return verdict_commit(statement, standing, now, idempotency=asked.key)


def _after(now: int, standing: Standing) -> int:
    """A verdict that the server signs is later than the one it replaces, even within one millisecond."""
    return now if standing.verdict is None else max(now, standing.verdict.timestamp + 1)


async def retract(
    context: Context,
    uri: str,
    url: str,
    *,
    reason: str | None = None,
    signed: Signed | None = None,
    idempotency_key: str | None = None,
) -> SpokenExpression:
    """Its speaker takes an expression back."""
    fields = {"expression": url, "reason": reason}
    asked = await act(context, Request(StatementType.RETRACT, uri, fields, None, signed, idempotency_key))
    if await first_outcome(asked) is None:
        await carry_out(asked, lambda: _retract(asked, url))
    return await spoken_expression(context.services, url)


async def _retract(asked: Act, url: str) -> Commit | None:
    services = asked.services
    standing = await services.store.organisms.standing(asked.organism, url, asked.agent)
    if standing.organism is None:
        raise UnknownOrganism(asked.organism)
    organism = standing.organism
    spoken = speaking.require_spoken(standing.spoken, url, organism)
    now = acceptance(services)
    statement = asked.statement(now.now, {"content": spoken.content})
    events = speaking.retract(statement, organism=organism, spoken=spoken, acceptance=now)
    if not events:
        return None
    expected = Expected(organism.epoch, organism.facts_size)
    return Commit(organism.uri, events, expected, now.now, url, idempotency=asked.key)


async def spoken_expression(services: Services, url: str) -> SpokenExpression:
    """The expression as it stands; raises `UnknownExpression` where nobody spoke it."""
    (found,) = await services.store.organisms.spoken([url])
    if found is None:
        raise UnknownExpression(url)
    return found


async def create_expression(context: Context, content: str, language: str) -> str:
    """ad4m's `expressionCreate`: signed by the agent and kept, not spoken for any organism. Gives the URL."""
    context.require(Domain.EXPRESSION, "CREATE")
    expression = author_expression(context, content, language, self_custody=False)
    url = url_of(language, expression)
    if language != "literal":
        await context.services.store.expressions.put(StoredExpression(url, language, expression))
    return url
