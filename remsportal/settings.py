"""All settings, read from the environment; an unsafe production start is refused.

REMSPORTAL_ENV is `production` (the default), `demo` or `test`. Only the demo may move its clock.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
import django_stubs_ext
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from apps.core import logs
from remsportal.enum_names import ENUM_NAMES
from remsportal.refusals import UNSAFE_SECRET_KEY, refuse_lasting_codes, refuse_unsafe

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

ENVIRONMENT = os.environ.get("REMSPORTAL_ENV", "production")
if ENVIRONMENT not in {"production", "demo", "test"}:
    raise ImproperlyConfigured(
        f"REMSPORTAL_ENV is {ENVIRONMENT!r}: set it to production, demo or test."
    )
PRODUCTION = ENVIRONMENT == "production"
DEMO = ENVIRONMENT == "demo"
VERSION = "0.1.0"


def from_environment(name: str, *, default: str) -> str:
    """The variable's value; in production it must be set, elsewhere `default` stands in."""
    value = os.environ.get(name, "")
    if value or not PRODUCTION:
        return value or default
    raise ImproperlyConfigured(f"Set {name} in the environment: production has no default for it.")


def as_list(value: str) -> list[str]:
    """The comma-separated items of `value`, without blanks."""
    return [item.strip() for item in value.split(",") if item.strip()]


DEBUG = False
SECRET_KEY = from_environment("SECRET_KEY", default=UNSAFE_SECRET_KEY)
ALLOWED_HOSTS = as_list(from_environment("ALLOWED_HOSTS", default="localhost,127.0.0.1,[::1]"))
CSRF_TRUSTED_ORIGINS = as_list(os.environ.get("CSRF_TRUSTED_ORIGINS", ""))
PORTAL_URL = from_environment("PORTAL_URL", default="http://127.0.0.1:8000").rstrip("/")
# Whether a proxy of the operator's ends TLS and always overwrites X-Forwarded-Proto: if it did not,
# a client could forge the header.
TLS_PROXY_HEADER = from_environment("TLS_PROXY_HEADER", default="0") == "1"
# Who may read /metrics; without a token nobody may.
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")

# Which programs are served, in order: the first one is the portal's. Their policy files decide.
REMS_PROGRAMS = as_list(os.environ.get("REMS_PROGRAMS", "lenalidomide"))
POLICY_DIRECTORY = os.environ.get("POLICY_DIRECTORY", str(BASE_DIR / "apps" / "rules" / "policies"))

# The demo clock shifts domain time only; sign-in, tokens and leases keep to real time.
DEMO_CLOCK = os.environ.get("DEMO_CLOCK", "1" if DEMO else "0") == "1"
if PRODUCTION:
    refuse_unsafe(os.environ)

ROOT_URLCONF = "remsportal.urls"
WSGI_APPLICATION = "remsportal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"

INSTALLED_APPS = [
    "apps.eligibility",  # First: it names the programs, and refuses a wrong policy in a sentence.
    "apps.backoffice.apps.BackofficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "pgtrigger",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "oauth2_provider",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "anymail",
    "django_structlog",
    "apps.core",
    "apps.audit",
    "apps.accounts",
    "apps.notices",
    "apps.providers",
    "apps.patients",
    "apps.prescriptions",
    "apps.evidence",
    "apps.reminders",
    "apps.oversight",
    "apps.simulation",
    "apps.importing",
    "apps.api",
    "apps.portal",
    "apps.ops",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "apps.ops.middleware.ResponseHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "apps.ops.middleware.RequestFigures",
    "apps.portal.own_language.OwnLanguageMiddleware",
    "apps.ops.middleware.BodyLimit",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "apps.core.origin.OriginMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apps.accounts.browsers.KnownBrowserMiddleware",
    "apps.accounts.middleware.IdleTimeoutMiddleware",
    "apps.accounts.middleware.SecondFactorMiddleware",
    "apps.providers.signing.SigningMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.portal.context.portal",
            ]
        },
    }
]
FORM_RENDERER = "apps.portal.forms.USWDSRenderer"

# --- Database -----------------------------------------------------------------------------------
# The application's role does not own the tables: migrate with the owner's URL, then run
# `manage.py grant_application_role`.
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(
        from_environment("DATABASE_URL", default="postgresql:///remsportal"),
        conn_max_age=60,
        conn_health_checks=True,
    )
}
DATABASES["default"].setdefault("OPTIONS", {}).update(
    # Prepared statements on the server cut its work per statement by more than half.
    server_side_binding=True,
    prepare_threshold=2,
)
APPLICATION_DATABASE_ROLE = os.environ.get("APPLICATION_DATABASE_ROLE", "remsportal_app")

