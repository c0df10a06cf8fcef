"""Every address of the product, by door."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("accounts/", include("apps.accounts.urls")),
    path("api/", include("apps.api.urls")),
    path("", include("apps.ops.urls")),
    path("", include("apps.portal.urls")),
]

handler400 = "apps.ops.failing.unreadable"
handler500 = "apps.ops.failing.failed"
