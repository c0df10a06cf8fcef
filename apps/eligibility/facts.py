"""THE builder of facts: one statement turns the tables into the contract's document.

Used by decisions, reminders, planner and timeline; the number of statements never grows with a
patient's history. States that time has changed are given as they hold at `as_of` (L-AUT-7).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

Document = dict[str, Any]

# The authorization's state at as_of, whether or not a sweep has written it.
AUTHORIZATION_STATE = """
    CASE
        WHEN {a}.state IN ('issued', 'confirmed') AND {a}.expires_at < c.as_of THEN 'expired'
        WHEN {a}.state = 'confirmed' AND NOT EXISTS (
            SELECT FROM prescriptions_confirmation v
            WHERE v.authorization_id = {a}.id AND v.state = 'valid' AND v.expires_at >= c.as_of
        ) THEN 'issued'
        ELSE {a}.state
    END
"""

# Two records of one person may each hold a dispense of one instant; the contract knows no such two.
DISPENSED_AT = """
    CASE WHEN cardinality(c.records) = 1 THEN r.dispensed_at ELSE r.dispensed_at + (
        SELECT count(*) FROM prescriptions_dispense o
        WHERE o.patient_id = ANY(c.records) AND o.program = c.program
            AND o.dispensed_at = r.dispensed_at AND o.id < r.id) * interval '1 microsecond' END
"""

PATIENT = """
    'patient', json_build_object(
        'date_of_birth', p.born_on,
        'risk_category', g.risk_category,
        'category_basis', CASE WHEN g.basis_kind <> '' THEN
            json_build_object('kind', g.basis_kind, 'on', g.basis_on) END,
        'cycle', nullif(h.cycle, ''),
        'breastfeeding', coalesce(h.breastfeeding, false),
        'advisory_flags', coalesce(to_json(h.advisory_flags), '[]'::json)
    ),
    'prescriber', json_build_object(
        'id', d.id,
        'status', d.state,
        'covers', ARRAY(
            SELECT o.id
            FROM providers_prescriber o JOIN providers_practice e
                ON e.organization_id = o.practice_id
            WHERE e.members_cover_each_other AND o.practice_id = d.practice_id AND o.id <> d.id
                AND o.state = 'certified'
        )
    )
"""

# The next exception from the same rule takes its place: so two persons end a mistake early.
REPLACED_AT = """(
    SELECT min(n.granted_at) FROM evidence_ruleexception n
    WHERE n.patient_id = r.patient_id AND n.program = r.program AND n.rule = r.rule
        AND n.granted_at > r.granted_at
)"""

# One exception from the supply rule, one supply: else early ones pile up until its end (L-DSP-5).
# What went back to stock, or was withdrawn, used nothing up.
USED_UP_AT = """(
    SELECT min(u.dispensed_at) FROM prescriptions_dispense u
    JOIN eligibility_decision e ON e.authorization_id = u.authorization_id AND e.dispense_id = u.id
    WHERE r.rule = 'L-DSP-5' AND u.patient_id = ANY(c.records) AND u.program = c.program
        AND u.dispensed_at >= r.granted_at AND u.withdrawn_at IS NULL
        AND e.document @> '{"requirements": [{"rule": "L-DSP-5", "overridden": true}]}'
        AND NOT EXISTS (SELECT FROM prescriptions_dispensereturn b
            WHERE b.dispense_id = u.id AND b.withdrawn_at IS NULL)
)"""

# The record that is kept of a person, and those merged into it: each entry counts (L-PAT-1).
# OFFSET 0 where it is used keeps the planner from asking it anew for every list.
RECORDS = """
    ARRAY(SELECT p.id UNION ALL SELECT m.id FROM patients_patient m WHERE m.merged_into_id = p.id)
