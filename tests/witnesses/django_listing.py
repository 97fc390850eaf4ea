"""A listing as Django REST Framework makes it: its own `CursorPagination`, its own errors, a SQLite file.

Run as `python -m tests.witnesses.django_listing PORT_FILE DATABASE`: serves on a free loopback port, which it
writes into PORT_FILE together with an API key, until it is terminated. Nothing of the pagination is ours.
"""

import json
import sys
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, models
from django.http import HttpRequest, JsonResponse
from django.urls import path

KEY = "drf-key-of-the-witness"


def configure(database: str) -> None:
    """Set Django up with nothing but what the listing needs."""
    settings.configure(
        ROOT_URLCONF=__name__,
        SECRET_KEY="of the witness",
        ALLOWED_HOSTS=["*"],
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database}},
        INSTALLED_APPS=["rest_framework"],
        REST_FRAMEWORK={
            "UNAUTHENTICATED_USER": None,
            "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        },
    )
    django.setup()


configure(sys.argv[2] if len(sys.argv) > 2 else ":memory:")

from rest_framework import exceptions, generics, pagination, permissions, serializers  # noqa: E402 - Django must be set up first


class Tombstone(models.Model):
    """What is left of a deleted call, and what its filters need."""

    call_id = models.UUIDField(primary_key=True)
    account = models.CharField(max_length=64)
    account_id = models.UUIDField()
    created = models.DateTimeField()
    deleted = models.DateTimeField(db_index=True)
    joined = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)
    max_duration = models.CharField(max_length=20)
    end_reason = models.CharField(max_length=30, null=True)
    recording = models.BooleanField()
    summary = models.BooleanField()
    agent = models.CharField(max_length=36)

    class Meta:
        app_label = "witness"


class TombstoneSerializer(serializers.Serializer):
    callId = serializers.UUIDField(source="call_id")  # noqa: N815 - the document's own names
    accountId = serializers.UUIDField(source="account_id")  # noqa: N815
    created = serializers.DateTimeField()
    deletionTime = serializers.DateTimeField(source="deleted")  # noqa: N815
    joined = serializers.DateTimeField()
    ended = serializers.DateTimeField()
    maxDuration = serializers.CharField(source="max_duration")  # noqa: N815
    endReason = serializers.CharField(source="end_reason")  # noqa: N815
    recordingEnabled = serializers.BooleanField(source="recording")  # noqa: N815
    hadSummary = serializers.BooleanField(source="summary")  # noqa: N815


class NewestFirst(pagination.CursorPagination):
    ordering = "-deleted"
    page_size = 20
    page_size_query_param = "pageSize"
    max_page_size = 100


class HasKey(permissions.BasePermission):
    def has_permission(self, request: Any, view: Any) -> bool:
        return account_of(request) is not None


def account_of(request: Any) -> str | None:
    """The account whose key a request carries."""
    key = request.headers.get("X-API-Key", "")
    return key if key == KEY or key in ACCOUNTS else None


ACCOUNTS: set[str] = set()


class DeletedCalls(generics.ListAPIView):
    serializer_class = TombstoneSerializer
    pagination_class = NewestFirst
    permission_classes = (HasKey,)

    def get_queryset(self) -> Any:
        query = self.request.query_params
        found = Tombstone.objects.filter(account=account_of(self.request))
        if agents := query.getlist("agentIds"):
            found = found.filter(agent__in=agents)
        for name, lookup in (("fromDate", "created__gte"), ("toDate", "created__lte")):
            if name in query:
                try:
                    found = found.filter(**{lookup: datetime.fromisoformat(query[name])})
                except ValueError:
                    raise exceptions.ValidationError({name: "not a date"}) from None
        return found


def states(request: HttpRequest) -> JsonResponse:
    """The provider states of a list, but for live calls."""
    asked = json.loads(request.body)
    params = asked.get("params", {})
    if asked.get("action") == "teardown" or asked.get("state") == "":
        return JsonResponse({})
    if asked.get("state") == "a fresh account exists":
        ACCOUNTS.add(key := uuid.uuid4().hex)
        return JsonResponse({"api_key": key})
    if asked.get("state") != "deleted calls exist":
        return JsonResponse({"message": "not here"}, status=400)
    account = params.get("api_key", KEY)
    made = [tombstone(call, account) for call in params["calls"]]
    Tombstone.objects.bulk_create(made)
    return JsonResponse({"call_ids": [str(one.call_id) for one in made]})


def tombstone(call: dict[str, Any], account: str) -> Tombstone:
    """A deleted call from the attributes of a set-up."""

    def moment(name: str, default: datetime | None) -> datetime | None:
        return datetime.fromisoformat(call[name]) if call.get(name) else default

    created = moment("created", datetime.fromisoformat("2024-01-01T00:00:00+00:00"))
    assert created is not None
    return Tombstone(
        call_id=uuid.uuid4(),
        account=account,
        account_id=uuid.uuid5(uuid.NAMESPACE_OID, account),
        created=created,
        deleted=moment("deletionTime", created + timedelta(days=1)),
        joined=moment("joined", None),
        ended=moment("ended", None),
        max_duration=call.get("maxDuration", "3600s"),
        end_reason=call.get("endReason", "unjoined"),
        recording=call.get("recordingEnabled", False),
        summary=call.get("hadSummary", False),
        agent=call.get("agentId", ""),
    )


urlpatterns = [path("api/deleted_calls", DeletedCalls.as_view()), path("_state", states)]


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's own name
        return


def main() -> None:
    """Serve until terminated."""
    with connection.schema_editor() as editor:
        editor.create_model(Tombstone)
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=_Quiet)
    Path(sys.argv[1]).write_text(f"http://127.0.0.1:{server.server_port} {KEY}")
    server.serve_forever()


if __name__ == "__main__":
    main()
