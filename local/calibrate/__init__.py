"""`python -m local.calibrate`: the engine alone over a file of alerts, without a store."""
