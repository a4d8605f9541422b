"""`python -m local send`: files of alerts, of any format, onto a queue."""
