"""Queue trigger: reads alerts of any known format and stores them once."""
