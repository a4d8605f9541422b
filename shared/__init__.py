"""What the three functions share: models, kill chain, settings, and the Cosmos store."""