# --- Tasks --------------------------------------------------------------------------------------
CELERY_BROKER_URL = from_environment("REDIS_URL", default="redis://localhost:6379/0")
CELERY_TASK_DEFAULT_QUEUE = os.environ.get("CELERY_QUEUE", "celery")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
# Who sends holds a lease on the notice in real time. No task lives longer than a lease: whoever
# still held one that has run out is dead, and nobody hands the same message over beside another.
NOTICE_LEASE_SECONDS = float(os.environ.get("NOTICE_LEASE_SECONDS", "120"))
CELERY_TASK_TIME_LIMIT = NOTICE_LEASE_SECONDS * 0.75
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
SWEEP_SECONDS = float(os.environ.get("SWEEP_SECONDS", "5" if DEMO else "30"))
# A sweep that did not run to its end for so long is told of by /readyz.
SWEEP_LATE_SECONDS = float(os.environ.get("SWEEP_LATE_SECONDS", "300"))
# How far this machine's clock may be from the database's: told of, and too far to decide anything.
CLOCK_SKEW_SECONDS = float(os.environ.get("CLOCK_SKEW_SECONDS", "2"))
CLOCK_SKEW_UNFIT_SECONDS = float(os.environ.get("CLOCK_SKEW_UNFIT_SECONDS", "60"))
# Every command compares them. Tests travel in time, and leave the database behind.
CLOCK_IS_COMPARED = ENVIRONMENT != "test"
SWEEPS = [
    "audit.seal",
    "eligibility.write_overdue",
    "notices.sweep_due",
    "oversight.empty_record_copies",
    "portal.make_record_copy",
    "reminders.plan_stale_patients",
    "reminders.plan_stale_pharmacies",
    "reminders.list_failing_addresses",
    "reminders.sweep_due",
]
SOON = {"portal.make_record_copy": min(SWEEP_SECONDS, 5)}  # Somebody waits for it.
CELERY_BEAT_SCHEDULE = {
    # While no worker runs, sweeps do not pile up: each does the same work as the one before.
    sweep: {"task": sweep, "schedule": SOON.get(sweep, SWEEP_SECONDS), "options": {"expires": 600}}
    for sweep in SWEEPS
}

# --- The trail ----------------------------------------------------------------------------------
# Where the worker anchors the trail's seals: a file outside the database, best on a volume that
# the database's administrators cannot write to. Production seals nothing without it.
TRAIL_ANCHOR_FILE = os.environ.get("TRAIL_ANCHOR_FILE", "")
# How long a sweep waits for transactions that are writing into the trail.
SEAL_WAIT_SECONDS = float(os.environ.get("SEAL_WAIT_SECONDS", "5"))
# What waits longer than that for its seal is told of by /readyz.
SEAL_LATE_SECONDS = float(os.environ.get("SEAL_LATE_SECONDS", "300"))

# For how many days what may be disposed of stays, by kind (apps/oversight/retention.py).
RETENTION_DAYS = {
    name.removeprefix("RETENTION_").removesuffix("_DAYS").lower(): int(days)
    for name, days in os.environ.items()
    if name.startswith("RETENTION_") and name.endswith("_DAYS")
}

# --- Mail ---------------------------------------------------------------------------------------
EMAIL_BACKEND = os.environ.get(
    "EMAIL_BACKEND",
    "django.core.mail.backends.smtp.EmailBackend"
    if PRODUCTION
    else "django.core.mail.backends.filebased.EmailBackend",
)
EMAIL_FILE_PATH = os.environ.get("EMAIL_FILE_PATH", str(BASE_DIR / ".rems" / "mail"))
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_SECURITY = from_environment("EMAIL_SECURITY", default="none")
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL_SECURITY == "starttls", EMAIL_SECURITY == "tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get(
    "DEFAULT_FROM_EMAIL", "remsportal <no-reply@remsportal.example>"
)

# --- Sign-in ------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
if ENVIRONMENT == "test":
    # Hundreds of sign-ins in a test run; Argon2 itself is covered by a test of its own.
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
SHORTEST_PASSWORD = 12
PASSWORD_LENGTH = int(os.environ.get("PASSWORD_LENGTH", SHORTEST_PASSWORD))
if PASSWORD_LENGTH < SHORTEST_PASSWORD:
    raise ImproperlyConfigured(f"PASSWORD_LENGTH must be at least {SHORTEST_PASSWORD}.")
