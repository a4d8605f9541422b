"""A Functions host for a developer's machine: the triggers of Azure Functions without Azure."""
