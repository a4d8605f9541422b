"""The query language: grammar, syntax tree, evaluation, translation to SQLite, query plans."""
