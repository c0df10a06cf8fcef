"""Why each rule asks what it asks, in words for the people whom it asks; with numbers and sources.

Texts and the policy's own numbers only: no number is typed here, and nothing is decided.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from string import Formatter
from typing import Final

from apps.rules.edition import Policy

SOURCES: Final = {
    "label": "the drug’s US prescribing information",
    "REMS": "the approved REMS document",
    "guide": "the REMS pharmacy guide",
    "seed": "public drug-reference pages",
    "choice": "a choice of this program: the sources are silent or disagree, so the safer reading "
    "was chosen",
}
"""What the sources of a policy are called."""

WHY: Final = {
    "L-ENR-1": "Only a prescriber who learned how to keep patients safe with this drug, and signed "
    "for it, may prescribe it. A certification that is suspended or ended protects patients until "
    "the program’s staff have cleared up why.",
    "L-ENR-2": "Only a pharmacy whose people were trained checks and counsels as the program asks. "
    "Certification is renewed every {pharmacy_certification_days} days, so that the training is "
    "never old.",
    "L-ENR-3": "The patient must know the risks and agree to the precautions before the first "
    "capsule. What has to be agreed to differs by risk category, so the agreement must be the one "
    "of the present category, signed by both sides.",
    "L-ENR-4": "After {reenroll_after_months_without_dispense} months without a supply much may "
    "have changed, and what was agreed is forgotten: the risks are talked about anew.",
    "L-ENR-5": "The agreement is between this patient and the prescriber who answers for the "
    "tests and the counseling. Whoever takes over, signs too.",
    "L-CAT-1": "From the age of {adult_age_years} years on other questions, signatures and tests "
    "apply. A category that no longer fits the age would ask the wrong ones.",
    "L-CAT-2": "Pregnancy tests are left out only where pregnancy is impossible: {menopause_months}"
    " months of natural menopause, the uterus removed, or both ovaries removed. Tubal ligation, "
    "infertility and menses that stopped because of cancer treatment do not make it impossible.",
    "L-PT-1": "A single test can come too early to show a pregnancy. So two tests precede the "
    "first supply: this one {first_test_min_days} to {first_test_max_days} days before the "
    "authorization, and a second one just before it.",
    "L-PT-2": "The second test shows a pregnancy that began after the first one. It is collected "
    "within {second_test_hours} hours before the authorization, so that nothing can happen in "
    "between.",
    "L-PT-3": "One capsule can harm an unborn baby. Before each supply a negative test collected "
    "in the last {recent_test_days} days shows that there is none.",
    "L-PT-5": "A positive test may mean a pregnancy, and the drug harms an unborn baby severely. "
    "Everything stops until the program’s staff have found out; a later negative test alone does "
    "not prove that there was none.",
    "L-PT-6": "An unclear result may be a very early pregnancy. A new test at least "
    "{indeterminate_retest_hours} hours later is clear: by then the hormone would have doubled.",
    "L-PT-8": "A missed period or unusual bleeding can be the first sign of a pregnancy, or of its "
    "loss. A test made after it and a talk about it clear that up.",
    "L-PRG-1": "While a pregnancy is suspected, nothing is given. The program’s staff follow each "
    "case until it is known what was so; only they can close it.",
    "L-CON-1": "Every single method fails sometimes. Two at the same time, one of them highly "
    "effective, or no sex with a male partner, prevent a pregnancy reliably. The methods that "
    "do not count here fail too often, or not together with this drug’s risks.",
    "L-CON-2": "Contraception must work before the first capsule, and a pregnancy from before must "
    "show in the tests: so it begins {contraception_lead_days} days before.",
    "L-CON-3": "Methods change. Before each supply the patient says anew what is used; what was "
    "said more than {contraception_attestation_days} days ago does not count.",
    "L-CON-6": "The drug passes into blood and other body fluids. What is donated, or capsules "
    "that are shared, could reach somebody who is pregnant. Each patient promises, and promises "
    "again every {obligations_months} months, what prevents that for their risk category.",
    "L-CON-7": "It is not known whether the drug passes into breast milk, and it could harm the "
    "child.",
    "L-SUR-1": "With each request the prescriber, or a delegate whom they named, signs what was "
    "checked and said. What was answered more than {prescriber_survey_hours} hours before may no "
    "longer be so.",
    "L-SUR-2": "The patient’s own answers show what nobody else knows: a missed pill, a missed "
    "period, a capsule that was shared. They are asked as often as the category calls for, and are "
    "good for {patient_survey_days} days.",
    "L-SUR-3": "An answer told of a risk, or two answers did not agree. Somebody of the program’s "
    "staff talks to the patient first, and writes down how it was resolved.",
    "L-SUR-4": "What was said once is forgotten. Each supply comes with a talk, at most "
    "{counseling_days} days before it.",
    "L-AUT-3": "Two open authorizations could fill two prescriptions. So there is one at a time: "
    "cancel the open one to ask for another.",
    "L-AUT-4": "An authorization rests on a test and on answers that grow old. On the pregnancy "
    "path it ends {authorization_days_after_test} days after the latest test, otherwise after "
    "{authorization_days} days.",
    "L-AUT-5": "At most {days_supply_max} days are given at a time and nothing is refilled, so "
    "that each supply is preceded by the test, the answers and the talk.",
    "L-AUT-7": "Each authorization is confirmed once and dispensed once. In any other state it was "
    "used, cancelled, or is over.",
    "L-AUT-8": "Something on which the authorization rests was withdrawn or has changed since it "
    "was issued. Whatever became of it elsewhere, nothing is given on it.",
    "L-DSP-3": "A confirmation says that everything was right at that hour. It is good for "
    "{confirmation_hours} hours, and only for the pharmacy that asked.",
    "L-DSP-4": "The category on the prescription shows which precautions the prescriber had in "
    "mind. If it is another one than the program knows, somebody is mistaken.",
    "L-DSP-5": "With more than {remaining_supply_days} days of capsules left, the next supply "
    "would pile up at home: more to be shared, lost, or taken without a test.",
    "L-DSP-6": "What leaves the pharmacy is what was authorized, or less: another strength or more "
    "days were neither talked about nor tested for.",
    "L-DSP-9": "On the pregnancy path the test is good for a short time: the supply leaves on the "
    "day on which it was confirmed.",
    "L-WIN-1": "After a first window that closed without a supply, another wait keeps tests from "
    "being repeated until one fits.",
}
"""For each rule that an evaluation may ask: why. Names in braces are parameters of the policy."""

ALSO: Final = {
    "L-CAT-3": (
        "A change of category", "REMS",
        ("Another category asks for other precautions, so it begins with an agreement of its own. "
         "A change that asks less of the patient waits for a second person: a mistake there would "
         "leave out pregnancy tests."),
    ),
    "L-CAT-4": (
        "Who signs for the patient", "REMS",
        ("A parent or guardian signs for a child. An adult who cannot consent is signed for by an "
         "authorized representative, whose name and relationship are kept: somebody must answer "
         "for what was agreed."),
    ),
    "L-CON-4": (
        "A lapse of contraception", "choice",
        ("A day without contraception can begin a pregnancy that no test shows yet. So a lapse "
         "stops the supply, and two tests and {contraception_lead_days} days of contraception come "
         "first again."),
    ),
    "L-PAT-1": (
        "Nobody is registered twice", "REMS",
        ("Two records of one person could open two authorizations, and each would lack what stands "
         "in the other: a positive test, for example."),
    ),
    "L-PT-4": (
        "The schedule of tests", "label 5.1",
        ("Tests go on through treatment: every {weekly_test_days} days for the first "
         "{weekly_phase_days}, then every {regular_cycle_test_days}, or every "
         "{irregular_cycle_test_days} where periods are irregular. The cycle decides which."),
    ),
    "L-SRC-2": (
        "When it happened", "choice",
        ("Days and hours are counted from when a specimen was collected or something was said, not "
         "from when it was typed. Where only the day is known, the least favorable hour counts."),
    ),
}  # fmt: skip
"""Rules that no evaluation lists, but of which a page asks something: title, source, why."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a rule, with its unit, and where it comes from."""

    name: str
    value: int
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """One rule as it is explained: its title, why it asks, where it comes from, its numbers."""

    rule: str
    title: str
    why: str
    source: str
    numbers: tuple[Number, ...]


