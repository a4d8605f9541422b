"""The store of correlation: its port, the adapter for Cosmos DB, and one in memory."""
