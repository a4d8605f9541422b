"""The handlers of the REST protocol, a module for each kind of resource."""
