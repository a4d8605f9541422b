"""A stand-in for the service: the page's files and the documented API over sample data."""