PASSWORDS_REMEMBERED = int(os.environ.get("PASSWORDS_REMEMBERED", "10"))
VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {
        "NAME": f"{VALIDATION}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "given_name", "family_name")},
    },
    {"NAME": f"{VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": PASSWORD_LENGTH}},
    {"NAME": f"{VALIDATION}.CommonPasswordValidator"},
    {"NAME": "apps.accounts.passwords.NotTooLong"},
    {"NAME": "apps.accounts.passwords.NotAnEarlierPassword"},
]
PASSWORD_RESET_TIMEOUT = int(os.environ.get("INVITATION_DAYS", "3")) * 86_400
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "apps.accounts.adapter.InvitedOnlyAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# axes counts failed sign-ins (apps/accounts/lock_out.py); allauth's own limit would count twice.
ACCOUNT_RATE_LIMITS = {"login_failed": None}
MFA_ADAPTER = "apps.accounts.second_factors.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# Whoever has an account was invited at its address, and chose a password by a link sent there.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "apps.accounts.second_factors.CodeForm",
    "reauthenticate": "apps.accounts.second_factors.ConfirmForm",
    "activate_totp": "apps.accounts.second_factors.SetUpForm",
    "add_webauthn": "apps.accounts.security_keys.AddKeyForm",
    "authenticate_webauthn": "apps.accounts.security_keys.KeyForm",
    "reauthenticate_webauthn": "apps.accounts.security_keys.ConfirmKeyForm",
}
# A phone's clock may be half a minute off; each code is taken once, whatever the worker.
MFA_TOTP_TOLERANCE = 1
# What encrypts the secrets of authenticator apps: the first key encrypts, each of them decrypts.
SECOND_FACTOR_KEYS = as_list(os.environ.get("SECOND_FACTOR_KEYS", "")) or [SECRET_KEY]
# The demo's people have no phones: the page that asks for a code shows it.
SHOW_SECOND_FACTOR_CODES = os.environ.get("SHOW_SECOND_FACTOR_CODES", "1" if DEMO else "0") == "1"
if SHOW_SECOND_FACTOR_CODES and PRODUCTION:
    raise ImproperlyConfigured(
        "SHOW_SECOND_FACTOR_CODES is set: production never shows a second factor's code. Unset it."
    )
# How many proxies of the operator's own stand before the product: the header that they write is
# believed as far as that, and no further.
PROXY_COUNT = ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("PROXY_COUNT", "0"))
# Failed passwords within AXES_COOLOFF_TIME: for one account from one place, for one account from
# all strange browsers, from one address for all accounts. Known browsers count by themselves.
AXES_FAILURE_LIMIT = int(os.environ.get("SIGN_IN_FAILURES", "10"))
ACCOUNT_LIMIT = int(os.environ.get("SIGN_IN_FAILURES_OF_ACCOUNT", "30"))
ADDRESS_LIMIT = int(os.environ.get("SIGN_IN_FAILURES_OF_ADDRESS", "200"))
AXES_COOLOFF_TIME = timedelta(minutes=int(os.environ.get("SIGN_IN_LOCK_MINUTES", "15")))
# Within so many hours somebody of the office finds out who was kept out, and why.
SIGN_IN_REVIEW_HOURS = int(os.environ.get("SIGN_IN_REVIEW_HOURS", "24"))
WRONG_CODES_LIMIT = int(os.environ.get("WRONG_CODES", "10"))
KNOWN_BROWSER_AGE = 180 * 86_400
AXES_HANDLER = "apps.accounts.lock_out.Handler"
AXES_CLIENT_IP_CALLABLE = "apps.accounts.browsers.address_of"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "apps.accounts.lock_out.attempted_email"
AXES_LOCKOUT_CALLABLE = "apps.accounts.lock_out.page"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
IDLE_TIMEOUT = timedelta(minutes=15)

