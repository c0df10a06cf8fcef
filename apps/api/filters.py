"""What lists can be narrowed by: states and ids. Never a name or a date of birth in an address."""

from django_filters import BooleanFilter, CharFilter, ChoiceFilter, FilterSet, UUIDFilter

from apps.eligibility.models import Decision
from apps.evidence.models import Deviation, PregnancyCase
from apps.prescriptions.models import Authorization, Confirmation
from apps.providers.models import Standing


class ByState(FilterSet):
    """By standing."""

    state = ChoiceFilter(choices=Standing.choices)


class OfAuthorizations(FilterSet):
    """By state and patient."""

    state = ChoiceFilter(choices=Authorization.State.choices)
    patient = UUIDFilter(field_name="patient_id")


class OfConfirmations(FilterSet):
    """By state and authorization."""

    state = ChoiceFilter(choices=Confirmation.State.choices)
    authorization = UUIDFilter(field_name="authorization_id")


class OfDispenses(FilterSet):
    """By patient."""

    patient = UUIDFilter(field_name="patient_id")


class OfDecisions(FilterSet):
    """By act, answer and patient."""

    act = ChoiceFilter(choices=Decision.Act.choices)
    allowed = BooleanFilter()
    patient = UUIDFilter(field_name="patient_id")


class OfInterventions(FilterSet):
    """Whether it waits for its resolution, its cause, and by patient."""

    is_open = BooleanFilter(field_name="resolved_at", lookup_expr="isnull")
    cause = CharFilter(max_length=60)
    patient = UUIDFilter(field_name="patient_id")


class OfCases(FilterSet):
    """Whether it is open, of whom, and by patient."""

    is_open = BooleanFilter(field_name="closed_at", lookup_expr="isnull")
    subject = ChoiceFilter(choices=PregnancyCase.Subject.choices)
    patient = UUIDFilter(field_name="patient_id")


class OfDeviations(FilterSet):
    """By state, severity and patient."""

    state = ChoiceFilter(choices=Deviation.State.choices)
    severity = ChoiceFilter(choices=Deviation.Severity.choices)
    patient = UUIDFilter(field_name="patient_id")
