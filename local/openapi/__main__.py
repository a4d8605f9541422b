"""`python -m local.openapi`: write the contract where the app serves it from."""

from http_api.contract import FILE
from local.openapi.document import text

if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
    print(f"{FILE} written")
