"""The `suppressions` container as people need it: rules to list, write and delete."""

from shared.store.client import Database
from shared.store.definitions import RULES
from shared.store.named_documents import NamedDocuments


class SuppressionRules(NamedDocuments):
    """Reads and writes rules. `database` is not closed here."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, RULES)
