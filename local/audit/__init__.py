"""The auditor: recounts what is stored, and names what is wrong."""
