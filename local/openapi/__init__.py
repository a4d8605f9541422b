"""The API's contract as an OpenAPI 3.1 document, made from the models and tables that validate.

`python -m local.openapi` writes `http_api/openapi.json`, which the app serves as it is; a test
fails when it is not what would be written now.
"""
