"""The only place that speaks Cosmos DB."""
