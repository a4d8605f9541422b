"""What the page takes from npm, bundled into files that it serves itself."""
