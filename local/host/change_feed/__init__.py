"""The Cosmos DB trigger: leases, balancing, and the change feed of each physical partition."""
