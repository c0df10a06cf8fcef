"""What breaks the constraints of imported records."""

from tests.guards.breaches.breach import breach, double

IMPORTED = "importing_importedrecord"

CHECKS = [
    breach("import_kind_is_known", IMPORTED, kind="laboratory"),
    breach("import_digest_is_sha256", IMPORTED, digest="0" * 63 + "G"),
]
UNIQUES = [double("import_happens_once", IMPORTED)]