# --- Electronic signatures (docs/signatures.md) ---------------------------------------------------
# So long after a signing with both components, the password alone signs.
SIGNING_PERIOD = timedelta(minutes=int(os.environ.get("SIGNING_PERIOD_MINUTES", "15")))
# So many wrong components in a row end the sign-in and alarm the administrators.
SIGNING_FAILURES = int(os.environ.get("SIGNING_FAILURES", "3"))
# So long after it was used to confirm, a security key counts as the second component.
KEY_CONFIRMED_FOR = timedelta(minutes=5)
# How patients come in and sign: docs/operations.md.
PATIENT_CODE_LENGTHS = {
    "enter": timedelta(hours=int(os.environ.get("PATIENT_CODE_HOURS", "24"))),
    "sign": timedelta(minutes=int(os.environ.get("PATIENT_SIGNING_CODE_MINUTES", "30"))),
}
PATIENT_WRONG_CODES = int(os.environ.get("PATIENT_WRONG_CODES", "5"))
refuse_lasting_codes(PATIENT_CODE_LENGTHS.values(), PATIENT_WRONG_CODES)
# Whom a patient calls who cannot reach the prescriber, and anybody who cannot sign in.
PROGRAM_PHONE = os.environ.get("PROGRAM_PHONE", "800-555-0142" if DEMO else "")
PATIENT_IDLE_TIMEOUT = timedelta(minutes=int(os.environ.get("PATIENT_IDLE_MINUTES", "15")))
PATIENT_VISIT_LENGTH = timedelta(minutes=int(os.environ.get("PATIENT_VISIT_MINUTES", "60")))

# --- Machine access -----------------------------------------------------------------------------
OAUTH2_PROVIDER = {
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    # A client gets what the administrator lets it have, and no more.
    "SCOPES_BACKEND_CLASS": "apps.api.scopes.ClientScopes",
    # A secret, one that was replaced lately, or a signature.
    "OAUTH2_VALIDATOR_CLASS": "apps.api.tokens.ClientValidator",
    "PKCE_REQUIRED": True,
    # Client credentials need neither, and a weaker default would stand open.
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    # Tokens are stored as digests, so that a copy of the database opens no door.
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING": True,
}
LONGEST_SECRET_OVERLAP = timedelta(days=int(os.environ.get("SECRET_OVERLAP_DAYS", "30")))
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.api.authentication.ClientAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["apps.api.throttling.ClientThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "apps.api.schema.EndpointSchema",
    "EXCEPTION_HANDLER": "apps.api.problems.handle",
    "UNAUTHENTICATED_USER": None,
}
API_CALLS_PER_MINUTE = int(os.environ.get("API_CALLS_PER_MINUTE", "1200"))
# The throttle counts across processes on Redis. Nothing else may depend on that cache: the default
# one stays in memory, so that sign-in works while Redis is away.
IN_MEMORY = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
CACHES: dict[str, Any] = {
    "default": IN_MEMORY,
    "throttle": IN_MEMORY
    if ENVIRONMENT == "test"
    else {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        # Celery and redis-py write a socket's address differently.
        "LOCATION": CELERY_BROKER_URL.replace("redis+socket://", "unix://").replace(
            "virtual_host=", "db="
        ),
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
    },
}
SPECTACULAR_SETTINGS = {
    "TITLE": "remsportal",
    "DESCRIPTION": "The JSON API of a REMS: who may prescribe, dispense and receive the drug, now.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "apps.api.token_schema.describe_tokens",
    ],
    "ENUM_NAME_OVERRIDES": ENUM_NAMES,
}

# --- Pages --------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / ".rems" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if ENVIRONMENT == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = ENVIRONMENT == "test"
LANGUAGE_CODE = "en-us"
# Of the patient's own pages; all others are in LANGUAGE_CODE (apps/portal/own_language.py).
LANGUAGES = [("en", "English"), ("es", "Español")]
LANGUAGE_COOKIE_NAME = "patient_language"
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["remsportal.formats"]
USE_TZ = True
TIME_ZONE = "UTC"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# The largest body of a request; one that brings a scan may be larger.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
LARGEST_UPLOAD = 6_000_000
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "apps.portal.views.home.refused_form"
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    # Health checks and metrics are asked from within, over plain HTTP; they tell of no person.
    SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
    # Browsers take such a cookie only over TLS, for the whole site, from this very host.
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if TLS_PROXY_HEADER:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Logs: for operators; ids only, no names, no results ------------------------------------------
structlog.configure(
    processors=logs.PROCESSORS,
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = logs.LOGGING
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = None
DJANGO_STRUCTLOG_CELERY_ENABLED = True
# A caller's own ids could say anything about anybody. What is answered is logged with its route.
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = False
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = 20
LOG_REQUESTS = os.environ.get("LOG_REQUESTS", "1") == "1"
