"""An incident in other tools' formats: each a pure function of the incident and its alerts."""
