"""HTTP triggers: views of incidents and alerts, triage, and the page."""
