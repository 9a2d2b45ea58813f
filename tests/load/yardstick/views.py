"""drf2: validate 23 fields, look a duplicate up, insert a lead and an event in one transaction."""

from __future__ import annotations

from typing import ClassVar

from django.db import transaction
from django.db.models.functions import Lower
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tests.load.yardstick.models import Event, Lead


class LeadSerializer(serializers.ModelSerializer[Lead]):
    class Meta:
        model = Lead
        exclude: ClassVar = ["id", "created_at"]


class Leads(APIView):
    def post(self, request: Request) -> Response:
        serializer = LeadSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            same = Lead.objects.annotate(lower_email=Lower("email")).filter(
                lower_email=serializer.validated_data["email"].lower()
            )
            known = same.values_list("pk", flat=True).first()
            lead = serializer.save()
            Event.objects.create(lead=lead, kind="new" if known is None else "again")
        return Response({"id": lead.pk, **serializer.data}, status=status.HTTP_201_CREATED)
