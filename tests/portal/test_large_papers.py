"""A scan of a paper that is too large gives the page back, on the portal's forms too."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.patients.services import Signatures
from tests import builders
from tests.portal.people import instant_parts, send

pytestmark = pytest.mark.django_db


def test_a_paper_that_is_too_large_gives_the_page_back(
    cast: builders.Cast, prescriber: Client
) -> None:
    waiting = Signatures("patient", "Nora New", "", prescriber_signed_at=clock.now())
    patient = builders.enroll(cast.prescribing, signatures=waiting)
    agreement = patient.agreements.get()
    url = reverse("sign_agreement", args=[patient.pk, agreement.pk])
    for size in (5 * 1024**2 + 1, 9_000_000):
        large = SimpleUploadedFile("scan.pdf", b"%PDF-1.7 " + b"x" * (size - 9))
        refused = send(
            prescriber, url, scan=large, **instant_parts("patient_signed_at", clock.now())
        )
        assert refused.status_code == 200
        assert "larger than 5 MB" in str(refused.context["form"].errors["scan"])
        assert refused.context["form"]["patient_signed_at"].value()
    agreement.refresh_from_db()
    assert agreement.patient_signed_at is None
