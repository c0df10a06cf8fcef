"""What people do in journeys, in their own words: each step is one page or two."""

import re
from datetime import date, timedelta

from apps.core import clock
from apps.core.call import Role
from apps.patients.models import Patient
from tests import builders
from tests.journeys.site import NEW_YORK, Person, set_on

PATIENT = re.compile(r"/patients/[0-9a-f-]{36}/$")
SAFE_WITH_YES = ("Do you understand", "Has your prescriber", "Are your periods", "Do you use two")


def today() -> date:
    """The program's calendar date."""
    return clock.now().astimezone(NEW_YORK).date()


def enroll_woman(prescriber: Person, *, born_on: date) -> None:
    """Enroll a woman who can become pregnant."""
    enroll(
        prescriber, "Fiona", born_on, "Born with a uterus and ovaries, and none of the next three"
    )


def enroll_man(prescriber: Person, *, born_on: date) -> None:
    """Enroll a man."""
    enroll(prescriber, "Matthew", born_on, "Born with a penis and testicles")


def enroll(prescriber: Person, given_name: str, born_on: date, fact: str) -> None:
    """Identity, the facts that lead to the category, the agreement with both signatures."""
    prescriber.follow("Enroll a patient")
    write_identity(prescriber, given_name, born_on)
    prescriber.tick(fact)
    prescriber.press("Continue")
    prescriber.choose("Who signs for the patient?", "The patient")
    prescriber.write("Name of who signs", f"{given_name} Journey")
    prescriber.sign()
    prescriber.press("Enroll the patient")
    prescriber.sees(
        f"{given_name} Journey is registered, and enrolled once both sides have signed."
    )
    add_the_paper(prescriber)


def add_the_paper(prescriber: Person) -> None:
    """On which the patient's side has just signed, with a photo of it."""
    write_the_paper(prescriber)
    prescriber.press("Record the signature")
    prescriber.sees("The signature is recorded")


def write_the_paper(prescriber: Person) -> None:
    """When it was signed, and the photo."""
    prescriber.write_instant("When did the patient’s side sign the paper?", clock.now())
    scan = {"name": "IMG_0001.pdf", "mimeType": "application/pdf", "buffer": builders.SCAN}
    field = prescriber.page.get_by_label("Scan or photo of the signed paper")
    field.set_input_files(scan)  # type: ignore[arg-type]


def enroll_from_a_form(
    staff: Person, prescriber: str, *, sees: str = "nothing is signed yet"
) -> None:
    """A woman whose agreement form came by fax: the three steps of the staff."""
    staff.follow("Enroll from a form")
    staff.choose("How did the form come?", "By fax")
    staff.write("Prescriber who signed the form", "Paula")
    staff.press("Continue")
    staff.sees("Several have this name: enter the NPI.")
    staff.write("Prescriber who signed the form", prescriber)
    write_identity(staff, "Fiona", date(1986, 4, 5))
    staff.sees("came by fax")
    staff.tick("Born with a uterus and ovaries, and none of the next three")
    staff.press("Continue")
    staff.choose("Who signs for the patient?", "The patient")
    staff.press("Register the patient")
    staff.sees(sees)


def enter_the_signatures(staff: Person) -> None:
    """Of a form, with its scan: both signed it yesterday."""
    day = (today() - timedelta(days=1)).isoformat()
    staff.write("Patient signed on", day)
    staff.write("Prescriber signed on", day)
    scan = {"name": "form.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 synthetic"}
    staff.page.get_by_label("Scan").set_input_files(scan)  # type: ignore[arg-type]
    staff.press("By phone, fax or paper: signature of an agreement")
    staff.sees("until a second person has checked it")


def write_identity(prescriber: Person, given_name: str, born_on: date) -> None:
    """The first step of enrolling."""
    prescriber.write("Given name", given_name)
    prescriber.write("Family name", "Journey")
    prescriber.write_date("Date of birth", born_on)
    prescriber.write("ZIP code", "10001")
    prescriber.press("Continue")


