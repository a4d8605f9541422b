"""The page as it is shipped, bundled with what it takes from npm."""
