"""By what records about a patient are searched."""

NAMES = ("patient__given_name", "patient__family_name")
NUMBERS = ("patient__authorizations__number", "patient__authorizations__confirmations__number")
BY_PATIENT = "The patient's name or id, or an authorization or confirmation number."