def open_patient(prescriber: Person) -> None:
    """The only patient's page, from the list; who is there already stays."""
    if not PATIENT.search(prescriber.page.url):
        prescriber.go("/patients/")
        prescriber.leave_by(prescriber.page.locator("tbody th a").first)


def attest_contraception(prescriber: Person, *, since: date | None) -> None:
    """Two methods, one of each kind, without a lapse."""
    open_patient(prescriber)
    prescriber.follow("Record contraception")
    prescriber.tick("Copper or levonorgestrel IUD")
    prescriber.tick("Male latex or synthetic condom")
    if since is not None:
        prescriber.write_date("All of these in use", since)
    prescriber.choose("Was there a lapse", "No")
    prescriber.press("Record")
    prescriber.sees("Contraception is recorded.")


def attest_obligations(prescriber: Person) -> None:
    """No blood donation, no sharing."""
    open_patient(prescriber)
    prescriber.follow("Record obligations")
    prescriber.tick("Will not donate blood")
    prescriber.tick("Will not share the capsules")
    prescriber.press("Record")
    prescriber.sees("The obligations are recorded.")


def record_test(prescriber: Person, result: str) -> None:
    """A serum test, collected an hour ago."""
    open_patient(prescriber)
    prescriber.follow("Record a pregnancy test")
    prescriber.write_instant("Specimen collected", clock.now() - timedelta(hours=1))
    prescriber.write_instant("Result known", clock.now())
    prescriber.choose("Result", result)
    prescriber.choose("Specimen", "Serum")
    prescriber.write("Sensitivity", "25")
    prescriber.press("Record the test")
    prescriber.sees("The test is recorded.")


def record_survey(prescriber: Person) -> None:
    """The patient's answers, without a risk."""
    open_patient(prescriber)
    prescriber.follow("Record the patient’s survey")
    prescriber.write_instant("When did the patient answer?", clock.now())
    answer_without_risk(prescriber)
    prescriber.sign()
    prescriber.press("Record the answers")
    prescriber.sees("The survey is recorded.")


def answer_without_risk(prescriber: Person) -> None:
    """Every question of the page that is answered by yes or no."""
    for question in prescriber.page.locator("fieldset").all():
        legend = question.locator("legend").inner_text()
        if "?" in legend and "When did" not in legend:
            answer = "Yes" if any(words in legend for words in SAFE_WITH_YES) else "No"
            set_on(question.get_by_label(answer, exact=True))


def request_with_all_that_is_missing(prescriber: Person) -> str:
    """Test, contraception, survey, counseling, obligations and prescription on one page."""
    prescriber.write_instant("Specimen collected", clock.now() - timedelta(hours=1))
    prescriber.choose("Result", "Negative")
    prescriber.choose("Specimen", "Serum")
    prescriber.write("Sensitivity", "25")
    prescriber.tick("Copper or levonorgestrel IUD")
    prescriber.tick("Male latex or synthetic condom")
    answer_without_risk(prescriber)
    for group in ("Counseling given today", "What the patient promises today"):
        prescriber.tick_all(group)
    prescriber.choose("Strength", "25 mg")
    prescriber.write("Quantity", "21")
    prescriber.write("Directions", "1 capsule daily on days 1 to 21 of 28")
    prescriber.tick_all("Prescriber survey")
    prescriber.sign()
    prescriber.press("Request the authorization")
    prescriber.sees("Authorization issued")
    return prescriber.page.locator(".rp-big-number").inner_text().strip()


def record_counseling(prescriber: Person) -> None:
    """Counseling with all topics."""
    open_patient(prescriber)
    prescriber.follow("Record counseling")
    prescriber.tick_all("Topics")
    prescriber.press("Record")
    prescriber.sees("The counseling is recorded.")


