"""A second, plain reading of the evaluation contract, to hold against the engine.

Works on the JSON document itself, row by row of the contract's table, without any of the engine's
code, without texts and without regard to speed.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/New_York")
PP = {"adult_frp", "child_frp"}
FEMALE = {"adult_frp", "child_frp", "adult_fnrp", "child_fnrp"}
MALE = {"adult_male", "child_male"}
CHILD = {"child_frp", "child_fnrp", "child_male"}
HIGHLY_EFFECTIVE = {
    "tubal_ligation", "iud", "hormonal_combined_pill", "hormonal_patch", "hormonal_injection",
    "hormonal_ring", "hormonal_implant", "partner_vasectomy",
}  # fmt: skip
ADDITIONAL = {"male_condom", "diaphragm", "cervical_cap"}
OVERRIDABLE = {"L-DSP-5", "L-ENR-4", "L-SUR-2"}
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def t(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def D(text: str) -> date:  # noqa: N802 - the contract's name
    return t(text).astimezone(ZONE).date()


def end_of_day(on: date) -> datetime:
    return datetime.combine(on, time(23, 59, 59, 999999), ZONE).astimezone(UTC)


def months_later(on: date, months: int) -> date:
    year, month = on.year, on.month + months
    while month > 12:
        year, month = year + 1, month - 12
    return date(year, month, min(on.day, monthrange(year, month)[1]))


def age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


class Oracle:
    """One document's derived terms and requirements."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.doc = document
        self.now = t(document["as_of"])
        self.today = D(document["as_of"])
        self.patient = document["patient"]
        self.category = self.patient["risk_category"]
        self.pp = self.category in PP

    def past(self, text: str | None) -> bool:
        return text is not None and t(text) <= self.now

    def entries(self, name: str, *times: str) -> list[dict[str, Any]]:
        found = self.doc.get(name) or []
        return [e for e in found if all(t(e[each]) <= self.now for each in times)]

    # ---- derived terms ---------------------------------------------------------------------

    def tests(self) -> list[dict[str, Any]]:
        known = self.entries("pregnancy_tests", "collected_at", "resulted_at")
        return [e for e in known if not self.past(e.get("withdrawn_at"))]

    def counting(self) -> list[datetime]:
        return [
            t(e["collected_at"])
            for e in self.tests()
            if e["result"] == "negative" and e["sensitivity_miu_ml"] <= 50
        ]

    def complete_agreements(self) -> list[tuple[datetime, dict[str, Any]]]:
        found = []
        for e in self.doc.get("agreements") or []:
            signatures = [e.get("patient_signed_at"), e.get("prescriber_signed_at")]
            if all(self.past(s) for s in signatures):
                found.append((max(t(s) for s in signatures if s), e))
        return found

    def latest_agreements(self) -> list[tuple[datetime, dict[str, Any]]]:
        """Each alternative for "the latest complete one"."""
        complete = self.complete_agreements()
        if not complete:
            return []
        last = max(at for at, _ in complete)
        return [(at, e) for at, e in complete if at == last]

    def fits(self, agreement: dict[str, Any]) -> bool:
        signers = {"guardian"} if self.category in CHILD else {"patient", "representative"}
        return agreement["risk_category"] == self.category and agreement["signer"] in signers

    def dispenses(self) -> list[dict[str, Any]]:
        known = self.entries("dispenses", "dispensed_at")
        kept = [e for e in known if not self.past(e.get("returned_at"))]
        return sorted(kept, key=lambda e: t(e["dispensed_at"]))

    def regular(self) -> list[dict[str, Any]]:
        return [e for e in self.dispenses() if e["authorized"]]

    def run_out(self, dispenses: list[dict[str, Any]]) -> date | None:
        so_far: date | None = None
        for e in dispenses:
            dispensed = D(e["dispensed_at"])
            start = dispensed if so_far is None else max(so_far, dispensed)
            end = start + e["days_supply"] * DAY
            stopped = e.get("stopped_on")
            if stopped is not None and date.fromisoformat(stopped) <= self.today:
                end = min(end, date.fromisoformat(stopped))
            so_far = end if so_far is None else max(so_far, end)
        return so_far

    def attestations(self) -> list[dict[str, Any]]:
        known = self.entries("contraception", "attested_at", "recorded_at")
        return [e for e in known if not self.past(e.get("withdrawn_at"))]

    def adequate(self, e: dict[str, Any]) -> bool:
        methods = set(e.get("methods") or [])
        both = bool(methods & HIGHLY_EFFECTIVE) and bool(methods & ADDITIONAL)
        return not e["lapse"] and (e["abstinence"] or both)

    def cases(self) -> list[dict[str, Any]]:
        return [
            e for e in self.entries("pregnancy_cases", "reported_at") if e["subject"] == "patient"
        ]

    def closures(
        self, *, without: set[str] | None = None, only: set[str] | None = None
    ) -> list[datetime]:
        found = []
        for e in self.cases():
            if self.past(e.get("closed_at")):
                outcome = e["outcome"]
                if (without is None or outcome not in without) and (
                    only is None or outcome in only
                ):
                    found.append(t(e["closed_at"]))
        return found

    def lifting(self) -> list[datetime]:
        return self.closures(only={"not_pregnant", "pregnancy_ended"})

    def breaks(self) -> list[datetime]:
        found = self.closures(without={"not_pregnant"})
        if self.pp:
            found += [t(e["recorded_at"]) for e in self.attestations() if not self.adequate(e)]
        return found

    def run_starts(self) -> list[date | None]:
        """The start of the present run, for each order of what shares an instant."""
        moments = sorted(
            {t(e["attested_at"]) for e in self.attestations() if self.adequate(e)}
            | set(self.breaks())
        )
        states: set[tuple[date | None, date | None, date | None]] = {(None, None, None)}
        for moment in moments:
            together = [
                e for e in self.attestations() if self.adequate(e) and t(e["attested_at"]) == moment
            ]
            if together:
                states = {self.step(s, e) for s in states for e in together}
            if moment in self.breaks():
                broken = moment.astimezone(ZONE).date()
                states = {(None, None, broken)}
        return [start for start, _, _ in states]

    def step(
        self, state: tuple[date | None, date | None, date | None], e: dict[str, Any]
    ) -> tuple[date | None, date | None, date | None]:
        start, before, broken = state
        attested = D(e["attested_at"])
        since = date.fromisoformat(e["in_use_since"]) if e.get("in_use_since") else None
        if start is None:
            start = since or attested
            if broken is not None:
                start = max(start, broken)
        elif since is not None and before is not None and since > before:
            start = since
        return start, attested, broken

    def cleared(self) -> list[datetime]:
        limits = self.breaks() + self.lifting()
        return [at for at in self.counting() if all(at > limit for limit in limits)]

    def path(self) -> str:
        regular = self.regular()
        if not regular:
            return "initiation"
        last = regular[-1]
        last_at = t(last["dispensed_at"])
        run_out = self.run_out(regular)
        assert run_out is not None
        if self.today > run_out + 28 * DAY or any(at >= last_at for at in self.breaks()):
            return "initiation"
        off_since = any(
            at > last_at and e["risk_category"] not in PP for at, e in self.complete_agreements()
        )
        if self.pp and (last["risk_category"] not in PP or off_since):
            return "initiation"
        return "continuing"

    # ---- requirements ----------------------------------------------------------------------

    def unmet(self) -> list[str]:
        question = self.doc["question"]
        asked = self.authorize() if question == "authorize" else self.dispense()
        excused = {
            e["rule"]
            for e in self.doc.get("overrides") or []
            if e["rule"] in OVERRIDABLE and t(e["granted_at"]) <= self.now <= t(e["expires_at"])
        }
        return sorted(rule for rule, met in asked.items() if not met and rule not in excused)

    def common(self) -> dict[str, bool]:
        rules = {
            "L-ENR-1": self.doc["prescriber"]["status"] == "certified",
            "L-ENR-3": self.has_current_agreement(),
            "L-CAT-1": (age(date.fromisoformat(self.patient["date_of_birth"]), self.today) < 18)
            == (self.category in CHILD),
            "L-PT-5": all(
                any(c >= t(e["resulted_at"]) for c in self.lifting())
                for e in self.tests()
                if e["result"] == "positive"
            ),
            "L-PRG-1": all(
                self.past(e.get("closed_at"))
                and any(c >= t(e["closed_at"]) for c in self.lifting())
                for e in self.cases()
            ),
            "L-CON-6": self.obligations(),
            "L-SUR-3": all(
                self.past(e.get("resolved_at")) for e in self.entries("interventions", "opened_at")
            ),
        }
        if self.category == "adult_fnrp":
            rules["L-CAT-2"] = self.basis()
        if self.category in FEMALE:
            rules["L-PT-6"] = all(
                any(at >= t(e["collected_at"]) + 48 * HOUR for at in self.counting())
                for e in self.tests()
                if e["result"] == "indeterminate"
            )
            rules["L-PT-8"] = self.bleeding()
            rules["L-CON-7"] = not self.patient["breastfeeding"]
        if self.pp:
            latest = self.latest_attestations()
            rules["L-CON-1"] = bool(latest) and all(self.adequate(e) for e in latest)
        return rules

    def has_current_agreement(self) -> bool:
        latest = self.latest_agreements()
        return bool(latest) and all(self.fits(e) for _, e in latest)

    def latest_attestations(self) -> list[dict[str, Any]]:
        found = self.attestations()
        last = max((t(e["attested_at"]) for e in found), default=None)
        return [e for e in found if t(e["attested_at"]) == last]

    def basis(self) -> bool:
        basis = self.patient.get("category_basis")
        if basis is None:
            return False
        on = date.fromisoformat(basis["on"])
        if on > self.today:
            return False
        if basis["kind"] != "natural_menopause":
            return True
        return self.today >= months_later(on, 24) and not any(
            D(e["reported_at"]) > on for e in self.bleeding_reports()
        )

    def bleeding_reports(self) -> list[dict[str, Any]]:
        known = self.entries("bleeding_reports", "reported_at")
        return [e for e in known if not self.past(e.get("withdrawn_at"))]

    def bleeding(self) -> bool:
        reports = [t(e["reported_at"]) for e in self.bleeding_reports()]
        if self.pp:
            counseled = [t(e["given_at"]) for e in self.entries("counseling", "given_at")]
            return all(
                any(at > report for at in self.counting()) and any(at > report for at in counseled)
                for report in reports
            )
        happened = reports + self.closures(only={"pregnancy_ended"})
        return all(
            self.has_current_agreement() and self.latest_agreements()[0][0] > at for at in happened
        )

    def obligations(self) -> bool:
        known = self.entries("obligations", "attested_at")
        last = max((t(e["attested_at"]) for e in known), default=None)
        latest = [e for e in known if t(e["attested_at"]) == last]
        return bool(latest) and all(
            self.today <= months_later(D(e["attested_at"]), 12)
            and e["no_blood_donation"]
            and e["no_sharing"]
            and (
                self.category not in MALE
                or (e["no_sperm_donation"] and (e["condom"] or e["abstinence"]))
            )
            for e in latest
        )

    def authorize(self) -> dict[str, bool]:
        rules = self.common()
        path = self.path()
        request = self.doc["request"]
        agreed = (
            [D_of(at) for at, _ in self.latest_agreements()] if self.has_current_agreement() else []
        )
        supplied = [D(e["dispensed_at"]) for e in self.dispenses()[-1:]]
        rules["L-ENR-4"] = bool(agreed + supplied) and self.today <= months_later(
            max(agreed + supplied), 12
        )
        prescriber = self.doc["prescriber"]
        mine = {prescriber["id"], *(prescriber.get("covers") or [])}
        rules["L-ENR-5"] = self.has_current_agreement() and all(
            e["prescriber"] in mine for _, e in self.latest_agreements()
        )
        if self.pp and path == "initiation":
            breaks = self.breaks()
            rules["L-PT-1"] = any(
                10 <= (self.today - D_of(at)).days <= 14 and all(at > b for b in breaks)
                for at in self.counting()
            )
            rules["L-PT-2"] = any(
                timedelta(0) <= self.now - at <= 24 * HOUR for at in self.cleared()
            )
            rules["L-CON-2"] = all(
                start is not None and (self.today - start).days >= 28 for start in self.run_starts()
            )
        elif self.pp:
            rules["L-PT-3"] = self.recent()
        if self.pp:
            latest = self.latest_attestations()
            rules["L-CON-3"] = bool(latest) and all(
                (self.today - D(e["attested_at"])).days <= 30 for e in latest
            )
        earlier = self.entries("authorizations", "issued_at")
        rules["L-SUR-1"] = self.prescriber_survey(request, earlier)
        rules["L-SUR-2"] = self.patient_survey(earlier)
        dispensed = [t(e["issued_at"]) for e in earlier if e["state"] == "dispensed"]
        rules["L-SUR-4"] = any(
            (self.today - D(e["given_at"])).days <= 30
            and all(t(e["given_at"]) > at for at in dispensed)
            and (
                not self.pp
                or {"contraception", "emergency_contraception"} <= set(e.get("topics") or [])
            )
            for e in self.entries("counseling", "given_at")
        )
        rules["L-AUT-3"] = not any(
            e["state"] in {"issued", "confirmed"} and t(e["expires_at"]) >= self.now
            for e in earlier
        )
        rules["L-AUT-5"] = (
            request["product"] == "lenalidomide"
            and request["strength_mg"] in {2.5, 5, 10, 15, 20, 25}
            and 1 <= request["days_supply"] <= 28
        )
        return rules

    def recent(self) -> bool:
        return any(0 <= (self.today - D_of(at)).days <= 7 for at in self.cleared())

    def prescriber_survey(self, request: dict[str, Any], earlier: list[dict[str, Any]]) -> bool:
        survey = request.get("prescriber_survey")
        if survey is None:
            return False
        completed = t(survey["completed_at"])
        return (
            survey["risk_category"] == self.category
            and timedelta(0) <= self.now - completed <= 24 * HOUR
            and all(completed > t(e["issued_at"]) for e in earlier)
        )

    def patient_survey(self, earlier: list[dict[str, Any]]) -> bool:
        surveys = self.entries("patient_surveys", "completed_at")
        unused = any(
            not e["used"] and (self.today - D(e["completed_at"])).days <= 30 for e in surveys
        )
        dispensed = [t(e["issued_at"]) for e in earlier if e["state"] == "dispensed"]
        if self.pp:
            return unused
        if not dispensed:
            return True
        if self.category != "adult_fnrp":
            return unused
        latest = max([min(dispensed), *(t(e["completed_at"]) for e in surveys)])
        return self.today <= months_later(D_of(latest), 6)

    def dispense(self) -> dict[str, bool]:
        rules = self.common()
        pharmacy, prescription = self.doc["pharmacy"], self.doc["prescription"]
        authorization, confirmation = self.doc["authorization"], self.doc.get("confirmation")
        issued = t(authorization["issued_at"])
        until = pharmacy.get("certified_until")
        rules["L-ENR-2"] = (
            pharmacy["status"] == "certified"
            and until is not None
            and self.today <= date.fromisoformat(until)
        )
        if self.pp:
            rules["L-PT-3"] = self.recent()
        rules["L-AUT-4"] = (
            self.now <= t(authorization["expires_at"])
            and (self.today - D(authorization["issued_at"])).days <= 30
        )
        needed = "issued" if confirmation is None else "confirmed"
        rules["L-AUT-7"] = authorization["state"] == needed
        rules["L-AUT-8"] = (
            authorization["risk_category"] == self.category
            and all(at < issued for at in self.breaks() + self.lifting())
            and all(at <= issued for at, _ in self.complete_agreements())
            and not (self.pp and self.withdrawn_since(issued))
        )
        if confirmation is not None:
            limit = min(t(confirmation["expires_at"]), t(confirmation["issued_at"]) + 24 * HOUR)
            rules["L-DSP-3"] = self.now <= limit and confirmation["pharmacy"] == pharmacy["id"]
            if self.pp and confirmation["handover"] == "ship":
                rules["L-DSP-9"] = self.today == D(confirmation["issued_at"])
        rules["L-DSP-4"] = prescription["risk_category"] == self.category
        run_out = self.run_out(self.dispenses())
        rules["L-DSP-5"] = run_out is None or (run_out - self.today).days <= 7
        rules["L-DSP-6"] = (
            1 <= prescription["days_supply"] <= min(authorization["days_supply"], 28)
            and prescription["product"] == authorization["product"]
            and prescription["strength_mg"] == authorization["strength_mg"]
        )
        return rules

    def withdrawn_since(self, issued: datetime) -> bool:
        tests = [
            (t(e["collected_at"]), e.get("withdrawn_at"))
            for e in self.entries("pregnancy_tests", "collected_at", "resulted_at")
            if e["result"] == "negative"
        ]
        attestations = [
            (t(e["attested_at"]), e.get("withdrawn_at"))
            for e in self.entries("contraception", "attested_at", "recorded_at")
        ]
        return any(
            at <= issued and withdrawn is not None and issued <= t(withdrawn) <= self.now
            for at, withdrawn in tests + attestations
        )

    def expires_at(self) -> datetime:
        if self.doc["question"] == "authorize":
            if self.pp:
                return end_of_day(D_of(max(self.counting())) + 7 * DAY)
            return end_of_day(self.today + 30 * DAY)
        confirmation = self.doc.get("confirmation")
        if confirmation is not None:
            return min(t(confirmation["expires_at"]), t(confirmation["issued_at"]) + 24 * HOUR)
        return min(self.now + 24 * HOUR, t(self.doc["authorization"]["expires_at"]))


def D_of(at: datetime) -> date:  # noqa: N802 - the contract's name
    return at.astimezone(ZONE).date()


def answer(document: dict[str, Any]) -> dict[str, Any]:
    """`allowed`, `path`, `unmet` and `expires_at`, as the contract's scenarios give them."""
    oracle = Oracle(document)
    unmet = oracle.unmet()
    expires_at = None if unmet else oracle.expires_at().isoformat().replace("+00:00", "Z")
    return {
        "allowed": not unmet,
        "path": oracle.path(),
        "unmet": unmet,
        "expires_at": expires_at,
    }