"""


def _list(key: str, fields: str, source: str) -> str:
    """One list of the document, in no order yet."""
    return f"""
        '{key}', ARRAY(SELECT entry FROM (SELECT {fields} FROM {source}) entry)
    """  # noqa: S608 - composed of this module's constants only


HISTORY = ",".join(
    [
        _list(
            "agreements",
            "r.risk_category, r.prescriber_id AS prescriber, r.signer, r.patient_signed_at, "
            "r.prescriber_signed_at",
            "patients_agreement r WHERE r.patient_id = ANY(c.records) AND r.program = c.program "
            # One that waits for an approval, or did not get it, counts for nothing (L-CAT-3).
            "AND r.withdrawn_at IS NULL AND NOT EXISTS (SELECT FROM patients_categorychange w "
            "WHERE w.agreement_id = r.id AND w.state <> 'approved')",
        ),
        _list(
            "pregnancy_tests",
            "r.collected_at, r.resulted_at, r.result, "
            "trim_scale(r.sensitivity_miu_ml) AS sensitivity_miu_ml, r.specimen, r.withdrawn_at",
            "evidence_pregnancytest r WHERE r.patient_id = ANY(c.records)",
        ),
        _list(
            "contraception",
            "r.attested_at, r.recorded_at, r.abstinence, r.methods, r.in_use_since, r.lapse, "
            "r.withdrawn_at",
            "evidence_contraceptionattestation r WHERE r.patient_id = ANY(c.records)",
        ),
        _list(
            "obligations",
            "r.attested_at, r.condom, r.abstinence, r.no_sperm_donation, r.no_blood_donation, "
            "r.no_sharing",
            "evidence_obligationsattestation r WHERE r.patient_id = ANY(c.records) "
            "AND r.withdrawn_at IS NULL",
        ),
        _list(
            "bleeding_reports",
            "r.reported_at, r.kind, r.withdrawn_at",
            "evidence_bleedingreport r WHERE r.patient_id = ANY(c.records)",
        ),
        _list(
            "counseling",
            "r.given_at, r.topics",
            "evidence_counseling r WHERE r.patient_id = ANY(c.records) AND r.program = c.program "
            "AND r.withdrawn_at IS NULL",
        ),
        _list(
            "patient_surveys",
            # Answers of one instant are one survey, however often they were entered (L-SUR-2).
            "r.completed_at, EXISTS (SELECT FROM evidence_patientsurvey s "
            "JOIN evidence_surveyuse u ON u.survey_id = s.id "
            "JOIN prescriptions_authorization a ON a.id = u.authorization_id "
            "WHERE s.patient_id = ANY(c.records) AND s.program = c.program "
            "AND s.completed_at = r.completed_at AND (a.state = 'dispensed' "
            "OR a.state IN ('issued', 'confirmed') AND a.expires_at >= c.as_of)) AS used",
            "evidence_patientsurvey r WHERE r.patient_id = ANY(c.records) "
            "AND r.program = c.program AND r.withdrawn_at IS NULL "
            # On the pregnancy path, only answers to its questions: no others asked of a pregnancy.
            "AND (right(g.risk_category, 4) <> '_frp' OR r.recorded_at >= g.recorded_at "
            "OR right((SELECT x.risk_category FROM patients_categoryassignment x "
            "WHERE x.patient_id = r.patient_id AND x.recorded_at <= r.recorded_at "
            "ORDER BY x.recorded_at DESC LIMIT 1), 4) = '_frp')",
        ),
        _list(
            "interventions",
            "r.opened_at, r.resolved_at",
            "evidence_intervention r WHERE r.patient_id = ANY(c.records)",
        ),
        _list(
            "pregnancy_cases",
            "r.reported_at, r.subject, r.closed_at, nullif(r.outcome, '') AS outcome",
            "evidence_pregnancycase r WHERE r.patient_id = ANY(c.records)",
        ),
        _list(
            "authorizations",
            f"r.issued_at, r.expires_at, {AUTHORIZATION_STATE.format(a='r')} AS state",
            "prescriptions_authorization r WHERE r.patient_id = ANY(c.records) "
            "AND r.program = c.program AND r.id IS DISTINCT FROM c.authorization_id",
        ),
        _list(
            "dispenses",
            f"{DISPENSED_AT} AS dispensed_at, r.days_supply, r.risk_category, r.authorized, "
            "b.returned_at, s.stopped_on",
            "prescriptions_dispense r "
            "LEFT JOIN prescriptions_dispensereturn b "
            "ON b.dispense_id = r.id AND b.withdrawn_at IS NULL "
            "LEFT JOIN prescriptions_supplystop s "
            "ON s.dispense_id = r.id AND s.withdrawn_at IS NULL "
            "WHERE r.patient_id = ANY(c.records) AND r.program = c.program "
            "AND r.withdrawn_at IS NULL",
        ),
        _list(
            "overrides",
            f"r.rule, r.granted_at, least(r.expires_at, {REPLACED_AT}, {USED_UP_AT}) AS expires_at",
            # An exception loosens: that of a merged record is not one of the record that is kept.
            "evidence_ruleexception r WHERE r.patient_id = p.id AND r.program = c.program",
        ),
    ]
)

# When what an entry of each list tells happened. The order is made here: a sort for each list
# takes the database longer than reading it.
HAPPENED = {
    "agreements": "patient_signed_at",
    "pregnancy_tests": "collected_at",
    "contraception": "attested_at",
    "obligations": "attested_at",
    "bleeding_reports": "reported_at",
    "counseling": "given_at",
    "patient_surveys": "completed_at",
    "interventions": "opened_at",
    "pregnancy_cases": "reported_at",
    "authorizations": "issued_at",
    "dispenses": "dispensed_at",
    "overrides": "granted_at",
}

LATEST = """
    CROSS JOIN LATERAL (
        SELECT * FROM patients_categoryassignment x WHERE x.patient_id = p.id
        ORDER BY x.recorded_at DESC LIMIT 1
    ) g
    LEFT JOIN LATERAL (
        SELECT * FROM evidence_healthstatus x
        WHERE x.patient_id = ANY(c.records) AND x.withdrawn_at IS NULL
        ORDER BY x.recorded_at DESC LIMIT 1
    ) h ON true
