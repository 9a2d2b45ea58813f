from django.db import migrations

RESCHEDULED = "rescheduled"


def follow_moved_visits(apps, schema_editor):
    """Put what came in for a visit that was moved on the row that stands for the visit now."""
    Appointment = apps.get_model("crm", "Appointment")
    Payment = apps.get_model("crm", "Payment")
    left_behind = Appointment.objects.filter(status=RESCHEDULED, payments__isnull=False)
    for moved_id in list(left_behind.order_by("pk").values_list("pk", flat=True).distinct()):
        last_id = moved_id
        while next_id := Appointment.objects.filter(moved_from=last_id).values_list("pk", flat=True).first():
            last_id = next_id
        if last_id != moved_id:
            Payment.objects.filter(appointment=moved_id).update(appointment=last_id)


class Migration(migrations.Migration):

    dependencies = [
        ("crm", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(follow_moved_visits, migrations.RunPython.noop),
    ]
