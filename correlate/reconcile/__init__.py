"""Reconcile: what the news says is folded, and incidents are made what the episodes say."""