"""

FOR_AUTHORIZE = f"""
    SELECT p.id, json_build_object('program', c.program, 'question', 'authorize',
        'as_of', c.as_of, {PATIENT}, {HISTORY})::text
    FROM patients_patient p
    CROSS JOIN LATERAL (SELECT %(program)s::text AS program, NULL::uuid AS authorization_id,
        greatest(%(now)s::timestamptz, p.latest_recorded_at) AS as_of,
        {RECORDS} AS records OFFSET 0) c
    JOIN providers_prescriber d ON d.id = coalesce(%(prescriber)s::uuid, p.prescriber_id)
    {LATEST}
    WHERE p.id = ANY(%(patients)s) AND p.merged_into_id IS NULL
"""  # noqa: S608 - composed of this module's constants only

# A wrong number and a wrong date of birth are one and the same miss: no row (L-DSP-1).
FOR_DISPENSE = f"""
    SELECT p.id AS patient_id, a.id AS authorization_id, json_build_object(
        'program', c.program, 'question', 'dispense', 'as_of', c.as_of, {PATIENT}, {HISTORY},
        'pharmacy', json_build_object('id', y.id, 'status', y.state, 'certified_until', (
            SELECT max(t.last_day_on) FROM providers_pharmacycertification t
            WHERE t.pharmacy_id = y.id AND t.certified_from <= c.as_of)),
        'authorization', json_build_object('issued_at', a.issued_at, 'expires_at', a.expires_at,
            'state', {AUTHORIZATION_STATE.format(a="a")}, 'risk_category', a.risk_category,
            'product', a.product, 'strength_mg', trim_scale(a.strength_mg),
            'days_supply', a.days_supply),
        'confirmation', CASE WHEN f.id IS NOT NULL THEN json_build_object(
            'pharmacy', f.pharmacy_id, 'issued_at', f.issued_at,
            'expires_at', least(f.expires_at, f.ended_at), 'handover', f.handover) END,
        'prescription', json_build_object(
            'risk_category', %(risk_category)s::text,
            'product', coalesce(%(product)s::text, a.product),
            'strength_mg', trim_scale(coalesce(%(strength_mg)s::numeric, a.strength_mg)),
            'days_supply', coalesce(%(days_supply)s::numeric, a.days_supply))
    )::text AS document
    FROM prescriptions_authorization a
    JOIN patients_patient p ON p.id = a.patient_id AND p.born_on = %(born_on)s
    JOIN providers_prescriber d ON d.id = a.prescriber_id
    JOIN providers_pharmacy y ON y.id = %(pharmacy)s AND y.organization_id = %(organization)s
    LEFT JOIN prescriptions_confirmation f
        ON f.id = %(confirmation)s::uuid AND f.authorization_id = a.id
    CROSS JOIN LATERAL (SELECT a.program AS program, a.id AS authorization_id,
        greatest(%(now)s::timestamptz, p.latest_recorded_at) AS as_of,
        {RECORDS} AS records OFFSET 0) c
    {LATEST}
    WHERE a.number = %(number)s
