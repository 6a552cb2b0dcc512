"""What the edge remembers: one SQLite file for the facts and a folder of blobs for the modules' bodies."""
