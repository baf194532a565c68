"""Values and rules. Nothing here accesses files, databases or the network."""
