"""An emulator of Azure Cosmos DB for NoSQL, for developer machines and tests.

It speaks the REST protocol of the `azure-cosmos` SDK over SQLite. It imports nothing of the
application beside it, and takes the partition hash from the SDK itself.
"""
