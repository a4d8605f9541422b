"""HTTP triggers: routes, keys, requests and responses, and the host's own `/admin` paths."""
