"""Sign-in, sign-out, passwords and the second factor: allauth's pages, without its sign-up."""

from allauth.account import views
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from apps.accounts.setting_up import set_up_app

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    # allauth looks the name up; the sign-in page says how accounts come about.
    path("signup/", RedirectView.as_view(pattern_name="account_login"), name="account_signup"),
    # In the place of allauth's own, which comes after it
    path("2fa/totp/activate/", set_up_app, name="mfa_activate_totp"),
    path("2fa/", include("allauth.mfa.urls")),
]
