"""What all commands share: their parser, how faults are told, completion."""
