"""`python -m local simulate`: sample attacks of our own writing, in mixed formats, with noise."""
