"""Patients: identity, risk category, agreements and enrollment. It never decides."""
