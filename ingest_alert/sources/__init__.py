"""One module a wire format; the registry picks by content."""
