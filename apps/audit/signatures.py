"""Signing inside a command, and reading signatures back (21 CFR 11.50 to 11.70).

Doors prove who signs (`apps.providers.signing`); nothing is proven here.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, Model, QuerySet
from django.db.models.functions import Cast

from apps.audit.models import Meaning, Signature
from apps.audit.texts import as_read
from apps.core.call import SCANNED, ActorKind, Channel, SigningMethod
from apps.core.command import Run
from apps.core.errors import InvalidRequest
from apps.rules.documents import Document, document

Content = dict[str, Any]
NOT_SIGNED = "Sign with your password and, when you are asked for it, your second factor."


def sign(
    run: Run,
    *,
    meaning: Meaning,
    subject: Model,
    content: Mapping[str, Any],
    named: str,
    at: datetime | None = None,
    patient_id: UUID | None = None,
) -> Signature:
    """Sign `content` of `subject`, as whoever proved to be there; at the command's instant.

    `named` is the person in whose name an organization's system signs, or who signed the form that
    was scanned; `at` is when, where that was before. Raises InvalidRequest, naming `signature`, for
    a person who did not prove who they are.
    """
    proven = run.call.signing
    if proven is not None:
        user_id, code_id = proven.user_id, proven.code_id
        name, method = proven.printed_name, proven.method
    else:
        user_id, code_id, name, method = None, None, named, _without_proof(run)
    return _keep(
        run,
        meaning=meaning,
        subject=subject,
        content=content,
        at=at,
        patient_id=patient_id,
        user_id=user_id,
        code_id=code_id,
        printed_name=name,
        method=method,
    )


def sign_on_paper(
    run: Run,
    *,
    meaning: Meaning,
    subject: Model,
    content: Mapping[str, Any],
    named: str,
    at: datetime,
    patient_id: UUID | None = None,
) -> Signature:
    """Keep the signature of somebody without an account: by hand, or in a calling system."""
    is_system = run.actor.kind is ActorKind.CLIENT
    return _keep(
        run,
        meaning=meaning,
        subject=subject,
        content=content,
        at=at,
        patient_id=patient_id,
        user_id=None,
        printed_name=named,
        method=SigningMethod.SYSTEM if is_system else SigningMethod.PAPER,
    )


def signatures_of(subject: Model) -> QuerySet[Signature]:
    """The signatures of a record, the earliest first."""
    return signatures_of_all([subject])


def signatures_of_all(subjects: Iterable[Model]) -> QuerySet[Signature]:
    """The signatures of several records of one kind, the earliest first."""
    found = list(subjects)
    label = found[0]._meta.label_lower if found else ""
    return Signature.objects.filter(
        subject_model=label, subject_id__in=[str(subject.pk) for subject in found]
    ).order_by("signed_at", "recorded_at")


def signatures_of_rows(rows: QuerySet[Any]) -> QuerySet[Signature]:
    """The signatures of whatever a query finds, the earliest first, to be read beside it."""
    ids = rows.order_by().annotate(as_text=Cast("pk", CharField())).values("as_text")
    return Signature.objects.filter(
        subject_model=rows.model._meta.label_lower, subject_id__in=ids
    ).order_by("signed_at", "recorded_at")


def text_of(
    program: str,
    kind: str,
    *,
    version: str,
    risk_category: str | None = None,
    language: str | None = None,
) -> Content:
    """Which text was signed: its version, its language, and a digest of its very words.

    `language` as it was shown; None: the program's own. The words of a version that nobody kept
    here are not known: None.
    """
    text = as_read(program, kind, version=version, risk_category=risk_category, language=language)
    return {
        "program": program,
        "kind": kind,
        "version": version,
        "language": language or document(program, kind).language,
        "wording": None if text is None else _wording(text),
    }


def _wording(text: Document) -> str:
    words = {"title": text.title, "items": [[item.code, item.text] for item in text.items]}
    return digest_of(canonical(words))


def language_signed(signature: Signature) -> str:
    """In which language the text was shown that was signed; "" where no text was."""
    return str(json.loads(signature.content).get("text", {}).get("language", ""))


def is_whole(signature: Signature) -> bool:
    """Whether the signature's own content still has the digest that was signed."""
    return digest_of(signature.content) == signature.content_digest


def has_content(signature: Signature, record: Model, present: Mapping[str, Any]) -> bool:
    """Whether `record`, which says `present` now, is what was signed, and says what was signed.

    Of a text whose words are not known here, the signature alone tells; one that tells no words,
    signed elsewhere, is not contradicted by those that came to be known later.
    """
    signed = json.loads(signature.content)
    now = json.loads(canonical(_bound(record, Meaning(signature.meaning), present)))
    known, wording = now.get("text"), signed.get("text", {}).get("wording")
    if known and None in {known["wording"], wording}:
        known["wording"] = wording
    return is_whole(signature) and canonical(now) == signature.content


def _bound(record: Model, meaning: Meaning, content: Mapping[str, Any]) -> Content:
    """The content with the record that says it and the meaning: neither signs anything else."""
    return {
        "record": record._meta.label_lower,
        "id": record.pk,
        "meaning": meaning.value,
        **content,
    }


def canonical(content: Mapping[str, Any]) -> str:
    """The one way to write a content down; instants in UTC."""
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain
    )


def digest_of(text: str) -> str:
    """SHA-256, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _without_proof(run: Run) -> SigningMethod:
    if run.call.channel in SCANNED or run.call.channel is Channel.IMPORT:
        return SigningMethod.PAPER
    if run.actor.kind is ActorKind.CLIENT:
        return SigningMethod.SYSTEM
    raise InvalidRequest("This must be signed.", {"signature": NOT_SIGNED})


def _keep(
    run: Run,
    *,
    subject: Model,
    meaning: Meaning,
    content: Mapping[str, Any],
    at: datetime | None,
    **signed: Any,
) -> Signature:
    text = canonical(_bound(subject, meaning, content))
    actor = run.actor
    return Signature.objects.create(
        signed_at=at or run.now,
        recorded_at=run.now,
        operation_id=run.operation_id,
        channel=run.call.channel.value,
        role=actor.role.value,
        organization_id=actor.organization_id,
        prescriber_id=actor.prescriber_id,
        subject_model=subject._meta.label_lower,
        subject_id=str(subject.pk),
        meaning=meaning,
        content=text,
        content_digest=digest_of(text),
        **signed,
    )


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"A {type(value).__name__} cannot be signed.")
