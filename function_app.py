"""The app: the three packages' functions, and nothing else."""

import gc

gc.disable()  # what is imported stays: the collector's passes over it only delay a cold start

import azure.functions as func

from correlate.functions import bp as correlate_bp
from http_api import bp as http_api_bp
from ingest_alert import bp as ingest_alert_bp

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)
app.register_functions(ingest_alert_bp)
app.register_functions(correlate_bp)
app.register_functions(http_api_bp)

gc.freeze()
gc.enable()