"""  # noqa: S608 - composed of this module's constants only


@dataclass(frozen=True, slots=True)
class Prescription:
    """What the pharmacist reads on the prescription; None: as the authorization says."""

    risk_category: str
    product: str | None = None
    strength_mg: Any = None
    days_supply: int | None = None


@dataclass(frozen=True, slots=True)
class DispenseFacts:
    """The facts for a dispense, and which rows they are about."""

    patient_id: UUID
    authorization_id: UUID
    document: Document


def for_authorize(
    patients: Iterable[UUID], *, program: str, now: datetime, prescriber: UUID | None = None
) -> dict[UUID, Document]:
    """The facts of each patient for the question `authorize`, without the `request`.

    One statement, however many patients and however long their history. `prescriber` is who asks;
    without one, each patient's own. A merged record has no facts: those of the one that is kept
    hold its entries.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            FOR_AUTHORIZE,
            {"program": program, "now": now, "prescriber": prescriber, "patients": list(patients)},
        )
        return {patient: _read(document) for patient, document in cursor.fetchall()}


def for_dispense(
    *,
    number: str,
    born_on: Any,
    pharmacy: UUID,
    organization: UUID,
    prescription: Prescription,
    now: datetime,
    confirmation: UUID | None = None,
) -> DispenseFacts | None:
    """The facts for the question `dispense`; None when number and date of birth do not match.

    None also when the pharmacy is not that of the `organization` that asks.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            FOR_DISPENSE,
            asked_for_dispense(
                number=number,
                born_on=born_on,
                pharmacy=pharmacy,
                organization=organization,
                prescription=prescription,
                now=now,
                confirmation=confirmation,
            ),
        )
        return found_for_dispense(cursor.fetchone())


def asked_for_dispense(
    *,
    number: str,
    born_on: Any,
    pharmacy: UUID,
    organization: UUID,
    prescription: Prescription,
    now: datetime,
    confirmation: UUID | None = None,
) -> dict[str, Any]:
    """The parameters of FOR_DISPENSE."""
    return {
        "number": number,
        "born_on": born_on,
        "pharmacy": pharmacy,
        "organization": organization,
        "confirmation": confirmation,
        "now": now,
        "risk_category": prescription.risk_category,
        "product": prescription.product,
        "strength_mg": prescription.strength_mg,
        "days_supply": prescription.days_supply,
    }


def found_for_dispense(row: Sequence[Any] | None) -> DispenseFacts | None:
    """A row of FOR_DISPENSE; None for no row, or one of nulls."""
    if row is None or row[0] is None:
        return None
    patient_id, authorization_id, document = row
    return DispenseFacts(patient_id, authorization_id, _read(document))


def _read(text: str) -> Document:
    """The document, each list in the order of what happened; of one instant by what it says."""
    document: Document = orjson.loads(text)
    document["prescriber"]["covers"].sort()
    for key, at in HAPPENED.items():
        entries = document[key]
        if len(entries) > 1:
            if len({entry[at] for entry in entries}) < len(entries):
                entries.sort(key=str)
            entries.sort(key=lambda entry: entry[at] or "")
    return document
