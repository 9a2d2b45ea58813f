"""The import linter is blind to relations named by a string; this looks at the models themselves."""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

# From the top floor down. A relation may point to the same floor or a lower one.
FLOORS = ("leads", "notifications", "crm")


def floor_of(model: type[models.Model]) -> int | None:
    label = model._meta.app_label
    return FLOORS.index(label) if label in FLOORS else None


def relations_upward(looked_at: Iterable[type[models.Model]]) -> list[str]:
    found = []
    for model in looked_at:
        own = floor_of(model)
        # Fields and many-to-many as declared; what other models point at this one with is theirs.
        for field in (*model._meta.fields, *model._meta.many_to_many):
            target = field.related_model
            other = floor_of(target) if isinstance(target, type) else None
            if own is not None and other is not None and other < own:
                found.append(f"{model._meta.object_name}.{field.name}")
    return found


def test_relations_point_to_the_same_floor_or_lower() -> None:
    ours = [model for model in apps.get_models() if floor_of(model) is not None]

    found = relations_upward(ours)

    assert found == []
    assert {model._meta.app_label for model in ours} == set(FLOORS)


@isolate_apps("leads", "notifications", "crm")
def test_relation_upward_is_found() -> None:
    class Upstairs(models.Model):
        class Meta:
            app_label = "leads"

    class Downstairs(models.Model):
        one = models.ForeignKey(Upstairs, on_delete=models.PROTECT)
        many = models.ManyToManyField(Upstairs, related_name="+")

        class Meta:
            app_label = "crm"

    found = relations_upward([Upstairs, Downstairs])

    assert found == ["Downstairs.one", "Downstairs.many"]
