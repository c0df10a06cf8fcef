"""Who plays in the demo: names, places and addresses of synthetic people. Data only."""

from dataclasses import dataclass

from apps.core.call import Role

PASSWORD = "synthetic-people-only"  # noqa: S105 - of the demo, printed with the sign-ins
CLIENT_SECRET = "synthetic-systems-only"  # noqa: S105 - likewise
PRACTICE_CLIENT = "Riverside electronic health record"
PHARMACY_CLIENT = "Corner pharmacy management system"


@dataclass(frozen=True, slots=True)
class Practice:
    """A practice, and whether its prescribers cover for each other (L-ENR-5)."""

    name: str
    domain: str
    members_cover_each_other: bool = False


@dataclass(frozen=True, slots=True)
class Doctor:
    """A prescriber of a practice."""

    given_name: str
    family_name: str
    practice: Practice
    serial: int

    @property
    def email(self) -> str:
        return address(self.given_name, self.family_name, self.practice.domain)

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True, slots=True)
class Site:
    """A pharmacy with its authorized representative."""

    name: str
    domain: str
    street: str
    serial: int
    given_name: str
    family_name: str

    @property
    def representative_email(self) -> str:
        return address(self.given_name, self.family_name, self.domain)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the program's office, or of a pharmacy's staff."""

    given_name: str
    family_name: str
    role: Role
    domain: str

    @property
    def email(self) -> str:
        return address(self.given_name, self.family_name, self.domain)


def address(given_name: str, family_name: str, domain: str) -> str:
    """An e-mail address that reaches nobody: `.example` is reserved."""
    plain = f"{given_name}.{family_name}".lower().replace(" ", "-").replace("'", "")
    return f"{plain}@{domain}"


OFFICE = "program.example"
ADMINISTRATOR = Member("Amara", "Osei", Role.ADMINISTRATOR, OFFICE)
STAFF = Member("Noor", "Haddad", Role.STAFF, OFFICE)
SECOND_STAFF = Member("Peter", "Lindqvist", Role.STAFF, OFFICE)
AUDITOR = Member("Judith", "Katz", Role.AUDITOR, OFFICE)

RIVERSIDE = Practice("Riverside Hematology", "riverside.example", members_cover_each_other=True)
HARBOR = Practice("Harbor Cancer Center", "harbor.example")
OKAFOR = Doctor("Grace", "Okafor", RIVERSIDE, serial=1)
REYES = Doctor("Daniel", "Reyes", RIVERSIDE, serial=2)
ZHOU = Doctor("Meilin", "Zhou", HARBOR, serial=3)
HALE = Doctor("Victor", "Hale", HARBOR, serial=4)
NOWAK = Doctor("Tomasz", "Nowak", HARBOR, serial=5)
DELEGATE = Member("Hannah", "Whitefeather", Role.DELEGATE, RIVERSIDE.domain)

CORNER = Site("Corner Specialty Pharmacy", "corner.example", "12 Elm Street, Albany, NY", 11,
              "Rosalind", "Park")  # fmt: skip
LAKESIDE = Site("Lakeside Infusion Pharmacy", "lakeside.example", "480 Shore Road, Erie, PA", 12,
                "Omar", "Benali")  # fmt: skip
NORTHGATE = Site("Northgate Pharmacy", "northgate.example", "7 Market Square, Dover, DE", 13,
                 "Celeste", "Moreau")  # fmt: skip
PHARMACIST = Member("Philip", "Anders", Role.PHARMACIST, CORNER.domain)
TECHNICIAN = Member("Tara", "Singh", Role.TECHNICIAN, CORNER.domain)
SECOND_PHARMACIST = Member("Joon", "Kim", Role.PHARMACIST, LAKESIDE.domain)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A line of the table of sign-ins."""

    role: str
    name: str
    email: str
    what_to_try: str


def _member(member: Member, what_to_try: str) -> SignIn:
    name = f"{member.given_name} {member.family_name}"
    return SignIn(member.role.value.capitalize(), name, member.email, what_to_try)


def _doctor(doctor: Doctor, what_to_try: str) -> SignIn:
    return SignIn("Prescriber", str(doctor), doctor.email, what_to_try)


def _representative(site: Site, what_to_try: str) -> SignIn:
    name = f"{site.given_name} {site.family_name}"
    return SignIn("Representative", name, site.representative_email, what_to_try)


SIGN_INS = (
    _member(ADMINISTRATOR, "Approve Dr. Nowak and Northgate; close a pregnancy case"),
    _member(STAFF, "Resolve an intervention; move the demo clock"),
    _member(SECOND_STAFF, "Grant the exception that Noor Haddad requests"),
    _member(AUDITOR, "Read the trail; nothing can be changed"),
    _doctor(OKAFOR, "My patients: authorize Sofia Petrova; see why others wait"),
    _doctor(REYES, "Cover for Dr. Okafor: her patients are listed, too"),
    _doctor(ZHOU, "Men, children and women not of reproductive potential"),
    _doctor(HALE, "Suspended: can look, cannot prescribe"),
    _doctor(NOWAK, "Pending: waits for approval"),
    _member(DELEGATE, "Record a test on behalf of Dr. Okafor or Dr. Reyes"),
    _member(PHARMACIST, "Check one of the numbers below, confirm, dispense"),
    _member(TECHNICIAN, "Check and confirm"),
    _member(SECOND_PHARMACIST, "Certification ends in two weeks"),
    _representative(CORNER, "Certified and renewed; invite staff"),
    _representative(LAKESIDE, "Renew the certification"),
    _representative(NORTHGATE, "Signed; waits for approval"),
)
