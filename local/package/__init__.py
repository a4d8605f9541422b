"""The package that is deployed: built as `func azure functionapp publish --no-build` sends it."""