def request_authorization(
    prescriber: Person, *, quantity: int, fill_in: dict[str, None] | None = None
) -> str:
    """Ask for 28 days of 25 mg; the number, as it is read."""
    open_patient(prescriber)
    prescriber.follow("Request an authorization")
    prescriber.choose("Strength", "25 mg")
    prescriber.write("Quantity", str(quantity))
    prescriber.write("Directions", "1 capsule daily on days 1 to 21 of 28")
    for group in fill_in or {}:
        prescriber.tick_all(group)
    prescriber.tick_all("Prescriber survey")
    prescriber.sign()
    prescriber.press("Request the authorization")
    prescriber.sees("Authorization issued")
    return prescriber.page.locator(".rp-big-number").inner_text().strip()


def check(pharmacist: Person, number: str, born_on: date, category: str) -> None:
    """The pharmacy's short form."""
    pharmacist.go("/check/")
    pharmacist.write("Authorization number", number)
    pharmacist.write_date("Patient’s date of birth", born_on)
    pharmacist.choose("Risk category on the prescription", category)
    pharmacist.press("Check")


def get_confirmation(pharmacist: Person, how: str) -> None:
    """From the answer to the confirmation."""
    pharmacist.choose("How does the patient get it?", how)
    pharmacist.press("Get the confirmation")
    pharmacist.sees("Confirmed:")


def pack_and_tick(somebody: Person) -> None:
    """Package and checklist, on the confirmation's own page."""
    somebody.write("Lot number", "LOT-7")
    somebody.write("NDC", "59572-0425-21")
    somebody.tick_all("Counseling checklist")


def counsel_and_dispense(pharmacist: Person) -> None:
    """Package, checklist and signature, on the confirmation's own page."""
    pack_and_tick(pharmacist)
    pharmacist.sign()
    pharmacist.press("Record the dispense")


def find_who_calls(staff: Person, patient: Patient) -> None:
    """By the patient's name and date of birth."""
    staff.follow("Calls")
    staff.write("Or: patient’s name", patient.family_name)
    staff.write_date("Patient’s date of birth", patient.born_on)
    staff.press("Find")
    staff.follow(str(patient))


def verify_by_questions(staff: Person, caller: str) -> None:
    """Ask, let the caller say it, and record who speaks."""
    staff.sees("Read nothing out")
    staff.choose("It comes by", "Phone")
    staff.choose("Who speaks", "Patient, guardian or representative")
    staff.write("Their name", caller)
    staff.page.get_by_label("How you verified that").select_option("identifiers")
    staff.press("Record it and go on")


def enter_a_lapse(staff: Person) -> None:
    """What the caller says about contraception: none for some time."""
    staff.follow("Contraception")
    for question, answer in (("No sex with a male partner", "no"), ("There was a lapse", "yes")):
        staff.page.get_by_label(question).select_option(answer)
    staff.page.get_by_label("Said on").fill(today().isoformat())
    send_office_form(staff)


def resolve(staff: Person, outcome: str) -> None:
    """Close an intervention in writing, signed."""
    staff.follow("Resolve this intervention")
    staff.page.get_by_label("Conclusion").select_option("counseled")
    staff.write("Contacted", "The patient, by phone")
    staff.write("Outcome", outcome)
    staff.sign()
    send_office_form(staff)


def send_office_form(staff: Person) -> None:
    """Send the form of an action in the administration."""
    staff.leave_by(staff.page.locator("#content-main form input[type=submit]").first)


def open_the_only_item(staff: Person, queue: str) -> None:
    """From the queues to the one thing that waits there."""
    staff.go("/office/queues/")
    staff.follow(queue)
    staff.leave_by(staff.page.locator("tbody th a").first)


def follow_the_list(reader: Person, code: str) -> None:
    """From a figure of the start to the list behind it."""
    reader.leave_by(reader.page.locator(f"section a[href*='/lists/{code}/']").last)


def join_as_auditor(email: str) -> None:
    """An auditor of the program's office."""
    builders.office_member(Role.AUDITOR, email)
