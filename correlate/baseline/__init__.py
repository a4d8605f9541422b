"""What an organisation's alerts usually do: rates, rarity, common keys, how often chance meets."""
