"""The records that correlation is made of, all frozen: cells, activity, episodes, decisions."""