def explanation(rule: str, policy: Policy) -> Explanation | None:
    """One rule under an edition; None for a rule that nobody has explained, or without a number."""
    if rule in ALSO:
        title, source, text = ALSO[rule]
    elif rule in WHY and rule in policy.rules:
        note = policy.rules[rule]
        title, source, text = note.title, note.source, WHY[rule]
    else:
        return None
    values = {name: note.value for name, note in policy.notes.items()}
    if any(name not in values for _, name, _, _ in Formatter().parse(text) if name):
        return None
    numbers = tuple(
        Number(name.replace("_", " "), note.value, note.unit, source_in_words(note.source))
        for name, note in policy.notes.items()
        if note.rule == rule
    )
    return Explanation(rule, title, text.format(**values), source_in_words(source), numbers)


def explanations(policy: Policy) -> Iterator[Explanation]:
    """Every rule that can be explained under an edition, in the order of their ids."""
    for rule in sorted({*policy.rules, *ALSO}, key=_order):
        if (found := explanation(rule, policy)) is not None:
            yield found


def source_in_words(source: str) -> str:
    """ "label 5.1, REMS" as a sentence's end."""
    told = []
    for each in source.split(", "):
        kind, _, section = each.partition(" ")
        words = SOURCES.get(kind, kind)
        told.append(f"{words}, section {section}" if section else words)
    return "; ".join(told)


def _order(rule: str) -> tuple[str, int]:
    _, group, number = rule.split("-")
    return group, int(number)
